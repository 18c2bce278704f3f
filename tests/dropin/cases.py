"""Inputs for comparing functions with those of gradio_client 2.7.2; the same in every run."""

from __future__ import annotations

import base64
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNS = "abC9._- /\\:*?$`!{}\x00\x1f\x7f<>|\"'é猫😀ſİ%#&+=@,;()[]~"
ENDINGS = (
    *("wav", "flac", "mp3", "ogg", "vtt", "VTT", "webp", "WEBP", "png", "JPG", "jpeg", "gif", "bmp", "svg"),
    *("csv", "json", "xml", "mp4", "webm", "mov", "tar.gz", "zip", "txt", "md", "pdf", "html", "py", "js"),
    *("css", "glb", "obj", "stl", "xyz", "bin"),
)
NAMES = (
    *("CON.txt", "nul.tar.gz", "com¹", "LPT0", "lpt9.x", "aux.", "conin$", "CONOUT$.log", "..", "...", "."),
    *(".bashrc", "a/../b", "C:\\x\\y.png", "a..b", "http://h/p/x.png?a=1", "data:image/png;base64,AA"),
)
META = {"_type": "gradio.FileData"}
FILES = (
    {"path": "x"},
    {"path": "x", "meta": {}},
    {"path": "x", "meta": META},
    {"path": "x", "meta": META, "url": "http://h/x"},
    {"path": "x", "meta": META, "url": None},
    {"path": 1, "meta": META},
    {"meta": META},
)
ODD: tuple[Any, ...] = (
    *(None, True, 0, 1.5, [], {}, ["http://x"]),
    *("", "x", "http://x", "https://", "HTTP://x", "ftp://x"),
)


def file_names(count: int, *, seed: int) -> list[str]:
    """Names with and without endings, some of them far too long."""
    random = Random(seed)
    made = [text(random, 12) for _ in range(count)]
    made += [f"{text(random, 12)}.{text(random, 5)}" for _ in range(count)]
    made += [f"{text(random, 300)}.{text(random, 400)}" for _ in range(count // 4)]
    return ["", *NAMES, *made]


def media_names(*, seed: int) -> list[str]:
    """Names, URLs and data URLs of all kinds of media."""
    random = Random(seed)
    names = [f"{text(random, 6)}.{ending}" for ending in ENDINGS for _ in range(3)]
    kinds = "audio/wav audio/x-wav audio/flac audio/mpeg image/png image/webp text/plain video/mp4 foo/bar"
    return [*names, *(f"data:{kind};base64,AAAA" for kind in kinds.split()), "data:;base64,AA", "AAAA", ""]


def text(random: Random, most: int) -> str:
    """A text of at most so many signs, many of them troublesome."""
    return "".join(random.choices(SIGNS, k=random.randint(0, most)))


def values(count: int, *, seed: int) -> Iterator[Any]:
    """JSON values, some with files in them."""
    random = Random(seed)
    yield from (*FILES, *ODD)
    for _ in range(count):
        yield value(random, 4)


def value(random: Random, depth: int) -> Any:
    """A JSON value of at most this depth."""
    kind = random.randint(0, 5 if depth else 3)
    if kind == 0:
        return random.choice(FILES)
    if kind < 4:
        return random.choice([None, True, 3, 0.5, text(random, 8)])
    if kind == 4:
        return [value(random, depth - 1) for _ in range(random.randint(0, 3))]
    return {text(random, 3): value(random, depth - 1) for _ in range(random.randint(0, 3))}


def data_urls(count: int, *, seed: int) -> Iterator[str]:
    """Data URLs with and without a MIME type, and plain base64."""
    random = Random(seed)
    for _ in range(count):
        data = base64.b64encode(random.randbytes(random.randint(0, 40))).decode()
        kind = random.choice(["image/png", "audio/wav", "audio/flac", "text/plain", "foo/bar", ""])
        yield random.choice([f"data:{kind};base64,{data}", data])


def bindings(count: int, *, seed: int) -> Iterator[list[Any]]:
    """Descriptions of parameters, with arguments that fit them and arguments that do not."""
    random = Random(seed)
    for _ in range(count):
        names = random.sample("abcd", k=random.randint(0, 4))
        infos = [_parameter(random, name) for name in names]
        given = [random.randint(0, 9) for _ in range(random.randint(0, 5))]
        words = random.sample([*"abcde", "", "argument 0"], k=random.randint(0, 3))
        keywords = {name: random.randint(10, 19) for name in words}
        yield [random.choice([infos, infos, infos, None]), given, keywords]


def _parameter(random: Random, name: str) -> dict[str, Any]:
    info: dict[str, Any] = {"label": name.upper(), "parameter_name": name}
    if random.random() < 0.5:
        info |= {"parameter_has_default": True, "parameter_default": random.choice([None, 5, "x", FILES[2]])}
    if random.random() < 0.1:
        del info["parameter_name"]
    elif random.random() < 0.1:
        info["parameter_name"] = ""
    return info


def edits(count: int, *, seed: int) -> Iterator[list[Any]]:
    """Values with edits that fit them: as servers send (protocol section 5.13), and others."""
    random = Random(seed)
    makers: list[Callable[[Random], list[Any]]] = [_grown_text, _changed_object, _changed_list, _cut_list]
    for _ in range(count):
        yield random.choice(makers)(random)


def _grown_text(random: Random) -> list[Any]:
    return [{"a": ["x"]}, [["append", ["a", 0], text(random, 5)], ["append", ["a", 0], "!"]]]


def _changed_object(random: Random) -> list[Any]:
    changes = [["replace", ["b", "c"], value(random, 2)], ["add", ["d"], value(random, 2)]]
    return [{"a": 1, "b": {"c": 2}}, [*changes, ["delete", ["a"], None]]]


def _changed_list(random: Random) -> list[Any]:
    start = [value(random, 1) for _ in range(random.randint(1, 4))]
    return [
        start,
        [["add", [len(start)], value(random, 2)], ["replace", [0], 7], ["delete", [len(start)], None]],
    ]


def _cut_list(random: Random) -> list[Any]:
    """Indices of every kind; what JSON cannot say is in tests/unit/test_diffs.py."""
    size = random.randint(2, 6)
    cuts = [["delete", ["a", random.randrange(-left, left)], None] for left in range(size, size // 2, -1)]
    left = size - len(cuts)
    changes = [
        ["add", ["a", random.randint(-9, 9)], value(random, 1)],
        ["replace", ["a", random.randrange(-left, left)], value(random, 1)],
        ["append", ["a"], [value(random, 1)]],
    ]
    return [{"a": list(range(size))}, [*cuts, *random.sample(changes, k=2)]]
