"""Dictionaries that are shown to the caller, and not written to."""

from __future__ import annotations

from typing import Any, NoReturn


class ReadOnly(dict[str, Any]):
    """A dictionary for libraries that want one; what is written to it would be lost, so that is an error.

    Copies and pickles of it are plain dictionaries.
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(
            "This dictionary only shows what the client uses. Pass headers= to the client or to a call, and "
            "cookies and other settings to the client."
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)
