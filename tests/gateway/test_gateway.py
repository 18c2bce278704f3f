"""A gateway that wants every request signed lets a client through that has a plugin of twenty lines.

tests/elsewhere/ runs all integration tests through it; here is the main job.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gateway.installed import SIGNER

from gradio_client import Client, handle_file
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.gate import Behind

pytestmark = pytest.mark.since("6.31.0")

ROUTES = (
    *("GET /config", "GET /gradio_api/info", "GET /gradio_api/heartbeat/", "POST /gradio_api/upload"),
    *("POST /gradio_api/queue/join", "GET /gradio_api/queue/data", "GET /gradio_api/file="),
    "POST /gradio_api/cancel",
)


@pytest.fixture
def client(kitchen_sink: Behind, transport: str, tmp_path: Path) -> Iterator[Client]:
    with Client(kitchen_sink.url, transport=transport, download_files=tmp_path, verbose=False) as client:
        yield client


def test_the_main_job_is_done_and_no_request_of_it_is_refused(
    client: Client, kitchen_sink: Behind, tmp_path: Path
) -> None:
    note = tmp_path / "a note.txt"
    note.write_text("for members")
    assert Path(client.predict(handle_file(note), api_name="/file_in_out")).read_text() == "FOR MEMBERS"
    assert list(client.submit(3, 0, api_name="/count")) == [1, 2, 3]
    job = client.submit(600, 0.05, api_name="/count")
    assert next(job) == 1
    assert job.cancel()
    # The server goes on to the next job of that function: the first was stopped there too.
    assert client.predict(2, 0, api_name="/count") == 2
    passed = kitchen_sink.front.passed
    assert [route for route in ROUTES if not any(said.startswith(route) for said in passed)] == []
    assert kitchen_sink.front.refused == []


def test_the_gateway_lets_nobody_else_through(kitchen_sink: Behind) -> None:
    with pytest.raises(GradioClientError, match="403"):
        Client(kitchen_sink.url, verbose=False, disabled_plugins=["signer"])
    assert kitchen_sink.front.refused == ["GET /config"]


def test_the_plugin_is_no_longer_than_twenty_lines() -> None:
    assert len(SIGNER.read_text("utf-8").splitlines()) <= 20
