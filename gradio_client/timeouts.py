"""How patient a client is."""

from __future__ import annotations

from dataclasses import dataclass, fields

CONNECT_SECONDS = 600.0  # the longest that connecting takes by default; Spaces build for minutes
ENDLESS = 1e9  # seconds, 31 years; from here on a limit is none


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds on each step of what a client does; None is no limit.

    None of them limits a whole call, which may have reason to take hours: ``predict(timeout=)`` does.

    Attributes:
        connect: to stand a connection up: DNS, TCP, proxy and TLS together. Default 10.
        read: without a byte of an answer. Default 60.
        transfer: without progress of a file on its way up or down. Default 60.
        silence: without a byte on the stream that tells of jobs. Default 45: servers say every 15 s that
            they are alive (protocol section 5.6), and three of these may be missed. Servers before 4.4
            do not say so, and have no limit.

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
