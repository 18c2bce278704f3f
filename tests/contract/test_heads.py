"""Heads of responses, as the requests adapter reads them below requests."""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING, Any, cast

import pytest
from gradio_client_adapters._requests_heads import FIELDS, HeadedResponse

if TYPE_CHECKING:
    import socket


class _Wire:
    """A socket on which all that is ever said has come."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._said)


def read(said: bytes, method: str = "GET") -> HeadedResponse:
    response = HeadedResponse(cast("socket.socket", _Wire(said)), method=method)
    response.begin()
    return response


def theirs(said: bytes, method: str = "GET") -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(cast("socket.socket", _Wire(said)), method=method)
    response.begin()
    return response


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nuntil the end",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nuntil the end",
        b"HTTP/1.1 100 Continue\r\nX-First: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 200\r\nX-Empty:\r\nX-Latin: \xe9\r\n\r\n",
        b"HTTP/1.1 404 Not Found At All\r\nX-Colons: a: b: c\r\nContent-Length: 0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_head_means_what_it_means_to_http_client(head: bytes, method: str) -> None:
    ours, others = read(head, method), theirs(head, method)
    names = ("status", "reason", "version", "length", "will_close")
    assert {name: getattr(ours, name) for name in names} == {name: getattr(others, name) for name in names}
    assert ours.headers.items() == others.headers.items()
    assert ours.read() == others.read()


def test_informational_heads_are_passed_over() -> None:
    response = read(
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    )
    assert (response.status, dict(response.headers), response.read()) == (200, {"Content-Length": "2"}, b"ok")


def test_a_field_may_go_on_in_the_next_line() -> None:
    response = read(b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\tthree\r\nX-Next: 4\r\n\r\n")
    assert response.headers.items() == [("X-Long", "one two three"), ("X-Next", "4")]


@pytest.mark.parametrize(
    "cut",
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: 1\r\n", b"HTTP/1.1 200 OK\r\nX: "],
)
def test_a_head_that_is_cut_is_no_head(cut: bytes) -> None:
    with pytest.raises(http.client.IncompleteRead):
        read(cut)


@pytest.mark.parametrize(
    "line", [b"no colon", b": no name", b"X Y: a space", b" goes on from nothing", b"X : a space before it"]
)
def test_a_line_that_is_no_field_is_refused(line: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        read(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n")


@pytest.mark.parametrize("fields", [b"X: 1\r\n" * (FIELDS + 1), b"X: " + b"x" * 70_000 + b"\r\n"])
def test_a_head_has_limits(fields: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        read(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n")


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9.2", b"HTTP/2.0 200 OK", b"HTTP/1.1 99 Early", b"HTTP/1.1 101 Switching Protocols"],
)
def test_what_does_not_answer_in_http_is_refused(said: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        read(said + b"\r\n\r\n")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_a_status_that_has_no_body_has_none_whatever_is_said_of_it(status: bytes) -> None:
    response = read(b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert (response.read(), response.will_close) == (b"", False)


def test_a_head_is_read_once() -> None:
    response: Any = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    response.begin()
    assert response.read() == b"ok"


def test_all_fields_together_have_a_limit() -> None:
    with pytest.raises(http.client.HTTPException):
        read(b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"x" * 60_000 + b"\r\n") * 80 + b"\r\n")
