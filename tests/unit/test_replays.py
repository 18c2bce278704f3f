from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from servers import wire as recordings
from unit import replays
from unit.replays import at_random, byte_by_byte, job, jobs, streams, versions, with_scenario

from gradio_client.domain.config import Dialect
from gradio_client.domain.errors import AppError, ConnectionLost, QueueError
from gradio_client.domain.events import Cancelled, Failed, Logged, Progressed
from gradio_client.domain.job import Values
from gradio_client.domain.messages import Heartbeat, UnexpectedError, parse_message

if TYPE_CHECKING:
    from unit.replays import Cut

    from gradio_client.domain.values import Json

HAVE_CANCEL = ["4.44.1", "5.0.2", "5.23.3", "5.50.0", "6.0.2", "6.20.0", "6.31.0"]
SAY_THAT_THEY_STOP = ["4.16.0", "4.19.2", "4.21.0", "4.29.0", "4.44.1", "5.0.2", "5.23.3", "5.50.0", "6.0.2"]


def result(version: str, scenario: str, label: str) -> list[Json]:
    end = job(version, scenario, label).end
    assert isinstance(end, Values)
    assert end.final
    return end.data


def app_error(version: str, scenario: str, label: str) -> AppError:
    end = job(version, scenario, label).end
    assert isinstance(end, Failed)
    assert isinstance(end.error, AppError)
    return end.error


def completions(version: str, scenario: str) -> dict[str | None, Json]:
    """The first completion of each job, read without any of our code."""
    found: dict[str | None, Json] = {}
    for exchange in streams(version, scenario):
        said = [each for each in recordings.messages(version, exchange) if isinstance(each, dict)]
        named = [each["event_id"] for each in said if each.get("event_id")]
        for each in said:
            if each.get("msg") == "process_completed":
                found.setdefault(each.get("event_id") or named[0], each)
    return found


@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize("cut", [byte_by_byte, at_random])
def test_the_cuts_change_nothing_in_any_scenario(version: str, cut: Cut) -> None:
    for scenario in recordings.scenarios(version):
        whole, pieces = jobs(version, scenario), jobs(version, scenario, cut)
        assert [repr((job.news, job.lost)) for job in whole] == [repr((job.news, job.lost)) for job in pieces]


@pytest.mark.parametrize("version", versions())
def test_every_stream_is_decoded_to_its_last_event(version: str) -> None:
    for scenario in recordings.scenarios(version):
        for exchange in streams(version, scenario):
            texts = replays.decoded(version, exchange, at_random)
            raw = recordings.body(version, exchange) or b""
            assert len(texts) == raw.count(b"data:"), (scenario, exchange["label"])


@pytest.mark.parametrize("version", versions())
def test_every_job_ends_as_its_completion_says(version: str) -> None:
    seen = 0
    for scenario in recordings.scenarios(version):
        said = completions(version, scenario)
        for each in jobs(version, scenario):
            if (completion := said.get(each.event_id)) is None:
                assert each.end is None or isinstance(each.lost, ConnectionLost) or each.kinds() == ["Failed"]
                continue
            seen += 1
            output = completion["output"]
            match each.end:
                case Values(data, final=True):
                    assert data == output["data"]
                case Failed(AppError() as error):
                    assert output["error"] in {error.message, None}
                case end:
                    assert (end, output) == (Cancelled(), {})
    assert seen > 80


@pytest.mark.parametrize("version", with_scenario("echo"))
def test_echo_gives_its_text(version: str) -> None:
    assert result(version, "echo", "first") == ["hello"]
    assert result(version, "echo", "second") == ["again"]
    assert job(version, "echo", "first").kinds() == ["Queued", "Started", "Values"]


@pytest.mark.parametrize("version", with_scenario("count"))
def test_a_generator_counts(version: str) -> None:
    assert job(version, "count", "count").yields == [[1], [2], [3], [4], [5]]
    assert result(version, "count", "count") == [5]


@pytest.mark.parametrize("version", with_scenario("count"))
def test_a_generator_without_a_value_ends_with_null(version: str) -> None:
    assert job(version, "count", "no value at all").yields == []
    assert result(version, "count", "no value at all") == [None]


