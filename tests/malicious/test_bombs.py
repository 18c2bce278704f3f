"""Answers without end, and small ones that grow: the client's memory stays what it is."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed, generating, replying, sse
from malicious.victim import MIB, Peak
from malicious.wire import OK, QUESTIONS, SSE, chunked, endless, replace, sending

from gradio_client.domain import bounds
from gradio_client.exceptions import DeadlineError, GradioClientError, ServerError

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, Seen
    from malicious.victim import Victim

PIECE = b" " * (1 << 16)
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
#: How much a process may grow: twice what is read, for its pieces and the whole, and what lies around.
GROWTH = 2 * bounds.DOCUMENT + 64 * MIB


def gzipped(size: int) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join(deflater.compress(b" " * MIB) for _ in range(size // MIB)) + deflater.flush()


GZIP = gzipped(256 * MIB)
DEFLATE = zlib.compress(b" " * (64 * MIB), 9)


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        *((name, "gzip") for name in QUESTIONS),
        *(("/config", coding) for coding in ("deflate", "br", "gzip, gzip")),
    ],
)
def test_a_bomb_does_not_go_off(victim: Victim, name: str, coding: str) -> None:
    bomb = DEFLATE if coding == "deflate" else GZIP
    replace(victim.app, name, replying(bomb, "200 OK", f"Content-Encoding: {coding}"))
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, ServerError) or (name == "info" and outcome == 1)
    assert peak.grown < GROWTH


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "422 No", "500 Broken"])
def test_a_bomb_in_a_refusal_is_the_refusal(victim: Victim, status: str) -> None:
    replace(victim.app, "queue/join", replying(GZIP, status, "Content-Encoding: gzip"))
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, GradioClientError)
    assert str(outcome.status) == status[:3]
    assert peak.grown < GROWTH


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_without_end_ends(victim: Victim, name: str) -> None:
    replace(victim.app, name, endless(chunked(PIECE), CHUNKED))
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, ServerError)
    assert peak.grown < GROWTH


def test_a_refusal_without_end_is_the_refusal(victim: Victim) -> None:
    head = CHUNKED.replace(b"200 OK", b"500 Broken")
    replace(victim.app, "queue/join", endless(chunked(b"<b>" * 20_000), head))
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, ServerError)
    assert outcome.status == 500
    assert peak.grown < GROWTH


@pytest.mark.parametrize("name", QUESTIONS)
def test_lists_without_number_are_not_made(victim: Victim, name: str) -> None:
    body = b"[" + b"[]," * (bounds.CONTAINERS + 1) + b"[]]"
    replace(victim.app, name, replying(gzip.compress(body, 1), "200 OK", "Content-Encoding: gzip"))
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, GradioClientError) or (name == "info" and outcome == 1)
    assert peak.grown < GROWTH


HEADS = {
    "a field without end": (b"a" * (1 << 16), OK + b"X-Endless: "),
    "a name without end": (b"a" * (1 << 16), OK),
    "fields without end": (b"X-Field: " + b"a" * 100 + b"\r\n", OK),
    "empty fields without end": (b"X:\r\n" * 1000, OK),
    "long fields without end": (b"X-Field: " + b"a" * 60_000 + b"\r\n", OK),
    "a folded field without end": (b" " + b"a" * 1000 + b"\r\n", OK + b"X: a\r\n"),
    "a status without end": (b"a" * (1 << 16), b"HTTP/1.1 200 "),
    "a version without end": (b"1" * (1 << 16), b"HTTP/1."),
    "blank lines without end": (b"\r\n" * 1000, b""),
    "interim answers without end": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100, b""),
    "a trailer without end": (b"X-Trailer: " + b"a" * 100 + b"\r\n", CHUNKED + b"2\r\n{}\r\n0\r\n"),
    "a chunk's extension without end": (b"a" * (1 << 16), CHUNKED + b"2;x="),
    "a chunk's size without end": (b"0" * (1 << 16), CHUNKED),
}


@pytest.mark.parametrize("case", HEADS)
def test_a_head_without_end_ends(victim: Victim, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PATIENCE", 1)
    part, before = HEADS[case]
    replace(victim.app, "/config", endless(part, before))
    with Peak() as peak:
        outcome = victim.connects(httpx_kwargs={"timeout": 0.5})
    assert isinstance(outcome, GradioClientError)
    assert peak.grown < 64 * MIB


def test_an_event_without_end_ends(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client._jobs.streams.EVENT", 8 * MIB)
    replace(victim.app, "queue/data", endless(chunked(PIECE), SSE + chunked(b"data: ")))
    victim.app.on_join = lambda event, body: []
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, GradioClientError)
    assert "event" in str(outcome)
    assert peak.grown < 64 * MIB


@pytest.mark.long
def test_the_longest_event_is_not_too_long_for_the_memory(victim: Victim) -> None:
    replace(victim.app, "queue/data", endless(chunked(PIECE), SSE + chunked(b"data: ")))
    victim.app.on_join = lambda event, body: []
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, GradioClientError)
    assert peak.grown < 4 * bounds.EVENT


def test_a_large_value_that_is_edited_again_and_again_ends(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client.domain.job.KEPT", 64 * MIB)

    def flood(event: str, _: Any) -> list[Any]:
        first = {"data": ["a" * MIB], "is_generating": True}
        more = {"data": [[["append", [], "b"]]], "is_generating": True}
        message = {"msg": "process_generating", "event_id": event, "success": True}
        return [message | {"output": first}, *([message | {"output": more}] * 500), completed(event, 1)]

    victim.app.on_join = flood
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, ServerError)
    assert peak.grown < 256 * MIB


def test_logs_without_end_end(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.domain.job.KEPT", 8 * MIB)
    log = b'data: {"msg":"log","event_id":"e1","log":"' + b"a" * 1000 + b'","level":"info"}\n\n'
    replace(victim.app, "queue/data", endless(chunked(log * 10), SSE))
    victim.app.on_join = lambda event, body: []
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, ServerError)
    assert peak.grown < 64 * MIB


BARS = {
    "a long text": [{"desc": "a" * 300_000}],
    "many empty bars": [{}] * 10_000,
}


@pytest.mark.parametrize("case", BARS)
def test_too_much_progress_ends(victim: Victim, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.domain.job.KEPT", 8 * MIB)
    progress = {"msg": "progress", "event_id": "e1", "progress_data": BARS[case]}
    both = sse(progress) + sse({"msg": "process_starts", "event_id": "e1"})  # so that all of it is kept
    last = chunked(sse(completed("e1", "right")))
    replace(victim.app, "queue/data", sending(SSE, *[chunked(both)] * 40, last, chunked(b"")))
    victim.app.on_join = lambda event, body: []
    with Peak() as peak:
        outcome = victim.calls()
    assert isinstance(outcome, ServerError)
    assert peak.grown < 64 * MIB


STORMS = {
    "heartbeats": {"msg": "heartbeat"},
    "progress": {"msg": "progress", "event_id": "e1", "progress_data": [{"index": 1, "length": 2}] * 100},
    "places in the queue": {"msg": "estimation", "event_id": "e1", "rank": 1, "queue_size": 2},
    "messages of others": {"msg": "process_generating", "event_id": "other", "output": {"data": ["a" * 900]}},
    "unknown messages": {"msg": "surprise", "event_id": "e1", "data": "a" * 900},
    "no messages": ["msg"] * 100,
}


@pytest.mark.parametrize("case", STORMS)
def test_a_storm_of_events_passes_by(victim: Victim, case: str) -> None:
    event = b"data: " + json.dumps(STORMS[case]).encode() + b"\n\n"
    last = b"data: " + json.dumps(completed("e1", "right")).encode() + b"\n\n"
    storm = chunked(event * (MIB // len(event)))
    victim.app.on_join = lambda event, body: []
    replace(victim.app, "queue/data", sending(SSE, *[storm] * 4, chunked(last), chunked(b"")))
    with Peak() as peak:
        outcome = victim.calls()
    assert outcome == "right" or isinstance(outcome, GradioClientError)
    assert peak.grown < 64 * MIB


def test_jobs_of_others_by_the_thousand_are_forgotten(victim: Victim) -> None:
    events = b"".join(
        b'data: {"msg":"process_generating","event_id":"x%d","output":{"data":["%s"]}}\n\n'
        % (at, b"a" * 1000)
        for at in range(20_000)
    )
    victim.app.on_join = lambda event, body: [events, completed(event, "right")]  # type: ignore[list-item]
    with Peak() as peak:
        assert victim.calls() == "right"
    assert peak.grown < 128 * MIB


def test_large_messages_of_others_are_forgotten(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.domain.strays.EARLY", 8 * MIB)
    app, heard = victim.app, threading.Event()
    events = [sse(generating(f"x{at}", "a" * MIB)) for at in range(80)]

    def early(event: str, _: Any) -> list[Any]:
        if event == "e1":
            return []
        app.say(*events, generating("e1", "that was all"))
        heard.wait(10)  # so long the second job's name is not known
        return [completed("e2", "right"), completed("e1", 1)]

    def calls() -> Any:
        client = victim.client()
        first = client.submit(1, api_name="/echo")
        app.joined.acquire(timeout=10)
        second = client.submit(2, api_name="/echo")
        next(first)
        heard.set()
        return second.result()

    app.on_join = early
    with Peak() as peak:
        assert victim.suffers(calls) == "right"
    assert peak.grown < 64 * MIB


def test_an_answer_that_is_silent_about_its_end_is_not_waited_for(victim: Victim) -> None:
    def silent(connection: Connection, _: Seen) -> None:
        connection.send(CHUNKED + chunked(b"{"))
        connection.wait()

    replace(victim.app, "/config", silent)
    assert isinstance(victim.connects(httpx_kwargs={"timeout": 0.2}), DeadlineError)
