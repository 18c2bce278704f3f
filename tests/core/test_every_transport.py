"""What matters most, over each transport."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from core.fake_app import (
    FakeApp,
    completed,
    failing,
    generating,
    replying,
    sse,
    streaming,
)
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, Client, Downloads, handle_file
from gradio_client.exceptions import AppError, ClientClosedError, ConnectionLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from gradio_client_contract_tests.server import Connection, Seen

WAIT = 10  # seconds that a job may take before a test fails

pytestmark = pytest.mark.leaks


@pytest.fixture
def client(app: FakeApp, transport: str, tmp_path: Path) -> Iterator[Client]:
    with Client(app.url, verbose=False, transport=transport, download_files=tmp_path / "down") as made:
        yield made


def test_calls_give_their_results(client: Client) -> None:
    assert [client.predict(at, api_name="/echo") for at in range(5)] == list(range(5))


def test_outputs_come_one_by_one_while_the_job_runs(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    job = client.submit(1, api_name="/echo")
    app.say(generating("e1", "a"))
    assert next(job) == "a"
    app.say(generating("e1", [["append", [], "b"]]))
    assert next(job) == "ab"
    app.say(completed("e1", "ab"))
    assert job.result(WAIT) == "ab"


def test_an_apps_error_is_raised(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [failing(event, "bad")]
    with pytest.raises(AppError, match="bad"):
        client.predict(1, api_name="/echo")


def test_a_cut_stream_fails_its_jobs_and_the_next_one_works(client: Client, app: FakeApp) -> None:
    app.route("queue/data", streaming(sse(generating("e1", "part")), ends=False))
    app.on_join = lambda event, body: []
    job = client.submit(1, api_name="/echo")
    assert isinstance(job.exception(WAIT), ConnectionLost)
    assert job.outputs() == ["part"]
    app.route("queue/data", app.stream)
    app._waiting.clear()
    app.on_join = lambda event, _: [completed(event, "again")]
    assert client.predict(1, api_name="/echo") == "again"


def test_fifty_jobs_share_a_stream(client: Client, app: FakeApp) -> None:
    jobs = [client.submit(at, api_name="/echo") for at in range(50)]
    assert [job.result(WAIT) for job in jobs] == list(range(50))


def test_files_go_up_and_come_down(client: Client, app: FakeApp, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "a.bin").write_bytes(content)
    app.route("file=/tmp/gradio/1/a.bin", lambda c, _: c.reply(content))
    path = client.predict(handle_file(tmp_path / "a.bin"), api_name="/echo")
    assert Path(path).read_bytes() == content
    assert content in app.seen("upload")[0].body


def test_a_cancelled_job_is_stopped_on_the_server(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    job = client.submit(1, api_name="/echo")
    app.say(generating("e1", "part"))
    assert until(job.outputs)
    assert job.cancel()
    assert until(lambda: app.seen("cancel"))
    assert json.loads(app.seen("cancel")[0].body)["event_id"] == "e1"


def test_closing_ends_jobs_in_every_state(app: FakeApp, transport: str, tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    def never(connection: Connection, _: Seen) -> None:
        connection.wait_until_gone()
        raise EOFError

    app.on_join = lambda event, body: []
    client = Client(app.url, verbose=False, transport=transport)
    waiting = client.submit(1, api_name="/echo")
    assert app.joined.acquire(timeout=WAIT)
    app.route("queue/join", never)
    app.route("upload", never)
    joining = client.submit(1, api_name="/echo")
    uploading = client.submit(handle_file(tmp_path / "a"), api_name="/echo")
    assert until(lambda: app.seen("upload") and len(app.seen("queue/join")) == 2)
    client.close()
    errors = [job.exception(WAIT) for job in (waiting, joining, uploading)]
    assert [type(error) for error in errors] == [ClientClosedError] * 3


def test_a_dying_server_ends_every_job(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    jobs = [client.submit(at, api_name="/echo") for at in range(5)]
    for _ in jobs:
        assert app.joined.acquire(timeout=WAIT)
    assert until(lambda: app.streams == 1)
    app.server.close()
    assert all(isinstance(job.exception(WAIT), ConnectionError) for job in jobs)


def test_redirects_replay_the_job(client: Client, app: FakeApp) -> None:
    app.route("queue/join/", app.join)
    app.route("queue/join", replying(b"", "307 Moved", f"Location: {app.url}/gradio_api/queue/join/"))
    assert client.predict("x" * 100_000, api_name="/echo") == "x" * 100_000


def test_compressed_answers_and_cookies_are_understood(app: FakeApp, transport: str) -> None:
    body = gzip.compress(json.dumps(app.config).encode())
    headers = (
        "Content-Encoding: gzip",
        "Set-Cookie: a=1; Path=/",
        "Set-Cookie: b=2; Path=/",
    )
    app.routes["/config"] = replying(body, "200 OK", *headers)
    with Client(app.url, verbose=False, transport=transport) as client:
        assert client.predict("done", api_name="/echo") == "done"
    (cookies,) = app.seen("queue/data")[0].header("Cookie")
    assert sorted(cookies.split("; ")) == ["a=1", "b=2"]


def test_a_large_value_goes_both_ways(client: Client) -> None:
    value = "ü\u2028" * 500_000
    assert client.predict(value, api_name="/echo") == value


def test_a_stream_that_is_left_open_ends_with_its_client_and_its_loop_in_silence(
    app: FakeApp, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = {"path": "/tmp/x.bin", "meta": {"_type": "gradio.FileData"}}
    app.on_join = lambda event, _: [completed(event, file)]
    app.otherwise = replying(b"content")

    async def leave_it() -> AsyncIterator[bytes]:
        lazy = Downloads(when="lazy")
        async with AsyncClient(app.url, transport=transport, download_files=lazy) as client:
            stream: AsyncIterator[bytes] = (await client.predict(1, api_name="/echo")).stream()
            assert await anext(stream) == b"content"
        return stream  # which lives longer than its loop

    with caplog.at_level("ERROR"):
        asyncio.run(leave_it())
    assert caplog.records == []
