"""Apps on raw sockets, as in tests/core, and servers of files that can be cut on their way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import app, client, connect
from core.fake_app import FakeApp, completed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client_contract_tests.server import Connection, Seen

__all__ = ["app", "client", "connect"]  # fixtures of tests/core

META = {"_type": "gradio.FileData"}
PATH = "/tmp/x.bin"


def remote(path: str = PATH, **more: Any) -> dict[str, Any]:
    """A file object as apps send it."""
    return {"path": path, "meta": META, **more}


class CutFile:
    """A file that is cut so many bytes after where each answer begins, but for the last of the cuts.

    Attributes:
        content: of the file.
        tag: its entity tag.
        cuts: after how many bytes each further answer is cut; then none is.
        says_tag: whether answers with a part of it say which file that is of; Gradio's do not.
        gives_parts: whether there are answers with a part.
        asked: the Range fields so far, None for none.
    """

    def __init__(self, content: bytes, *cuts: int) -> None:
        self.content = content
        self.tag = '"one"'
        self.cuts = list(cuts)
        self.says_tag = True
        self.gives_parts = True
        self.asked: list[str | None] = []
        self.before_answer: Callable[[], object] = lambda: None

    def __call__(self, connection: Connection, seen: Seen) -> None:
        self.before_answer()
        start = self._start(seen)
        body = self.content[start:]
        lines = [f"Content-Length: {len(body)}", "Accept-Ranges: bytes"]
        if not start or self.says_tag:
            lines.append(f"ETag: {self.tag}")
        if start:
            lines.append(f"Content-Range: bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        status = "206 Partial Content" if start else "200 OK"
        connection.send("\r\n".join([f"HTTP/1.1 {status}", *lines]).encode() + b"\r\n\r\n")
        if seen.line.startswith("HEAD "):
            return
        cut = self.cuts.pop(0) if self.cuts else None
        connection.send(body[:cut])
        if cut is not None:
            raise EOFError

    def _start(self, seen: Seen) -> int:
        if seen.line.startswith("HEAD "):
            return 0
        wanted = next(iter(seen.header("Range")), None)
        self.asked.append(wanted)
        condition = seen.header("If-Range")
        changed = condition and self.says_tag and condition != [self.tag]
        if wanted is None or not self.gives_parts or changed:
            return 0
        return int(wanted.removeprefix("bytes=").partition("-")[0])


@pytest.fixture
def returns(app: FakeApp) -> Callable[[Any], None]:
    """Have every job of the app return a value."""

    def returning(value: Any) -> None:
        app.on_join = lambda event, _: [completed(event, value)]

    return returning


def parts(seen: Seen) -> list[tuple[str, bytes]]:
    """Names and contents of the files in a form."""
    boundary = seen.header("Content-Type")[0].partition("boundary=")[2].encode()
    found = []
    for part in seen.body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        match = re.search(rb'filename="(.*?)"', head)
        assert match
        found.append((match[1].decode(), content.removesuffix(b"\r\n")))
    return found


def sent(app: FakeApp) -> list[tuple[str, bytes]]:
    return [part for seen in app.seen("upload") for part in parts(seen)]
