from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradio_client.domain import messages as wire
from gradio_client.domain.config import Dialect
from gradio_client.domain.errors import AppError, ConnectionLost, QueueError, ServerError
from gradio_client.domain.events import Cancelled, Failed, Logged, Progressed, Queued, Started
from gradio_client.domain.job import JobState, News, Values
from gradio_client.domain.progress import ProgressUnit

if TYPE_CHECKING:
    from gradio_client.domain.values import Json

DIFFING = [Dialect.V2, Dialect.V2_1, Dialect.V3]
WHOLE = [Dialect.SSE, Dialect.V1]


def generating(*data: Json) -> wire.Generating:
    return wire.Generating("a", list(data), success=True)


def completed(*data: Json) -> wire.Completed:
    return wire.Completed("a", {"data": list(data), "is_generating": False}, success=True, title=None)


def failed(output: dict[str, Json], *, success: bool = False, title: str | None = None) -> wire.Completed:
    return wire.Completed("a", output, success=success, title=title)


def told(*messages: wire.Message, dialect: Dialect = Dialect.V3) -> list[News]:
    job = JobState(dialect)
    return [news for message in messages for news in job.received(message)]


def the_error(*messages: wire.Message) -> Exception:
    (news,) = told(*messages)
    assert isinstance(news, Failed)
    return news.error


def app_error(output: dict[str, Json], **more: Json) -> AppError:
    error = the_error(failed(output, **more))
    assert isinstance(error, AppError)
    return error


def test_a_whole_job() -> None:
    bars = (ProgressUnit(1, 2, None, None, None),)
    assert told(
        wire.Estimation("a", 1, 2, 3.0),
        wire.ProcessStarts("a", 1.5),
        wire.Progress("a", bars),
        wire.Log("a", "Hi", "info", "T", 5, visible=True),
        wire.Heartbeat(),
        completed("x", 2),
        wire.CloseStream(),
    ) == [
        Queued(1, 2, 3.0),
        Started(1.5),
        Progressed(bars),
        Logged("Hi", "info", "T", 5, visible=True),
        Values(["x", 2], final=True),
    ]


@pytest.mark.parametrize("dialect", DIFFING)
def test_the_first_value_is_whole_and_edits_follow(dialect: Dialect) -> None:
    messages = (generating("a", [1]), generating([["append", [], "b"]], []), completed("ab", [1]))
    assert told(*messages, dialect=dialect) == [
        Values(["a", [1]], final=False),
        Values(["ab", [1]], final=False),
        Values(["ab", [1]], final=True),
    ]


@pytest.mark.parametrize("dialect", WHOLE)
def test_dialects_without_edits_send_whole_values_even_if_they_look_like_edits(dialect: Dialect) -> None:
    edits = [["append", [], "b"]]
    assert told(generating("a"), generating(edits), dialect=dialect) == [
        Values(["a"], final=False),
        Values([edits], final=False),
    ]


def test_an_output_not_seen_before_starts_from_null() -> None:
    messages = [generating("a"), generating([], [["replace", [], "new"]])]
    assert told(*messages)[1] == Values(["a", "new"], final=False)


def test_an_output_without_edits_keeps_its_value() -> None:
    assert told(generating("a", "b"), generating([["append", [], "c"]]))[1] == Values(
        ["ac", "b"], final=False
    )


def test_values_told_earlier_never_change() -> None:
    first, second = told(generating([{"t": "a"}]), generating([["append", [0, "t"], "b"], ["add", [1], 2]]))
    assert first == Values([[{"t": "a"}]], final=False)
    assert second == Values([[{"t": "ab"}, 2]], final=False)


def test_after_edits_that_do_not_fit_only_the_final_value_is_told() -> None:
    job = JobState(Dialect.V3)
    job.received(generating("a"))
    assert job.received(generating([["append", [5], "b"]])) == []
    assert job.diffs_broken
    assert job.received(generating([["append", [], "c"]])) == []
    assert job.received(completed("abc")) == [Values(["abc"], final=True)]


def test_edits_that_fit_break_nothing() -> None:
    job = JobState(Dialect.V3)
    job.received(generating("a"))
    job.received(generating([["append", [], "b"]]))
    assert not job.diffs_broken


@pytest.mark.parametrize("edit", [["append", [], "a word "], ["replace", [], 0.5]])
def test_a_job_may_make_many_small_steps(edit: Json) -> None:
    state = JobState(Dialect.V3)
    state.received(wire.Generating("a", [""], success=True, size=200))
    step = wire.Generating("a", [[edit]], success=True, size=200)  # most of it is no value
    for _ in range(5000):
        assert isinstance(state.received(step)[0], Values)


def test_a_long_history_does_not_count_again_at_each_token() -> None:
    state = JobState(Dialect.V3)
    history: list[Json] = [{"role": "user", "content": "a" * 2000} for _ in range(50)]
    state.received(generating([*history, {"role": "assistant", "content": ""}]))
    token = generating([["append", [50, "content"], "to "]])
    for _ in range(20_000):
        assert isinstance(state.received(token)[0], Values)


