from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import replying
from files.conftest import CutFile, remote

from gradio_client import Downloads, RemoteFile
from gradio_client._files import fetching
from gradio_client.exceptions import AuthenticationError, ConnectionLost, DownloadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.conftest import Connect
    from core.fake_app import FakeApp, Route
    from gradio_client_contract_tests.server import Connection, Seen

CONTENT = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSE", 0.001)


@pytest.fixture
def fetch(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path
) -> Callable[[CutFile], bytes]:
    def fetched(file: CutFile) -> bytes:
        app.route("file=/tmp/x.bin", file)
        returns(remote())
        return Path(connect(download_files=tmp_path).predict(1, api_name="/echo")).read_bytes()

    return fetched


def test_a_download_that_is_cut_goes_on_where_it_was_cut(fetch: Callable[[CutFile], bytes]) -> None:
    file = CutFile(CONTENT, 3000, 2000)
    assert fetch(file) == CONTENT
    assert file.asked == [None, "bytes=3000-10239", "bytes=5000-10239"]


def test_gradios_parts_which_do_not_say_what_they_are_of_are_confirmed(
    fetch: Callable[[CutFile], bytes], app: FakeApp
) -> None:
    file = CutFile(CONTENT, 3000)
    file.says_tag = False
    assert fetch(file) == CONTENT
    assert [seen.line.split()[0] for seen in app.seen("file=/tmp/x.bin")] == ["GET", "GET", "HEAD"]


def reset(connection: Connection, _: Seen) -> None:
    connection.reset()


class Unconfirmed(CutFile):
    """A file that is cut once; whether it is still the same, the server does not say at once."""

    def __init__(self, *answers: Route) -> None:
        super().__init__(CONTENT, 3000)
        self.says_tag = False
        self.answers = list(answers)

    def __call__(self, connection: Connection, seen: Seen) -> None:
        if seen.line.startswith("HEAD ") and self.answers:
            self.answers.pop(0)(connection, seen)
        else:
            super().__call__(connection, seen)


@pytest.mark.parametrize("answer", [
    replying(b"", "503 Service Unavailable"),
    replying(b"", "429 Too Many Requests", "Retry-After: 0"),
    reset,
], ids=["503", "429", "reset"])  # fmt: skip
def test_a_confirmation_that_fails_for_a_moment_is_asked_for_again(
    fetch: Callable[[CutFile], bytes], answer: Route
) -> None:
    file = Unconfirmed(answer)
    assert fetch(file) == CONTENT
    assert file.answers == []


@pytest.mark.parametrize(
    ("status", "kind"), [("405 Method Not Allowed", DownloadError), ("401 Unauthorized", AuthenticationError)]
)
def test_a_confirmation_that_is_refused_is_told_as_such(
    fetch: Callable[[CutFile], bytes], tmp_path: Path, status: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=status[:3]):
        fetch(Unconfirmed(replying(b"", status)))
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("says_tag", [True, False])
def test_a_file_that_changed_meanwhile_is_not_mixed_with_what_it_was(
    fetch: Callable[[CutFile], bytes], tmp_path: Path, *, says_tag: bool
) -> None:
    file = CutFile(CONTENT, 3000)
    file.says_tag = says_tag
    number = itertools.count()

    def change() -> None:
        if next(number) == 1:
            file.tag, file.content = '"two"', CONTENT[::-1]

    file.before_answer = change
    with pytest.raises(DownloadError, match="changed on the server"):
        fetch(file)
    assert list(tmp_path.rglob("*")) == []


def test_a_server_that_gives_no_parts_is_not_mistaken(fetch: Callable[[CutFile], bytes]) -> None:
    file = CutFile(CONTENT, 3000)
    file.gives_parts = False
    with pytest.raises(ConnectionLost):
        fetch(file)
    assert len(file.asked) == 2


def test_without_a_tag_the_rest_is_not_asked_for(fetch: Callable[[CutFile], bytes]) -> None:
    file = CutFile(CONTENT, 3000)
    file.tag = 'W/"weak"'
    with pytest.raises(ConnectionLost):
        fetch(file)
    assert file.asked == [None]


def test_a_download_that_gets_nowhere_is_given_up(fetch: Callable[[CutFile], bytes]) -> None:
    file = CutFile(CONTENT, *[10] * 100)
    with pytest.raises(ConnectionLost):
        fetch(file)
    assert len(file.asked) == 1 + fetching.RESUMES


def test_a_server_that_is_away_for_a_moment_is_asked_again(
    fetch: Callable[[CutFile], bytes], app: FakeApp
) -> None:
    class Away(CutFile):
        def __call__(self, connection: Any, seen: Any) -> None:
            if len(app.seen("file=/tmp/x.bin")) in (2, 3, 4, 5):
                connection.reset()
            super().__call__(connection, seen)

    assert fetch(Away(CONTENT, 3000)) == CONTENT


def test_as_long_as_it_gets_somewhere_it_goes_on(
    fetch: Callable[[CutFile], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MUCH", 1000)
    file = CutFile(CONTENT, *[1000] * 9)
    assert fetch(file) == CONTENT
    assert len(file.asked) == 10


def test_a_stream_that_is_cut_goes_on_too(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None]
) -> None:
    app.route("file=/tmp/x.bin", CutFile(CONTENT, 3000))
    returns(remote())
    file = connect(download_files=Downloads(when="lazy")).predict(1, api_name="/echo")
    assert isinstance(file, RemoteFile)
    assert b"".join(file.stream()) == CONTENT


@pytest.mark.parametrize("fields", [
    "Content-Range: bytes 3001-10239/10240",
    "Content-Range: bytes 3000-10238/10240",
    "Content-Range: bytes 3000-10239/10241",
    "Content-Range: bytes 3000-10239/*",
    "Content-Range: bytes */10240",
    "Content-Range: items 3000-10239/10240",
    "X-Range: none",
])  # fmt: skip
def test_a_part_that_is_not_the_rest_is_refused(
    app: FakeApp, fetch: Callable[[CutFile], bytes], fields: str
) -> None:
    class Wrong(CutFile):
        def __call__(self, connection: Any, seen: Any) -> None:
            if seen.header("Range"):
                connection.reply(self.content[3000:], "206 Partial Content", f"ETag: {self.tag}", fields)
            else:
                super().__call__(connection, seen)

    with pytest.raises(DownloadError, match="changed"):
        fetch(Wrong(CONTENT, 3000))
