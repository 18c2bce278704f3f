from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, replying
from gradio_client_adapters.aiohttp import AiohttpTransport

import gradio_client
from gradio_client import AsyncClient, handle_file
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


def patience(
    connect: Connect, folder: Path, timeouts: gradio_client.Timeouts | None = None, **httpx_kwargs: object
) -> dict[str, Timeouts]:
    watching = Watching(TransportOptions())
    (folder / "a").touch()
    client = connect(transport=watching, httpx_kwargs=httpx_kwargs, timeouts=timeouts, download_files=False)
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


def test_each_step_has_the_limit_that_was_given_for_it(connect: Connect, tmp_path: Path) -> None:
    seen = patience(connect, tmp_path, gradio_client.Timeouts(connect=1, read=2, transfer=3, silence=4))
    found = [seen[name] for name in ("config", "join", "upload", "data")]
    assert found == [Timeouts(1.0, 2.0), Timeouts(1.0, 2.0), Timeouts(1.0, 3.0), Timeouts(1.0, 4.0)]


def test_a_download_has_the_limit_for_files(connect: Connect, app: FakeApp) -> None:
    watching = Watching(TransportOptions())
    client = connect(transport=watching, timeouts=gradio_client.Timeouts(transfer=7))
    app.route("file=/a.txt", replying(b"text"))
    file = {"path": "/a.txt", "meta": {"_type": "gradio.FileData"}}
    app.on_join = lambda event, _: [completed(event, file)]
    client.predict(1, api_name="/echo")
    assert watching.seen["a.txt"] == Timeouts(10.0, 7.0)


def test_the_defaults_are_those_of_the_documentation() -> None:
    assert gradio_client.Timeouts() == gradio_client.Timeouts(
        connect=10, read=60, transfer=60, silence=HEARTBEATS
    )


def test_a_limit_may_be_left_out(connect: Connect, tmp_path: Path) -> None:
    none = gradio_client.Timeouts(connect=None, read=None, transfer=None, silence=None)
    seen = patience(connect, tmp_path, none)
    assert [seen[name] for name in ("config", "upload", "data")] == [Timeouts(None, None)] * 3


def test_limits_in_both_ways_contradict_each_other(connect: Connect) -> None:
    with pytest.raises(TypeError, match="contradict"):
        connect(timeouts=gradio_client.Timeouts(), httpx_kwargs={"timeout": 3})


@pytest.mark.parametrize("given", [3, (1, 2), Timeouts(), {"read": 3}])
def test_anything_else_is_refused(connect: Connect, given: object) -> None:
    with pytest.raises(TypeError, match=r"timeouts= takes gradio_client.Timeouts"):
        connect(timeouts=given)


def test_the_timeouts_of_a_transport_are_told_apart(connect: Connect) -> None:
    with pytest.raises(TypeError, match=r"Timeouts\(...\), not gradio_client.transport\."):
        connect(timeouts=Timeouts())


@pytest.mark.parametrize("name", ["connect", "read", "transfer", "silence"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_is_above_0(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"Timeouts\({name}=\) takes seconds above 0"):
        gradio_client.Timeouts(**{name: value})


@pytest.mark.parametrize("value", ["3", True, [3]])
def test_a_limit_is_a_number(value: Any) -> None:
    with pytest.raises(TypeError, match=r"Timeouts\(read=\) takes a number of seconds or None"):
        gradio_client.Timeouts(read=value)


def test_infinity_is_no_limit() -> None:
    assert gradio_client.Timeouts(read=float("inf")).read is None


@pytest.mark.parametrize("name", ["connect", "read", "transfer", "silence"])
@pytest.mark.parametrize("value", [sys.maxsize, 1e300])
def test_what_outlasts_every_program_is_no_limit(name: str, value: float) -> None:
    limits = gradio_client.Timeouts(**{name: value})
    assert limits == gradio_client.Timeouts(**{name: None})


def test_a_limit_that_no_socket_can_hold_does_no_harm(connect: Connect) -> None:
    client = connect(transport="requests", timeouts=gradio_client.Timeouts(read=1e12, silence=1e12))
    assert client.predict("done", api_name="/echo") == "done"


def test_an_async_client_takes_limits_too(app: FakeApp) -> None:
    watching = Watching(TransportOptions())

    async def main() -> None:
        client = AsyncClient(app.url, transport=watching, timeouts=gradio_client.Timeouts(read=5))
        async with client:
            pass

    asyncio.run(main())
    assert watching.seen["config"] == Timeouts(10.0, 5.0)
