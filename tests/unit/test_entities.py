from __future__ import annotations

import pytest

from gradio_client.domain.entities import Entity
from gradio_client.transport import Headers

WHOLE = Headers({"Content-Length": "10", "ETag": '"x"', "Accept-Ranges": "bytes"})
ENTITY = Entity(10, '"x"', in_parts=True)


def test_older_servers_give_parts_and_do_not_say_so() -> None:
    assert Entity.of({"content-length": "10", "etag": '"x"'}) == ENTITY


def test_oldest_servers_forget_the_quotes() -> None:
    tag = "d41d8cd98f00b204e9800998ecf8427e"
    assert Entity.of({"content-length": "10", "etag": tag}).tag == tag


def test_a_whole_file_tells_what_it_is() -> None:
    assert Entity.of(WHOLE) == ENTITY
    assert ENTITY.resumable


@pytest.mark.parametrize(
    "more",
    [
        {"ETag": 'W/"x"'},
        {"ETag": "x"},
        {"ETag": '"x", "y"'},
        {"ETag": '"x\n"'},
        {"Content-Length": "-1"},
        {"Content-Length": "10, 10"},
        {"Content-Length": "1" * 30},
        {"Accept-Ranges": "none"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_without_any_of_that_the_rest_cannot_be_asked_for(more: dict[str, str]) -> None:
    assert not Entity.of(dict(WHOLE) | {name.lower(): value for name, value in more.items()}).resumable


@pytest.mark.parametrize(
    ("fields", "start", "continued"),
    [
        ({"content-range": "bytes 4-9/10"}, 4, True),
        ({"content-range": "bytes 4-9/10", "etag": '"x"'}, 4, True),
        ({"content-range": "bytes 4-9/10", "etag": '"y"'}, 4, False),
        ({"content-range": "bytes 4-9/10"}, 3, False),
        ({"content-range": "bytes 4-8/10"}, 4, False),
        ({"content-range": "bytes 4-9/11"}, 4, False),
        ({"content-range": "bytes 4-9/*"}, 4, False),
        ({"content-range": "bytes */10"}, 4, False),
        ({"content-range": "4-9/10"}, 4, False),
        ({}, 4, False),
    ],
)
def test_a_part_is_the_rest_only_if_it_says_so(
    fields: dict[str, str], start: int, *, continued: bool
) -> None:
    assert ENTITY.is_continued(fields, start) is continued
