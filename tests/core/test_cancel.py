from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, generating, replying
from gradio_client_contract_tests.server import until

from gradio_client import handle_file
from gradio_client._http.pipeline import SHORT_EXCHANGES
from gradio_client.exceptions import AppError, ConnectionLost, DownloadError, ServerError

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Submit
    from core.fake_app import Route
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client

WAIT = 10  # seconds that a job may take before a test fails
FILE = {"path": "/tmp/x.txt", "meta": {"_type": "gradio.FileData"}}


def told(app: FakeApp) -> list[Any]:
    """What the server was told to cancel."""
    return [json.loads(seen.body) for seen in app.seen("cancel")]


class Gate:
    """A route that answers when the test lets it."""

    def __init__(self, app: FakeApp, name: str, route: Route | None = None) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()
        self._app = app
        self._route = route or app.routes[f"{app.prefix}/{name}"]
        app.route(name, self._wait)

    def open(self) -> None:
        self._open.set()

    def _wait(self, connection: Connection, seen: Seen) -> None:
        self.reached.set()
        self._open.wait(WAIT)
        self._route(connection, seen)


def test_a_running_job_is_cancelled_at_once_and_the_server_is_told(
    running: Submit, client: Client, app: FakeApp
) -> None:
    job = running(api_name="/other")
    app.say(generating("e1", "part"))
    assert until(job.outputs)
    assert job.cancel()
    assert (job.cancelled(), job.done()) == (True, True)
    assert until(lambda: told(app))
    assert told(app) == [{"event_id": "e1", "session_hash": client.session_hash, "fn_index": 1}]


def test_a_finished_job_cannot_be_cancelled(client: Client, app: FakeApp) -> None:
    job = client.submit(1, api_name="/echo")
    job.result(WAIT)
    assert not job.cancel()
    assert not job.cancelled()
    assert told(app) == []


def test_a_failed_job_cannot_be_cancelled(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event) | {"success": False}]
    job = client.submit(1, api_name="/echo")
    assert isinstance(job.exception(WAIT), AppError)
    assert not job.cancel()


def test_a_job_is_cancelled_once(running: Submit, app: FakeApp) -> None:
    job = running()
    assert job.cancel()
    assert not job.cancel()
    assert until(lambda: told(app))


