"""A real app with a login is started anew, which forgets who had logged in (protocol section 3.1)."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import TRANSPORTS
from servers.serve import free_port, gradio_server

from gradio_client import Client, handle_file
from gradio_client.hooks import Exchange, Outcome, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

NEWEST = "6.31.0"
ANN = ("alice", "secret")


class Watching:
    """Notes what was asked for and how it was answered."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int | None]] = []

    @hookimpl
    def gradio_client_exchange_finished(self, exchange: Exchange, outcome: Outcome) -> None:
        self.seen.append((exchange.context.purpose, outcome.status))

    def statuses(self, purpose: str) -> list[int | None]:
        return [status for told, status in self.seen if told == purpose]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Client, Watching]]]:
    """Clients of each transport that logged in before the server was killed and started again."""
    port, folder = free_port(), tmp_path_factory.mktemp("downloads")
    with ExitStack() as stack:
        found = {}
        with gradio_server(NEWEST, "auth", port=port) as server:
            for transport in TRANSPORTS:
                watching = Watching()
                client = Client(
                    server.url,
                    auth=ANN,
                    transport=transport,
                    plugins=[watching],
                    download_files=folder,
                    verbose=False,
                )
                found[transport] = stack.enter_context(client), watching
                assert client.predict(api_name="/whoami") == "alice"
            server.kill()
        stack.enter_context(gradio_server(NEWEST, "auth", port=port))
        for _, watching in found.values():
            watching.seen.clear()
        yield found


def test_a_lost_session_is_renewed_once_for_all_calls_streams_and_files(
    clients: dict[str, tuple[Client, Watching]], transport: str, tmp_path: Path
) -> None:
    client, watching = clients[transport]
    note = tmp_path / "note.txt"
    note.write_text("for members")
    jobs = [client.submit(str(number), api_name="/echo") for number in range(20)]
    assert [job.result(timeout=30) for job in jobs] == [str(number) for number in range(20)]
    assert watching.statuses("login") == [200]
    joins = watching.statuses("join")
    assert joins.count(200) == 20
    assert set(joins) == {200, 401}
    assert list(client.submit(3, api_name="/count")) == [1, 2, 3]
    assert Path(client.predict(handle_file(note), api_name="/copy")).read_text() == "for members"
    assert len(watching.statuses("login")) == 1
