from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client_adapters.aiohttp import AiohttpTransport

from gradio_client import handle_file
from gradio_client.transport import Request, Response, Timeouts, Transport, TransportOptions

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect

HEARTBEATS = 45.0  # seconds of silence after which a stream is lost: three heartbeats


class Watching(Transport):
    """Notes how patient each request is."""

    def __init__(self, options: TransportOptions) -> None:
        self._transport = AiohttpTransport(options)
        self.seen: dict[str, Timeouts] = {}

    async def send(self, request: Request) -> Response:
        self.seen[request.url.partition("?")[0].rpartition("/")[2]] = request.timeouts
        return await self._transport.send(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


def patience(connect: Connect, folder: Path, **httpx_kwargs: object) -> dict[str, Timeouts]:
    watching = Watching(TransportOptions())
    (folder / "a").touch()
    client = connect(transport=watching, httpx_kwargs=httpx_kwargs, download_files=False)
    client.predict(handle_file(folder / "a"), api_name="/echo")
    return watching.seen


def test_streams_outlast_the_callers_limit_on_silence(connect: Connect, tmp_path: Path) -> None:
    seen = patience(connect, tmp_path, timeout=2.0)
    assert seen["data"] == Timeouts(connect=2.0, read=HEARTBEATS)


def test_everything_else_keeps_to_the_callers_limits(connect: Connect, tmp_path: Path) -> None:
    seen = patience(connect, tmp_path, timeout=(1.0, 2.0))
    assert [seen[name] for name in ("config", "info", "join")] == [Timeouts(1.0, 2.0)] * 3


def test_an_upload_has_the_limit_for_writing(connect: Connect, tmp_path: Path) -> None:
    seen = patience(connect, tmp_path, timeout=(1.0, 2.0, 30.0, 4.0))
    assert (seen["upload"], seen["join"]) == (Timeouts(1.0, 30.0), Timeouts(1.0, 2.0))


def test_without_limits_only_streams_have_one(connect: Connect, tmp_path: Path) -> None:
    seen = patience(connect, tmp_path, timeout=None)
    assert (seen["join"], seen["data"]) == (Timeouts(None, None), Timeouts(None, HEARTBEATS))
