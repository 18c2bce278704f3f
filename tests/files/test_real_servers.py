"""Files in and out of real servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gradio_client_adapters.aiohttp import AiohttpTransport

from gradio_client import Client, Downloads, RemoteFile, handle_file
from gradio_client._files import uploads
from gradio_client.exceptions import AppError, DownloadError, FileTooLargeError
from gradio_client.transport import ConnectionLostError, Headers, Request, Response, Transport

if TYPE_CHECKING:
    from conftest import Gradio
    from servers.process import Server

BIG = 3_000_000  # bytes, more than what is sent at once


class Cutting(Transport):
    """Loses the connection of the first answer with a file, after so many bytes of it.

    Attributes:
        asked: the Range fields of the requests for files, None for none, and the method.
    """

    def __init__(self, after: int) -> None:
        self._inner = AiohttpTransport()
        self._after: int | None = after
        self.asked: list[tuple[str, str | None]] = []

    async def send(self, request: Request) -> Response:
        response = await self._inner.send(request)
        if "/file=" not in request.url:
            return response
        self.asked.append((request.method, request.headers.get("range")))
        after, self._after = self._after, None
        return response if after is None else CutResponse(response, after)

    async def aclose(self) -> None:
        await self._inner.aclose()


class CutResponse(Response):
    def __init__(self, response: Response, after: int) -> None:
        self.status, self.headers = response.status, Headers(response.headers)
        self._response, self._left = response, after

    async def read(self) -> bytes:
        if not self._left:
            raise ConnectionLostError("cut")
        piece = (await self._response.read())[: self._left]
        self._left -= len(piece)
        return piece

    async def aclose(self) -> None:
        await self._response.aclose()


def made(size: int) -> bytes:
    """What the app's big file holds."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def test_many_files_go_in_few_requests(
    kitchen_sink: Server, transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BATCH_FILES", 7)
    names = [f"{at} ü.txt" for at in range(15)]
    with Client(
        kitchen_sink.url, verbose=False, transport=transport, download_files=tmp_path, max_workers=2
    ) as client:
        files = [handle_file(name.encode() * 9, name=name) for name in names]
        copies, about = client.predict(files, api_name="/files")
    assert [Path(path).read_bytes() for path in copies] == [name.encode() * 9 for name in reversed(names)]
    assert [entry["size"] for entry in about] == [len(name.encode()) * 9 for name in names]


def test_a_download_that_is_cut_after_its_last_byte_is_whole(kitchen_sink: Server, tmp_path: Path) -> None:
    transport = Cutting(BIG)
    with Client(kitchen_sink.url, verbose=False, transport=transport, download_files=tmp_path) as client:
        assert Path(client.predict(BIG, api_name="/big_file")).read_bytes() == made(BIG)
    assert transport.asked == [("GET", None)]


def test_a_download_that_is_cut_goes_on(kitchen_sink: Server, tmp_path: Path) -> None:
    transport = Cutting(1_000_000)
    with Client(kitchen_sink.url, verbose=False, transport=transport, download_files=tmp_path) as client:
        path = Path(client.predict(BIG, api_name="/big_file"))
    assert path.read_bytes() == made(BIG)
    assert transport.asked[:2] == [("GET", None), ("GET", "bytes=1000000-2999999")]


def test_a_file_is_fetched_when_it_is_wanted(kitchen_sink: Server, tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "folder", when="lazy")
    with Client(kitchen_sink.url, verbose=False, download_files=downloads) as client:
        file = client.predict(BIG, api_name="/big_file")
        assert isinstance(file, RemoteFile)
        assert (file.name, file.size in (BIG, None)) == ("big.bin", True)
        assert b"".join(file.stream()) == file.read() == made(BIG)
        assert not (tmp_path / "folder").exists()
        assert file.save(tmp_path / "mine").stat().st_size == BIG
        about = client.predict(handle_file(file.fetch()), api_name="/file_info")
    assert about["size"] == BIG


def test_a_file_of_the_app_can_be_sent_back_by_its_url(kitchen_sink: Server) -> None:
    with Client(kitchen_sink.url, verbose=False, download_files=Downloads(when="lazy")) as client:
        file = client.predict(1000, api_name="/big_file")
        about = client.predict(handle_file(file.url, name="again.bin"), api_name="/file_info")
    assert about["size"] == 1000
    assert about["name"].endswith(".bin")


def test_a_file_that_the_app_does_not_offer_is_a_typed_error(kitchen_sink: Server) -> None:
    with Client(kitchen_sink.url, verbose=False, download_files=Downloads(when="lazy")) as client:
        file = client.predict(1000, api_name="/big_file")
        file._remote.url = file.url.replace("big.bin", "small.bin")
        with pytest.raises(DownloadError) as caught:
            file.read()
    assert caught.value.status in (403, 404)


@pytest.mark.parametrize("version", ["6.31.0"])
def test_what_is_too_large_is_not_sent(gradio: Gradio, version: str) -> None:
    server = gradio(version, "kitchen_sink", max_file_size="1kb")
    with Client(server.url, verbose=False, download_files=False) as client:
        with pytest.raises(FileTooLargeError, match="at most 1024"):
            client.predict(handle_file(bytes(1025)), api_name="/file_info")
        assert client.predict(handle_file(bytes(1024)), api_name="/file_info")["size"] == 1024


@pytest.mark.since("4.19.2")
def test_a_path_of_the_server_that_nobody_uploaded_is_the_servers_to_refuse(kitchen_sink: Server) -> None:
    value = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    with (
        Client(kitchen_sink.url, verbose=False, download_files=False) as client,
        pytest.raises(AppError),
    ):
        client.predict(value, api_name="/file_info")
