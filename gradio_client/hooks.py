"""Hook specifications, and a typed face for calling them.

Write a plugin as a module or an object with functions marked ``hookimpl``, and name it in the
entry-point group ``gradio_client``, or pass it as ``Client(plugins=[...])``.
"""

from __future__ import annotations

import functools
import logging
import sys
import warnings
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from typing import Any, TypeAlias, TypeVar

import pluggy

from gradio_client.transport import Transport, TransportOptions

PROJECT = "gradio_client"
logger = logging.getLogger("gradio_client.plugins")

TransportFactory: TypeAlias = Callable[[TransportOptions], Transport]
_F = TypeVar("_F", bound=Callable[..., Any])


class _Marker:
    """pluggy's markers with the types of what they mark kept."""

    def __init__(self, marker: pluggy.HookspecMarker | pluggy.HookimplMarker) -> None:
        self._marker = marker

    def __call__(self, function: _F) -> _F:
        self._marker(function)
        return function


hookspec = _Marker(pluggy.HookspecMarker(PROJECT))
hookimpl = _Marker(pluggy.HookimplMarker(PROJECT))


class PluginWarning(UserWarning):
    """An installed plugin could not be loaded; the client works without it."""


@hookspec
def gradio_client_register_transports(register: Callable[[str, TransportFactory], None]) -> None:
    """Offer transports by name: ``register("mine", factory)``; import the library inside the factory."""


class Hooks:
    """The plugins of one client.

    Args:
        plugins: modules or objects to add to those that are installed.

    Raises:
        pluggy.PluginValidationError: a plugin implements a hook that does not exist, or names an
            argument that the hook does not have.
    """

    def __init__(self, plugins: Iterable[object] = ()) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(sys.modules[__name__])
        for name, plugin in _installed():
            self._manager.register(plugin, name)
        for plugin in plugins:
            self._manager.register(plugin)
        self._manager.check_pending()

    def transports(self) -> dict[str, TransportFactory]:
        """The factories of the transports on offer, by name; of two with one name the later plugin's."""
        found: dict[str, TransportFactory] = {}
        for impl in self._manager.hook.gradio_client_register_transports.get_hookimpls():
            impl.function(found.__setitem__)
        return found


@functools.cache
def _installed() -> tuple[tuple[str, object], ...]:
    loaded = []
    for point in entry_points(group=PROJECT):
        try:
            loaded.append((point.name, point.load()))
        except Exception as error:  # noqa: BLE001 - whatever a plugin does when imported
            source = point.dist.name if point.dist else point.value
            warnings.warn(
                f"The plugin {point.name!r} of {source!r} could not be loaded: {error!r}",
                PluginWarning,
                stacklevel=2,
            )
    return tuple(loaded)
