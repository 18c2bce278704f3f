"""Lengths that lie, framing that breaks, and bytes that drip."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from core.fake_app import completed
from malicious.files import file, returning
from malicious.wire import OK, QUESTIONS, SSE, chunked, dripping, replace, sending

from gradio_client.domain import bounds
from gradio_client.exceptions import ConnectionLost, DeadlineError, GradioClientError

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, Seen
    from malicious.victim import Victim

BODY = b'{"event_id":"e1"}'
LIES = {
    "more": OK + b"Content-Length: 1000\r\n\r\n" + BODY,
    "fewer": OK + b"Content-Length: 3\r\n\r\n" + BODY,
    "none": OK + b"Content-Length: 0\r\n\r\n" + BODY,
    "negative": OK + b"Content-Length: -5\r\n\r\n" + BODY,
    "huge": OK + b"Content-Length: 99999999999999999999999999\r\n\r\n" + BODY,
    "of no digits": OK + b"Content-Length: many\r\n\r\n" + BODY,
    "of other digits": OK + "Content-Length: \u0661\u0667\r\n\r\n".encode() + BODY,
    "signed": OK + b"Content-Length: +17\r\n\r\n" + BODY,
    "twice, the same": OK + b"Content-Length: 17\r\nContent-Length: 17\r\n\r\n" + BODY,
    "twice, differing": OK + b"Content-Length: 17\r\nContent-Length: 3\r\n\r\n" + BODY,
    "as a list": OK + b"Content-Length: 17, 3\r\n\r\n" + BODY,
    "beside chunks": OK
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n"
    + BODY
    + b"\r\n0\r\n\r\n",
    "two answers": OK + b"Content-Length: 17\r\n\r\n" + BODY + OK + b"Content-Length: 2\r\n\r\n{}",
}
CHUNKS = {
    "no size": b"\r\n{}\r\n0\r\n\r\n",
    "a size of no digits": b"xyz\r\n{}\r\n0\r\n\r\n",
    "a negative size": b"-2\r\n{}\r\n0\r\n\r\n",
    "a huge size": b"ffffffffffffffffff\r\n{}",
    "a size with a sign": b"+2\r\n{}\r\n0\r\n\r\n",
    "a size with underscores": b"0_2\r\n{}\r\n0\r\n\r\n",
    "too short": b"10\r\n{}\r\n0\r\n\r\n",
    "too long": b"1\r\n{}\r\n0\r\n\r\n",
    "no end": b"2\r\n{}\r\n",
    "line ends of one character": b"2\n{}\n0\n\n",
}
HEADS = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "HTTP/9.9": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no status": b"HTTP/1.1\r\n\r\n",
    "a status of words": b"HTTP/1.1 two OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a negative status": b"HTTP/1.1 -200 OK\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{}",
    "a field without a colon": OK + b"nonsense\r\nContent-Length: 2\r\n\r\n{}",
    "a field with NUL": OK + b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a field of odd bytes": OK + b"X: \xff\xfe\x80\r\nContent-Length: 2\r\n\r\n{}",
    "a name with a space": OK + b"Content Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a carriage return alone": OK + b"X: a\rSet-Cookie: b=c\r\nContent-Length: 2\r\n\r\n{}",
    "nothing": b"",
    "an unknown transfer coding": OK + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "two transfer codings": OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("case", LIES)
def test_a_length_that_lies_does_no_harm(victim: Victim, case: str) -> None:
    victim.app.on_join = lambda event, _: [completed("e1", "right")]

    def join(connection: Connection, seen: Seen) -> None:
        victim.app.say(*victim.app.on_join("e1", seen.body))
        sending(LIES[case])(connection, seen)

    replace(victim.app, "queue/join", join)
    outcome = victim.calls(httpx_kwargs={"timeout": 0.5})
    assert outcome == "right" or isinstance(outcome, GradioClientError)


@pytest.mark.parametrize("case", CHUNKS)
def test_chunks_that_break_do_no_harm(victim: Victim, case: str) -> None:
    replace(victim.app, "/config", sending(OK + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS[case]))
    assert isinstance(victim.connects(httpx_kwargs={"timeout": 0.5}), GradioClientError)


@pytest.mark.parametrize("case", HEADS)
def test_heads_that_break_do_no_harm(victim: Victim, case: str) -> None:
    replace(victim.app, "/config", sending(HEADS[case]))
    assert isinstance(victim.connects(httpx_kwargs={"timeout": 0.5}), GradioClientError)


@pytest.mark.parametrize("case", ["more", "negative", "huge", "twice, differing", "beside chunks"])
def test_a_download_whose_length_lies_leaves_nothing_behind(victim: Victim, case: str) -> None:
    returning(victim.app, file("/tmp/a.txt"))
    victim.app.otherwise = sending(LIES[case])
    outcome = victim.calls(httpx_kwargs={"timeout": 0.5})
    assert isinstance(outcome, GradioClientError | str)
    if isinstance(outcome, GradioClientError):
        assert [path for path in victim.downloads.rglob("*") if path.is_file()] == []


NO_ENDS = {
    "a negative length": b"Content-Length: -5",
    "a hexadecimal length": b"Content-Length: 0xa",
    "a fraction": b"Content-Length: 10.0",
    "an empty length": b"Content-Length:",
    "a length of other digits": "Content-Length: \u0661\u0660".encode(),
    "a huge length": b"Content-Length: 99999999999999999999",
    "lengths that differ": b"Content-Length: 3, 10",
    "a length in words": b"Content-Length: ten",
    "another transfer coding": b"Transfer-Encoding: gzip",
    "a transfer coding below the chunks": b"Transfer-Encoding: gzip, chunked",
    "chunks in chunks": b"Transfer-Encoding: chunked, chunked",
    "chunks, nearly": b"Transfer-Encoding: \x0bchunked",
}


@pytest.mark.parametrize("case", NO_ENDS)
@pytest.mark.parametrize("body", [b"abc", b"3\r\nabc\r\n0\r\n\r\n"], ids=["plain", "chunked"])
def test_a_download_that_may_be_cut_is_not_taken_for_whole(victim: Victim, case: str, body: bytes) -> None:
    returning(victim.app, file("/tmp/a.txt"))
    victim.app.otherwise = sending(b"HTTP/1.1 200 OK\r\n" + NO_ENDS[case] + b"\r\n\r\n" + body)
    assert isinstance(victim.calls(httpx_kwargs={"timeout": 2.0}), ConnectionLost)
    assert [path for path in victim.downloads.rglob("*") if path.is_file()] == []


DRIPS = {
    "a head": (OK + b"X-Endless: ", b"a"),
    "fields": (OK, b"X: y\r\n"),
    "a body": (OK + b"Content-Length: 100000\r\n\r\n{", b" "),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", chunked(b" ")),
    "a refusal": (b"HTTP/1.1 500 Broken\r\nContent-Length: 100000\r\n\r\n", b" "),
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("case", DRIPS)
def test_an_answer_that_drips_ends(
    victim: Victim, name: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PATIENCE", 1)
    before, drop = DRIPS[case]
    replace(victim.app, name, dripping(itertools.repeat(drop), before))
    outcome = victim.calls(httpx_kwargs={"timeout": 0.3})
    assert isinstance(outcome, GradioClientError) or (name == "info" and case == "a refusal")


def test_a_download_that_drips_ends(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PATIENCE", 1)
    returning(victim.app, file("/tmp/a.txt"))
    victim.app.otherwise = dripping(itertools.repeat(b"a"), OK + b"Content-Length: 100000\r\n\r\n")
    assert isinstance(victim.calls(httpx_kwargs={"timeout": 0.3}), DeadlineError)


def test_an_event_that_drips_ends(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PATIENCE", 0.005)  # times the silence of a stream, 45 s
    victim.app.on_join = lambda event, body: []
    replace(victim.app, "queue/data", dripping(itertools.repeat(chunked(b"a")), SSE + chunked(b"data: ")))
    outcome = victim.calls()
    assert isinstance(outcome, GradioClientError)
    assert "event" in str(outcome)
