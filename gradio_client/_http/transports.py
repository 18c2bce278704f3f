"""What ``transport=`` may be, and how it becomes a Transport."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeAlias

from gradio_client.hooks import not_loaded
from gradio_client.transport import BlockingTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradio_client.transport import TransportOptions

#: A name, a transport, or what makes one from ``TransportOptions``: a function or a class.
TransportChoice: TypeAlias = "str | Transport | Callable[[TransportOptions], Transport]"

#: What to wrap the clients and sessions of libraries in, by the module that they come from.
_WRAPPED = {
    "aiohttp": "gradio_client_adapters.aiohttp.AiohttpTransport(session=...)",
    "httpx": "gradio_client_adapters.httpx.HttpxTransport(client=...)",
    "httpx2": "gradio_client_adapters.httpx.HttpxTransport(client=...)",
    "requests": "gradio_client_adapters.requests.RequestsTransport(session=...)",
}


def make_transport(
    choice: TransportChoice,
    options: TransportOptions,
    named: Callable[[], Mapping[str, Callable[[TransportOptions], Transport]]],
) -> Transport:
    """The transport that was chosen; the client closes it in any case.

    Args:
        choice: what the caller gave as ``transport=``.
        options: what a transport is made from; a transport that is given ready-made has its own.
        named: the installed ones by name; called when the choice is a name.

    Raises:
        ValueError: no installed transport has that name.
        ImportError: the library that the transport needs is not installed.
        TypeError: the choice is none of the above.
    """
    if isinstance(choice, Transport):
        return choice
    if isinstance(choice, str):
        made: object = _make_named(choice, options, named())
        made_by = f"what is registered as {choice!r} made "
    elif callable(choice):
        made = choice(options)
        made_by = f"{getattr(choice, '__qualname__', type(choice).__name__)} made "
    else:
        made, made_by = choice, ""
    if not isinstance(made, Transport):
        raise TypeError(
            "transport= takes a name, a gradio_client.transport.Transport, or a function or class that "
            f"makes one from TransportOptions; {made_by or 'it was '}{type(made).__name__}.{_remedy(made)}"
        )
    return made


def _make_named(
    name: str, options: TransportOptions, factories: Mapping[str, Callable[[TransportOptions], Transport]]
) -> Transport:
    if name not in factories:
        raise ValueError(_unknown(name, factories))
    try:
        return factories[name](options)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if not missing or missing.startswith("gradio_client"):
            raise
        raise ImportError(
            f"The transport {name!r} needs {missing!r}, which is not installed. Install it, for instance "
            f"with: pip install {missing}",
            name=error.name,
        ) from error


def _unknown(name: str, factories: Mapping[str, object]) -> str:
    nearest = difflib.get_close_matches(name.lower(), factories, n=1)
    meant = f" Did you mean {nearest[0]!r}?" if nearest else ""
    installed = ", ".join(sorted(factories)) or "none"
    broken = ", ".join(str(plugin) for plugin in not_loaded())
    failed = f" Plugins that could not be loaded: {broken}." if broken else ""
    return f"There is no transport {name!r}.{meant} Installed: {installed}.{failed}"


def _remedy(made: object) -> str:
    """What to type instead, where that can be guessed."""
    if isinstance(made, BlockingTransport):
        return " Wrap it: gradio_client.transport.Threaded(...)."
    modules = {kind.__module__.partition(".")[0] for kind in type(made).__mro__}
    wrapped = next((_WRAPPED[module] for module in sorted(modules & _WRAPPED.keys())), None)
    return f" Wrap it: {wrapped}." if wrapped else ""
