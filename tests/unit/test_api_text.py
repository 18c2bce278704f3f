from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.api_text import describe

FILE = {"path": "/tmp/gradio/x.png", "url": "http://h/file=x.png", "meta": {"_type": "gradio.FileData"}}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
garbage = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | scalars, inner, max_size=3),
    max_leaves=10,
)


def objects(*keys: str, holding: st.SearchStrategy[Any] = garbage) -> st.SearchStrategy[Any]:
    return garbage | st.dictionaries(st.sampled_from(keys), holding, max_size=len(keys))


values = objects("label", "parameter_name", "component", holding=garbage) | objects(
    "type",
    "python_type",
    "parameter_has_default",
    "parameter_default",
    holding=objects("type", "path", "url", "meta"),
)
endpoints = objects("parameters", "returns", "oauth_token", holding=st.lists(values, max_size=3))
infos = objects(
    "named_endpoints",
    "unnamed_endpoints",
    holding=st.dictionaries(st.text() | scalars, endpoints, max_size=3),
)


def value(**more: Any) -> dict[str, Any]:
    return {
        "label": "Text In",
        "component": "Textbox",
        "python_type": {"type": "str", "description": ""},
        **more,
    }


def described(*parameters: Any, returns: Any = (), **more: Any) -> list[str]:
    """The lines about an app with one endpoint, without the three of the head."""
    entry = {"parameters": list(parameters), "returns": list(returns), **more}
    info = {"named_endpoints": {"/echo": entry}, "unnamed_endpoints": {}}
    return describe(info, all_endpoints=None).splitlines()[3:]


@given(info=infos, all_endpoints=st.none() | st.booleans())
def test_any_description_of_an_app_is_a_text(*, info: Any, all_endpoints: bool | None) -> None:
    assert describe(info, all_endpoints=all_endpoints).startswith("Client.predict() Usage Info\n")


def test_an_endpoint_is_described_with_its_call_parameters_and_results() -> None:
    times = value(parameter_name="times", parameter_has_default=True, parameter_default=3)
    text = value(parameter_name="text", python_type={"type": "str", "description": "any text"})
    assert described(text, times, returns=[value(label="Out")]) == [
        "",
        ' - predict(text, times, api_name="/echo") -> out',
        "    Parameters:",
        "     - [Textbox] text: str (required)  (any text) ",
        "     - [Textbox] times: str (not required, defaults to:   3)  ",
        "    Returns:",
        "     - [Textbox] out: str ",
    ]


def test_an_endpoint_without_parameters_and_results_says_none() -> None:
    assert described() == [
        "",
        ' - predict(api_name="/echo") -> ',
        "    Parameters:",
        "     - None",
        "    Returns:",
        "     - None",
    ]


def test_several_results_are_shown_as_a_tuple() -> None:
    assert described(returns=[value(label="A"), value(label="B c")])[1].endswith(" -> (a, b_c)")


def test_parameters_without_a_name_go_by_their_label() -> None:
    assert (
        described(value(label="Your name (full)!"))[1] == ' - predict(your_name_full, api_name="/echo") -> '
    )


def test_a_default_of_none_makes_the_type_optional() -> None:
    line = described(value(parameter_name="x", parameter_has_default=True, parameter_default=None))[3]
    assert line == "     - [Textbox] x: str | None (not required, defaults to:   None)  "


def test_files_in_defaults_are_shown_as_the_call_which_sends_them() -> None:
    lines = described(
        *(value(parameter_has_default=True, parameter_default=default) for default in (FILE, [FILE]))
    )
    assert 'defaults to:   handle_file("http://h/file=x.png"))' in lines[3]
    assert "defaults to:   ['handle_file(\"http://h/file=x.png\")'])" in lines[4]


def test_a_file_without_url_is_shown_with_its_path() -> None:
    default = {**FILE, "url": None}
    assert (
        'handle_file("/tmp/gradio/x.png")'
        in described(value(parameter_has_default=True, parameter_default=default))[3]
    )


def test_a_default_that_nests_too_deeply_is_dots() -> None:
    default: Any = FILE
    for _ in range(100_000):
        default = [default]
    assert "defaults to:   ...)" in described(value(parameter_has_default=True, parameter_default=default))[3]


def test_a_missing_python_type_is_made_from_the_schema() -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    assert described({"label": "names", "component": "Dropdown", "type": schema})[3] == (
        "     - [Dropdown] names: list[str] (required)  "
    )


def test_a_value_about_which_nothing_is_known_is_any() -> None:
    assert described({"label": None})[3] == "     - [Any] : Any (required)  "


def test_endpoints_that_act_for_the_user_are_marked() -> None:
    line = described(oauth_token="optional")[2]
    assert line.startswith("    Wants a Hugging Face token of yours (optional)")
    assert "Client(..., oauth_token=...)" in line


def info(*, named: int, unnamed: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"parameters": [], "returns": []}
    return {
        "named_endpoints": {f"/n{i}": entry for i in range(named)},
        "unnamed_endpoints": {str(i): entry for i in range(unnamed)},
    }


def test_the_head_counts_the_named_endpoints() -> None:
    head = "Client.predict() Usage Info\n---------------------------\nNamed API endpoints: 2\n"
    assert describe(info(named=2, unnamed=0), all_endpoints=None).startswith(head)


@pytest.mark.parametrize(("named", "all_endpoints"), [(0, None), (0, True), (1, True)])
def test_unnamed_endpoints_are_described_when_wanted_or_when_there_are_no_others(
    named: int, *, all_endpoints: bool | None
) -> None:
    text = describe(info(named=named, unnamed=1), all_endpoints=all_endpoints)
    assert "\nUnnamed API endpoints: 1\n\n - predict(fn_index=0) -> \n" in text


@pytest.mark.parametrize(("named", "all_endpoints"), [(1, None), (0, False), (1, False)])
def test_unnamed_endpoints_are_only_counted_otherwise(named: int, *, all_endpoints: bool | None) -> None:
    text = describe(info(named=named, unnamed=2), all_endpoints=all_endpoints)
    assert text.endswith("\nUnnamed API endpoints: 2, to view, run Client.view_api(all_endpoints=True)\n")
    assert "fn_index" not in text


def test_an_app_without_endpoints_says_so() -> None:
    text = describe({}, all_endpoints=None)
    assert text.endswith("Named API endpoints: 0\n\nUnnamed API endpoints: 0\n")
