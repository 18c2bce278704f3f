"""What must never stand in a cassette: a marker is planted in every place where a secret can be."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlencode

import pytest

from gradio_client import Client
from gradio_client.testing import (
    App,
    AppServer,
    CassetteError,
    RecordingTransport,
    ReplayingTransport,
    Reply,
    ScriptedTransport,
    UnexpectedRequestError,
    caller,
    cassette,
)
from gradio_client.testing.replaying import Tape
from gradio_client.transport import (
    BytesBody,
    ConnectionLostError,
    Headers,
    ProxyError,
    Request,
    TransportError,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://app.test"
SECRET = "M4rker-$ecret/\"ü&+<'"
MARKER = "M4rker"
FORM = "application/x-www-form-urlencoded"

REQUESTS = {
    "bearer": Request("GET", URL, Headers({"Authorization": f"Bearer {SECRET}"})),
    "basic": Request(
        "GET", URL, Headers({"Authorization": f"Basic {base64.b64encode(f'me:{SECRET}'.encode()).decode()}"})
    ),
    "hub token": Request("GET", URL, Headers({"X-HF-Authorization": f"Bearer {SECRET}"})),
    "cookie": Request("GET", URL, Headers({"Cookie": f"a=1; session={quote(SECRET)}"})),
    "ip token": Request("GET", URL, Headers({"x-ip-token": SECRET})),
    "own header": Request("GET", URL, Headers({"X-Api-Key": SECRET})),
    "proxy header": Request("GET", URL, Headers({"Proxy-Authorization": f"Basic {SECRET}"})),
    "proxy": Request("GET", URL, proxy=f"http://user:{quote(SECRET, safe='')}@proxy.test:8080"),
    "query": Request("GET", f"{URL}/?{urlencode({'key': SECRET})}"),
    "sign": Request("GET", f"{URL}/queue/data?session_hash=abcdefgh&__sign={quote_plus(SECRET)}"),
    "login": Request(
        "POST",
        f"{URL}/login",
        Headers({"Content-Type": FORM}),
        BytesBody(urlencode({"username": "me", "password": SECRET}).encode()),
    ),
    "oauth token": Request(
        "POST",
        f"{URL}/queue/join",
        Headers({"Content-Type": "application/json"}),
        BytesBody(json.dumps({"data": [SECRET], "oauth_token": SECRET}).encode()),
    ),
}
LOVELACE = Request("GET", f"{URL}/x", Headers({"X-Api-Key": "lovelace"}))
FORMS = [
    SECRET,
    quote(SECRET),
    quote(SECRET, safe=""),
    quote_plus(SECRET),
    json.dumps(SECRET),
    json.dumps(SECRET, ensure_ascii=False),
]
ECHO = "\n".join(FORMS).encode()
COOKIE = Request("GET", f"{URL}/cookie", Headers({"Cookie": f"x={quote(SECRET)}", "X-Api-Key": SECRET}))


def record(path: Path, reply: Reply | Exception, *requests: Request, **options: Any) -> str:
    async def run() -> None:
        inner = ScriptedTransport()
        transport = RecordingTransport(inner, path, **options)
        for request in requests:
            inner.on(request.method, request.url.removeprefix(URL).partition("?")[0], reply)
            try:
                response = await transport.send(request)
                while await response.read():
                    pass
            except TransportError:
                continue
        await transport.aclose()

    asyncio.run(run())
    return path.read_text("utf-8")


def is_clean(text: str) -> bool:
    raw = base64.b64encode(b"M4rker")[:6].decode()
    return MARKER not in text and raw not in text


@pytest.mark.parametrize("place", REQUESTS)
def test_a_secret_of_a_request_is_not_written(tmp_path: Path, place: str) -> None:
    assert is_clean(record(tmp_path / "a.json", Reply(), REQUESTS[place]))


@pytest.mark.parametrize("place", REQUESTS)
def test_nor_where_the_answer_repeats_it(tmp_path: Path, place: str) -> None:
    assert is_clean(record(tmp_path / "a.json", Reply(chunks=[ECHO]), REQUESTS[place]))


@pytest.mark.parametrize("place", REQUESTS)
def test_nor_in_the_text_of_an_error(tmp_path: Path, place: str) -> None:
    error = ProxyError(f"refused {SECRET} at http://x:{quote(SECRET, safe='')}@y/?key=abc")
    text = record(tmp_path / "a.json", error, REQUESTS[place])
    assert is_clean(text)
    assert "key=abc" not in text


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_nor_where_chunks_cut_it(tmp_path: Path, size: int) -> None:
    chunks = [ECHO[at : at + size] for at in range(0, len(ECHO), size)]
    text = record(tmp_path / "a.json", Reply(chunks=chunks), COOKIE)
    assert is_clean(text)
    assert "base64" not in text  # letters are not cut either


def test_nor_within_compressed_content(tmp_path: Path) -> None:
    packed = gzip.compress(ECHO)
    reply = Reply(headers={"Content-Encoding": "gzip"}, chunks=[packed[:20], packed[20:]])
    text = record(tmp_path / "a.json", reply, COOKIE)
    assert is_clean(text)
    assert text.count("SCRUBBED") > len(set(FORMS))


def test_what_cannot_be_decompressed_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="'br'"):
        record(tmp_path / "a.json", Reply(headers={"Content-Encoding": "br"}, chunks=[b"x"]), COOKIE)
    assert list(tmp_path.iterdir()) == []


def test_nor_within_binary_content(tmp_path: Path) -> None:
    text = record(tmp_path / "a.json", Reply(chunks=[b"\xff\x00" + ECHO]), COOKIE)
    (chunk,) = json.loads(text)["exchanges"][0]["response"]["chunks"]
    assert MARKER.encode() not in base64.b64decode(chunk["base64"])


def test_nor_in_an_earlier_exchange(tmp_path: Path) -> None:
    before = Request("GET", f"{URL}/before")
    assert is_clean(record(tmp_path / "a.json", Reply(chunks=[ECHO]), before, COOKIE))


def test_nor_what_the_answer_sets(tmp_path: Path) -> None:
    headers = [
        ("Set-Cookie", f"access-token={quote(SECRET)}; Path=/; HttpOnly"),
        ("Location", f"{URL}/next?token={quote(SECRET)}"),
        ("X-Token", SECRET),
    ]
    reply = Reply(302, headers, [quote(SECRET).encode()])
    text = record(tmp_path / "a.json", reply, Request("GET", f"{URL}/x"))
    assert is_clean(text)
    assert "Set-Cookie: access-token=SCRUBBED; Path=/; HttpOnly" in text
    assert "Location: http://app.test/next?token=SCRUBBED" in text


def test_nor_tokens_that_are_known_by_their_form(tmp_path: Path) -> None:
    tokens = ["hf_" + "aB3" * 11, f"eyJ{'a' * 20}.eyJ{'b' * 20}.{'c' * 20}"]
    text = record(tmp_path / "a.json", Reply.json(tokens), Request("GET", f"{URL}/x"))
    assert [token for token in tokens if token in text] == []


def test_nor_what_the_caller_takes_out(tmp_path: Path) -> None:
    request = Request(
        "POST", f"{URL}/x", Headers({"Content-Type": "application/json"}), BytesBody(b'["Ada"]')
    )

    def scrub(text: str) -> str:
        return text.replace("Ada", "NAME")

    text = record(tmp_path / "a.json", Reply.json(["Ada", 1]), request, scrub=scrub)
    assert "Ada" not in text
    replaying = ReplayingTransport(tmp_path / "a.json", scrub=scrub)
    assert asyncio.run(replaying.send(request)).status == 200


def test_a_request_with_another_secret_gets_the_same_answer(tmp_path: Path) -> None:
    def asking(secret: str) -> Request:
        return Request("GET", f"{URL}/x?key={secret}", Headers({"Authorization": f"Bearer {secret}"}))

    record(tmp_path / "a.json", Reply(203), asking("one-secret"))
    assert asyncio.run(ReplayingTransport(tmp_path / "a.json").send(asking("another"))).status == 203


def test_what_another_exchange_has_shown_to_be_a_secret_matches_when_it_is_played(tmp_path: Path) -> None:
    def saying(name: str) -> Request:
        body = BytesBody(json.dumps({"data": [f"Ms {name}", 'a "b"']}).encode())
        return Request("POST", f"{URL}/queue/join", Headers({"Content-Type": "application/json"}), body)

    text = record(tmp_path / "a.json", Reply(203), saying("lovelace"), saying("Bob"), LOVELACE)
    assert "lovelace" not in text
    tape = Tape(tmp_path / "a.json")
    for name in ("Bob", "lovelace"):  # what is exactly the same comes first
        assert asyncio.run(ReplayingTransport(tape).send(saying(name))).status == 203
    with pytest.raises(UnexpectedRequestError, match=r"once more: it was recorded once\."):
        asyncio.run(ReplayingTransport(tape).send(saying("Eve")))
    other = Request("POST", f"{URL}/queue/join", saying("x").headers, BytesBody(b'{"data": ["Mr X"]}'))
    with pytest.raises(UnexpectedRequestError, match="The nearest is"):
        asyncio.run(ReplayingTransport(tape).send(other))


def test_short_values_do_not_tear_texts_apart(tmp_path: Path) -> None:
    request = Request("GET", f"{URL}/x", Headers({"Cookie": "a=1; b=true"}))
    text = record(tmp_path / "a.json", Reply.json({"1": True}), request)
    assert json.loads(text)["exchanges"][0]["response"]["chunks"][0]["json"] == {"1": True}


def test_sessions_and_events_have_the_same_names_in_every_run(tmp_path: Path) -> None:
    texts = []
    for run in ("a" * 32, "b" * 32):
        body = BytesBody(json.dumps({"data": [], "session_hash": run}).encode())
        join = Request("POST", f"{URL}/queue/join", Headers({"Content-Type": "application/json"}), body)
        beat = Request("GET", f"{URL}/heartbeat/{run}")
        reply = Reply(chunks=[json.dumps({"event_id": run[::-1].upper(), "path": f"/x/{run}"}).encode()])
        texts.append(record(tmp_path / f"{run}.json", reply, join, beat))
    assert texts[0] == texts[1]
    assert [name in texts[0] for name in ("session-1", "event-1", "-2")] == [True, True, False]


def test_a_client_with_secrets_everywhere_leaves_none(tmp_path: Path) -> None:
    app = App()

    @app.endpoint()
    def repeat() -> str:
        told = caller()
        return json.dumps([dict(told.headers), dict(told.cookies)])

    path = tmp_path / "a.json"
    with AppServer(app, auth=("user", "M4rker-password")) as server:
        url = server.url

        def run(*, recording: bool) -> str:
            with Client(
                url,
                transport=cassette(path, "record" if recording else "replay"),
                verbose=False,
                auth=("user", "M4rker-password"),
                token="M4rker-token",
                headers={"X-Mine": "M4rker-header", "x-ip-token": "M4rker-ip"},
                httpx_kwargs={
                    "cookies": {"mine": "M4rker-cookie"},
                    "params": {"key": "M4rker-parameter"},
                    "auth": ("me", "M4rker-basic"),
                },
            ) as client:
                return str(client.predict(headers={"X-Call": "M4rker-call"}, api_name="/repeat"))

        told = run(recording=True)
    assert all(f"M4rker-{word}" in told for word in ("token", "header", "ip", "cookie", "call"))
    text = path.read_text("utf-8")
    assert is_clean(text)
    assert base64.b64encode(b"me:M4rker-basic").decode() not in text
    assert MARKER not in run(recording=False)


def test_an_error_that_ends_a_body_holds_no_secret(tmp_path: Path) -> None:
    reply = Reply(chunks=[b"x", ConnectionLostError(f"lost while sending {SECRET}")])
    text = record(tmp_path / "a.json", reply, COOKIE)
    assert is_clean(text)
    assert "lost while sending SCRUBBED" in text
