"""Protocol ``sse`` (Gradio 4.0 to 4.8), in which every job has a stream of its own."""

from __future__ import annotations

import functools
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, fake_app, generating, replying, replying_json, sse
from gradio_client_contract_tests.server import until

from gradio_client import Client
from gradio_client.exceptions import AppError, ConnectionLost, GradioClientError, QueueError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client_contract_tests.server import Connection, Seen

WAIT = 10  # seconds that a job may take before a test fails

SEND = {"msg": "send_data", "event_id": "e1"}
ESTIMATION = {"msg": "estimation", "rank": 0, "queue_size": 1, "rank_eta": None, "queue_eta": 1.0}


@pytest.fixture
def app() -> Iterator[FakeApp]:
    with fake_app(version="4.0.2", protocol="sse") as running:
        running.route("queue/data", replying(b"null"))
        yield running


@pytest.fixture
def client(app: FakeApp, tmp_path: Path) -> Iterator[Client]:
    with Client(app.url, verbose=False, download_files=tmp_path) as connected:
        yield connected


def telling(app: FakeApp, *messages: dict[str, Any], ends: bool = True) -> None:
    """Let every job's stream say this; ``send_data`` waits for the data."""

    def stream(connection: Connection, _: Seen) -> None:
        connection.start_chunked("Content-Type: text/event-stream")
        for message in messages:
            sent = len(app.seen("queue/data"))
            connection.chunk(sse(message))
            if message["msg"] == "send_data":
                assert until(functools.partial(_more, app, sent))
        if not ends:
            raise EOFError
        connection.chunk(b"")

    app.route("queue/join", stream)


def _more(app: FakeApp, sent: int) -> bool:
    return len(app.seen("queue/data")) > sent


def failure(job: Any) -> Any:
    error = job.exception(timeout=WAIT)
    assert error is not None
    return error


def test_a_job_sends_its_data_when_it_is_asked_to(client: Client, app: FakeApp) -> None:
    telling(app, ESTIMATION, SEND, completed(None, "done"))
    assert client.predict("Ada", api_name="/other") == "done"
    (sent,) = app.seen("queue/data")
    assert json.loads(sent.body) == {
        "data": ["Ada"],
        "fn_index": 1,
        "session_hash": client.session_hash,
        "event_id": "e1",
    }


def test_the_stream_names_function_and_session(client: Client, app: FakeApp) -> None:
    telling(app, SEND, completed(None, "done"))
    client.predict(1, api_name="/other")
    assert app.seen("queue/join")[0].target == f"/queue/join?fn_index=1&session_hash={client.session_hash}"


def test_values_of_a_generator_are_whole(client: Client, app: FakeApp) -> None:
    telling(app, SEND, generating(None, "a"), generating(None, "b"), completed(None, "b"))
    job = client.submit(1, api_name="/echo")
    assert job.result(WAIT) == "b"
    assert job.outputs() == ["a", "b"]


def test_a_full_queue_fails_the_job(client: Client, app: FakeApp) -> None:
    telling(app, {"msg": "queue_full"})
    assert isinstance(failure(client.submit(1, api_name="/echo")), QueueError)


def test_an_error_of_the_app_fails_the_job(client: Client, app: FakeApp) -> None:
    telling(app, SEND, {"msg": "process_completed", "output": {"error": "bad"}, "success": False})
    error = failure(client.submit(1, api_name="/echo"))
    assert isinstance(error, AppError)
    assert str(error) == "bad"


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "cut"])
@pytest.mark.parametrize("before", [(), (ESTIMATION,), (SEND, generating(None, 1))], ids=["0", "1", "2"])
def test_a_stream_that_ends_too_early_fails_the_job(
    client: Client, app: FakeApp, before: tuple[Any, ...], *, ends: bool
) -> None:
    telling(app, *before, ends=ends)
    error = failure(client.submit(1, api_name="/echo"))
    assert isinstance(error, ConnectionLost)
    assert error.endpoint == "/echo"


def test_jobs_do_not_share_a_stream(client: Client, app: FakeApp) -> None:
    telling(app, SEND, completed(None, "done"))
    jobs = [client.submit(at, api_name="/echo") for at in range(5)]
    assert [job.result(WAIT) for job in jobs] == ["done"] * 5
    assert len(app.seen("queue/join")) == 5


def test_one_cut_stream_leaves_the_others_alone(client: Client, app: FakeApp) -> None:
    telling(app, ESTIMATION, ends=False)
    broken = client.submit(1, api_name="/echo")
    failure(broken)
    telling(app, SEND, completed(None, "done"))
    assert client.predict(1, api_name="/echo") == "done"


@pytest.mark.parametrize("status", ["401 No", "404 No", "422 No", "500 Broken", "503 No"])
def test_a_refused_stream_fails_the_job(client: Client, app: FakeApp, status: str) -> None:
    app.route("queue/join", replying(b'{"detail":"because"}', status))
    error = failure(client.submit(1, api_name="/echo"))
    assert isinstance(error, GradioClientError)
    assert error.status == int(status[:3])


def test_data_that_is_refused_fails_the_job(client: Client, app: FakeApp) -> None:
    app.route("queue/data", replying(b"", "500 Broken"))
    telling(app, SEND, completed(None, "done"))
    assert isinstance(failure(client.submit(1, api_name="/echo")), ServerError)


def test_files_of_the_result_arrive_although_the_stream_has_ended(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    def slow(connection: Connection, _: Seen) -> None:
        until(lambda: app.server.open > 1, 0.3)
        connection.reply(b"content")

    app.route("file=/tmp/x.txt", slow)
    telling(app, SEND, completed(None, {"path": "/tmp/x.txt", "orig_name": "x.txt"}))
    assert Path(client.predict(1, api_name="/echo")).read_bytes() == b"content"


def test_cancelling_closes_the_stream_and_tells_the_server(client: Client, app: FakeApp) -> None:
    gone: list[bool] = []

    def stream(connection: Connection, _: Seen) -> None:
        connection.start_chunked("Content-Type: text/event-stream")
        connection.chunk(sse(SEND))
        gone.append(connection.wait_until_gone())

    app.route("reset", replying_json({"success": True}))
    app.route("queue/join", stream)
    job = client.submit(1, api_name="/echo")
    assert until(lambda: app.seen("queue/data"))
    assert job.cancel()
    assert until(lambda: gone == [True])
    assert until(lambda: app.seen("reset"))
    assert json.loads(app.seen("reset")[0].body) == {"event_id": "e1"}


def test_a_file_that_is_on_its_way_when_the_stream_is_cut_is_handed_out(client: Client, app: FakeApp) -> None:
    going_on = threading.Event()

    def slow(connection: Connection, _: Seen) -> None:
        assert going_on.wait(WAIT)
        connection.reply(b"content")

    app.route("file=/tmp/x.txt", slow)
    file = {"path": "/tmp/x.txt", "meta": {"_type": "gradio.FileData"}}
    telling(app, SEND, generating(None, file), ends=False)
    job = client.submit(1, api_name="/echo")
    session = client._engine.main.session
    assert until(lambda: app.seen("file=/tmp/x.txt") and session.maybe_restarted)
    going_on.set()
    assert isinstance(failure(job), ConnectionLost)
    assert [Path(str(path)).read_bytes() for path in job.outputs()] == [b"content"]
