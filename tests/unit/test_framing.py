"""Where the body of an answer ends, by its head."""

from __future__ import annotations

import pytest

from gradio_client.domain.http import is_framed
from gradio_client.transport import Headers


@pytest.mark.parametrize("pairs", [
    [],
    [("Content-Length", "0")],
    [("Content-Length", "17"), ("content-length", "17")],
    [("Transfer-Encoding", "Chunked ")],
    [("Content-Length", "3"), ("Transfer-Encoding", "chunked")],
])  # fmt: skip
def test_a_head_that_says_where_its_body_ends(pairs: list[tuple[str, str]]) -> None:
    assert is_framed(Headers(pairs))


@pytest.mark.parametrize("pairs", [
    [("Content-Length", "")],
    [("Content-Length", "+17")],
    [("Content-Length", "1_7")],
    [("Content-Length", "17"), ("Content-Length", "3")],
    [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
    [("Transfer-Encoding", "identity"), ("Content-Length", "17")],
])  # fmt: skip
def test_a_head_that_can_be_misread(pairs: list[tuple[str, str]]) -> None:
    assert not is_framed(Headers(pairs))
