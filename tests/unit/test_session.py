from __future__ import annotations

import pytest

from gradio_client.domain import messages as wire
from gradio_client.domain.config import Dialect
from gradio_client.domain.errors import ConnectionLost
from gradio_client.domain.session import Action, Deliver, EndStream, Fail, OpenStream, Session

OLD = [Dialect.V1, Dialect.V2, Dialect.V2_1]
GONE = wire.UnexpectedError("404: Not Found", session_not_found=True)
STOPPED = wire.UnexpectedError("Server stopped unexpectedly.", session_not_found=False)
BEAT = wire.Heartbeat()


def starts(event_id: str) -> wire.Message:
    return wire.ProcessStarts(event_id, None)


def ends(event_id: str) -> wire.Message:
    return wire.Completed(event_id, {"data": [event_id]}, success=True, title=None)


def a_session(dialect: Dialect = Dialect.V3) -> Session:
    return Session(dialect)


def waiting(session: Session) -> int:
    """How many jobs have not ended."""
    return len(session._waiting)


def join(session: Session, event_id: str) -> list[Action]:
    session.joining()
    return session.joined(event_id)


def joined(*event_ids: str, dialect: Dialect = Dialect.V3) -> Session:
    """A session with an open stream and these jobs."""
    session = a_session(dialect)
    for event_id in event_ids:
        join(session, event_id)
    return session


def lost(actions: list[Action]) -> dict[str, str]:
    """The texts of the errors of the jobs that failed, by name."""
    fails = [action for action in actions if isinstance(action, Fail)]
    assert all(isinstance(fail.error, ConnectionLost) for fail in fails)
    assert all(fail.error.event_id == fail.event_id for fail in fails)
    return {fail.event_id: str(fail.error) for fail in fails}


def test_the_first_job_opens_the_stream() -> None:
    assert join(a_session(), "a") == [OpenStream()]


def test_a_second_job_shares_the_stream() -> None:
    assert join(joined("a"), "b") == []


def test_each_message_goes_to_its_job() -> None:
    session = joined("a", "b")
    assert session.received(starts("b")) == [Deliver("b", starts("b"))]
    assert session.received(starts("a")) == [Deliver("a", starts("a"))]


def test_a_job_that_is_completed_waits_no_more() -> None:
    session = joined("a", "b")
    assert waiting(session) == 2
    assert session.received(ends("a")) == [Deliver("a", ends("a"))]
    assert waiting(session) == 1


def test_the_first_completion_wins() -> None:
    session = joined("a", "b")
    session.received(ends("a"))
    assert session.received(ends("a")) == []
    assert session.received(starts("a")) == []


def test_messages_that_overtake_the_answer_are_handed_over_in_order() -> None:
    session = a_session()
    join(session, "a")
    session.joining()
    assert session.received(starts("b")) == []
    assert session.received(ends("b")) == []
    assert session.joined("b") == [Deliver("b", starts("b")), Deliver("b", ends("b"))]
    assert waiting(session) == 1


def test_a_job_that_ended_before_its_answer_opens_no_stream() -> None:
    session = joined("a")
    session.joining()
    session.received(ends("b"))
    session.received(ends("a"))
    session.received(wire.CloseStream())
    session.stream_ended(clean=True)
    assert session.joined("b") == [Deliver("b", ends("b"))]


def test_messages_of_strangers_are_dropped_while_nothing_is_being_submitted() -> None:
    session = joined("a")
    session.received(starts("b"))
    assert join(session, "b") == []


def test_messages_that_no_answer_claimed_are_dropped_with_the_last_answer() -> None:
    session = joined("a")
    session.joining()
    session.received(starts("x"))
    assert session.join_failed() == []
    assert join(session, "x") == []


def test_messages_about_no_job_are_ignored() -> None:
    session = joined("a")
    assert session.received(wire.ProcessStarts(None, None)) == []
    assert session.received(wire.QueueFull()) == []
    assert session.received(wire.SendData("a")) == []
    assert session.received(BEAT) == []


def test_a_submission_that_failed_changes_nothing() -> None:
    session = a_session()
    session.joining()
    assert session.join_failed() == []
    assert waiting(session) == 0


def test_the_same_answer_twice_is_one_job() -> None:
    session = joined("a")
    assert session.joined("a") == []
    assert waiting(session) == 1


def test_a_forgotten_job_gets_nothing_any_more() -> None:
    session = joined("a", "b")
    assert session.forgotten("a") == []
    assert session.received(starts("a")) == []
    assert session.received(ends("a")) == []
    assert waiting(session) == 1


def test_an_idle_stream_is_kept_and_serves_the_next_job() -> None:
    session = joined("a")
    assert session.forgotten("a") == []
    assert join(session, "b") == []
    assert session.received(ends("b")) == [Deliver("b", ends("b"))]


def test_a_closing_stream_is_not_read_any_more() -> None:
    session = joined("a")
    session.received(ends("a"))
    assert session.received(wire.CloseStream()) == [EndStream()]
    assert session.received(wire.CloseStream()) == []
    assert session.stream_ended(clean=True) == []


def test_a_job_that_came_while_the_stream_closed_opens_the_next_one() -> None:
    session = joined("a")
    session.received(ends("a"))
    session.received(wire.CloseStream())
    assert join(session, "b") == []
    assert session.stream_ended(clean=True) == [OpenStream()]


@pytest.mark.parametrize("clean", [True, False])
def test_how_an_announced_end_comes_about_does_not_matter(clean: bool) -> None:  # noqa: FBT001
    session = joined("a", "b")
    session.received(ends("a"))
    session.received(wire.CloseStream())
    assert session.stream_ended(clean=clean) == [OpenStream()]


