"""Texts that programs compare are those of gradio_client 2.7.2, wherever it has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from oracle.schemas import made_up, recorded, recorded_infos

from gradio_client.domain.api_text import describe
from gradio_client.domain.schema import python_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from oracle.incumbent import Answer

    Incumbent = Callable[[str, list[list[Any]]], list[Answer]]

FILE = {"path": "/tmp/x.png", "url": "http://h/file=x.png", "meta": {"_type": "gradio.FileData"}}
DEFAULTS = [None, "", 0, 1.5, "two", [], {"a": [1, None]}, FILE, [FILE, {"image": FILE}], {"path": "no meta"}]
LABELS = ["Text In", "n", "Ünïcode 猫", "a-b (c)", "1st", "", "  ", "under_score", "💡"]


def differences(incumbent: Incumbent, schemas: Iterable[Any]) -> tuple[int, list[tuple[Any, str, str]]]:
    """How many could be compared; and for those that differ: the schema, our text, its text."""
    cases = list({json.dumps(schema): schema for schema in schemas}.values())
    answers = incumbent("utils.json_schema_to_python_type", [[case] for case in cases])
    pairs = [(case, answer.value) for case, answer in zip(cases, answers, strict=True) if not answer.raised]
    ours = [(case, python_type(case), text) for case, text in pairs]
    return len(ours), [triple for triple in ours if triple[1] != triple[2]]


def test_recorded_schemas_have_the_same_python_type(incumbent: Incumbent) -> None:
    compared, different = differences(incumbent, recorded())
    assert different == []
    assert compared > 50


def test_made_up_schemas_have_the_same_python_type(incumbent: Incumbent) -> None:
    compared, different = differences(incumbent, made_up(900, seed=20261123))
    assert different == []
    assert compared > 300


def test_recorded_apps_have_the_same_description(incumbent: Incumbent) -> None:
    cases: list[list[Any]] = [[info, every] for info in recorded_infos() for every in (None, True, False)]
    texts = [answer.value for answer in incumbent("view_api", cases)]
    assert [describe(info, all_endpoints=every) for info, every in cases] == texts


def test_labels_and_defaults_are_shown_alike(incumbent: Incumbent) -> None:
    infos = [info_with(label, default) for label in LABELS for default in DEFAULTS]
    texts = [answer.value for answer in incumbent("view_api", [[info, True] for info in infos])]
    assert [describe(info, all_endpoints=True) for info in infos] == texts


def test_only_the_line_about_tokens_is_in_other_words(incumbent: Incumbent) -> None:
    info = info_with("Text In", 5)
    for endpoint, need in zip(info.values(), ("optional", "required"), strict=True):
        next(iter(endpoint.values()))["oauth_token"] = need
    (answer,) = incumbent("view_api", [[info, True]])
    ours, theirs = describe(info, all_endpoints=True).split("\n"), answer.value.split("\n")
    different = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
    assert len(different) == 2
    assert all("oauth_token=" in our and "oauth_token=" in their for our, their in different)


def info_with(label: str, default: Any) -> dict[str, Any]:
    value = {"label": label, "component": "Textbox", "python_type": {"type": "str", "description": "d"}}
    named = {**value, "parameter_name": "Name", "parameter_has_default": True, "parameter_default": default}
    endpoint = {"parameters": [value, named], "returns": [value, value]}
    return {"named_endpoints": {f"/{label}": endpoint}, "unnamed_endpoints": {"7": dict(endpoint)}}
