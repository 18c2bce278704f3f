"""The plugins that are installed: found by their entry points once per process, loaded when first wanted."""

from __future__ import annotations

import functools
import warnings
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple

from gradio_client._hook_specs import PROJECT


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


def scan(blocked: frozenset[str] = frozenset()) -> list[tuple[str, object]]:
    """The installed plugins by name, without those that are blocked or cannot be loaded.

    Warns of each that cannot be loaded, once per process.
    """
    found: dict[str, object] = {}
    for installed in _installed():
        if installed.name in blocked or (plugin := installed.load()) is None:
            continue
        # Two distributions may have chosen the same name.
        name = installed.name if installed.name not in found else f"{installed.name} of {installed.source}"
        found[name] = plugin
    return list(found.items())


def not_loaded() -> tuple[NotLoaded, ...]:
    """The installed plugins that could not be loaded in this process."""
    return tuple(installed.failure for installed in _installed() if installed.failure is not None)


def forget() -> None:
    """Look for plugins anew the next time, for programs that install some while they run."""
    _installed.cache_clear()


def warn(text: str) -> None:
    """Warn of a plugin, from wherever the client was made."""
    warnings.warn(text, PluginWarning, stacklevel=3)


class _Installed:
    """One entry point, and what loading it gave."""

    def __init__(self, point: EntryPoint) -> None:
        self.name = point.name
        self.source = point.dist.name if point.dist else point.value
        self.failure: NotLoaded | None = None
        self._point = point
        self._plugin: object = None

    def load(self) -> object | None:
        """The plugin; None when it cannot be loaded."""
        if self._plugin is None and self.failure is None:
            try:
                self._plugin = self._point.load()
            except Exception as error:  # noqa: BLE001 - whatever a plugin does when imported
                # Without the traceback, which would keep alive what its frames hold.
                self.failure = NotLoaded(self.name, self.source, error.with_traceback(None))
                warn(
                    f"A plugin could not be loaded: {self.failure}. The client works without it; "
                    f"disabled_plugins=[{self.name!r}] says so without this warning."
                )
        return self._plugin


@functools.cache
def _installed() -> tuple[_Installed, ...]:
    return tuple(_Installed(point) for point in entry_points(group=PROJECT))