@pytest.mark.parametrize("dialect", OLD)
def test_old_servers_just_end_the_stream(dialect: Dialect) -> None:
    session = joined("a", dialect=dialect)
    session.received(ends("a"))
    assert session.stream_ended(clean=True) == []
    assert join(session, "b") == [OpenStream()]


@pytest.mark.parametrize("dialect", OLD)
def test_on_old_servers_a_job_that_raced_with_the_end_opens_the_next_stream(dialect: Dialect) -> None:
    session = joined("a", "b", dialect=dialect)
    session.received(ends("a"))
    assert session.stream_ended(clean=True) == [OpenStream()]


def test_new_servers_announce_the_end_so_any_other_end_is_a_loss() -> None:
    assert lost(joined("a").stream_ended(clean=True)).keys() == {"a"}


@pytest.mark.parametrize("dialect", [*OLD, Dialect.V3])
def test_a_broken_stream_loses_all_jobs(dialect: Dialect) -> None:
    text = lost(joined("a", "b", dialect=dialect).stream_ended(clean=False, reason="reset by peer."))
    assert text.keys() == {"a", "b"}
    assert "(reset by peer); its outcome is unknown" in text["a"]
    assert "[event a]" in text["a"]


def test_after_a_loss_the_session_can_be_used_again() -> None:
    session = joined("a")
    session.stream_ended(clean=False)
    assert waiting(session) == 0
    assert join(session, "b") == [OpenStream()]
    assert session.received(ends("b")) == [Deliver("b", ends("b"))]


def test_an_end_without_a_stream_means_nothing() -> None:
    session = joined("a")
    session.stream_ended(clean=False)
    assert session.stream_ended(clean=False) == []
    assert a_session().stream_ended(clean=True) == []


def test_an_unknown_session_loses_all_jobs_and_ends_the_stream() -> None:
    session = joined("a", "b")
    actions = session.received(GONE)
    assert actions[-1] == EndStream()
    assert "does not know the job's session (404: Not Found)" in lost(actions)["b"]


def test_a_stopping_server_is_heard_once() -> None:
    session = joined("a")
    text = lost(session.received(STOPPED))["a"]
    assert "server stopped (Server stopped unexpectedly)" in text
    assert "Submit it again only if running it twice does no harm" in text
    assert join(session, "b") == []
    assert session.received(STOPPED) == []
    assert session.stream_ended(clean=False) == [OpenStream()]


def test_a_stream_that_tells_nothing_is_opened_twice_and_not_for_ever() -> None:
    session = joined("a", dialect=Dialect.V1)
    assert session.stream_ended(clean=True) == [OpenStream()]
    assert lost(session.stream_ended(clean=True)).keys() == {"a"}


def test_a_stream_that_tells_something_may_end_again_and_again() -> None:
    session = joined("a", dialect=Dialect.V1)
    for _ in range(5):
        assert session.received(starts("a")) == [Deliver("a", starts("a"))]
        assert session.stream_ended(clean=True) == [OpenStream()]


def test_a_job_of_which_a_reopened_stream_says_nothing_is_lost_after_three_heartbeats() -> None:
    session = joined("a", "b")
    session.received(wire.CloseStream())
    session.stream_ended(clean=True)
    session.received(starts("b"))
    assert session.received(BEAT) + session.received(BEAT) == []
    assert "says no more about the job" in lost(session.received(BEAT))["a"]
    assert waiting(session) == 1


def test_jobs_that_a_stream_asked_for_again_says_nothing_of_are_lost_after_three_heartbeats() -> None:
    session = joined("a", "b")
    session.joining()
    session.stream_repeated()
    session.joined("c")
    join(session, "d")
    session.received(starts("b"))
    beats = [action for _ in range(3) for action in session.received(BEAT)]
    assert set(lost(beats)) == {"a", "c"}


def test_heartbeats_do_no_harm_to_a_job_that_was_mentioned() -> None:
    session = joined("a", dialect=Dialect.V1)
    session.stream_ended(clean=True)
    session.received(starts("a"))
    assert [action for _ in range(100) for action in session.received(BEAT)] == []


def test_heartbeats_do_no_harm_on_a_first_stream() -> None:
    session = joined("a")
    assert [action for _ in range(100) for action in session.received(BEAT)] == []


def test_a_job_whose_answer_came_after_a_loss_opens_a_stream() -> None:
    session = joined("a")
    session.joining()
    session.stream_ended(clean=False)
    assert session.joined("b") == [OpenStream()]


def test_a_job_submitted_around_a_loss_and_never_mentioned_is_lost_too() -> None:
    session = joined("a")
    session.joining()
    session.stream_ended(clean=False)
    join(session, "c")
    session.joined("b")
    session.received(starts("c"))
    assert session.received(BEAT) + session.received(BEAT) == []
    assert lost(session.received(BEAT)).keys() == {"b"}


def test_a_job_that_was_heard_of_before_a_loss_is_lost_when_its_answer_comes() -> None:
    session = joined("a")
    session.joining()
    session.received(starts("b"))
    session.stream_ended(clean=False, reason="cut")
    actions = session.joined("b")
    assert actions[0] == Deliver("b", starts("b"))
    assert "cut" in lost(actions)["b"]


def test_a_job_that_ended_before_a_loss_is_told_when_its_answer_comes() -> None:
    session = joined("a")
    session.joining()
    session.received(ends("b"))
    session.stream_ended(clean=False)
    assert session.joined("b") == [Deliver("b", ends("b"))]


def test_a_job_whose_early_messages_were_too_many_is_lost() -> None:
    session = joined("a")
    session.joining()
    for _ in range(10_001):
        session.received(starts("b"))
    assert "Too many messages arrived" in lost(session.joined("b"))["b"]
    assert waiting(session) == 1
