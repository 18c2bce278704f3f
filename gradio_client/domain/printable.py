"""Texts of servers as they may be shown: a terminal that prints them is not told to do anything."""

from __future__ import annotations

import re

# Control characters, but for tabs and line ends, and halves of characters, which cannot be encoded.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile(r"[\n\t\u2028\u2029]")


def printable(text: str) -> str:
    """The text with its control characters written out, as Python writes them; lines stay lines."""
    return _CONTROLS.sub(_written_out, text.replace("\r\n", "\n"))


def on_one_line(text: str) -> str:
    """The text with its line ends written out, too."""
    return _BREAKS.sub(_written_out, printable(text))


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
