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
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple, TypeAlias, TypeVar

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
    """An installed plugin could not be loaded or used; the client works without it."""


class NotLoaded(NamedTuple):
    """An installed plugin that could not be loaded.

    Attributes:
        name: of its entry point.
        source: the distribution that it came with, or its module when that is not known.
        error: what loading it raised.
    """

    name: str
    source: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.name!r} of {self.source!r} ({type(self.error).__name__}: {self.error})"


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
        for name, plugin in _scan().loaded:
            self._register(plugin, name)
        self._installed = {name for name, _ in self._manager.list_name_plugin()}
        for plugin in plugins:
            self._register(plugin)
        self._manager.check_pending()

    def transports(self) -> dict[str, TransportFactory]:
        """The factories of the transports on offer, by name; of two with one name the later plugin's."""
        found: dict[str, TransportFactory] = {}
        for impl in self._manager.hook.gradio_client_register_transports.get_hookimpls():
            offer = _Offer()
            try:
                impl.function(offer)
            except Exception as error:
                if impl.plugin_name not in self._installed:
                    raise  # it was passed by the caller, who wants to know
                _warn(f"The plugin {impl.plugin_name!r} could not offer its transports: {error!r}")
            else:
                found |= offer.factories
        return found

    def _register(self, plugin: object, name: str | None = None) -> None:
        if not self._manager.is_registered(plugin):  # it may be installed and passed, or installed twice
            self._manager.register(plugin, name)


def not_loaded() -> tuple[NotLoaded, ...]:
    """The installed plugins that could not be loaded in this process."""
    return _scan().failed


class _Offer:
    """What a plugin is given to register its transports with."""

    def __init__(self) -> None:
        self.factories: dict[str, TransportFactory] = {}

    def __call__(self, name: str, factory: TransportFactory) -> None:
        if not isinstance(name, str) or not name or not callable(factory):
            raise TypeError(
                "register() takes a name and a function that makes a transport from TransportOptions, "
                f"not {name!r} and {type(factory).__name__}."
            )
        self.factories[name] = factory


class _Scan(NamedTuple):
    loaded: tuple[tuple[str, object], ...]
    failed: tuple[NotLoaded, ...]


@functools.cache
def _scan() -> _Scan:
    """Load what is installed, once per process."""
    loaded: dict[str, object] = {}
    failed = []
    for point in entry_points(group=PROJECT):
        try:
            plugin = point.load()
        except Exception as error:  # noqa: BLE001 - whatever a plugin does when imported
            # Without the traceback, which would keep alive what its frames hold.
            failed.append(NotLoaded(point.name, _source(point), error.with_traceback(None)))
        else:
            # Two distributions may have chosen the same name.
            loaded[point.name if point.name not in loaded else f"{point.name} of {_source(point)}"] = plugin
    for plugin in failed:
        _warn(f"A plugin could not be loaded: {plugin}. The client works without it.")
    return _Scan(tuple(loaded.items()), tuple(failed))


def _source(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value


def _warn(text: str) -> None:
    warnings.warn(text, PluginWarning, stacklevel=3)
