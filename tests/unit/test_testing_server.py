"""The embedded server says and does what real servers do (protocol sections 2 to 8), by plain HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - an app reads its annotations
from typing import Any
from urllib.parse import quote

import pytest

from gradio_client.exceptions import AppError
from gradio_client.testing import App, AppServer, State, log, progress

Asker = Callable[..., tuple[int, Any]]
app = App("Everything")


@app.endpoint()
def greet(name: str, greeting: str = "Hello") -> str:
    return f"{greeting}, {name}!"


@app.endpoint()
async def grow(parts: int = 3) -> AsyncIterator[str]:
    for number in range(1, int(parts) + 1):
        yield "".join(f"w{one} " for one in range(number))


@app.endpoint(state=10)
def tally(step: float, total: State) -> float:
    total.value += step
    return float(total.value)


@app.endpoint()
def shout(file: Path) -> Path:
    loud = file.with_name(f"loud-{file.name}")
    loud.write_text(file.read_text().upper())
    return loud


@app.endpoint()
def refuse(steps: int = 0) -> Iterator[int]:
    yield from range(int(steps))
    raise AppError("bad thing", duration=3, title="Oops")


@app.endpoint()
def crash() -> str:
    raise KeyError("a secret")


@app.endpoint()
def report() -> str:
    progress((1, 4), "halfway")
    log("beware", "warning", title="Careful")
    return "done"


@app.endpoint(visibility="private")
def hidden() -> None:
    pass


@app.endpoint(visibility="undocumented")
def quiet() -> tuple[int, str]:
    return 1, "one"


FN = {endpoint.name: endpoint.id for endpoint in app.endpoints}


class Held:
    """An app of one endpoint that tells 0 and then runs until it is stopped."""

    def __init__(self) -> None:
        self.app = App("Held")
        self.entered = threading.Semaphore(0)
        self.app.endpoint("/hold")(self._hold)

    async def _hold(self) -> AsyncIterator[int]:
        yield 0
        self.entered.release()
        await asyncio.Event().wait()

    def joined(self, ask: Asker, session: str) -> str:
        _, answer = ask("/gradio_api/queue/join", {"data": [], "fn_index": 0, "session_hash": session})
        return str(answer["event_id"])


@contextmanager
def asking(url: str, cookies: str = "") -> Iterator[Asker]:
    """A function that asks the server: (status, parsed JSON, or text)."""

    def ask(path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        shown = {"Cookie": cookies} if cookies else {}
        request = urllib.request.Request(url.rstrip("/") + path, data, shown | headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    yield ask


@pytest.fixture(scope="module")
def server() -> Iterator[AppServer]:
    with AppServer(app, max_file_size=1000) as running:
        yield running


@pytest.fixture
def ask(server: AppServer) -> Iterator[Asker]:
    with asking(server.url) as ask:
        yield ask


def join(ask: Asker, name: str, *data: Any, session: str, prefix: str = "/gradio_api", **more: Any) -> str:
    body = {"data": list(data), "fn_index": FN[name], "session_hash": session, **more}
    status, answer = ask(f"{prefix}/queue/join", body)
    assert status == 200, answer
    return str(answer["event_id"])


def told(ask: Asker, session: str, prefix: str = "/gradio_api") -> list[dict[str, Any]]:
    """All messages of a session's stream."""
    _, text = ask(f"{prefix}/queue/data?session_hash={session}")
    blocks = str(text).split("\n\n")
    return [json.loads(block.removeprefix("data: ")) for block in blocks if block]


def first_completion(server: AppServer, session: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a stream says before its first completion, and the completion; then the stream is dropped."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://").rstrip("/"), timeout=10)
    connection.request("GET", f"/gradio_api/queue/data?session_hash={session}")
    stream = connection.getresponse()
    before: list[dict[str, Any]] = []
    while True:
        line = stream.readline()
        if not line.startswith(b"data: "):
            continue
        message = json.loads(line[6:])
        if message["msg"] == "process_completed":
            stream.close()
            connection.close()
            return before, message
        before.append(message)


