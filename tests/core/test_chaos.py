"""Whatever a server does, every job ends, and the client stays fit for use."""

from __future__ import annotations

import json
import random
import threading
from collections import defaultdict
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import CLOSE, HEARTBEAT, FakeApp, completed, fake_app, generating, reply_json, sse

from gradio_client import Client
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, Seen

pytestmark = pytest.mark.leaks

WAIT = 15  # seconds after which a job hangs
LOST = {"msg": "unexpected_error", "message": "404: Not Found", "session_not_found": True, "success": False}
STOPPED = {"msg": "unexpected_error", "message": "Server stopped unexpectedly.", "success": False}


class Chaos:
    """A server that does anything, but never loses a message on a stream that it ends well."""

    def __init__(self, app: FakeApp, seed: int) -> None:
        self.app = app
        self.calm = False
        self._random = random.Random(seed)
        # A client that lost a stream goes on in another session: each has its own messages.
        self._said: defaultdict[str, SimpleQueue[Any]] = defaultdict(SimpleQueue)
        app.on_join = self._say
        app.route("queue/join", self._join)
        app.route("queue/data", self._stream)

    def _say(self, event: str, body: Any) -> list[Any]:
        for message in (generating(event, 1), completed(event, event)):
            self._said[body["session_hash"]].put(message)
        return []

    def _join(self, connection: Connection, seen: Seen) -> None:
        mode = "take" if self.calm else self._random.choice(["take"] * 5 + ["refuse", "cut", "lose", "html"])
        match mode:
            case "take":
                self.app.join(connection, seen)
            case "refuse":
                reply_json(connection, {"detail": "Queue is full."}, "503 Full")
            case "html":
                connection.reply(b"<html></html>")
            case "cut":
                raise EOFError
            case _:
                self._say("unheard of", json.loads(seen.body))
                connection.reset()
                raise EOFError

    def _stream(self, connection: Connection, seen: Seen) -> None:
        said = self._said[seen.target.rpartition("=")[2]]
        kinds = ["cut", "reset", "close", "end", "lost", "stopped", "torn", "half", "refuse", "on", "on"]
        kind = "on" if self.calm else self._random.choice(kinds)
        if kind == "refuse":
            connection.reply(b"busy", "500 Broken")
            return
        connection.start_chunked("Content-Type: text/event-stream")
        for _at in range(10_000 if kind == "on" else self._random.randrange(8)):
            connection.chunk(sse(_next(said)))
        self._end(connection, kind)

    def _end(self, connection: Connection, kind: str) -> None:
        last = {"close": sse(CLOSE), "lost": sse(LOST), "stopped": sse(STOPPED), "torn": b"data: {torn\n\n"}
        last["half"] = sse(HEARTBEAT)[:9]
        if kind in last:
            connection.chunk(last[kind])
        if kind == "reset":
            connection.reset()
        if kind not in ("close", "end", "half", "torn"):
            raise EOFError
        connection.chunk(b"")


def _next(said: SimpleQueue[Any]) -> Any:
    try:
        return said.get(timeout=0.01)
    except Empty:
        return HEARTBEAT


def play(client: Client, ends: list[Any]) -> None:
    for at in range(5):
        try:
            job = client.submit(at, api_name="/echo")
            ends.append(job.exception(WAIT) or job.result())
        except TimeoutError as error:
            ends.append(error if isinstance(error, GradioClientError) else "hangs")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("protocol", ["sse_v2.1", "sse_v3"])
def test_every_job_ends_whatever_the_server_does(seed: int, protocol: str) -> None:
    version = {"sse_v2.1": "4.21.0", "sse_v3": "6.31.0"}[protocol]
    with fake_app(version=version, protocol=protocol) as app, Client(app.url, verbose=False) as client:
        chaos = Chaos(app, seed)
        ends: list[Any] = []
        threads = [threading.Thread(target=play, args=(client, ends)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ends) == 20
        assert "hangs" not in ends
        assert all(isinstance(end, str | GradioClientError) for end in ends)
        chaos.calm = True
        _settle(client)
        assert isinstance(client.predict(1, api_name="/echo"), str)


def _settle(client: Client) -> None:
    """Let the stream that is open, if one is, end in its own way."""
    for _ in range(3):
        client.submit(1, api_name="/echo").exception(WAIT)
