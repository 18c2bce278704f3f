"""Functions that Gradio and other programs import do what those of gradio_client 2.7.2 do.

Where that one breaks down, ours goes on, as docs/drop-in.md says.
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from dropin import cases
from oracle.incumbent import ask
from oracle.schemas import made_up, recorded

from gradio_client import utils

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from oracle.incumbent import Answer

NAMES = cases.file_names(400, seed=8)
MEDIA = cases.media_names(seed=9)
TYPES = ("image", "audio", "file", ".png", ".PNG", ".gz", ".tar.gz", "text", "", "video/")
SCHEMAS = [*recorded(), *made_up(600, seed=10)]
VALUES = list(cases.values(300, seed=11))
BREAKS_DOWN = ("AttributeError", "KeyError", "APIInfoParseError", "OSError", "RecursionError")


def outcome(name: str, case: list[Any]) -> Any:
    """What our function returns, as JSON has it, or the kind of its error."""
    try:
        return json.loads(json.dumps(getattr(utils, name)(*case), default=repr))
    except Exception as error:  # noqa: BLE001 - whatever it raises is the outcome
        return type(error).__name__


def kind(answer: Answer) -> Any:
    return answer.raised.partition(":")[0] if answer.raised else answer.value


def differences(name: str, given: Iterable[list[Any]]) -> list[tuple[list[Any], Any, Any]]:
    """Each case that ends in another way: the case, our outcome, its outcome."""
    given = list(given)
    pairs = zip(given, ask(f"utils.{name}", given), strict=True)
    found = [(case, outcome(name, case), kind(answer)) for case, answer in pairs]
    return [triple for triple in found if triple[1] != triple[2]]


@pytest.mark.parametrize("name", ["encode_file_path", "sanitize_parameter_names", "get_mimetype"])
def test_names_of_files_are_treated_alike(name: str) -> None:
    assert differences(name, [[text] for text in (*NAMES, *MEDIA)]) == []


def test_names_are_made_safe_alike() -> None:
    random = Random(12)
    limits = [[name, random.randint(0, 30)] for name in NAMES]
    assert differences("strip_invalid_filename_characters", [*([name] for name in NAMES), *limits]) == []


def test_extensions_are_found_alike() -> None:
    assert differences("get_extension", [[text] for text in MEDIA]) == []


def test_files_are_of_a_type_alike() -> None:
    given = [[name, [one, other]] for name in (*NAMES[:100], *MEDIA) for one in TYPES for other in TYPES[:2]]
    assert differences("is_valid_file", given) == []


@pytest.mark.parametrize(
    "name", ["is_http_url_like", "is_file_obj", "is_file_obj_with_meta", "is_file_obj_with_url"]
)
def test_files_and_urls_are_told_apart_alike(name: str) -> None:
    assert differences(name, [[value] for value in VALUES]) == []


def test_paths_of_files_are_told_apart_alike(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    given = [str(tmp_path), str(tmp_path / "file"), str(tmp_path / "none"), "", "\0", *VALUES]
    assert differences("is_filepath", [[value] for value in given]) == []


def test_base64_is_decoded_alike(tmp_path: Path) -> None:
    urls = [*cases.data_urls(200, seed=13), "data:,", "!"]
    ours = [repr(utils.decode_base64_to_binary(url)) for url in urls]
    theirs = [f"({answer.value[0]}, {answer.value[1]!r})" for answer in _decoded(urls)]
    assert ours == theirs


def _decoded(urls: list[str]) -> list[Answer]:
    return ask("utils.decode_base64_to_binary", [[url] for url in urls])


def test_no_base64_is_refused_alike() -> None:
    assert differences("decode_base64_to_binary", [["data:image/png;base64,A"], ["AAA"]]) == []


def test_files_are_encoded_alike(tmp_path: Path) -> None:
    random = Random(14)
    paths = [tmp_path / f"x.{ending}" for ending in cases.ENDINGS]
    for path in paths:
        path.write_bytes(random.randbytes(50))
    for name in ("encode_file_to_base64", "encode_url_or_file_to_base64"):
        assert differences(name, [[str(path)] for path in paths]) == []


def test_schemas_with_files_are_found_alike() -> None:
    found = differences("value_is_file", [[schema] for schema in SCHEMAS])
    assert {theirs for _, _, theirs in found} <= {*BREAKS_DOWN, "TypeError"}


def test_schemas_have_the_same_python_type() -> None:
    found = differences("json_schema_to_python_type", [[schema] for schema in SCHEMAS])
    # On nonsense 2.7.2 breaks down in many ways; it has a text or it has not.
    assert all(theirs.endswith(("Error", "Exception")) for _, _, theirs in found)


def test_arguments_are_bound_alike() -> None:
    assert differences("construct_args", cases.bindings(600, seed=15)) == []


def test_edits_are_applied_alike() -> None:
    assert differences("apply_diff", cases.edits(200, seed=16)) == []


@pytest.mark.parametrize("value", [["a", (1, 2)], {"a": {"b": ()}}, (), 5, None])
def test_traversal_leaves_what_is_no_root(value: Any) -> None:
    assert utils.traverse(value, str, lambda _: False) == json.loads(json.dumps(value))
