from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.errors import ServerError
from gradio_client.domain.sse import SSEDecoder


def decoded(*chunks: bytes) -> list[str]:
    decoder = SSEDecoder()
    return [text for chunk in chunks for text in decoder.feed(chunk)]


def in_bytes(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


def test_an_event_is_the_text_after_data() -> None:
    assert decoded(b'data: {"msg": "heartbeat"}\n\n') == ['{"msg": "heartbeat"}']


def test_events_come_in_order() -> None:
    assert decoded(b"data: 1\n\ndata: 2\n\ndata: 3\n\n") == ["1", "2", "3"]


def test_nothing_comes_before_the_blank_line() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: 1\n") == []
    assert decoder.feed(b"\n") == ["1"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_standard_is_understood(end: bytes) -> None:
    stream = end.join([b"data: 1", b"", b"data: a", b"data: b", b"", b""])
    assert decoded(stream) == ["1", "a\nb"]


def test_line_ends_may_be_mixed() -> None:
    assert decoded(b"data: 1\r\n\ndata: 2\r\r\ndata: 3\n\r\n") == ["1", "2", "3"]


def test_a_crlf_cut_in_two_is_one_line_end() -> None:
    assert decoded(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == ["a\nb"]


def test_a_cr_at_the_end_of_the_bytes_ends_the_event_at_once() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: a\r\r") == ["a"]
    assert decoder.feed(b"\ndata: b\n\n") == ["b"]


def test_empty_bytes_between_cr_and_lf_change_nothing() -> None:
    assert decoded(b"data: a\r", b"", b"\ndata: b\n\n") == ["a\nb"]


def test_several_data_lines_are_joined() -> None:
    assert decoded(b"data: a\ndata:b\ndata\ndata: \n\n") == ["a\nb\n\n"]


def test_one_space_after_the_colon_is_dropped() -> None:
    assert decoded(b"data:  a\n\n", b"data:b\n\n") == [" a", "b"]


def test_comments_and_other_fields_are_ignored() -> None:
    assert decoded(b": ping\nevent: x\nid: 4\nretry: 10\ndatabase: no\ndata: yes\n\n") == ["yes"]


def test_an_event_without_data_lines_is_skipped() -> None:
    assert decoded(b": ping\n\nevent: x\n\n\n\n\ndata: 1\n\n") == ["1"]


def test_a_data_field_without_colon_is_empty() -> None:
    assert decoded(b"data\n\n") == [""]


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4])
def test_a_leading_bom_is_skipped_wherever_it_is_cut(cut: int) -> None:
    stream = b"\xef\xbb\xbfdata: 1\n\n"
    assert decoded(stream[:cut], stream[cut:]) == ["1"]


def test_a_second_bom_is_part_of_its_line() -> None:
    assert decoded(b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n") == ["1"]


@pytest.mark.parametrize(
    "odd", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x00"]
)
def test_characters_that_only_text_functions_take_for_line_ends_stay(odd: str) -> None:
    assert decoded(*in_bytes(f"data: a{odd}{odd}b\n\n".encode())) == [f"a{odd}{odd}b"]


def test_a_character_may_be_cut_in_two() -> None:
    assert decoded(*in_bytes("data: aé漢🎈\n\n".encode())) == ["aé漢🎈"]


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert decoded(b"data: a\xffb\xe2\x80\n\n") == ["a\ufffdb\ufffd"]


def test_an_unfinished_event_is_not_told() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: 1\n\ndata: 2\n") == ["1"]
    assert decoder.pending


@pytest.mark.parametrize("stream", [b"", b"data: 1\n\n", b"data: 1\r\r", b"data: 1\n\n\n\n", b"\n"])
def test_nothing_is_pending_between_events(stream: bytes) -> None:
    decoder = SSEDecoder()
    for byte in in_bytes(stream):
        decoder.feed(byte)
    assert not decoder.pending


def test_an_unfinished_event_beyond_the_limit_is_an_error() -> None:
    decoder = SSEDecoder(max_event=100)
    decoder.feed(b"data: " + b"x" * 94)
    with pytest.raises(ServerError, match="more than 100 bytes"):
        decoder.feed(b"x")


def test_a_whole_event_beyond_the_limit_is_an_error() -> None:
    with pytest.raises(ServerError, match="more than 100 bytes"):
        SSEDecoder(max_event=100).feed(b"data: 1\n\ndata: " + b"x" * 100 + b"\n\n")


def test_many_events_together_may_be_larger_than_the_limit() -> None:
    assert len(SSEDecoder(max_event=10).feed(b"data: 1\n\n" * 100)) == 100


def test_an_event_of_40_mb_in_small_pieces_is_one_text() -> None:
    # A decoder that searched or copied from the start again for each piece would touch 200 GB.
    piece, decoder = b"x" * 4096, SSEDecoder()
    assert decoder.feed(b"data: ") == []
    for _ in range(10_000):
        assert decoder.feed(piece) == []
    (text,) = decoder.feed(b"\n\n")
    assert len(text) == 40_960_000


ONE_LINE = st.characters(codec="utf-8", exclude_characters="\r\n")
LINES = st.one_of(
    st.tuples(st.just("data: "), st.text(ONE_LINE, max_size=8)).map("".join),
    st.sampled_from(["data", "data:", "data:x", ": comment", "event: e", "id", "", "dat", "é"]),
)


@given(st.data(), st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_the_cuts_do_not_matter(data: st.DataObject, lines: list[str], end: str, bom: bool) -> None:  # noqa: FBT001
    stream = ("\ufeff" if bom else "").encode() + "".join(line + end for line in lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decoded(stream) == decoded(*pieces) == decoded(*in_bytes(stream)) == by_the_standard(lines)


def by_the_standard(lines: list[str]) -> list[str]:
    """The standard's algorithm, line by line."""
    events, data = [], None
    for line in lines:
        field, _, value = line.partition(":")
        if field == "data":
            data = [*(data or []), value.removeprefix(" ")]
        if not line and data is not None:
            events.append("\n".join(data))
            data = None
    return events
