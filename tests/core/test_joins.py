"""How a job is handed to the server, and what becomes of it when the server does not take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, replying, replying_json
from gradio_client_contract_tests.server import until

from gradio_client.exceptions import (
    AppError,
    ConnectionLost,
    QueueError,
    ServerError,
    ValidationError,
)

if TYPE_CHECKING:
    from core.conftest import Connect
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client

WAIT = 10  # seconds that a job may take before a test fails


def failure(job: Any) -> Any:
    error = job.exception(timeout=WAIT)
    assert error is not None
    return error


def test_a_join_says_that_it_comes_from_the_api(client: Client, app: FakeApp) -> None:
    client.predict(1, api_name="/echo")
    assert app.seen("queue/join")[0].header("x-gradio-user") == ["api"]


def test_a_call_has_headers_of_its_own_that_override_the_clients(app: FakeApp, connect: Connect) -> None:
    client = connect(headers={"X-One": "client", "X-Two": "client"})
    client.predict(1, api_name="/echo", headers={"x-two": "call"})
    client.predict(1, api_name="/echo")
    first, second = app.seen("queue/join")
    assert (first.header("X-One"), first.header("X-Two")) == (["client"], ["call"])
    assert (second.header("X-One"), second.header("X-Two")) == (["client"], ["client"])


@pytest.mark.parametrize("headers", [{"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"X-A": 1}, {"Host": "other"}])
def test_headers_that_cannot_be_sent_are_refused_at_once(client: Client, app: FakeApp, headers: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="headers="):
        client.submit(1, api_name="/echo", headers=headers)
    assert app.bodies == []


def test_an_answer_that_is_lost_is_not_asked_for_again(client: Client, app: FakeApp) -> None:
    def cut(connection: Connection, _: Seen) -> None:
        connection.reset()
        raise EOFError

    app.route("queue/join", cut)
    assert isinstance(failure(client.submit(1, api_name="/echo")), ConnectionLost)
    assert len(app.seen("queue/join")) == 1


def test_a_page_instead_of_an_answer_fails_the_job(client: Client, app: FakeApp) -> None:
    app.route("queue/join", replying(b"<html>Welcome</html>", "200 OK", "Content-Type: text/html"))
    assert isinstance(failure(client.submit(1, api_name="/echo")), ServerError)


def test_a_job_with_the_name_of_one_that_waits_fails_and_leaves_that_alone(
    client: Client, app: FakeApp
) -> None:
    app.on_join = lambda event, body: []
    first = client.submit(1, api_name="/echo")
    assert app.joined.acquire(timeout=WAIT)
    assert until(lambda: app.streams)
    app.route("queue/join", replying_json({"event_id": "e1"}))
    assert "name of an earlier one" in str(failure(client.submit(2, api_name="/echo")))
    app.say(completed("e1", "done"))
    assert first.result(WAIT) == "done"


def test_a_job_with_the_name_of_one_that_is_over_fails_instead_of_hanging(
    client: Client, app: FakeApp
) -> None:
    client.predict(1, api_name="/echo")
    app.route("queue/join", replying_json({"event_id": "e1"}))
    assert isinstance(failure(client.submit(2, api_name="/echo")), ServerError)


def test_the_errors_of_validators_are_listed(client: Client, app: FakeApp) -> None:
    entry = {"__type__": "validate", "is_valid": False, "message": "too short", "parameter_name": "a"}
    app.route("queue/join", replying_json({"detail": [entry]}, "422 Unprocessable"))
    error = failure(client.submit(1, api_name="/echo"))
    assert str(error) == "1 parameter(s) failed validation:\n- a: too short"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("503 Full", QueueError),
        ("422 No", ValidationError),
        ("500 Broken", ServerError),
        ("404 No", ServerError),
    ],
)
def test_a_refused_join_fails_the_job_and_opens_no_stream(
    client: Client, app: FakeApp, status: str, kind: type[Exception]
) -> None:
    app.route("queue/join", replying(b"{}", status))
    assert isinstance(failure(client.submit(1, api_name="/echo")), kind)
    assert app.seen("queue/data") == []


@pytest.mark.parametrize("answer", [None, [], {}, {"event_id": None}, {"event_id": 5}, "e1"])
def test_a_join_without_a_name_fails_the_job(client: Client, app: FakeApp, answer: Any) -> None:
    app.route("queue/join", replying_json(answer))
    assert isinstance(failure(client.submit(1, api_name="/echo")), ServerError)


def test_an_apps_error_has_its_words_and_place(client: Client, app: FakeApp) -> None:
    output = {"error": "bad thing", "duration": 3, "visible": False, "title": "Oops"}
    app.on_join = lambda event, _: [completed(event) | {"output": output, "success": False}]
    error = failure(client.submit(1, api_name="/echo"))
    assert isinstance(error, AppError)
    assert (str(error), error.duration, error.visible, error.title) == ("bad thing", 3, False, "Oops")
    assert (error.endpoint, error.event_id) == ("/echo", "e1")
