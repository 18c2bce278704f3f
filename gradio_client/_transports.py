"""What ``transport=`` may be, and how it becomes a Transport."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeAlias

from gradio_client.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradio_client.transport import TransportOptions

#: A name, a transport, or what makes one from ``TransportOptions``: a function or a class.
TransportChoice: TypeAlias = "str | Transport | Callable[[TransportOptions], Transport]"


def make_transport(
    choice: TransportChoice,
    options: TransportOptions,
    named: Callable[[], Mapping[str, Callable[[TransportOptions], Transport]]],
) -> Transport:
    """The transport that was chosen; the client closes it in any case.

    Raises:
        ValueError: no installed transport has that name.
        ImportError: the library that the transport needs is not installed.
        TypeError: the choice is none of the above.
    """
    if isinstance(choice, Transport):
        return choice
    factory = _by_name(choice, named()) if isinstance(choice, str) else choice
    made = factory(options) if callable(factory) else None
    if not isinstance(made, Transport):
        raise TypeError(
            "transport= takes a name, a gradio_client.transport.Transport, or a function or class that "
            f"makes one from TransportOptions; {choice!r} gave {type(made or choice).__name__}."
        )
    return made


def _by_name(
    name: str, factories: Mapping[str, Callable[[TransportOptions], Transport]]
) -> Callable[[TransportOptions], Transport]:
    if name in factories:
        return factories[name]
    nearest = difflib.get_close_matches(name, factories, n=1)
    meant = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise ValueError(
        f"There is no transport {name!r}.{meant} Installed: {', '.join(sorted(factories)) or 'none'}."
    )
