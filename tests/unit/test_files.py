from __future__ import annotations

import copy
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradio_client.domain.files import files_in, is_file, map_files, numbered, safe_name

META = {"_type": "gradio.FileData"}
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
RESERVED = {"con", "prn", "aux", "nul", "com1", "lpt9"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["path", "meta", "_type", "a", "b"]), inner, max_size=4)
    ),
    max_leaves=20,
)
names = st.text(max_size=300) | st.text("./\\ aé😀:*CONcon1\0\u202e", max_size=300)


def file(path: str) -> dict[str, Any]:
    return {"path": path, "meta": META}


def nested(depth: int, inner: Any) -> Any:
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("value", "without_meta", "with_meta"),
    [
        ({"path": "/a", "meta": META}, True, True),
        ({"path": "/a"}, True, False),
        ({"path": "/a", "meta": None}, True, False),
        ({"path": "/a", "meta": {"_type": "other"}}, True, False),
        ({"path": None, "url": "data:,x", "meta": META}, False, False),
        ({"path": 1}, False, False),
        ({}, False, False),
        ("/a", False, False),
        (["path"], False, False),
    ],
)
def test_a_file_is_an_object_with_a_path(value: Any, *, without_meta: bool, with_meta: bool) -> None:
    assert is_file(value, needs_meta=False) is without_meta
    assert is_file(value, needs_meta=True) is with_meta


def test_files_are_found_at_any_depth_in_their_order() -> None:
    value = [file("1"), {"image": file("2"), "more": [[file("3")], (file("4"),)]}, "x", file("5")]
    assert [found["path"] for found in files_in(value, needs_meta=True)] == list("12345")


def test_files_are_replaced_wherever_they_are() -> None:
    value = {"a": [file("1"), "x"], "b": file("2"), "c": ({"d": file("3")},)}
    mapped = map_files(value, lambda found: found["path"], needs_meta=True)
    assert mapped == {"a": ["1", "x"], "b": "2", "c": [{"d": "3"}]}


def test_a_value_that_is_a_file_is_replaced() -> None:
    assert map_files(file("1"), lambda found: found["path"], needs_meta=True) == "1"


def test_what_replaces_a_file_is_left_as_it_is() -> None:
    assert map_files([file("1")], lambda found: {"kept": found}, needs_meta=True) == [{"kept": file("1")}]


@given(json_values)
def test_mapping_leaves_the_value_as_it_was(value: Any) -> None:
    before = copy.deepcopy(value)
    map_files(value, lambda _: "replaced", needs_meta=False)
    assert value == before


@given(json_values)
def test_mapping_to_the_same_is_a_copy(value: Any) -> None:
    assert map_files(value, copy.deepcopy, needs_meta=False) == value


@given(json_values)
def test_as_many_files_are_replaced_as_are_found(value: Any) -> None:
    seen: list[Any] = []
    map_files(value, seen.append, needs_meta=False)
    assert len(seen) == len(files_in(value, needs_meta=False))


def test_a_copy_shares_no_container_with_the_value() -> None:
    value: dict[str, Any] = {"a": [{"b": []}]}
    mapped = map_files(value, dict, needs_meta=True)
    mapped["a"][0]["b"].append(1)
    assert value == {"a": [{"b": []}]}