@pytest.mark.parametrize(
    ("first", "edit"),
    [
        ("a" * 1000, ["append", [], "b"]),
        ({"text": "a" * 1000}, ["append", ["text"], "b"]),
        (None, ["replace", [], "a" * 1000]),
        ([0] * 100, ["replace", [0], 1]),
        ([{} for _ in range(100)], ["delete", [99], None]),
    ],
)
def test_what_each_step_makes_anew_counts_each_time(
    first: Json, edit: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client.domain.job.KEPT", 40_000)
    news = told(generating(first), *[generating([edit])] * 40)
    assert isinstance(news[-1], Failed)
    assert len(news) < 40
    assert "Have the app yield less often" in str(news[-1].error)


@pytest.mark.parametrize(
    "message",
    [
        wire.Progress("a", (ProgressUnit(1, 2, "steps", None, "training"),), size=300),
        wire.Estimation("a", 1, 2, None),
    ],
)
def test_what_is_soon_outdated_counts_once(message: wire.Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.domain.job.KEPT", 2000)
    state = JobState(Dialect.V3)
    assert not any(isinstance(state.received(message)[0], Failed) for _ in range(100))
    between = wire.Log("a", "Hi", "info", None, None, visible=True)
    others = [news for _ in range(10) for each in (between, message) for news in state.received(each)]
    assert isinstance(others[-1], Failed)


def test_results_for_streamed_input_are_always_whole() -> None:
    messages = [
        wire.Streaming("a", [1], success=True),
        wire.Streaming("a", [[["append", [], 1]]], success=True),
    ]
    assert told(*messages) == [Values([1], final=False), Values([[["append", [], 1]]], final=False)]


def test_a_step_without_values_is_no_news() -> None:
    assert told(wire.Generating("a", None, success=False), wire.Streaming("a", None, success=True)) == []


def test_a_generator_without_yields_ends_with_null() -> None:
    assert told(completed(None)) == [Values([None], final=True)]


def test_a_function_without_outputs_ends_with_nothing() -> None:
    assert told(completed()) == [Values([], final=True)]


def test_an_empty_output_is_a_cancellation() -> None:
    assert told(wire.Completed("a", {}, success=True, title=None)) == [Cancelled()]


@pytest.mark.parametrize("first", [completed(1), failed({"error": "x"}), failed({}, success=True)])
def test_the_first_end_wins(first: wire.Completed) -> None:
    job = JobState(Dialect.V3)
    assert len(job.received(first)) == 1
    assert job.done
    assert job.received(completed(2)) == []
    assert job.received(generating(3)) == []


def test_a_job_is_not_done_before_its_end() -> None:
    job = JobState(Dialect.V3)
    job.received(generating(1))
    assert not job.done


def test_an_error_of_the_app_has_all_that_it_said() -> None:
    error = app_error({"error": "bad thing", "duration": 3, "visible": False, "title": "Oops"})
    assert (str(error), error.duration, error.visible, error.title) == ("bad thing", 3, False, "Oops")
    assert error.event_id == "a"


def test_an_error_of_the_app_may_say_little() -> None:
    error = app_error({"error": "bad"})
    assert (error.message, error.duration, error.visible, error.title) == ("bad", 10, True, "Error")


def test_an_error_may_stay_until_it_is_dismissed() -> None:
    assert app_error({"error": "bad", "duration": None}).duration is None


def test_the_title_inside_the_output_is_preferred() -> None:
    assert app_error({"error": "x", "title": "inner"}, title="outer").title == "inner"
    assert app_error({"error": "x", "title": None}, title="outer").title == "outer"


def test_an_error_is_one_whatever_success_says() -> None:
    assert app_error({"error": "bad"}, success=True).message == "bad"


def test_the_quotes_of_old_servers_stay() -> None:
    assert app_error({"error": "'bad'"}).message == "'bad'"


@pytest.mark.parametrize("output", [{"error": None}, {}, {"error": None, "data": [1]}])
def test_a_hidden_error_says_how_to_show_it(output: dict[str, Json]) -> None:
    assert "show_error=True in launch()" in app_error(output).message


def test_an_error_that_is_no_text_is_made_one() -> None:
    assert app_error({"error": {"code": 5}, "duration": "long", "title": 4}).message == "{'code': 5}"


def test_an_error_may_come_after_values() -> None:
    news = told(generating(1), generating([["replace", [], 2]]), failed({"error": "mid"}))
    assert [type(each) for each in news] == [Values, Values, Failed]


@pytest.mark.parametrize("data", [None, {"a": 1}, "text"])
def test_a_result_that_is_no_list_is_a_server_error(data: Json) -> None:
    error = the_error(wire.Completed("a", {"data": data}, success=True, title=None))
    assert isinstance(error, ServerError)
    assert "not a list" in str(error)


def test_a_full_queue_ends_the_job() -> None:
    assert isinstance(the_error(wire.QueueFull()), QueueError)


def test_a_server_that_stops_ends_the_job() -> None:
    error = the_error(wire.UnexpectedError("Server stopped unexpectedly.", session_not_found=False))
    assert isinstance(error, ConnectionLost)
    assert "Server stopped unexpectedly" in str(error)


def test_a_session_that_is_not_known_ends_the_job() -> None:
    error = the_error(wire.UnexpectedError("404: Not Found", session_not_found=True))
    assert isinstance(error, ConnectionLost)
    assert "does not know the job's session (404: Not Found)" in str(error)


def test_asking_for_the_arguments_is_no_news() -> None:
    assert told(wire.SendData("a"), dialect=Dialect.SSE) == []
