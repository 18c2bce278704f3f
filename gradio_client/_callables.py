"""Functions that callers pass, to be called later."""

from __future__ import annotations

import inspect


def check_plain(function: object, expected: str) -> None:
    """Refuse what cannot be called, and coroutine functions: nobody would await what they return.

    Args:
        function: what was passed.
        expected: the start of the error: which argument takes what.

    Raises:
        TypeError: it is no plain function.
    """
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{expected}, not a coroutine function.")
    if not callable(function):
        raise TypeError(f"{expected}, not {type(function).__name__}.")
