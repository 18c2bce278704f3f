"""Files that are fetched when they are wanted: where they may be put, and what is believed of them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed, replying
from files.conftest import remote

from gradio_client import Downloads, RemoteFile

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import FakeApp

POSIX = pytest.mark.skipif(os.name != "posix", reason="other systems have no such files")


@pytest.fixture
def lazy(app: FakeApp, connect: Connect, tmp_path: Path) -> RemoteFile:
    return made(app, connect, tmp_path / "down", size=7)


def made(app: FakeApp, connect: Connect, folder: Path, **more: Any) -> RemoteFile:
    app.route("file=/tmp/x.bin", replying(b"content"))
    app.on_join = lambda event, _: [completed(event, remote("/tmp/x.bin", **more))]
    found = connect(download_files=Downloads(folder, when="lazy")).predict(1, api_name="/echo")
    assert isinstance(found, RemoteFile)
    return found


@POSIX
@pytest.mark.parametrize("linked", [False, True])
def test_what_is_no_file_is_not_replaced(
    lazy: RemoteFile, app: FakeApp, tmp_path: Path, *, linked: bool
) -> None:
    path = pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if linked:
        path = tmp_path / "link"
        path.symlink_to(pipe)
    with pytest.raises(FileExistsError, match="a device, a pipe or a socket") as caught:
        lazy.save(path)
    assert caught.value.filename == str(path)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert app.seen("file=/tmp/x.bin") == []


@POSIX
def test_a_file_that_is_replaced_keeps_its_permissions(lazy: RemoteFile, tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.touch(mode=0o600)
    lazy.save(path)
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_path_that_ends_with_a_slash_is_a_folder(lazy: RemoteFile, tmp_path: Path) -> None:
    assert lazy.save(f"{tmp_path}/new/") == (tmp_path / "new" / "x.bin").resolve()
    assert (tmp_path / "new" / "x.bin").read_bytes() == b"content"


def test_a_copy_that_was_moved_away_is_fetched_again(lazy: RemoteFile, tmp_path: Path) -> None:
    first = lazy.fetch()
    first.rename(tmp_path / "mine")
    assert lazy.read() == b"content"
    assert lazy.fetch() == first
    assert first.read_bytes() == b"content"


@pytest.mark.parametrize("size", [True, -1, 10**400, 7.0, "7", None])
def test_a_size_that_makes_no_sense_is_not_believed(
    app: FakeApp, connect: Connect, tmp_path: Path, size: Any
) -> None:
    assert made(app, connect, tmp_path, size=size).size is None


@pytest.mark.parametrize("nothing", [None, False])
def test_nothing_is_downloaded_if_that_was_said(app: FakeApp, connect: Connect, nothing: Any) -> None:
    app.on_join = lambda event, _: [completed(event, remote("/tmp/x.bin"))]
    assert connect(download_files=nothing).predict(1, api_name="/echo") == remote("/tmp/x.bin")


@pytest.mark.parametrize("folder", ["", "a\0b"])
def test_a_folder_has_a_name(connect: Connect, folder: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        Downloads(folder)
    with pytest.raises(ValueError, match="folder"):
        connect(download_files=folder)
