from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain import messages as wire
from gradio_client.domain.strays import RecentIds, Strays

if TYPE_CHECKING:
    import pytest


def starts(event_id: str) -> wire.Message:
    return wire.ProcessStarts(event_id, None)


def test_early_messages_of_too_many_jobs_drop_the_oldest() -> None:
    strays = Strays(max_events=2, max_messages=100)
    for event_id in "abac":
        strays.keep(event_id, starts(event_id))
    assert strays.claim("a") == []
    assert strays.lost.keys() == {"a"}
    assert strays.claim("b") == [starts("b")]


def test_the_number_of_early_messages_is_limited() -> None:
    strays = Strays(max_events=100, max_messages=3)
    for event_id in "abbc":
        strays.keep(event_id, starts(event_id))
    assert strays.claim("a") == []
    assert strays.claim("b") == [starts("b"), starts("b")]


def test_the_size_of_early_messages_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.domain.strays.EARLY", 3000)
    strays = Strays()
    for event_id in "abbcd":
        strays.keep(event_id, wire.Completed(event_id, {}, success=True, title=None, size=700))
    assert [len(strays.claim(event_id)) for event_id in "abcd"] == [0, 0, 1, 1]
    assert strays.lost.keys() == {"a", "b"}
    for event_id in "ef":  # there is room again for what was taken out
        strays.keep(event_id, wire.Completed(event_id, {}, success=True, title=None, size=1200))
    assert [len(strays.claim(event_id)) for event_id in "ef"] == [1, 1]


def test_a_message_that_is_too_large_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.domain.strays.EARLY", 3000)
    strays = Strays()
    strays.keep("a", wire.Completed("a", {}, success=True, title=None, size=4000))
    assert strays.claim("a") == []
    assert strays.lost.keys() == {"a"}


def test_names_without_end_are_not_kept() -> None:
    strays = Strays()
    strays.keep("a" * 10_000, starts("a" * 10_000))
    assert strays.claim("a" * 10_000) == []
    assert not strays.lost


def test_of_a_job_that_lost_messages_no_more_are_kept() -> None:
    strays = Strays(max_events=1)
    strays.keep("a", starts("a"))
    strays.keep("b", starts("b"))
    strays.keep("a", starts("a"))
    assert strays.claim("a") == []


def test_the_names_of_dropped_jobs_are_limited_too() -> None:
    strays = Strays(max_events=2, max_messages=100)
    for number in range(100):
        strays.keep(str(number), starts("a"))
    assert len(strays.lost) <= 4


def test_old_names_are_forgotten() -> None:
    names = RecentIds(limit=2)
    for name in "abbc":
        names.add(name)
    assert [name for name in "abc" if name in names] == ["b", "c"]
