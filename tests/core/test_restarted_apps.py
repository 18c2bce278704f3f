"""An app that was restarted is noticed, without a request for each call."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import END, FakeApp, completed, reply_json, replying
from core.loops import on_a_loop
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, Client, Downloads
from gradio_client.exceptions import AppRestartedError, ConnectionLost, EndpointNotFoundError, ServerError
from gradio_client.transport import ConnectError, Request, Response, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.conftest import Connect
    from gradio_client_contract_tests.server import Connection, Seen

LOST = {"msg": "unexpected_error", "message": "404: Not Found", "session_not_found": True, "success": False}


@pytest.fixture
def restartable(app: FakeApp) -> FakeApp:
    """An app that says which run of it answers, and keeps state for ``/other``."""
    app.route("app_id", lambda c, _: reply_json(c, {"app_id": app.config["app_id"]}))
    app.config["components"].append({"id": 9, "type": "state", "props": {}, "skip_api": True})
    app.config["dependencies"][1]["inputs"] = [1, 9]
    return app


def lose(event: str, body: Any) -> list[Any]:
    return [LOST, END]


def lose_a_job(client: Client, app: FakeApp) -> None:
    usual, app.on_join = app.on_join, lose
    with pytest.raises(ConnectionLost):
        client.predict(1, api_name="/echo")
    app.on_join = usual
    app._waiting.clear()


def restart(app: FakeApp) -> None:
    app.config["app_id"] += 1


def test_no_call_asks_while_nothing_happens(restartable: FakeApp, client: Client) -> None:
    for _ in range(5):
        client.predict(1, api_name="/echo")
    assert not restartable.seen("app_id")


def test_after_a_loss_the_next_call_asks_once(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    for _ in range(3):
        assert client.predict(1, api_name="/echo") == 1
    assert len(restartable.seen("app_id")) == 1
    assert len(restartable.seen("/config")) == 1


def test_a_call_without_state_goes_on_in_a_new_session_and_it_is_logged(
    restartable: FakeApp, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    old = client.session_hash
    lose_a_job(client, restartable)
    restart(restartable)
    with caplog.at_level(logging.WARNING, "gradio_client.client"):
        assert client.predict(1, api_name="/echo") == 1
    assert "was restarted" in caplog.text
    assert client.session_hash != old
    assert len(restartable.seen("/config")) == 2


def test_a_call_whose_state_is_lost_says_so_and_the_next_one_begins_anew(
    restartable: FakeApp, client: Client
) -> None:
    client.predict(1, api_name="/other")
    lose_a_job(client, restartable)
    restart(restartable)
    sent = len(restartable.bodies)
    with pytest.raises(AppRestartedError, match="what it remembered of the session is lost") as caught:
        client.predict(1, api_name="/other")
    assert caught.value.retryable
    assert isinstance(caught.value, ConnectionError)
    assert (caught.value.app, caught.value.endpoint) == (restartable.url, "/other")
    assert len(restartable.bodies) == sent
    assert client.predict(1, api_name="/other") == 1


def test_an_endpoint_that_is_another_now_is_not_called(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    restart(restartable)
    for at, dependency in enumerate(restartable.config["dependencies"]):
        dependency["id"] = 1 - at
    with pytest.raises(AppRestartedError, match="is not what it was"):
        client.predict(1, api_name="/echo")
    client.predict(1, api_name="/echo")
    assert restartable.bodies[-1]["fn_index"] == 1


def test_an_endpoint_that_is_gone_is_not_found_then(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    restart(restartable)
    del restartable.config["dependencies"][0]
    del restartable.info["named_endpoints"]["/echo"]
    with pytest.raises(AppRestartedError):
        client.predict(1, api_name="/echo")
    with pytest.raises(EndpointNotFoundError):
        client.predict(1, api_name="/echo")


class Away(AiohttpTransport):
    """Refuses one submission when it is told to, and calls something before the next request."""

    def __init__(self) -> None:
        super().__init__(TransportOptions())
        self.meanwhile: Callable[[], object] | None = None

    async def send(self, request: Request) -> Response:
        if self.meanwhile is not None and request.url.endswith("/queue/join"):
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
            raise ConnectError("refused")
        return await super().send(request)


def test_a_job_that_waits_while_the_app_is_restarted_goes_on_in_a_new_session(
    restartable: FakeApp, connect: Connect
) -> None:
    transport = Away()
    client = connect(transport=transport)
    old = client.session_hash
    transport.meanwhile = lambda: restart(restartable)
    assert client.predict(1, api_name="/echo") == 1
    assert [body["session_hash"] for body in restartable.bodies] == [client.session_hash]
    assert client.session_hash != old
    assert len(restartable.seen("/config")) == 2


def test_a_job_that_waits_while_its_state_is_lost_is_not_sent(restartable: FakeApp, connect: Connect) -> None:
    transport = Away()
    client = connect(transport=transport)
    client.predict(1, api_name="/other")
    transport.meanwhile = lambda: restart(restartable)
    with pytest.raises(AppRestartedError, match="what it remembered of the session is lost"):
        client.predict(1, api_name="/other")
    assert len(restartable.bodies) == 1
    assert client.predict(1, api_name="/other") == 1


def test_a_job_that_waits_for_the_same_run_of_the_app_is_sent(restartable: FakeApp, connect: Connect) -> None:
    transport = Away()
    client = connect(transport=transport)
    transport.meanwhile = int
    assert client.predict(1, api_name="/other") == 1
    assert [body["session_hash"] for body in restartable.bodies] == [client.session_hash]


def test_a_refused_submission_makes_the_next_call_ask(restartable: FakeApp, client: Client) -> None:
    restartable.route("queue/join", lambda c, _: reply_json(c, {"detail": "Not Found"}, "404 Not Found"))
    with pytest.raises(ServerError):
        client.predict(1, api_name="/echo")
    restartable.route("queue/join", restartable.join)
    assert client.predict(1, api_name="/echo") == 1
    assert len(restartable.seen("app_id")) == 1


def test_a_lost_heartbeat_makes_the_next_call_ask(restartable: FakeApp, connect: Connect) -> None:
    restartable.config["connect_heartbeat"] = True
    beats = []

    def beat(connection: Connection, _: Seen) -> None:
        beats.append(1)
        connection.reset()
        raise EOFError

    restartable.otherwise = beat
    client = connect()
    client.predict(1, api_name="/other")
    assert until(lambda: client._engine.main.session.maybe_restarted)
    restart(restartable)
    with pytest.raises(AppRestartedError):
        client.predict(1, api_name="/other")


def test_each_session_is_told_of_its_own_loss(restartable: FakeApp, client: Client) -> None:
    with client.session() as session:
        session.predict(1, api_name="/other")
        lose_a_job(client, restartable)
        restart(restartable)
        assert client.predict(1, api_name="/echo") == 1
        with pytest.raises(AppRestartedError):
            session.predict(1, api_name="/other")
        assert session.predict(1, api_name="/other") == 1


def no_answer(connection: Connection, _: Seen) -> None:
    connection.reset()


def damaged(connection: Connection, _: Seen) -> None:
    body = b'{"app_id": \x00}'
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    connection.send(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


@pytest.mark.parametrize("answer", [no_answer, damaged])
def test_state_is_not_risked_when_there_is_no_answer(
    restartable: FakeApp, client: Client, answer: Callable[[Connection, Seen], None]
) -> None:
    client.predict(1, api_name="/other")
    lose_a_job(client, restartable)
    restart(restartable)
    sent, usual = len(restartable.bodies), restartable.routes["/gradio_api/app_id"]
    restartable.route("app_id", answer)
    with pytest.raises(ConnectionLost) as failure:
        client.predict(1, api_name="/other")
    assert (failure.value.endpoint, len(restartable.bodies)) == ("/other", sent)
    restartable.routes["/gradio_api/app_id"] = usual
    with pytest.raises(AppRestartedError):
        client.predict(1, api_name="/other")
    assert client.predict(1, api_name="/other") == 1


def test_a_call_without_state_goes_on_when_there_is_no_answer(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    restartable.route("app_id", no_answer)
    assert client.predict(1, api_name="/echo") == 1


def test_a_server_that_does_not_tell_is_believed_to_be_the_same(app: FakeApp, client: Client) -> None:
    lose_a_job(client, app)  # asking ends in 404
    assert client.predict(1, api_name="/echo") == 1
    assert len(app.seen("/config")) == 1


def test_many_jobs_at_one_time_ask_once(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    restart(restartable)
    restartable.on_join = lambda event, body: []
    jobs = [client.submit(at, api_name="/echo") for at in range(10)]
    assert until(lambda: len(restartable.bodies) == 11)
    _answer(restartable, jobs)
    assert len(restartable.seen("app_id")) == 1
    assert len(restartable.seen("/config")) == 2


def test_many_jobs_at_one_time_ask_an_app_once_that_cannot_say(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    answer = threading.Event()

    def busy(connection: Connection, _: Seen) -> None:
        answer.wait(10)
        reply_json(connection, {"detail": "Busy"}, "500 Internal Server Error")

    restartable.route("app_id", busy)
    jobs = [client.submit(at, api_name="/echo") for at in range(10)]
    assert until(lambda: restartable.seen("app_id"))
    answer.set()
    assert [job.result(10) for job in jobs] == list(range(10))
    assert len(restartable.seen("app_id")) == 1
    assert client.predict(1, api_name="/echo") == 1
    assert len(restartable.seen("app_id")) == 2  # a later job asks again


def test_many_jobs_at_one_time_hear_of_one_attempt_to_read_an_app_anew(
    restartable: FakeApp, client: Client
) -> None:
    lose_a_job(client, restartable)
    restart(restartable)
    read = len(restartable.seen("/config"))
    answer = threading.Event()

    def broken(connection: Connection, _: Seen) -> None:
        answer.wait(10)
        reply_json(connection, {"detail": "Broken"}, "500 Internal Server Error")

    restartable.routes["/config"] = broken
    jobs = [client.submit(at, api_name=name) for at, name in enumerate(["/echo", "/other"] * 5)]
    assert until(lambda: len(restartable.seen("/config")) > read)
    answer.set()
    errors: list[Any] = [job.exception(10) for job in jobs]
    assert {type(error) for error in errors} == {ServerError}
    assert [error.endpoint for error in errors] == ["/echo", "/other"] * 5
    assert len(restartable.seen("app_id")) == 1


def _answer(app: FakeApp, jobs: list[Any]) -> None:
    count = len(app.bodies)
    app.say(*(completed(f"e{at}", "done") for at in range(count - len(jobs) + 1, count + 1)))
    assert [job.result(10) for job in jobs] == ["done"] * len(jobs)


def test_the_files_of_a_job_are_fetched_where_the_app_is_now(restartable: FakeApp, client: Client) -> None:
    lose_a_job(client, restartable)
    restart(restartable)
    old, restartable.prefix = restartable.prefix, "/moved"
    restartable.config["api_prefix"] = restartable.prefix
    restartable.routes |= {
        path.replace(old, restartable.prefix): route for path, route in restartable.routes.items()
    }
    restartable.route("file=/tmp/x.txt", replying(b"content"))
    file = {"path": "/tmp/x.txt", "meta": {"_type": "gradio.FileData"}}
    restartable.on_join = lambda event, _: [completed(event, file)]
    assert Path(client.predict(1, api_name="/echo")).read_bytes() == b"content"


def test_folders_of_both_runs_are_removed_when_the_client_is_closed(
    restartable: FakeApp, connect: Connect
) -> None:
    client = connect(download_files=Downloads(remove_on_close=True))
    folders = [client._engine.context.transfer.folder.path()]
    lose_a_job(client, restartable)
    restart(restartable)
    client.predict(1, api_name="/echo")
    folders.append(client._engine.context.transfer.folder.path())
    assert len({folder for folder in folders if folder.is_dir()}) == 2
    client.close()
    assert not any(folder.exists() for folder in folders)


@on_a_loop
async def test_an_asynchronous_client_notices_too(restartable: FakeApp) -> None:
    async with AsyncClient(restartable.url) as client:
        await client.predict(1, api_name="/other")
        restartable.on_join = lose
        with pytest.raises(ConnectionLost):
            await client.predict(1, api_name="/echo")
        restart(restartable)
        with pytest.raises(AppRestartedError):
            await client.predict(1, api_name="/other")


def test_asking_for_the_session_after_a_loss_opens_one_with_a_heartbeat(
    restartable: FakeApp, connect: Connect
) -> None:
    restartable.config["connect_heartbeat"] = True

    def beat(connection: Connection, _: Seen) -> None:
        connection.start_chunked("Content-Type: text/event-stream")
        while not restartable.server.over.wait(0.05):
            connection.chunk(b"data: ALIVE\n\n")
        raise EOFError

    restartable.otherwise = beat
    client = connect()
    client.predict(1, api_name="/other")
    lose_a_job(client, restartable)
    restart(restartable)
    with pytest.raises(AppRestartedError):
        client.predict(1, api_name="/other")
    new = client.session_hash
    assert until(lambda: any(f"heartbeat/{new}" in seen.target for seen in restartable.requests))