@pytest.mark.parametrize("version", with_scenario("llm"))
def test_a_text_grows_and_ends_full(version: str) -> None:
    texts = [data[0] for data in job(version, "llm", "llm").yields]
    assert len(texts) == 20
    assert all(after.startswith(before) for before, after in pairwise(texts))
    assert result(version, "llm", "llm") == [texts[-1]]


@pytest.mark.parametrize("version", with_scenario("llm_json"))
def test_nested_values_are_the_same_by_edits_as_whole(version: str) -> None:
    assert job(version, "llm_json", "llm_json").yields == job("4.0.2", "llm_json", "llm_json").yields
    assert result(version, "llm_json", "llm_json") == job(version, "llm_json", "llm_json").yields[-1]


@pytest.mark.parametrize("version", with_scenario("llm_chat"))
@pytest.mark.parametrize("label", ["llm_chat", "gr.api"])
def test_a_chat_grows_and_ends_full(version: str, label: str) -> None:
    chat = job(version, "llm_chat", label)
    assert result(version, "llm_chat", label) == chat.yields[-1]
    assert len(chat.yields) in {4, 6}


@pytest.mark.parametrize("version", with_scenario("progress"))
def test_progress_is_told(version: str) -> None:
    bars = [
        news.units[0] for news in job(version, "progress", "progress").news if isinstance(news, Progressed)
    ]
    assert (bars[0].progress, bars[0].desc) == (0.0, "starting")
    assert (bars[1].length, bars[1].unit) == (4, "parts")
    assert result(version, "progress", "progress") == ["done"]


@pytest.mark.parametrize("version", with_scenario("warn"))
def test_toasts_are_told(version: str) -> None:
    logs = [(news.level, news.text) for news in job(version, "warn", "warn").news if isinstance(news, Logged)]
    assert logs[:2] == [("info", "info w"), ("warning", "warning w")]
    assert logs[2:] in ([], [("success", "success w")])


@pytest.mark.parametrize("version", with_scenario("errors_in_jobs"))
def test_errors_have_the_text_of_the_app(version: str) -> None:
    assert app_error(version, "errors_in_jobs", "gr.Error").message.strip("'") == "This is wrong"
    assert "show_error=True" in app_error(version, "errors_in_jobs", "ValueError").message
    assert "show_error=True" in app_error(version, "errors_in_jobs", "too few inputs").message
    assert result(version, "errors_in_jobs", "too many inputs") == ["a"]
    assert result(version, "errors_in_jobs", "the session lives on") == ["after the errors"]


@pytest.mark.parametrize("version", with_scenario("errors_in_jobs"))
def test_an_error_after_values_keeps_the_values(version: str) -> None:
    broken = job(version, "errors_in_jobs", "gr.Error after two values")
    assert len(broken.yields) == 2
    text = app_error(version, "errors_in_jobs", "gr.Error after two values").message
    assert text.strip("'") == "it broke on the way"


def test_new_servers_tell_how_an_error_is_to_be_shown() -> None:
    error = app_error("6.31.0", "errors_in_jobs", "gr.Error")
    assert (error.title, error.duration, error.visible) == ("A custom title", 3, True)


@pytest.mark.parametrize("version", with_scenario("show_error"))
def test_show_error_tells_the_text_of_any_exception(version: str) -> None:
    assert app_error(version, "show_error", "crash").message == "told"
    assert "receive enough input values" in app_error(version, "show_error", "too few inputs").message


@pytest.mark.parametrize("version", HAVE_CANCEL)
def test_a_cancelled_job_is_cancelled_running_or_waiting(version: str) -> None:
    assert job(version, "cancel", "slow_iterate").end == Cancelled()
    assert job(version, "cancel_waiting", "second").end == Cancelled()
    assert result(version, "cancel_waiting", "first") == ["slept 1.5"]


@pytest.mark.parametrize("version", sorted(set(with_scenario("cancel")) - set(HAVE_CANCEL)))
def test_old_servers_say_nothing_of_a_job_that_was_reset(version: str) -> None:
    assert isinstance(job(version, "cancel", "slow_iterate").lost, ConnectionLost)


