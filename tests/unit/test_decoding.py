"""Content codings, undone piece by piece."""

from __future__ import annotations

import gzip
import itertools
import random
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.decoding import Decoder
from gradio_client.domain.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Callable


def deflated(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


CODED: dict[str | None, Callable[[bytes], bytes]] = {
    None: lambda data: data,
    "": lambda data: data,
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "gzip, identity": gzip.compress,
    "deflate": lambda data: deflated(data, zlib.MAX_WBITS),
    "Deflate": lambda data: deflated(data, -zlib.MAX_WBITS),
}


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


def decoded(encoding: str | None, pieces: list[bytes], limit: int = 1 << 20) -> bytes:
    decoder = Decoder(encoding, limit)
    decoded = b"".join(map(decoder.feed, pieces))
    decoder.finish()
    return decoded


@given(st.sampled_from(list(CODED)), st.binary(max_size=3000), st.lists(st.integers(0, 5000), max_size=8))
def test_any_split_gives_the_content(encoding: str | None, data: bytes, cuts: list[int]) -> None:
    assert decoded(encoding, in_pieces(CODED[encoding](data), cuts)) == data


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.lists(st.integers(0, 500), max_size=8))
def test_gzip_members_are_joined(members: list[bytes], cuts: list[int]) -> None:
    coded = b"".join(map(gzip.compress, members))
    assert decoded("gzip", in_pieces(coded, cuts)) == b"".join(members)


@given(
    st.sampled_from([b"\0", b"\0\0\0", b"\x1f", b"garbage" * 9]),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_what_follows_the_last_member_is_ignored(padding: bytes, cuts: list[int]) -> None:
    assert decoded("gzip", in_pieces(gzip.compress(b"abc") + padding, cuts)) == b"abc"
    assert decoded("deflate", in_pieces(deflated(b"abc", 15) + padding, cuts)) == b"abc"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_empty_body_is_empty(encoding: str) -> None:
    assert decoded(encoding, [b"", b""]) == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("kept", [1, 5, -1])
def test_a_body_that_was_cut_is_an_error(encoding: str, kept: int) -> None:
    with pytest.raises(ServerError, match="cut"):
        decoded(encoding, [CODED[encoding](b"abc" * 100)[:kept]])


def test_a_second_member_that_was_cut_is_an_error() -> None:
    with pytest.raises(ServerError, match="cut"):
        decoded("gzip", [gzip.compress(b"abc") + gzip.compress(b"def")[:-3]])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_in_no_such_coding_is_an_error(encoding: str) -> None:
    with pytest.raises(ServerError, match=encoding):
        decoded(encoding, [b"\xff plain text, not coded at all"])


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "gzip, gzip"])
def test_an_unknown_coding_is_an_error_that_names_it(encoding: str) -> None:
    with pytest.raises(ServerError, match=encoding):
        Decoder(encoding, 100)


@pytest.mark.parametrize("encoding", list(CODED))
def test_as_much_as_the_limit_is_accepted_and_a_byte_more_is_not(encoding: str | None) -> None:
    coded = CODED[encoding](bytes(1000))
    assert decoded(encoding, [coded], limit=1000) == bytes(1000)
    with pytest.raises(ServerError, match="longer than 999 bytes"):
        decoded(encoding, [coded], limit=999)


def test_the_limit_holds_for_all_members_together() -> None:
    with pytest.raises(ServerError, match="longer"):
        decoded("gzip", [gzip.compress(bytes(600)) * 2], limit=1000)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50 << 20))
    decoder = Decoder("gzip", 1000)
    with pytest.raises(ServerError, match="longer"):
        decoder.feed(bomb)


@pytest.mark.parametrize(
    ("encoding", "beginning", "more"),
    [
        ("gzip", gzip.compress(b"")[:10], b"\x00\x00\x00\xff\xff" * 10_000),
        ("gzip", b"", gzip.compress(b"") * 2500),
        ("gzip", gzip.compress(b"{}"), bytes(50_000)),
        ("deflate", deflated(b"{}", 15), bytes(50_000)),
    ],
    ids=["empty blocks", "empty members", "gzip padding", "deflate padding"],
)
def test_what_decodes_to_nothing_does_not_go_on_for_ever(
    encoding: str, beginning: bytes, more: bytes
) -> None:
    decoder = Decoder(encoding, 1000)
    decoder.feed(beginning)
    with pytest.raises(ServerError, match="next to nothing"):
        any(decoder.feed(more) for _ in range(100))


def test_large_pieces_are_decoded_whole() -> None:
    data = random.Random(1).randbytes(200_000)
    assert decoded("gzip", [gzip.compress(data)]) == data