def test_values_may_nest_deeper_than_the_stack() -> None:
    value = nested(50_000, file("deep"))
    assert files_in(value, needs_meta=True) == [file("deep")]
    mapped = map_files(value, lambda found: found["path"], needs_meta=True)
    while isinstance(mapped, list):
        mapped = mapped[0]
    assert mapped == "deep"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tmp/gradio/abc/report.pdf", "report.pdf"),
        ("C:\\Users\\ann\\report.pdf", "report.pdf"),
        ("/tmp/a b#c%dé (1).txt", "a b#c%dé (1).txt"),
        (".bashrc", "_.bashrc"),
        ("", "file"),
        ("/tmp/", "file"),
        (".", "file"),
        ("..", "file"),
        ("a/..", "file"),
        ("...", "file"),
        ("x.txt...  ", "x.txt"),
        ("  x.txt", "x.txt"),
        ("a\0b.txt", "ab.txt"),
        ("a\nb\x7f\x9f.txt", "ab.txt"),
        ("exe.\u202etxt.scr", "exe.txt.scr"),
        ("bad\udcff.txt", "bad.txt"),
        ("\u200b\u2028", "file"),
        ("a:b<c>|d?*.txt", "a_b_c__d__.txt"),
        ('"quoted".txt', "_quoted_.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("lpt¹", "_lpt¹"),
        ("aux .txt", "_aux .txt"),
        ("console.txt", "console.txt"),
        ("CONOUT$", "_CONOUT$"),
        ("com\u00b2.txt", "_com\u00b2.txt"),
        ("a\uff0fb.txt", "a_b.txt"),  # what looks like a separator
        ("\u2024\u2024", "_\u2024\u2024"),  # what looks like dots
        ("\uff0eprofile", "_\uff0eprofile"),
        ("..a.txt", "_..a.txt"),
        ("c\uff1a\u2215x\u2044y\uff3cz", "c__x_y_z"),
        ("a\u00a0b\u202fc.txt", "a b c.txt"),
        ("\u3000", "file"),
        ("\u3164\u115f\uffa0", "file"),
        ("x.txt\u2003", "x.txt"),
        ("a\u2066b\u00adc.txt", "abc.txt"),
        ("C:evil.txt", "C_evil.txt"),
        ("file.txt::$DATA", "file.txt__$DATA"),
        ("..\\..\\x", "x"),
        ("-rf", "-rf"),
    ],
)
def test_a_name_is_made_safe(path: str, name: str) -> None:
    assert safe_name(path) == name


def test_a_long_name_is_cut_before_its_suffix() -> None:
    assert safe_name("é" * 300 + ".txt") == "é" * 125 + ".txt"
    assert safe_name("x" * 300 + ".txt") == "x" * 251 + ".txt"


def test_a_suffix_that_is_too_long_to_be_one_is_cut() -> None:
    assert safe_name("a." + "b" * 300) == "a." + "b" * 253


@given(names)
@example("CON" + " " * 300 + "x.txt")
@example("x" * 250 + " . . . .")
@example("." + "a" * 254 + ".")
def test_a_safe_name_is_safe_everywhere(path: str) -> None:
    name = safe_name(path)
    assert 0 < len(name.encode()) <= 255
    assert not set(name) & set('/\\<>:"|?*')
    assert {unicodedata.category(each) for each in name.replace(" ", "")}.isdisjoint(UNSEEN)
    assert name.strip(". ")
    assert not name.endswith((".", " "))
    assert name.split(".")[0].strip(" ").lower() not in RESERVED


@given(names)
def test_a_safe_name_is_its_own_safe_name(path: str) -> None:
    name = safe_name(path)
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("a.txt", 0, "a.txt"),
        ("a.txt", 1, "a (1).txt"),
        ("a.tar.gz", 2, "a.tar (2).gz"),
        ("name", 3, "name (3)"),
        (".bashrc", 1, ".bashrc (1)"),
        ("x" * 255, 12, "x" * 250 + " (12)"),
        ("é" * 125 + ".txt", 1, "é" * 123 + " (1).txt"),
    ],
)
def test_a_name_that_is_taken_gets_a_number(name: str, number: int, expected: str) -> None:
    assert numbered(name, number) == expected


@given(names, st.integers(1, 999))
def test_a_numbered_name_is_safe_too(path: str, number: int) -> None:
    name = numbered(safe_name(path), number)
    assert len(name.encode()) <= 255
    assert safe_name(name) == name


def test_a_hostile_name_takes_no_longer_than_its_length() -> None:
    assert len(safe_name(". " * 2_000_000 + "x").encode()) <= 255
