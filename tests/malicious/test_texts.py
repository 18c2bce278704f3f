"""Texts of the app that end up before a person: in errors, in ``view_api``, in logs."""

from __future__ import annotations

import io
import logging
import sys
import threading
import traceback
from dataclasses import replace as replace_in
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed, failing, replying, replying_json
from malicious.wire import replace

from gradio_client._bars import bars as bars_of_tqdm
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from malicious.victim import Victim

    from gradio_client import Progress

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\x08\x00"
TEXT = f"before{ESCAPES}after\nsecond line"


def is_clean(text: str) -> bool:
    """Whether a terminal shows a text without being told to do anything."""
    return all(character.isprintable() or character in "\n\t" for character in text)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def in_terminal(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    "status", ["400 Bad", "401 No", "404 No", "413 Large", "422 No", "429 Slow", "500 Bad", "503 Full"]
)
@pytest.mark.parametrize("kind", ["text", "detail", "validators", "html"])
def test_a_refusal_does_not_control_the_terminal(victim: Victim, status: str, kind: str) -> None:
    entry = {
        "__type__": "validate",
        "is_valid": False,
        "parameter_name": TEXT,
        "message": TEXT,
        "msg": TEXT,
        "loc": [TEXT],
    }
    routes = {
        "text": replying(TEXT.encode(), status),
        "detail": replying_json({"detail": TEXT}, status),
        "validators": replying_json({"detail": [entry]}, status),
        "html": replying(f"<html><title>{TEXT}</title>{TEXT}".encode(), status, "Content-Type: text/html"),
    }
    replace(victim.app, "queue/join", routes[kind])
    outcome = victim.calls()
    assert isinstance(outcome, GradioClientError)
    assert is_clean(in_terminal(outcome))
    assert len(str(outcome)) < 2000


def test_an_apps_error_does_not_control_the_terminal(victim: Victim) -> None:
    victim.app.on_join = lambda event, _: [failing(event, TEXT)]
    outcome = victim.calls()
    assert is_clean(in_terminal(outcome))
    assert outcome.message == TEXT  # as it came, for those who know what to do with it


@pytest.mark.parametrize("message", ["unexpected_error", "server_stopped"])
def test_the_end_of_a_stream_does_not_control_the_terminal(victim: Victim, message: str) -> None:
    victim.app.on_join = lambda event, _: [{"msg": message, "message": TEXT}]
    assert is_clean(in_terminal(victim.calls()))


def test_a_jobs_name_does_not_control_the_terminal(victim: Victim) -> None:
    replace(victim.app, "queue/join", replying_json({"event_id": TEXT}))
    victim.app.say({"msg": "unexpected_error", "message": "x"})
    assert is_clean(in_terminal(victim.calls()))


def test_a_message_that_is_no_json_does_not_control_the_terminal(victim: Victim) -> None:
    victim.app.on_join = lambda event, _: [b"data: " + TEXT.encode() + b"\n\n"]  # type: ignore[list-item]
    assert is_clean(in_terminal(victim.calls()))


def test_view_api_does_not_control_the_terminal(victim: Victim, capsys: pytest.CaptureFixture[str]) -> None:
    info = victim.app.info["named_endpoints"]
    entry = info["/echo"]
    parameter: dict[str, Any] = dict.fromkeys(("label", "component", "parameter_name", "example_input"), TEXT)
    parameter["python_type"] = {"type": TEXT, "description": ESCAPES}
    info[f"/evil{TEXT}"] = {"parameters": [parameter], "returns": [parameter], "oauth_token": TEXT}
    info["/half\ud800"] = entry
    client = victim.client()
    client.view_api()
    shown = capsys.readouterr().out
    assert is_clean(shown)
    assert "\nsecond line" not in shown
    assert is_clean(str(client))
    assert client.view_api(return_format="dict")["named_endpoints"].keys() == info.keys()


def test_progress_does_not_control_the_terminal(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    over = threading.Event()

    def listen(progress: Progress) -> None:
        told.append(progress)
        if sum(one.ended for one in told) == 20:
            over.set()

    odd = [TEXT, [], {}, True, float("inf"), float("nan"), 10**400, -(10**400)]
    bars = [{"desc": TEXT, "unit": TEXT, "index": 1, "length": 2}]
    bars += [dict.fromkeys(("desc", "unit", "index", "length", "progress"), value) for value in odd]
    message = {"msg": "progress", "event_id": "e1", "progress_data": bars * 1000}
    victim.app.on_join = lambda event, _: [message, completed(event, 1)]
    assert victim.calls(progress=listen) == 1
    assert over.wait(10)
    assert len(told) == 40

    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    show = bars_of_tqdm()
    assert show is not None
    for progress in [*told, replace_in(told[0], name=None, endpoint=TEXT, ended=True)]:
        show(progress)
    shown = screen.getvalue().replace("\r", "").replace("\x1b[A", "")  # which tqdm itself goes up with
    assert "before" in shown
    assert is_clean(shown)


def test_logs_do_not_control_the_terminal(victim: Victim, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "gradio_client"):
        replace(victim.app, "info", replying(TEXT.encode(), "500 " + "Broken"))
        victim.app.config["root"] = TEXT
        victim.app.on_join = lambda event, _: [completed(event, TEXT)]
        victim.calls()
    assert all(is_clean(record.getMessage()) for record in caplog.records)