def outcome(ask: Asker, name: str, *data: Any, session: str) -> dict[str, Any]:
    join(ask, name, *data, session=session)
    return next(one for one in told(ask, session) if one["msg"] == "process_completed")


@pytest.mark.parametrize("version", ["4.16.0", "4.19.2", "4.21.0", "4.29.0", "4.44.1", "5.50.0", "6.31.0"])
def test_a_generator_is_told_as_each_version_tells_it(version: str) -> None:
    prefix = "/gradio_api" if version >= "5" else ""
    with AppServer(app, version=version) as server, asking(server.url) as ask:
        join(ask, "grow", 3, session="s", prefix=prefix)
        messages = told(ask, "s", prefix)
    numbers = tuple(int(part) for part in version.split("."))
    closed = ["close_stream"] if numbers >= (4, 22) else []
    steps = ["process_generating"] * 3
    assert [one["msg"] for one in messages] == [
        "estimation", "process_starts", *steps, "process_completed", *closed
    ]  # fmt: skip
    second = messages[3]["output"]["data"]
    assert second == ([[["append", [], "w1 "]]] if numbers >= (4, 17) else ["w0 w1 "])
    assert messages[5]["output"]["data"] == ["w0 w1 w2 "]


def test_simple_format_asks_for_full_values(ask: Asker) -> None:
    join(ask, "grow", 2, session="simple", simple_format=True)
    steps = [one["output"]["data"] for one in told(ask, "simple") if one["msg"] == "process_generating"]
    assert steps == [["w0 "], ["w0 w1 "]]


def test_protocol_sse_asks_for_the_data_on_a_stream_per_job() -> None:
    with AppServer(app, protocol="sse") as server, asking(server.url) as ask:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://").rstrip("/"))
        connection.request("GET", f"/queue/join?fn_index={FN['greet']}&session_hash=s")
        stream = connection.getresponse()
        first = [stream.readline() for _ in range(4)]
        event_id = json.loads(first[2].removeprefix(b"data: "))["event_id"]
        ask("/queue/data", {"data": ["Ada", "Hi"], "event_id": event_id, "fn_index": 0, "session_hash": "s"})
        rest = [json.loads(line[6:]) for line in stream.read().splitlines() if line]
        connection.close()
    assert [one["msg"] for one in rest] == ["process_starts", "process_completed"]
    assert all("event_id" not in one for one in rest)
    assert rest[1]["output"]["data"] == ["Hi, Ada!"]


def test_an_unknown_session_is_told_so_and_its_body_breaks_off(server: AppServer) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://").rstrip("/"))
    connection.request("GET", "/gradio_api/queue/data?session_hash=nobody")
    with pytest.raises(http.client.IncompleteRead) as broken:
        connection.getresponse().read()
    connection.close()
    message = json.loads(broken.value.partial.removeprefix(b"data: "))
    assert message == {
        "msg": "unexpected_error", "event_id": None, "message": "404: Not Found",
        "session_not_found": True, "success": False,
    }  # fmt: skip


def test_a_session_keeps_its_state_and_shows_null(ask: Asker) -> None:
    assert outcome(ask, "tally", 1, None, session="mine")["output"]["data"] == [11, None]
    assert outcome(ask, "tally", 2, None, session="mine")["output"]["data"] == [13, None]
    assert outcome(ask, "tally", 2, None, session="other")["output"]["data"] == [12, None]


def test_a_deliberate_error_is_shown(ask: Asker) -> None:
    message = outcome(ask, "refuse", 0, session="e1")
    shown = {"error": "bad thing", "duration": 3, "visible": True, "title": "Oops"}
    assert (message["output"], message["success"], message["title"]) == (shown, False, "Oops")