@pytest.mark.parametrize(
    ("scenario", "label"),
    [("disconnect", "slow_iterate"), ("disconnect_waiting", "second"), ("server_dies", "slow_iterate")],
)
def test_a_job_whose_connection_broke_is_lost(scenario: str, label: str) -> None:
    for version in with_scenario(scenario):
        lost = job(version, scenario, label).lost
        assert isinstance(lost, ConnectionLost)
        assert "its outcome is unknown" in lost.message


@pytest.mark.parametrize("version", with_scenario("server_stops"))
def test_a_job_whose_server_stopped_is_lost(version: str) -> None:
    lost = job(version, "server_stops", "slow_iterate").lost
    assert isinstance(lost, ConnectionLost)
    assert ("server stopped" in lost.message) == (version in SAY_THAT_THEY_STOP)


@pytest.mark.parametrize("version", versions(dialects={Dialect.SSE}))
def test_a_full_queue_is_a_queue_error(version: str) -> None:
    ends = [each.end for each in jobs(version, "queue_full")]
    assert [isinstance(end, ConnectionLost) for end in ends] == [True] * 7 + [False] * 2
    assert all(isinstance(end, Failed) and isinstance(end.error, QueueError) for end in ends[7:])


@pytest.mark.parametrize("version", with_scenario("multiplexed"))
def test_jobs_share_a_stream(version: str) -> None:
    by_label = {each.label: each for each in jobs(version, "multiplexed")}
    assert by_label["join count"].yields == [[number] for number in range(1, 7)]
    assert result(version, "multiplexed", "join llm") == by_label["join llm"].yields[-1]
    assert result(version, "multiplexed", "join echo") == ["in between"]
    assert result(version, "multiplexed", "join again") == ["after the stream was closed"]


@pytest.mark.parametrize("version", with_scenario("values"))
def test_odd_characters_survive(version: str) -> None:
    (text,) = result(version, "values", "unicode")
    assert all(
        odd in text for odd in ("\u2028line", "\u2029paragraph", "\x85next", "🚀", "\x00\x1f", "\ufeff end")
    )


@pytest.mark.parametrize("version", with_scenario("values"))
def test_functions_without_output_return_nothing(version: str) -> None:
    assert result(version, "values", "no output") == []
    assert result(version, "values", "neither") == []


@pytest.mark.parametrize("version", with_scenario("late_stream"))
def test_an_unknown_session_is_told_in_its_stream(version: str) -> None:
    (stream,) = [each for each in streams(version, "http_errors") if "nobody" in each["request"]["path"]]
    message = parse_message(replays.decoded(version, stream)[0])
    assert isinstance(message, UnexpectedError)
    assert message.session_not_found


@pytest.mark.parametrize("version", with_scenario("heartbeat"))
def test_heartbeats_are_heard(version: str) -> None:
    (stream,) = [each for each in streams(version, "heartbeat") if "queue/" in each["request"]["path"]]
    assert Heartbeat() in [parse_message(text) for text in replays.decoded(version, stream)]
    assert result(version, "heartbeat", "nap")[0].startswith("slept 17")


@pytest.mark.parametrize("version", with_scenario("call_api"))
def test_streams_of_direct_calls_hold_json_and_no_messages(version: str) -> None:
    for stream in streams(version, "call_api"):
        for text in replays.decoded(version, stream):
            json.loads(text)
            assert parse_message(text) is None


def test_websocket_frames_of_gradio_3_are_messages_too() -> None:
    kinds = set()
    for scenario in recordings.scenarios("3.50.2"):
        for exchange in recordings.load("3.50.2", scenario):
            frames = exchange.get("response", {}).get("frames", [])
            texts = [frame["text"] for frame in frames if frame["from"] == "server" and "text" in frame]
            kinds |= {type(parse_message(text)).__name__ for text in texts}
    assert kinds == {
        "Estimation",
        "SendData",
        "QueueFull",
        "ProcessStarts",
        "Progress",
        "Log",
        "Generating",
        "Completed",
        "NoneType",  # send_hash
    }
