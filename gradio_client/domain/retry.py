"""When a request is sent again, and how long is waited before: the schedule, without clock or chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

#: Answers that say the server is busy, or not there, for now.
BUSY = frozenset({429, 502, 503, 504})

_LONG = 1e9  # seconds, 31 years


@dataclass(frozen=True, slots=True)
class Retry:
    """How often, and how fast, a client sends a request again.

    Sent again are: any request whose connection was refused, so that nothing was sent, but for
    cancellations and heartbeats, which have a schedule of their own; and, after an answer of 429, 502, 503
    or 504, those that may be sent twice: all that read, and uploads. A job is submitted again only with
    ``joins``, and when the server certainly did not take it: refused connections, 429, and 503 with the
    text that the queue is full (protocol section 5.4). What reads, and loses its connection, is sent once
    more and at once. Each time is logged.

    The wait doubles from one time to the next, and is cut at random by up to a half, so that clients
    which failed together do not come back together. A server's ``Retry-After`` is waited for at least.

    Attributes:
        attempts: how often a request is sent at most, with the first time; 1 never repeats. Default 4.
        first: seconds before the second attempt. Default 0.25.
        longest: most seconds between two attempts, unless the server asks for more. Default 8.
        budget: seconds after the first attempt within which another one may begin. Default 30.
        joins: whether jobs that the server did not take are submitted again. Default True.

    Raises:
        TypeError: a setting is of another type.
        ValueError: a number makes no sense.
    """

    attempts: int = 4
    first: float = 0.25
    longest: float = 8.0
    budget: float = 30.0
    joins: bool = True

    #: Every request is sent once; ``retry=None`` means the same.
    none: ClassVar[Retry]

    def __post_init__(self) -> None:
        if not isinstance(self.attempts, int) or isinstance(self.attempts, bool):
            raise TypeError(f"Retry(attempts=) takes a whole number, not {type(self.attempts).__name__}.")
        if self.attempts < 1:
            raise ValueError(f"Retry(attempts=) takes 1 or more, not {self.attempts!r}.")
        if not isinstance(self.joins, bool):
            raise TypeError(f"Retry(joins=) takes True or False, not {type(self.joins).__name__}.")
        for name in ("first", "longest", "budget"):
            _check_seconds(name, getattr(self, name))

    def wait(self, attempt: int, elapsed: float, chance: float, asked: float | None = None) -> float | None:
        """Seconds to wait before the next attempt; None when there is to be none.

        Args:
            attempt: the number of the one that failed; the first is 1.
            elapsed: seconds since the first began.
            chance: a random number from 0 to 1.
            asked: seconds that the server wants to be left alone, if it said so.
        """
        if attempt >= self.attempts:
            return None
        doubled = math.ldexp(min(self.first, _LONG), min(attempt - 1, 60))  # more would overflow
        seconds = max(min(doubled, self.longest) * (1 - chance / 2), asked or 0.0)
        return seconds if elapsed + seconds <= self.budget else None


def _check_seconds(name: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"Retry({name}=) takes a number of seconds, not {type(value).__name__}.")
    if not value >= 0:
        raise ValueError(f"Retry({name}=) takes 0 seconds or more, not {value!r}.")


Retry.none = Retry(attempts=1)

RETRY = Retry()  # what clients do unless they are told otherwise