def test_an_error_after_results_has_its_title_inside_only(ask: Asker) -> None:
    message = outcome(ask, "refuse", 1, session="e2")
    assert (message["output"]["title"], message["title"]) == ("Oops", None)


def test_other_errors_are_hidden_unless_shown_on_purpose(ask: Asker) -> None:
    assert outcome(ask, "crash", session="e3")["output"] == {"error": None}
    with AppServer(app, show_error=True) as open_server, asking(open_server.url) as other:
        assert "a secret" in outcome(other, "crash", session="s")["output"]["error"]


def test_too_few_values_fail_the_job_only(ask: Asker) -> None:
    assert outcome(ask, "greet", session="e4")["success"] is False


def test_progress_and_logs_come_before_the_result(ask: Asker) -> None:
    join(ask, "report", session="r")
    _, _, moved, logged, completed, _ = told(ask, "r")
    assert moved["progress_data"] == [
        {"index": 1, "length": 4, "unit": "steps", "progress": None, "desc": "halfway"}
    ]
    assert (logged["log"], logged["level"], logged["title"]) == ("beware", "warning", "Careful")
    assert completed["output"]["data"] == ["done"]


def test_cancelling_stops_the_generator_and_completes_the_event() -> None:
    held = Held()
    with AppServer(held.app) as server, asking(server.url) as ask:
        event_id = held.joined(ask, "c")
        assert held.entered.acquire(timeout=5)
        cancel = {"event_id": event_id, "session_hash": "c", "fn_index": 0}
        assert ask("/gradio_api/cancel", cancel) == (200, {"success": True})
        last = [one for one in told(ask, "c") if one["msg"] == "process_completed"][-1]
    assert (last["event_id"], last["success"]) == (event_id, True)


def test_cancelling_a_waiting_event_kills_its_running_sibling_without_a_word() -> None:
    held = Held()
    with AppServer(held.app) as server, asking(server.url) as ask:
        running = held.joined(ask, "k")
        assert held.entered.acquire(timeout=5)
        waiting = held.joined(ask, "k")
        ask("/gradio_api/cancel", {"event_id": waiting, "session_hash": "k", "fn_index": 0})
        first, completed = first_completion(server, "k")
    assert (completed["event_id"], completed["output"]) == (waiting, {})
    assert running in {one["event_id"] for one in first}


def test_a_full_queue_refuses_with_503() -> None:
    held = Held()
    with AppServer(held.app, max_size=1) as server, asking(server.url) as ask:
        held.joined(ask, "a")
        assert held.entered.acquire(timeout=5)
        held.joined(ask, "b")
        assert ask("/gradio_api/queue/status")[1]["queue_size"] == 1
        answer = ask("/gradio_api/queue/join", {"data": [], "fn_index": 0, "session_hash": "c"})
    assert answer == (503, {"detail": "Queue is full. Max size is 1 and size is 1."})


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"data": [], "fn_index": 999, "session_hash": "x"}, 500, "Internal Server Error"),
        ({"data": [], "fn_index": 0}, 400, "Session hash not found."),
        ({"data": [], "session_hash": "x"}, 400, "No function index provided."),
        ({"fn_index": 0, "session_hash": "x"}, 422, "Field required"),
        ({"data": "x", "fn_index": 0, "session_hash": "x"}, 422, "Input should be a valid list"),
        (b"no JSON", 422, "JSON decode error"),
    ],
)
def test_a_join_that_cannot_be_taken_is_refused_as_servers_do(
    ask: Asker, body: Any, status: int, text: str
) -> None:
    answered, answer = ask("/gradio_api/queue/join", body)
    assert answered == status
    assert text in str(answer)


def test_files_are_uploaded_used_and_downloaded_whatever_their_name(ask: Asker) -> None:
    path = upload(ask, "a b#c%20é.txt", b"hello")[1][0]
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    made = outcome(ask, "shout", file, session="f")["output"]["data"][0]
    assert made["orig_name"] == "loud-a b#c%20é.txt"
    assert ask(f"/gradio_api/file={quote(made['path'])}") == (200, "HELLO")
    assert ask(f"/gradio_api/file={quote(made['path'])}", Range="bytes=1-3") == (206, "ELL")


