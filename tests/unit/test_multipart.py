from __future__ import annotations

import email
import email.policy
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradio_client.domain.multipart import MultipartBody, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import MIMEPart

BOUNDARY = "----gradio-0123456789"
BROWSERS_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
HEAD = re.compile(
    rb'Content-Disposition: form-data; name="(?P<name>[^"\r\n]*)"; filename="(?P<filename>[^"\r\n]*)"\r\n'
    rb"Content-Type: (?P<mime_type>[!-~ ]+)\r\n\r\n"
)


@dataclass
class Pieces:
    pieces: Sequence[bytes]
    extra: int = 0  # what the length promises beyond the pieces

    @property
    def length(self) -> int:
        return sum(map(len, self.pieces)) + self.extra

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


def file_part(
    content: bytes = b"hello", filename: str = "a.txt", mime_type: str | None = "text/plain"
) -> Part:
    return Part("files", filename, mime_type, Pieces([content]))


def sent(*parts: Part) -> bytes:
    return b"".join(MultipartBody(parts, BOUNDARY))


def head(part: Part) -> re.Match[bytes]:
    """The head of the only part; that it matches as a whole proves that nothing was injected."""
    body = sent(part).removeprefix(f"--{BOUNDARY}\r\n".encode())
    found = HEAD.match(body)
    assert found, body[:300]
    return found


def parsed(body: MultipartBody) -> list[MIMEPart]:
    header = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(header + b"".join(body), policy=email.policy.HTTP)
    return list(message.iter_parts())


def test_a_file_is_sent_as_browsers_send_it() -> None:
    assert sent(file_part()) == (
        b"------gradio-0123456789\r\n"
        b'Content-Disposition: form-data; name="files"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n"
        b"\r\n"
        b"hello\r\n"
        b"------gradio-0123456789--\r\n"
    )


def test_the_content_type_names_the_boundary() -> None:
    assert MultipartBody([], BOUNDARY).content_type == f"multipart/form-data; boundary={BOUNDARY}"


def test_the_standard_library_reads_the_parts_in_order() -> None:
    body = MultipartBody([file_part(b"one", "1.txt"), file_part(b"two\r\n", "2.txt")], BOUNDARY)
    found = [(part.get_filename(), part.get_payload(decode=True)) for part in parsed(body)]
    assert found == [("1.txt", b"one"), ("2.txt", b"two\r\n")]


@given(st.lists(st.tuples(st.text(), st.lists(st.binary()))))
def test_any_names_and_contents_arrive_unchanged(files: list[tuple[str, list[bytes]]]) -> None:
    raw = sent(*(Part("files", name, None, Pieces(pieces)) for name, pieces in files))
    assume(raw.count(BOUNDARY.encode()) == len(files) + 1)  # as random boundaries see to
    *parts, end = raw.split(f"--{BOUNDARY}".encode())[1:]
    assert end == b"--\r\n"
    for (name, pieces), part in zip(files, parts, strict=True):
        match = HEAD.match(part, len(b"\r\n"))
        assert match
        assert match["filename"].decode() == name.translate(BROWSERS_ESCAPES)
        assert part[match.end() :] == b"".join(pieces) + b"\r\n"


@given(st.lists(st.tuples(st.text(), st.lists(st.binary()))))
def test_the_length_is_that_of_what_is_sent(files: list[tuple[str, list[bytes]]]) -> None:
    body = MultipartBody([Part("files", name, None, Pieces(pieces)) for name, pieces in files], BOUNDARY)
    assert len(b"".join(body)) == body.length


def test_quotes_and_line_breaks_cannot_leave_the_filename() -> None:
    part = file_part(filename='a".txt"\r\nX-Injected: 1\r\n\r\n<script>')
    assert head(part)["filename"] == b"a%22.txt%22%0D%0AX-Injected: 1%0D%0A%0D%0A<script>"


def test_a_filename_of_any_script_is_sent_as_utf_8() -> None:
    assert head(file_part(filename="Zoë 猫.txt"))["filename"] == "Zoë 猫.txt".encode()


def test_a_filename_that_is_not_unicode_gets_replacement_characters() -> None:
    name = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    assert head(file_part(filename=name))["filename"].decode() == "caf\ufffd.txt"


def test_the_name_of_the_field_is_escaped_too() -> None:
    part = Part('files"\r\n', "a", None, Pieces([]))
    assert head(part)["name"] == b"files%22%0D%0A"


def test_a_mime_type_may_have_parameters() -> None:
    part = file_part(mime_type="text/plain; charset=utf-8")
    assert head(part)["mime_type"] == b"text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "mime_type", [None, "", "text", "text/plain\r\nX-Injected: 1", "text/plain\n", "täxt/plain"]
)
def test_an_implausible_mime_type_is_sent_as_unknown(mime_type: str | None) -> None:
    assert head(file_part(mime_type=mime_type))["mime_type"] == b"application/octet-stream"


def test_a_body_can_be_sent_twice() -> None:
    body = MultipartBody([file_part(), file_part(b"more")], BOUNDARY)
    assert b"".join(body) == b"".join(body)


def test_pieces_are_passed_on_one_at_a_time() -> None:
    read: list[int] = []

    class Counted(Pieces):
        def __iter__(self) -> Iterator[bytes]:
            for number, piece in enumerate(self.pieces):
                read.append(number)
                yield piece

    body = iter(MultipartBody([Part("files", "a", None, Counted([b"1", b"2", b"3"]))], BOUNDARY))
    assert [next(body)[:2], next(body)] == [b"--", b"1"]
    assert read == [0]


def test_empty_pieces_are_left_out() -> None:
    assert b"" not in list(MultipartBody([Part("files", "a", None, Pieces([b"", b"1", b""]))], BOUNDARY))


def test_what_a_file_gains_while_it_is_sent_stays_out() -> None:
    body = MultipartBody([Part("files", "a", None, Pieces([b"12345"], extra=-2))], BOUNDARY)
    assert len(b"".join(body)) == body.length
    assert b"123\r\n" in b"".join(body)


def test_a_source_without_an_end_is_read_up_to_its_length() -> None:
    class Endless(Pieces):
        def __iter__(self) -> Iterator[bytes]:
            return itertools.repeat(b"0")

    assert b"\r\n\r\n00000\r\n" in sent(Part("files", "a", None, Endless([], extra=5)))


def test_a_file_that_became_shorter_is_an_error() -> None:
    part = Part("files", "a.txt", None, Pieces([b"123"], extra=2))
    with pytest.raises(OSError, match=r"'a\.txt' became shorter while it was sent, to 3 of 5 bytes"):
        sent(part)


@pytest.mark.parametrize("boundary", ["", "a b", "a\r\n", "a" * 71, 'a"', "ä"])
def test_a_boundary_that_could_break_the_header_is_refused(boundary: str) -> None:
    with pytest.raises(ValueError, match="must be 1 to 70 ASCII letters"):
        MultipartBody([], boundary)


def test_its_repr_does_not_show_the_content() -> None:
    assert "hello" not in repr(MultipartBody([file_part()], BOUNDARY))