def test_a_job_that_the_server_has_not_named_yet_is_cancelled_too(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    gate = Gate(app, "queue/join")
    job = client.submit(1, api_name="/echo")
    assert gate.reached.wait(WAIT)
    assert job.cancel()
    assert told(app) == []
    gate.open()
    assert until(lambda: told(app))
    assert told(app)[0]["event_id"] == "e1"


def test_a_job_cancelled_while_its_files_go_up_is_never_joined(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    (tmp_path / "a").touch()
    gate = Gate(app, "upload")
    job = client.submit(handle_file(tmp_path / "a"), api_name="/echo")
    assert gate.reached.wait(WAIT)
    assert job.cancel()
    gate.open()
    assert client.predict("next", api_name="/echo") == "next"
    assert [body["data"] for body in app.bodies] == [["next"]]


def test_of_a_queued_job_with_a_sibling_the_server_is_told_by_name_alone(
    running: Submit, app: FakeApp
) -> None:
    one, sibling = running("one"), running("sibling")
    assert one.cancel()
    assert until(lambda: told(app))
    assert (told(app)[0]["event_id"], told(app)[0]["fn_index"]) == ("e1", -1)
    app.say(completed("e1", "late"), completed("e2", "sibling"))
    assert sibling.result(WAIT) == "sibling"


def test_a_job_of_another_function_is_no_sibling(running: Submit, app: FakeApp) -> None:
    one, other = running(), running(api_name="/other")
    assert one.cancel()
    assert until(lambda: told(app))
    app.say(completed("e2", "other"))
    assert other.result(WAIT) == "other"


def test_a_job_of_an_earlier_session_is_no_sibling(running: Submit, client: Client, app: FakeApp) -> None:
    old = running()
    client.reset_session()
    new = running()
    assert new.cancel()
    assert until(lambda: told(app))
    app.say(completed("e1", "old"))
    assert old.result(WAIT) == "old"


def test_the_last_of_two_that_are_cancelled_takes_its_function_along(running: Submit, app: FakeApp) -> None:
    one, two = running(), running()
    assert one.cancel()
    assert two.cancel()
    assert until(lambda: len(told(app)) == 2)
    assert {body["event_id"]: body["fn_index"] for body in told(app)} == {"e1": -1, "e2": 0}


def test_what_still_comes_for_a_cancelled_job_is_ignored(
    running: Submit, client: Client, app: FakeApp
) -> None:
    job = running()
    app.say(generating("e1", "before"))
    assert until(job.outputs)
    job.cancel()
    app.say(generating("e1", [["append", [], "after"]]), completed("e1", "after"))
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.predict(1, api_name="/echo") == "next"
    assert job.outputs() == ["before"]


def test_a_slow_answer_to_a_cancellation_holds_up_nothing(
    running: Submit, client: Client, app: FakeApp
) -> None:
    gate = Gate(app, "cancel")
    running().cancel()
    assert gate.reached.wait(WAIT)
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.predict(1, api_name="/echo") == "next"
    gate.open()


@pytest.mark.parametrize("status", ["404 Not Found", "429 Slow", "500 Broken"])
def test_a_server_that_refuses_to_cancel_harms_nothing(
    running: Submit, client: Client, app: FakeApp, status: str
) -> None:
    app.route("cancel", replying(b"", status))
    running().cancel()
    assert until(lambda: app.seen("cancel"))
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.predict(1, api_name="/echo") == "next"


def test_a_job_that_the_server_cancels_is_cancelled(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event) | {"output": {}}]
    job = client.submit(1, api_name="/echo")
    assert until(job.cancelled)


def test_a_job_may_be_cancelled_by_its_own_callback(running: Submit, app: FakeApp) -> None:
    one, two = running(), running()
    one.add_done_callback(lambda _: two.cancel())
    app.say(completed("e1", 1))
    assert until(two.cancelled)


def test_many_threads_that_cancel_agree_on_who_did(running: Submit) -> None:
    job = running()
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(job.cancel())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert sorted(found) == [False] * 7 + [True]


def test_a_cancelled_jobs_downloads_are_not_made(client: Client, app: FakeApp) -> None:
    reached, over = threading.Event(), threading.Event()

    def slow(connection: Connection, seen: Seen) -> None:
        reached.set()
        over.wait(WAIT)
        connection.reply(b"content")

    app.route("file=/tmp/x.txt", slow)
    app.on_join = lambda event, _: [generating(event, FILE), completed(event, FILE)]
    job = client.submit(1, api_name="/echo")
    assert reached.wait(WAIT)
    assert job.cancel()
    over.set()
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.predict(1, api_name="/other") == "next"
    assert len(app.seen("file=/tmp/x.txt")) == 1
    assert job.outputs() == []


def test_a_job_that_fails_here_is_stopped_on_the_server(running: Submit, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b"", "403 Forbidden"))
    job = running()
    app.say(generating("e1", FILE))
    assert isinstance(job.exception(WAIT), DownloadError)
    assert until(lambda: told(app))
    assert [body["event_id"] for body in told(app)] == ["e1"]


def test_a_job_that_passes_a_limit_here_is_stopped_on_the_server(
    running: Submit, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client.domain.job.KEPT", 1000)
    job = running()
    app.say(generating("e1", "a" * 1000))
    assert isinstance(job.exception(WAIT), ServerError)
    assert until(lambda: told(app))
    assert [body["event_id"] for body in told(app)] == ["e1"]


def test_of_a_job_whose_result_is_on_its_way_the_server_is_not_told(
    running: Submit, client: Client, app: FakeApp
) -> None:
    gate = Gate(app, "file=/tmp/x.txt", replying(b"content"))
    job, sibling = running(), running()
    app.say(completed("e1", FILE))
    assert gate.reached.wait(WAIT)
    assert job.cancel()
    app.say(completed("e2", "b"))
    assert sibling.result(WAIT) == "b"
    assert sibling.cancel() is False
    gate.open()
    client.close()
    assert told(app) == []


def test_of_a_job_that_was_lost_the_server_is_not_told(running: Submit, client: Client, app: FakeApp) -> None:
    job = running()
    app.say({"msg": "unexpected_error", "message": "gone"})
    assert isinstance(job.exception(WAIT), ConnectionLost)
    client.close()
    assert told(app) == []


def test_closing_right_after_cancelling_lets_the_server_know(
    running: Submit, client: Client, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client._engine.PARTING_SECONDS", 10)  # a busy machine is no failure
    running().cancel()
    client.close()
    assert [body["event_id"] for body in told(app)] == ["e1"]


def test_closing_before_a_cancelled_jobs_join_is_answered_lets_the_server_know(
    client: Client, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client._engine.PARTING_SECONDS", 10)  # a busy machine is no failure
    gate = Gate(app, "queue/join")
    job = client.submit(1, api_name="/echo")
    assert gate.reached.wait(WAIT)
    assert job.cancel()
    closing = threading.Thread(target=client.close)
    closing.start()
    assert until(lambda: client._made.closed)
    gate.open()
    closing.join(WAIT)
    assert [body["event_id"] for body in told(app)] == ["e1"]


def test_closing_does_not_wait_for_ever_for_the_answer_to_a_join(
    client: Client, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client._engine.PARTING_SECONDS", 0.05)
    gate = Gate(app, "queue/join")
    job = client.submit(1, api_name="/echo")
    assert gate.reached.wait(WAIT)
    job.cancel()
    client.close()
    gate.open()
    assert told(app) == []


def test_closing_does_not_wait_for_ever_until_the_server_knows(
    running: Submit, client: Client, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio_client._engine.PARTING_SECONDS", 0.05)
    gate = Gate(app, "cancel")
    running().cancel()
    begun = time.monotonic()
    client.close()
    assert time.monotonic() - begun < 2
    gate.open()


def test_cancels_without_an_answer_keep_no_job_from_being_submitted(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    jobs = [client.submit(at, api_name="/echo") for at in range(SHORT_EXCHANGES + 1)]
    assert until(lambda: len(app.bodies) == len(jobs))
    gate = Gate(app, "cancel")
    assert all(job.cancel() for job in jobs)
    assert until(lambda: len(told(app)) == SHORT_EXCHANGES)
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.submit(1, api_name="/other").result(WAIT / 2) == "next"
    gate.open()


def test_submissions_without_an_answer_keep_no_cancel_back(
    running: Submit, client: Client, app: FakeApp
) -> None:
    job = running(api_name="/other")
    gate = Gate(app, "queue/join")
    for at in range(SHORT_EXCHANGES + 1):
        client.submit(at, api_name="/echo")
    assert until(lambda: len(app.seen("queue/join")) == 1 + SHORT_EXCHANGES)
    assert job.cancel()
    assert until(lambda: told(app))
    gate.open()


def test_a_job_that_waits_for_its_turn_to_be_submitted_never_is(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    gate = Gate(app, "queue/join")
    under_way = [client.submit(at, api_name="/echo") for at in range(SHORT_EXCHANGES)]
    assert until(lambda: len(app.seen("queue/join")) == SHORT_EXCHANGES)
    late = client.submit("late", api_name="/echo")
    assert late.cancel()
    gate.open()
    assert until(lambda: len(app.bodies) == SHORT_EXCHANGES)
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.predict("next", api_name="/other") == "next"
    assert ["late"] not in [body["data"] for body in app.bodies]
    assert not any(job.done() for job in under_way)