def test_files_that_nobody_uploaded_are_out_of_reach(ask: Asker) -> None:
    stolen = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    assert outcome(ask, "shout", stolen, session="g")["success"] is False
    assert ask("/gradio_api/file=/etc/hostname")[0] == 403


def test_too_large_an_upload_is_refused(ask: Asker) -> None:
    text = "File size exceeded maximum allowed size of 1000 bytes."
    assert upload(ask, "big.txt", b"x" * 1001) == (413, text)


def test_a_login_opens_what_is_closed() -> None:
    with AppServer(app, auth=("ann", "pw"), auth_message="Members") as server, asking(server.url) as ask:
        detail = {"error": "Not authenticated", "auth_message": "Members"}
        assert ask("/config") == (401, {"detail": detail})
        assert ask("/login", b"username=ann&password=no") == (400, {"detail": "Incorrect credentials."})
        request = urllib.request.Request(f"{server.url}login", b"username=+ann&password=pw")
        with urllib.request.urlopen(request) as welcome:
            cookies = [line.partition(";")[0] for line in welcome.headers.get_all("Set-Cookie")]
        assert len(cookies) == 2
        for cookie in cookies:
            with asking(server.url, cookie) as known:
                assert known("/config")[1]["username"] == "ann"


def test_the_call_routes_give_results_without_the_queue_stream(ask: Asker) -> None:
    for path, body in (("call/greet", {"data": ["Ada", "Hi"]}), ("call/v2/greet", {"name": "Ada"})):
        _, answer = ask(f"/gradio_api/{path}", body)
        _, text = ask(f"/gradio_api/{path}/{answer['event_id']}")
        assert text.startswith("event: complete\ndata: [")
        assert "Ada!" in text
    assert ask("/gradio_api/run/greet", {"data": ["Ada", "Ho"]})[1]["data"] == ["Ho, Ada!"]
    assert ask("/gradio_api/call/nothing", {"data": []}) == (500, "Internal Server Error")


def test_the_documents_tell_names_defaults_and_what_is_hidden(ask: Asker) -> None:
    info = ask("/gradio_api/info")[1]["named_endpoints"]
    assert "/hidden" not in info
    assert "/quiet" not in info
    assert "/quiet" in ask("/gradio_api/info?all_endpoints=True")[1]["named_endpoints"]
    name, greeting = info["/greet"]["parameters"]
    assert (name["parameter_name"], name["parameter_has_default"]) == ("name", False)
    assert (greeting["parameter_default"], greeting["component"]) == ("Hello", "Textbox")
    assert len(info["/tally"]["parameters"]) == 1


def test_a_mounted_app_knows_its_public_root() -> None:
    with AppServer(app, path="/sub/app") as server, asking(server.url) as ask:
        assert ask("/config")[1]["root"] == server.url.rstrip("/")
        headers = {"X-Forwarded-Host": "pub.example.com", "X-Forwarded-Proto": "https"}
        assert ask("/config", **headers)[1]["root"] == "https://pub.example.com/sub/app"


def test_each_server_has_an_id_of_its_own(ask: Asker) -> None:
    mine = ask("/config")[1]["app_id"]
    assert ask("/gradio_api/app_id")[1] == {"app_id": mine}
    with AppServer(app) as other, asking(other.url) as elsewhere:
        assert elsewhere("/config")[1]["app_id"] != mine


def test_the_client_does_not_import_the_server() -> None:
    code = "import sys, gradio_client.client; sys.exit('gradio_client.testing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def upload(ask: Asker, name: str, content: bytes) -> tuple[int, Any]:
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    body = head + content + b"\r\n--b--\r\n"
    return ask("/gradio_api/upload", body, **{"Content-Type": "multipart/form-data; boundary=b"})
