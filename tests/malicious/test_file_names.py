"""Names of files: an app that wants to write where it should not."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from malicious.files import CONTENT, file, returning

from gradio_client.domain.bounds import FILE_NAME
from gradio_client.exceptions import DownloadError

if TYPE_CHECKING:
    from malicious.victim import Victim

#: Paths of files, ``{}`` being a folder that is watched, and has ``private.txt`` in it.
NAMES = {
    "up": "../../escaped.txt",
    "up and up": "/tmp" + "/.." * 40 + "{}/escaped.txt",
    "up, encoded": "/tmp/%2e%2e%2f%2e%2e%2fescaped.txt",
    "up on Windows": "..\\..\\escaped.txt",
    "up, mixed": "/tmp/..\\../escaped.txt",
    "only up": "/tmp/..",
    "only here": "/tmp/.",
    "absolute": "{}/escaped",
    "absolute, of a file that is there": "{}/private.txt",
    "absolute, in a new folder": "{}/cron.d/escaped",
    "absolute, doubled": "/{}/escaped",
    "a drive": "C:\\Windows\\System32\\escaped.dll",
    "a network": "\\\\host\\share\\escaped.exe",
    "a home": "~/.ssh/authorized_keys",
    "a home by its variable": "$HOME/.ssh/authorized_keys",
    "NUL": "/tmp/a\x00.txt",
    "NUL, up": "/tmp/a\x00/../../b",
    "controls": "/tmp/a\r\nb\x1b[31m.txt",
    "a device": "/tmp/CON",
    "a device with a suffix": "/tmp/aux.txt",
    "another stream": "/tmp/a.txt:hidden",
    "dots and spaces": "/tmp/a.txt. . .",
    "empty": "",
    "a folder": "/tmp/folder/",
    "long": "/tmp/" + "a" * 50_000,
    "endless": "/tmp/" + "a" * 100_000,
    "endless, of many bytes": "/tmp/" + "\U0001f600" * 5000 + ".txt",
    "right to left": "/tmp/a\u202etxt.exe",
    "a fullwidth slash": "/tmp/\uff0e\uff0e\uff0fescaped",
    "a division slash": "/tmp/..\u2215escaped",
    "half of a character": "/tmp/a\ud800.txt",
    "a hidden file": "/tmp/.bashrc",
    "an option": "/tmp/--delete",
    "a query": "/tmp/a?x=/../../b#c",
}
#: Of these, what no honest server sends; the others may be names of honest files.
REFUSED = {"up", "up and up", "up on Windows", "up, mixed", "only up", "NUL, up", "a query", "endless"}


@pytest.mark.parametrize("case", NAMES)
def test_a_file_lands_in_the_folder_whatever_its_name(
    victim: Victim, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(victim.folder))
    monkeypatch.chdir(victim.folder)
    name = NAMES[case].replace("{}", str(victim.folder))
    returning(victim.app, file(name, orig_name=name))
    outcome = victim.calls()
    if case in REFUSED:
        assert isinstance(outcome, DownloadError)
        assert list(victim.downloads.iterdir()) == []
        return
    path = Path(outcome)
    assert path.read_bytes() == CONTENT
    assert path.resolve().is_relative_to(victim.downloads.resolve())
    assert path.name.isprintable()
    assert len(path.name.encode()) <= 255


@pytest.mark.parametrize("key", ["path", "url", "orig_name"])
def test_a_file_of_an_endless_name_is_not_fetched(victim: Victim, key: str) -> None:
    returning(victim.app, {**file("/tmp/a.txt"), key: "http://h/" + "a" * FILE_NAME})
    outcome = victim.calls()
    assert isinstance(outcome, DownloadError)
    assert f"{key!r} of more than {FILE_NAME} characters" in str(outcome)


def test_a_planted_link_is_not_written_through(victim: Victim) -> None:
    returning(victim.app, file("/tmp/a.txt"))
    first = Path(victim.calls())
    first.unlink()
    first.symlink_to(victim.secret_file)
    victim.calls()
    assert victim.secret_file.read_bytes() != CONTENT


def test_a_planted_link_to_a_folder_is_not_written_through(victim: Victim) -> None:
    outside = victim.folder / "outside"
    returning(victim.app, file("/tmp/a.txt"))
    place = Path(victim.calls()).parent
    (place / "a.txt").unlink()
    place.rmdir()
    place.symlink_to(outside)  # it need not exist yet: following it would make it
    with contextlib.suppress(OSError):
        victim.calls()
    assert not outside.exists()


def test_a_file_of_another_content_does_not_replace_the_first(victim: Victim) -> None:
    returning(victim.app, file("/tmp/a.txt"))
    first = Path(victim.calls())
    victim.app.otherwise = lambda connection, _: connection.reply(b"other")
    second = Path(victim.calls())
    assert (first.read_bytes(), second.read_bytes()) == (CONTENT, b"other")
