from __future__ import annotations

from gradio_client.domain import messages as wire
from gradio_client.domain.strays import RecentIds, Strays


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
