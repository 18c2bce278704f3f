"""What ZeroGPU says when a visitor's quota is used up, as numbers (protocol sections 3.4 and 5.8).

It arrives as the text of an ordinary error of the app, written for people, and its wording changes:
``You have exceeded your GPU quota (60s requested vs. 42s left). Try again in 0:11:40`` is the usual one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TITLE = "zerogpu quota exceeded"
# A caller without quota who waited for a GPU in vain gets this under the same title: a queue, not a quota.
_NO_GPU = "no gpu was available"
_SPENT = re.compile(
    r"exceeded your\b[^.(]{0,60}\bquota|reached its gpu limit|zerogpu runs limit", re.IGNORECASE
)
_SECONDS = r"(\d{1,9}(?:\.\d{1,9})?)\s*s"
_REQUESTED = re.compile(rf"{_SECONDS}\s+requested", re.IGNORECASE)
_LEFT = re.compile(rf"{_SECONDS}\s+left", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:try again|retry) in (?:(\d{1,6}) days?,? )?(?:(\d{1,6}):)?(\d{1,2}):(\d{2})(?!\d)", re.IGNORECASE
)
_LONGEST = 10_000  # characters of a text that are read


@dataclass(frozen=True, slots=True)
class Quota:
    """The numbers of a refusal; None for those the text does not have.

    Attributes:
        requested: seconds of GPU time that the call wanted.
        left: seconds of GPU time that were left.
        retry_after: seconds until there is quota again.
    """

    requested: float | None = None
    left: float | None = None
    retry_after: float | None = None


def quota_in(title: str | None, text: str) -> Quota | None:
    """The numbers of an app's error; None when that is not about a quota of ZeroGPU.

    Args:
        title: the error's heading.
        text: its text, which may be HTML.
    """
    head = text[:_LONGEST]
    if _NO_GPU in head.lower():
        return None
    if (title or "").strip().lower() != _TITLE and not (_SPENT.search(head) and "gpu" in head.lower()):
        return None
    return Quota(_seconds(_REQUESTED, head), _seconds(_LEFT, head), _wait(head))


def _seconds(pattern: re.Pattern[str], text: str) -> float | None:
    found = pattern.search(text)
    return float(found[1]) if found else None


def _wait(text: str) -> float | None:
    found = _WAIT.search(text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
