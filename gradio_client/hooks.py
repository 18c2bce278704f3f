"""Hook specifications, and a typed interface for calling them.

Write a plugin as a module or an object with functions marked ``hookimpl``, and name it in the
entry-point group ``gradio_client``, or pass it as ``Client(plugins=[...])``. Only ``Hooks`` uses
pluggy's manager: it binds the implementations once, so that a hook that no plugin implements costs
nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pluggy

from gradio_client import _hook_specs
from gradio_client._hook_specs import (
    PROJECT,
    ClientInfo,
    Exchange,
    JobInfo,
    Outcome,
    RequestContext,
    Submitted,
    TransportFactory,
    gradio_client_auth,
    gradio_client_exchange_finished,
    gradio_client_exchange_started,
    gradio_client_job_event,
    gradio_client_register_transports,
    gradio_client_request_headers,
    hookimpl,
    hookspec,
)
from gradio_client._http.options import header_pairs
from gradio_client._installed import NotLoaded, PluginWarning, not_loaded, scan, warn
from gradio_client.auth import Auth, Reply
from gradio_client.domain.errors import GradioClientError, PluginError, Where
from gradio_client.domain.events import JobEvent
from gradio_client.domain.refusals import Purpose

__all__ = [
    "Auth",
    "ClientInfo",
    "Exchange",
    "Hooks",
    "JobEvent",
    "JobInfo",
    "NotLoaded",
    "Outcome",
    "PluginError",
    "PluginWarning",
    "Purpose",
    "Reply",
    "RequestContext",
    "Submitted",
    "TransportFactory",
    "gradio_client_auth",
    "gradio_client_exchange_finished",
    "gradio_client_exchange_started",
    "gradio_client_job_event",
    "gradio_client_register_transports",
    "gradio_client_request_headers",
    "hookimpl",
    "hookspec",
    "not_loaded",
]

logger = logging.getLogger("gradio_client.plugins")

#: One implementation of a hook: its plugin's name, and the function with the hook's own arguments.
_Bound = tuple[str, Callable[..., Any]]


class Hooks:
    """The plugins of one client.

    Args:
        plugins: modules or objects, in addition to the installed plugins.
        disabled: names of plugins to leave out; installed ones are not even loaded.
        installed: whether installed plugins are used.

    Attributes:
        adds_headers: whether any plugin implements ``gradio_client_request_headers``.
        observes_exchanges: whether any plugin implements one of the hooks of exchanges.
        observes_jobs: whether any plugin implements ``gradio_client_job_event``.

    Raises:
        pluggy.PluginValidationError: a plugin implements a hook that does not exist, names an
            argument that the hook does not have, or implements it as a coroutine, a generator, a
            wrapper, or a method of a class that was passed in place of an object.
    """

    def __init__(
        self, plugins: Iterable[object] = (), disabled: Iterable[str] = (), *, installed: bool = True
    ) -> None:
        blocked = frozenset(disabled)
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(_hook_specs)
        for name in blocked:
            self._manager.set_blocked(name)
        for name, plugin in scan(blocked) if installed else ():
            self._register(plugin, name)
        self._installed = {name for name, _ in self._manager.list_name_plugin()}
        self._named = Counter(self._installed)
        for plugin in plugins:
            self._register(plugin, self._free_name(plugin))
        self._manager.check_pending()
        self._transports = self._bind("gradio_client_register_transports", "register")
        self._headers = self._bind("gradio_client_request_headers", "context")
        self._auth = self._bind("gradio_client_auth", "client")[::-1]
        self._started = self._bind("gradio_client_exchange_started", "exchange")[::-1]
        self._finished = self._bind("gradio_client_exchange_finished", "exchange", "outcome")[::-1]
        self._job_event = self._bind("gradio_client_job_event", "client", "job", "event")[::-1]
        self.adds_headers = bool(self._headers)
        self.observes_exchanges = bool(self._started or self._finished)
        self.observes_jobs = bool(self._job_event)
        self._failed: set[tuple[str, str]] = set()

    def implemented(self) -> frozenset[str]:
        """The names of the hooks that any plugin implements."""
        callers = (self._manager.get_hookcallers(plugin) or () for plugin in self._manager.get_plugins())
        return frozenset(caller.name for found in callers for caller in found)

    def transports(self) -> dict[str, TransportFactory]:
        """The factories of the transports on offer, by name; of two with one name the later plugin's."""
        found: dict[str, TransportFactory] = {}
        for name, function in self._transports:
            offer = _Offer()
            try:
                function(offer)
            except Exception as error:
                if name not in self._installed:
                    raise  # it was passed by the caller, who wants to know
                warn(f"The plugin {name!r} could not offer its transports: {error!r}")
            else:
                found |= offer.factories
        return found

    def request_headers(self, context: RequestContext) -> tuple[tuple[str, str], ...]:
        """What the plugins add to one request; of two with one name the later plugin's.

        Raises:
            PluginError: a plugin failed, or returned what cannot be sent.
            GradioClientError: what a plugin raised to refuse the request.
        """
        found: dict[str, tuple[str, str]] = {}
        for name, function in self._headers:
            try:
                given = function(context)
                if given is not None:
                    pairs = header_pairs(_mapping(given), f"the plugin {name!r}")
                    found |= {pair[0].lower(): pair for pair in pairs}
            except GradioClientError:
                raise
            except Exception as error:
                raise plugin_error(name, "gradio_client_request_headers", context.client) from error
        return tuple(found.values())

    def auth(self, client: ClientInfo) -> tuple[str, Auth] | None:
        """The first plugin's name and way to log in; None when no plugin has one.

        Raises:
            PluginError: a plugin failed, or returned something else.
            GradioClientError: what a plugin raised to refuse the client.
        """
        for name, function in self._auth:
            try:
                given = _auth_or_none(function(client))
            except GradioClientError:
                raise
            except Exception as error:
                raise plugin_error(name, "gradio_client_auth", client) from error
            if given is not None:
                return name, given
        return None

    def exchange_started(self, exchange: Exchange) -> None:
        """Tell observers that a request is about to be sent."""
        self._tell("gradio_client_exchange_started", self._started, exchange)

    def exchange_finished(self, exchange: Exchange, outcome: Outcome) -> None:
        """Tell observers that an exchange is over."""
        self._tell("gradio_client_exchange_finished", self._finished, exchange, outcome)

    def job_event(self, job: JobInfo, event: Submitted | JobEvent) -> None:
        """Tell observers what happened to a job."""
        self._tell("gradio_client_job_event", self._job_event, job.client, job, event)

    def _tell(self, hook: str, observers: Iterable[_Bound], *values: object) -> None:
        # One by one: pluggy's own call would stop at the first that fails.
        for name, function in observers:
            try:
                function(*values)
            except (Exception, asyncio.CancelledError):  # nobody cancels a plain function: it is a fault too
                if (name, hook) not in self._failed:
                    self._failed.add((name, hook))
                    logger.exception(
                        "the plugin %r failed in %s; further failures are not logged", name, hook
                    )

    def _register(self, plugin: object, name: str) -> None:
        if not self._manager.is_registered(plugin):  # it may be installed and passed, or installed twice
            self._manager.register(plugin, name)

    def _free_name(self, plugin: object) -> str:
        name = str(getattr(plugin, "__name__", type(plugin).__name__))
        self._named[name] += 1
        number = self._named[name]
        # An object may be one of several of its class; a blocked name stays as it is, and so blocked.
        return name if number == 1 or self._manager.is_blocked(name) else f"{name} {number}"

    def _bind(self, hook: str, *names: str) -> tuple[_Bound, ...]:
        """The implementations of a hook, first registered first; ``names`` are its arguments."""
        found = getattr(self._manager.hook, hook).get_hookimpls()
        return tuple((impl.plugin_name, _bound(impl, names)) for impl in found)


