"""The time limits of a client."""

from __future__ import annotations

from dataclasses import dataclass, fields

CONNECT_SECONDS = 600.0  # the longest that connecting takes by default; Spaces build for minutes
ENDLESS = 1e9  # seconds, 31 years; from here on a limit is none


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds on the steps of what a client does; None for no limit.

    None of them limits a whole call, which may well take hours: ``predict(timeout=)`` does.

    Attributes:
        connect: for establishing a connection: DNS, TCP, proxy and TLS together. Default 10.
        read: without a byte of a response. Default 60.
        transfer: without progress in an upload or download. Default 60.
        silence: without a byte on the stream that reports on jobs. Default 45: servers send a heartbeat
            every 15 s (protocol section 5.6), and three of them may be missed. Servers before 4.4 send
            none, so there is no limit.

    Raises:
        TypeError: a limit is not a number.
        ValueError: a limit is not above 0.
    """

    connect: float | None = 10.0
    read: float | None = 60.0
    transfer: float | None = 60.0
    silence: float | None = 45.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = seconds_or_none(f"Timeouts({one.name}=)", getattr(self, one.name))
            object.__setattr__(self, one.name, value)


def seconds_or_none(name: str, value: object) -> float | None:
    """A limit that was given under a name, checked; infinity is None.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not above 0.
    """
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} takes a number of seconds or None, not {type(value).__name__}.")
    if not value > 0:
        raise ValueError(f"{name} takes seconds above 0, or None for no limit, not {value!r}.")
    # Sockets take no more than time_t holds; a caller who says sys.maxsize wants no limit.
    return None if value >= ENDLESS else float(value)
