"""Dates as HTTP writes them, in any of the three forms that RFC 9110 section 5.6.7 lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
_FORMS = (
    re.compile(
        rf"\w+, *(?P<day>\d{{1,2}})[ -](?P<month>\w{{3}})[ -](?P<year>\d{{4}}|\d{{2}}) +{_CLOCK} +(GMT|UTC)"
    ),
    re.compile(rf"\w+ +(?P<month>\w{{3}}) +(?P<day>\d{{1,2}}) +{_CLOCK} +(?P<year>\d{{4}})"),
)


def http_date(text: str) -> datetime | None:
    """The moment that an HTTP date names, in UTC; None when it is no such date."""
    matches = (form.fullmatch(text.strip()) for form in _FORMS)
    found = next((match for match in matches if match), None)
    month = found["month"].lower() if found else ""
    if found is None or month not in _MONTHS:
        return None
    hour, minute, second = (int(found[part]) for part in ("hour", "minute", "second"))
    date = _year(found["year"]), _MONTHS.index(month) + 1, int(found["day"])
    try:
        return datetime(*date, hour, minute, second, tzinfo=UTC)
    except ValueError:  # the 31st of February, or 25 o'clock
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)