def plugin_error(plugin: str, hook: str, client: ClientInfo) -> PluginError:
    """The error for a plugin that failed where going on without it would be unsafe."""
    return PluginError(
        f"The plugin {plugin!r} failed in {hook}, so nothing was sent. Fix it, or leave it out with "
        f"disabled_plugins=[{plugin!r}].",
        plugin=plugin,
        hook=hook,
        where=Where(app=client.url),
    )


def _mapping(given: object) -> Mapping[str, str]:
    if not isinstance(given, Mapping):
        raise TypeError(f"It returned {type(given).__name__}, not a mapping of headers or None.")
    return given


def _auth_or_none(given: object) -> Auth | None:
    if given is None or isinstance(given, Auth):
        return given
    raise TypeError(f"It returned {type(given).__name__}, not an Auth or None.")


def _bound(impl: pluggy.HookImpl, names: tuple[str, ...]) -> Callable[..., Any]:
    """An implementation as a function of all the hook's arguments, in their order."""
    function: Callable[..., Any] = impl.function
    if what := _fault(impl, function):
        raise pluggy.PluginValidationError(
            impl.plugin, f"Plugin {impl.plugin_name!r}: {function.__name__} is {what}."
        )
    if tuple(impl.argnames) == names:
        return function
    chosen = [names.index(name) for name in impl.argnames]
    return lambda *values: function(*[values[position] for position in chosen])


def _fault(impl: pluggy.HookImpl, function: Callable[..., Any]) -> str | None:
    """What is wrong with an implementation, if anything is."""
    if impl.wrapper or impl.hookwrapper:
        return "a wrapper; hooks are plain functions"
    if inspect.iscoroutinefunction(function):
        return "a coroutine; hooks are plain functions"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return "a generator; hooks are plain functions"
    if inspect.isclass(impl.plugin) and "self" in inspect.signature(function).parameters:
        return "a method of a class; pass an object of it"
    return None


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
