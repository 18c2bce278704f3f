from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client._files import placing
from gradio_client._files.sink import Sink
from gradio_client.domain.errors import DownloadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIGEST = hashlib.sha256(b"content").hexdigest()
POSIX = pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")


@pytest.fixture(params=["without a name", "hidden", "without links"])
def _files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files as systems have them: without a name until they are whole, or hidden; FAT has no links."""
    if request.param != "without a name":
        monkeypatch.setattr(placing, "_UNNAMED", 0)
    if request.param == "without links":
        monkeypatch.setattr(os, "link", _no_link)
    yield  # noqa: PT022 - the patches end with the test


def _no_link(*_: object, **__: object) -> None:
    raise OSError(errno.EPERM, "no links here")


pytestmark = pytest.mark.usefixtures("_files")


def sink_of(folder: Path, content: bytes = b"content") -> Sink:
    sink = Sink(folder)
    sink.write([content])
    return sink


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def test_a_file_is_in_a_folder_named_after_its_content(tmp_path: Path) -> None:
    path = sink_of(tmp_path).keep("a.txt")
    assert path == tmp_path.resolve() / DIGEST / "a.txt"
    assert path.read_bytes() == b"content"
    assert files_in(tmp_path.resolve()) == [path]


class Taking:
    """A file whose ``write`` takes only a part of what it is given, as systems may."""

    def __init__(self, file: Any, most: int) -> None:
        self._file, self._most = file, most

    def write(self, data: memoryview) -> int:
        return int(self._file.write(data[: self._most]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("most", [100_000, placing._AT_ONCE, 1 << 30])
def test_all_is_written_however_much_is_taken_at_once(tmp_path: Path, most: int) -> None:
    sizes = (0, 1, placing._AT_ONCE, placing._AT_ONCE + 1, 3_000_000)
    chunks = [os.urandom(size) for size in sizes]
    sink = Sink(tmp_path)
    sink._unplaced._file = Taking(sink._unplaced._file, most)  # type: ignore[assignment]
    sink.write(chunks)
    assert sink.keep("a.bin").read_bytes() == b"".join(chunks)


def test_the_same_file_again_takes_the_same_place(tmp_path: Path) -> None:
    first = sink_of(tmp_path).keep("a.txt")
    before = first.stat().st_mtime_ns
    assert sink_of(tmp_path).keep("a.txt") == first
    assert first.stat().st_mtime_ns == before
    assert len(files_in(tmp_path)) == 1


@pytest.mark.parametrize("other", [b"", b"edited", b"c0ntent"])
def test_a_different_file_is_never_replaced(tmp_path: Path, other: bytes) -> None:
    first = sink_of(tmp_path).keep("a.txt")
    first.write_bytes(other)
    second = sink_of(tmp_path).keep("a.txt")
    assert (first.read_bytes(), second.name, second.read_bytes()) == (other, "a (1).txt", b"content")
    assert sink_of(tmp_path).keep("a.txt") == second


@POSIX
def test_a_link_to_a_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"content")  # even one of the same content
    (tmp_path / DIGEST).mkdir()
    (tmp_path / DIGEST / "a.txt").symlink_to(victim)
    path = sink_of(tmp_path).keep("a.txt")
    assert (path.name, victim.read_bytes()) == ("a (1).txt", b"content")


@POSIX
def test_a_link_that_leads_nowhere_is_not_filled(tmp_path: Path) -> None:
    (tmp_path / DIGEST).mkdir()
    (tmp_path / DIGEST / "a.txt").symlink_to(tmp_path / "outside")
    sink_of(tmp_path).keep("a.txt")
    assert not (tmp_path / "outside").exists()


@POSIX
def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / DIGEST).symlink_to(outside)
    with pytest.raises(DownloadError, match="symbolic link"):
        sink_of(tmp_path / "folder").keep("a.txt")
    assert list(outside.iterdir()) == []


@POSIX
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_keeps_its_name(tmp_path: Path, kind: str) -> None:
    place = tmp_path / DIGEST / "a.txt"
    place.parent.mkdir()
    place.mkdir() if kind == "folder" else os.mkfifo(place)
    assert sink_of(tmp_path).keep("a.txt").name == "a (1).txt"


def test_a_file_is_saved_in_place_of_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    assert sink_of(tmp_path).save(tmp_path / "a.txt").read_bytes() == b"content"
    assert len(files_in(tmp_path)) == 1


@POSIX
def test_saving_replaces_a_link_and_leaves_what_it_led_to(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "a.txt").symlink_to(tmp_path / "victim")
    sink_of(tmp_path).save(tmp_path / "a.txt")
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert (tmp_path / "a.txt").read_bytes() == b"content"


def test_what_is_put_into_a_folder_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"mine")
    assert sink_of(tmp_path).put("a.txt").name == "a (1).txt"
    assert (tmp_path / "a.txt").read_bytes() == b"mine"


@POSIX
def test_what_is_put_into_a_folder_may_go_by_a_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert sink_of(tmp_path / "link").put("a.txt") == tmp_path.resolve() / "real" / "a.txt"
    assert sink_of(tmp_path / "link").keep("a.txt").read_bytes() == b"content"


@POSIX
def test_what_is_put_into_a_folder_does_not_go_through_a_link_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "a.txt").symlink_to(tmp_path / "victim")
    assert sink_of(tmp_path).put("a.txt").name == "a (1).txt"
    assert (tmp_path / "victim").read_bytes() == b"mine"


@POSIX
def test_a_new_folder_outlasts_a_loss_of_power_as_its_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    fsync = os.fsync

    def noting(number: int) -> None:
        synced.add(os.fstat(number).st_ino)
        fsync(number)

    monkeypatch.setattr(os, "fsync", noting)
    path = sink_of(tmp_path / "a" / "b").keep("a.txt")
    assert {path.stat().st_ino} | {folder.stat().st_ino for folder in path.parents[1:4]} <= synced


def test_what_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    sink_of(tmp_path).discard()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / DIGEST).write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match=DIGEST):
        sink_of(tmp_path).keep("a.txt")
    assert [path.name for path in tmp_path.iterdir()] == [DIGEST]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a hidden file may stay")
def test_a_program_that_is_killed_leaves_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["_files"] != "without a name":
        pytest.skip("a hidden file may stay")
    program = (
        "import os, pathlib, signal, sys\n"
        "from gradio_client._files.sink import Sink\n"
        "sink = Sink(pathlib.Path(sys.argv[1]))\n"
        "sink.write([b'x' * 1000000])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []
