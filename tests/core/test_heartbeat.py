from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from core.fake_app import END, FakeApp, completed, fake_app, reply_json, replying
from gradio_client_contract_tests.server import until

from gradio_client import Client, handle_file
from gradio_client._jobs import heartbeat
from gradio_client.exceptions import ConnectionLost

if TYPE_CHECKING:
    from core.conftest import Connect
    from gradio_client_contract_tests.server import Connection, Seen


class Hearts:
    """The heartbeats of an app: how many there are and were, by session."""

    def __init__(self, app: FakeApp) -> None:
        self.opened: list[str] = []
        self.closed = threading.Semaphore(0)
        app.otherwise = self._beat

    def _beat(self, connection: Connection, seen: Seen) -> None:
        assert "/heartbeat/" in seen.target
        self.opened.append(seen.target.rpartition("/")[2])
        connection.start_chunked("Content-Type: text/event-stream")
        connection.chunk(b"data: ALIVE\n\n")
        connection.wait_until_gone()
        self.closed.release()
        raise EOFError


@pytest.fixture
def hearts(app: FakeApp) -> Hearts:
    app.config["connect_heartbeat"] = True
    return Hearts(app)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between heartbeats, which take no time now."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)
        await asyncio.sleep(0 if len(taken) < 12 else 3600)

    patched = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    monkeypatch.setattr(heartbeat, "asyncio", patched)
    return taken


def _heartbeats(app: FakeApp) -> int:
    return sum("/heartbeat/" in seen.target for seen in app.server.seen)


def test_an_app_that_does_not_care_gets_no_heartbeat(client: Client, app: FakeApp) -> None:
    client.predict(1, api_name="/echo")
    assert _heartbeats(app) == 0


def test_an_old_server_gets_no_heartbeat() -> None:
    with fake_app(version="4.16.0", protocol="sse_v1") as app:
        app.config["connect_heartbeat"] = True
        with Client(app.url, verbose=False) as client:
            client.reset_session()
        assert _heartbeats(app) == 0


def test_an_app_that_cares_gets_one_for_its_session(hearts: Hearts, connect: Connect) -> None:
    client = connect()
    assert until(lambda: hearts.opened == [client.session_hash])


def test_closing_the_client_ends_it(hearts: Hearts, connect: Connect) -> None:
    client = connect()
    assert until(lambda: hearts.opened)
    client.close()
    assert hearts.closed.acquire(timeout=5)


def test_a_new_session_has_one_of_its_own_and_the_old_one_ends(hearts: Hearts, connect: Connect) -> None:
    client = connect()
    old = client.session_hash
    assert until(lambda: hearts.opened)
    client.reset_session()
    assert hearts.closed.acquire(timeout=5)
    assert until(lambda: hearts.opened == [old, client.session_hash])


def test_the_old_session_lives_until_its_last_job_has_ended(
    hearts: Hearts, app: FakeApp, connect: Connect
) -> None:
    client = connect()
    app.on_join = lambda event, body: []
    assert until(lambda: hearts.opened)
    job = client.submit(1, api_name="/echo")
    app.joined.acquire()
    client.reset_session()
    assert not hearts.closed.acquire(timeout=0.2)
    app.say(completed("e1", "done"))
    assert job.result(timeout=5) == "done"
    assert hearts.closed.acquire(timeout=5)


def test_the_old_session_lives_while_a_job_of_it_still_uploads(
    hearts: Hearts, app: FakeApp, connect: Connect
) -> None:
    going_on = threading.Event()

    def upload(connection: Connection, seen: Seen) -> None:
        assert going_on.wait(5)
        app.upload(connection, seen)

    app.route("upload", upload)
    app.on_join = lambda event, _: [completed(event, "done")]
    client = connect()
    old = client.session_hash
    assert until(lambda: hearts.opened)
    job = client.submit(handle_file(b"content"), api_name="/echo")
    assert until(lambda: app.seen("upload"))
    client.reset_session()
    assert not hearts.closed.acquire(timeout=0.2)
    going_on.set()
    assert job.result(timeout=5) == "done"
    assert app.bodies[0]["session_hash"] == old
    assert hearts.closed.acquire(timeout=5)


