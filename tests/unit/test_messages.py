from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain import messages as wire
from gradio_client.domain.errors import ServerError
from gradio_client.domain.messages import parse_message
from gradio_client.domain.progress import ProgressUnit

KINDS = [
    "estimation",
    "send_data",
    "queue_full",
    "process_starts",
    "progress",
    "log",
    "process_generating",
    "process_streaming",
    "process_completed",
    "heartbeat",
    "close_stream",
    "unexpected_error",
    "server_stopped",
]


def parsed(msg: str, **fields: object) -> wire.Message | None:
    return parse_message(json.dumps({"msg": msg, **fields}))


def test_an_estimation_has_rank_size_and_seconds() -> None:
    message = parsed("estimation", event_id="a", rank=2, queue_size=5, rank_eta=1.5)
    assert message == wire.Estimation("a", 2, 5, 1.5)


def test_numbers_of_another_kind_are_taken_where_they_make_sense() -> None:
    assert parsed("estimation", rank=2.0, queue_size="5", rank_eta=True) == wire.Estimation(
        None, 2, None, None
    )


def test_infinite_ranks_are_unknown() -> None:
    text = '{"msg": "estimation", "rank": Infinity, "queue_size": NaN, "rank_eta": -Infinity}'
    assert parse_message(text) == wire.Estimation(None, None, None, -math.inf)


def test_progress_holds_its_bars() -> None:
    bar = {"index": 1, "length": 4, "unit": "steps", "progress": None, "desc": "Now"}
    message = parsed("progress", event_id="a", progress_data=[bar, None, 7, {"progress": 0.5}])
    bars = (ProgressUnit(1, 4, "steps", None, "Now"), ProgressUnit(None, None, None, 0.5, None))
    assert message == wire.Progress("a", bars)
    assert isinstance(message, wire.Progress)
    assert message.size > 2 * 128


@pytest.mark.parametrize("bars", [None, [], {}, "x", 3, [None]])
def test_progress_without_bars_has_none(bars: object) -> None:
    assert parsed("progress", progress_data=bars) == wire.Progress(None, ())


def test_a_log_has_text_level_and_looks() -> None:
    message = parsed("log", event_id="a", log="Hi", level="warning", title="T", duration=3, visible=False)
    assert message == wire.Log("a", "Hi", "warning", "T", 3, visible=False)


def test_a_log_of_an_old_server_is_visible_until_dismissed() -> None:
    assert parsed("log", log="Hi", level="info") == wire.Log(None, "Hi", "info", None, None, visible=True)


def test_values_are_handed_on_as_they_are() -> None:
    data = [1, {"a": [None]}, "x"]
    message = parsed("process_generating", event_id="a", output={"data": data}, success=True)
    assert message == wire.Generating("a", data, success=True)


@pytest.mark.parametrize("output", [None, {}, [], "x", {"data": None}, {"data": {"a": 1}}])
def test_generating_without_a_list_of_values_has_no_data(output: object) -> None:
    assert parsed("process_generating", output=output) == wire.Generating(None, None, success=True)


def test_a_result_for_streamed_input_is_a_kind_of_its_own() -> None:
    message = parsed("process_streaming", event_id="a", output={"data": [1]}, success=True)
    assert message == wire.Streaming("a", [1], success=True)


def test_a_completion_keeps_its_output_and_title() -> None:
    message = parsed("process_completed", event_id="a", output={"error": "bad"}, success=False, title="T")
    assert message == wire.Completed("a", {"error": "bad"}, success=False, title="T")


@pytest.mark.parametrize("output", [None, [], "x", 5])
def test_a_completion_whose_output_is_no_object_has_an_empty_one(output: object) -> None:
    assert parsed("process_completed", output=output) == wire.Completed(None, {}, success=True, title=None)


def test_an_unknown_session_is_told_by_a_flag() -> None:
    message = parsed("unexpected_error", message="Gone", session_not_found=True, success=False)
    assert message == wire.UnexpectedError("Gone", session_not_found=True)


def test_an_unknown_session_of_an_old_server_is_told_by_its_text() -> None:
    message = parsed("unexpected_error", message="404: Session not found.", success=False)
    assert message == wire.UnexpectedError("404: Session not found.", session_not_found=True)


@pytest.mark.parametrize("kind", ["unexpected_error", "server_stopped"])
def test_a_server_that_stops_says_so(kind: str) -> None:
    assert parsed(kind, success=False) == wire.UnexpectedError(
        "Server stopped unexpectedly.", session_not_found=False
    )


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("heartbeat", wire.Heartbeat()),
        ("close_stream", wire.CloseStream()),
        ("queue_full", wire.QueueFull()),
        ("send_data", wire.SendData("a")),
        ("process_starts", wire.ProcessStarts("a", None)),
    ],
)
def test_kinds_without_much_to_say(kind: str, message: wire.Message) -> None:
    assert parsed(kind, event_id="a", eta=None) == message


@pytest.mark.parametrize(
    "text",
    [
        '{"msg": "from_the_future", "event_id": "a"}',
        "{}",
        '{"msg": 3}',
        '{"msg": ["log"]}',
        "[]",
        "1",
        '"x"',
        "null",
    ],
)
def test_what_is_not_known_is_skipped(text: str) -> None:
    assert parse_message(text) is None


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_blank_data_is_skipped(text: str) -> None:
    assert parse_message(text) is None


@pytest.mark.parametrize(
    "text", ['{"msg": "log"', "ALIVE", "{'msg': 1}", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_what_is_no_json_is_a_server_error(text: str) -> None:
    with pytest.raises(ServerError, match="no JSON"):
        parse_message(text)


def test_numbers_that_json_lacks_are_accepted() -> None:
    message = parse_message(
        '{"msg": "process_completed", "output": {"data": [NaN, Infinity]}, "success": true}'
    )
    assert isinstance(message, wire.Completed)
    assert math.isnan(message.output["data"][0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "event_id", "rank", "queue_size", "rank_eta", "eta", "progress_data", "log", "level", "title",
    "duration", "visible", "output", "success", "message", "session_not_found",
]  # fmt: skip


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_field_can_make_parsing_fail(kind: str, fields: dict[str, object]) -> None:
    assert parsed(kind, **fields) is not None
