"""The stream that the jobs of a session share: ``sse_v1`` and later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import (
    CLOSE,
    END,
    HEARTBEAT,
    FakeApp,
    completed,
    fake_app,
    generating,
    reply_json,
    replying,
    sse,
    streaming,
)
from gradio_client_contract_tests.server import until

from gradio_client import Client, Timeouts
from gradio_client.exceptions import ConnectionLost, GradioClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.conftest import Connect
    from core.fake_app import Route
    from gradio_client_contract_tests.server import Connection, Seen

WAIT = 10  # seconds that a job may take before a test fails

LOST = {"msg": "unexpected_error", "event_id": None, "message": "404: Not Found", "session_not_found": True}
STOPPED = {"msg": "unexpected_error", "message": "Server stopped unexpectedly.", "success": False}


@pytest.fixture(params=["sse_v1", "sse_v2", "sse_v2.1"])
def unannounced(request: pytest.FixtureRequest) -> Iterator[FakeApp]:
    """An app of a protocol in which the end of the stream is all that tells of its end."""
    version = {"sse_v1": "4.16.0", "sse_v2": "4.19.2", "sse_v2.1": "4.21.0"}[request.param]
    with fake_app(version=version, protocol=request.param) as app:
        yield app


def silent(app: FakeApp) -> None:
    """Let joins be answered, and say nothing by itself."""
    app.on_join = lambda event, body: []


def failure(job: Any) -> Any:
    error = job.exception(timeout=WAIT)
    assert error is not None
    return error


def test_messages_may_come_before_the_answer_to_the_join(client: Client, app: FakeApp) -> None:
    silent(app)
    first = client.submit("first", api_name="/echo")
    app.joined.acquire()

    def late(connection: Connection, seen: Seen) -> None:
        app.say(completed("e2", "early"), HEARTBEAT)
        app.say(completed("e1", "first"))
        assert first.result(WAIT) == "first"  # so the messages before have arrived as well
        reply_json(connection, {"event_id": "e2"})

    app.route("queue/join", late)
    assert client.submit("second", api_name="/echo").result(WAIT) == "early"


@pytest.mark.parametrize("said", [(), (HEARTBEAT,), (generating("e1", 1),)], ids=["before", "beat", "within"])
def test_a_stream_that_is_cut_fails_the_job_with_its_name(
    client: Client, app: FakeApp, said: tuple[Any, ...]
) -> None:
    app.route("queue/data", streaming(*map(sse, said), ends=False))
    silent(app)
    error = failure(client.submit(1, api_name="/echo"))
    assert isinstance(error, ConnectionLost)
    assert (error.event_id, error.endpoint, error.app) == ("e1", "/echo", app.url)
    assert "unknown" in error.message


def test_what_came_before_the_cut_is_kept(client: Client, app: FakeApp) -> None:
    app.route("queue/data", streaming(sse(generating("e1", "part")), ends=False))
    silent(app)
    job = client.submit(1, api_name="/echo")
    assert isinstance(failure(job), ConnectionLost)
    assert job.outputs() == ["part"]


def test_a_cut_after_the_result_harms_nothing(client: Client, app: FakeApp) -> None:
    app.route("queue/data", streaming(sse(completed("e1", "done")), ends=False))
    silent(app)
    assert client.predict(1, api_name="/echo") == "done"


def test_half_a_message_at_the_end_is_a_lost_connection(client: Client, app: FakeApp) -> None:
    app.route("queue/data", streaming(sse(generating("e1", "part")), sse(completed("e1", 1))[:30]))
    silent(app)
    job = client.submit(1, api_name="/echo")
    assert isinstance(failure(job), ConnectionLost)
    assert job.outputs() == ["part"]


def test_an_event_that_is_no_json_ends_the_job_but_not_what_came_before(client: Client, app: FakeApp) -> None:
    app.route("queue/data", streaming(sse(generating("e1", "part")) + b"data: {torn\n\n"))
    silent(app)
    job = client.submit(1, api_name="/echo")
    assert isinstance(failure(job), ConnectionLost)
    assert job.outputs() == ["part"]


@pytest.mark.parametrize("message", [LOST, STOPPED], ids=["session not found", "stopped"])
def test_an_error_of_the_stream_fails_every_job(client: Client, app: FakeApp, message: Any) -> None:
    silent(app)
    jobs = [client.submit(at, api_name="/echo") for at in range(3)]
    for _ in jobs:
        app.joined.acquire()
    app.say(generating("e1", 0), generating("e2", 1), generating("e3", 2))
    assert until(lambda: all(job.outputs() for job in jobs))
    app.say(message, END)
    errors = [failure(job) for job in jobs]
    assert sorted(error.event_id for error in errors) == ["e1", "e2", "e3"]
    assert all(isinstance(error, ConnectionLost) for error in errors)


def test_the_session_is_as_good_as_new_after_a_lost_stream(client: Client, app: FakeApp) -> None:
    app.route("queue/data", streaming(sse(LOST), ends=False))
    silent(app)
    failure(client.submit(1, api_name="/echo"))
    app.route("queue/data", app.stream)
    app.on_join = lambda event, body: [completed(event, "again")]
    app._waiting.clear()
    assert client.predict(1, api_name="/echo") == "again"


def cut(app: FakeApp) -> None:
    app.route("queue/data", streaming(ends=False))


def fall_silent(app: FakeApp) -> None:
    def nothing(connection: Connection, _: Seen) -> None:
        connection.start_chunked("Content-Type: text/event-stream")
        connection.wait_until_gone(WAIT)

    app.route("queue/data", nothing)


@pytest.mark.parametrize("lose", [cut, fall_silent])
def test_after_a_stream_that_the_server_may_still_serve_the_next_job_has_a_session_of_its_own(
    connect: Connect, app: FakeApp, lose: Callable[[FakeApp], None]
) -> None:
    client = connect(timeouts=Timeouts(silence=0.3))
    silent(app)
    lose(app)
    assert isinstance(failure(client.submit(1, api_name="/echo")), ConnectionLost)
    app.route("queue/data", app.stream)
    app.on_join = lambda event, body: [completed(event, "again")]
    app._waiting.clear()
    for _ in range(2):
        assert client.predict(1, api_name="/echo") == "again"
    first, *others = [body["session_hash"] for body in app.bodies]
    assert others == [client.session_hash] * 2
    assert client.session_hash != first


def test_a_session_with_state_stays_after_a_lost_stream(app: FakeApp, connect: Connect) -> None:
    app.config["components"].append({"id": 9, "type": "state", "props": {}, "skip_api": True})
    app.config["dependencies"][0]["inputs"] = [1, 9]
    client = connect()
    test_the_session_is_as_good_as_new_after_a_lost_stream(client, app)
    assert {body["session_hash"] for body in app.bodies} == {client.session_hash}


def test_a_closed_stream_is_opened_again_for_a_job_that_waits(client: Client, app: FakeApp) -> None:
    def second_time(connection: Connection, seen: Seen) -> None:
        body = [sse(completed("e1", "late"))] if app.streams else []
        app.streams += 1
        streaming(*body, sse(CLOSE))(connection, seen)

    app.route("queue/data", second_time)
    silent(app)
    assert client.submit(1, api_name="/echo").result(WAIT) == "late"
    assert app.streams == 2


@pytest.mark.parametrize("first", [replying(b"", "504 Late"), lambda connection, _: connection.reset()])
def test_a_job_that_the_server_dropped_when_its_stream_was_asked_for_again_is_lost(
    client: Client, app: FakeApp, first: Route
) -> None:
    def at_first(connection: Connection, seen: Seen) -> None:
        app.route("queue/data", app.stream)
        first(connection, seen)

    app.route("queue/data", at_first)
    silent(app)
    job = client.submit(1, api_name="/echo")
    app.say(HEARTBEAT, HEARTBEAT, HEARTBEAT)
    assert "says no more about the job" in str(job.exception(WAIT))


def test_a_stream_that_just_ends_is_opened_again_where_servers_do_not_announce_it(
    unannounced: FakeApp,
) -> None:
    def second_time(connection: Connection, seen: Seen) -> None:
        body = [sse(completed("e1", "late"))] if unannounced.streams else []
        unannounced.streams += 1
        streaming(*body)(connection, seen)

    unannounced.route("queue/data", second_time)
    silent(unannounced)
    with Client(unannounced.url, verbose=False) as client:
        assert client.submit(1, api_name="/echo").result(WAIT) == "late"


def test_a_server_that_keeps_closing_without_a_word_does_not_hang_the_job(
    client: Client, app: FakeApp
) -> None:
    app.route("queue/data", streaming(sse(CLOSE)))
    silent(app)
    assert isinstance(failure(client.submit(1, api_name="/echo")), ConnectionLost)


def test_an_unannounced_end_is_a_lost_connection_where_servers_announce_it(
    client: Client, app: FakeApp
) -> None:
    app.route("queue/data", streaming(sse(HEARTBEAT)))
    silent(app)
    assert isinstance(failure(client.submit(1, api_name="/echo")), ConnectionLost)


@pytest.mark.parametrize(
    "status", ["400 Bad", "401 No", "404 Not Found", "429 Slow", "500 Broken", "503 Gone"]
)
def test_a_refused_stream_fails_the_job_and_says_why(client: Client, app: FakeApp, status: str) -> None:
    app.route("queue/data", replying(b'{"detail":"because"}', status))
    silent(app)
    error = failure(client.submit(1, api_name="/echo"))
    assert isinstance(error, GradioClientError)
    assert error.endpoint == "/echo"
    assert "outcome is unknown" in error.message


def test_a_page_instead_of_a_stream_fails_the_job(client: Client, app: FakeApp) -> None:
    app.route(
        "queue/data",
        replying(b"<html>\n\n<body>Welcome</body>\n\n</html>", "200 OK", "Content-Type: text/html"),
    )
    silent(app)
    assert isinstance(failure(client.submit(1, api_name="/echo")), ConnectionLost)


def test_many_jobs_share_one_stream(client: Client, app: FakeApp) -> None:
    silent(app)
    jobs = [client.submit(at, api_name="/echo") for at in range(20)]
    for _ in jobs:
        app.joined.acquire()
    app.say(*(completed(f"e{at + 1}", app.bodies[at]["data"][0]) for at in reversed(range(20))))
    assert sorted(job.result(WAIT) for job in jobs) == list(range(20))
    assert [job.result() for job in jobs] == list(range(20))
    assert app.streams == 1


def test_calls_one_after_another_use_few_connections(client: Client, app: FakeApp) -> None:
    for at in range(20):
        assert client.predict(at, api_name="/echo") == at
    assert app.server.connections <= 3


def test_a_message_may_come_in_any_number_of_pieces(client: Client, app: FakeApp) -> None:
    text = sse(completed("e1", "ü" * 100_000))
    pieces = [text[at : at + 7001] for at in range(0, len(text), 7001)]
    app.route("queue/data", streaming(*pieces, sse(CLOSE)))
    silent(app)
    assert client.predict(1, api_name="/echo") == "ü" * 100_000


@pytest.mark.parametrize(
    "odd",
    [
        b": a comment\n\n",
        b"data: [1, 2]\n\n",
        b"data: null\n\n",
        b'data: {"msg": "of the future", "event_id": "e1"}\n\n',
        b'data: {"msg": "process_generating", "event_id": "e1"}\n\n',
        b'data: {"msg": "estimation", "event_id": "e1", "rank": "x"}\n\n',
        b'data: {"msg": "progress", "event_id": "e1", "progress_data": [null, 5]}\n\n',
        b'data: {"msg": "process_completed", "event_id": "someone else"}\n\n',
        b'data: {"msg": "process_completed", "event_id": ["e1"]}\n\n',
        b"data: {}\r\n\r\n",
    ],
)
def test_what_makes_no_sense_on_the_stream_is_skipped(client: Client, app: FakeApp, odd: bytes) -> None:
    app.route("queue/data", streaming(odd, sse(completed("e1", "done")), sse(CLOSE)))
    silent(app)
    assert client.predict(1, api_name="/echo") == "done"


def test_the_first_result_counts(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event, "first"), completed(event, "second")]
    assert client.predict(1, api_name="/echo") == "first"


@pytest.mark.parametrize("output", [None, [], "text", {"data": None}, {"data": "text"}])
def test_an_odd_result_ends_the_job(client: Client, app: FakeApp, output: Any) -> None:
    message = completed("e1") | {"output": output}
    app.route("queue/data", streaming(sse(message), sse(CLOSE)))
    silent(app)
    job = client.submit(1, api_name="/echo")
    assert until(job.done, WAIT)