def test_the_old_session_ends_when_its_last_job_is_lost(
    hearts: Hearts, app: FakeApp, connect: Connect
) -> None:
    client = connect()
    app.on_join = lambda event, body: []
    assert until(lambda: hearts.opened)
    job = client.submit(1, api_name="/echo")
    app.joined.acquire()
    client.reset_session()
    app.say(END)
    assert isinstance(job.exception(timeout=5), ConnectionLost)
    assert hearts.closed.acquire(timeout=5)


def test_jobs_after_a_reset_belong_to_the_new_session(client: Client, app: FakeApp) -> None:
    client.predict(1, api_name="/echo")
    client.reset_session()
    client.predict(1, api_name="/echo")
    first, second = (body["session_hash"] for body in app.bodies)
    assert first != second == client.session_hash


@pytest.mark.parametrize("status", ["401 No", "403 No", "404 Not Found"])
def test_a_server_without_heartbeats_is_not_asked_again(
    app: FakeApp, connect: Connect, pauses: list[float], status: str
) -> None:
    app.config["connect_heartbeat"] = True
    app.otherwise = replying(b"", status)
    client = connect()
    client.predict(1, api_name="/echo")
    assert until(lambda: _heartbeats(app))
    client.predict(1, api_name="/echo")
    assert (_heartbeats(app), pauses) == (1, [])


@pytest.mark.parametrize("route", ["429", "500", "503", "cut"])
def test_a_lost_heartbeat_is_opened_again_ever_later(
    app: FakeApp, connect: Connect, pauses: list[float], route: str
) -> None:
    app.config["connect_heartbeat"] = True

    def lose(connection: Connection, _: Seen) -> None:
        if route == "cut":
            connection.reset()
            raise EOFError
        connection.reply(b"", f"{route} No")

    app.otherwise = lose
    client = connect()
    assert until(lambda: len(pauses) == 12)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert _heartbeats(app) == 12
    assert client.predict(1, api_name="/echo") == 1


@pytest.fixture
def telling(app: FakeApp) -> FakeApp:
    """An app that wants a heartbeat, and says which run of it answers."""
    app.config["connect_heartbeat"] = True
    app.route("app_id", lambda c, _: reply_json(c, {"app_id": app.config["app_id"]}))
    return app


def test_as_long_as_it_is_lost_nobody_would_tell_of_a_restart_so_each_call_asks(
    telling: FakeApp, connect: Connect, pauses: list[float]
) -> None:
    telling.otherwise = lambda c, _: reply_json(c, {"detail": "Busy"}, "503 Service Unavailable")
    client = connect()
    assert until(lambda: len(pauses) == 12)
    for number in range(3):
        assert client.predict(number, api_name="/echo") == number
    assert len(telling.seen("app_id")) == 3
    telling.config["app_id"] += 1
    assert client.predict(1, api_name="/echo") == 1
    assert len(telling.seen("/config")) == 2


def test_after_it_has_come_back_the_next_call_asks_once(
    telling: FakeApp, connect: Connect, pauses: list[float]
) -> None:
    hearts = Hearts(telling)
    beat = telling.otherwise

    def late(connection: Connection, seen: Seen) -> None:
        if len(pauses) < 2:
            reply_json(connection, {"detail": "Busy"}, "503 Service Unavailable")
        else:
            beat(connection, seen)

    telling.otherwise = late
    client = connect()
    assert until(lambda: hearts.opened)
    assert until(lambda: not client._engine.main.session._unheard)
    for number in range(3):
        assert client.predict(number, api_name="/echo") == number
    assert len(telling.seen("app_id")) == 1
