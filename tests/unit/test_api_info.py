from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import wire

from gradio_client.domain.api_info import derived_info
from gradio_client.domain.config import AppConfig, config_from_page, info_from_page, parse_config
from gradio_client.domain.endpoints import bind_arguments, select_endpoint
from gradio_client.domain.errors import ServerError, UnsupportedServer

VERSIONS = [version for version in wire.versions() if not version.startswith("3.")]
SCENARIOS = ["config", "auth", "chat", "subpath"]
HIDDEN_KEYS = {"code_snippets", "api_visibility", "show_api"}

PAGE = (
    '<html><script>{}</script><script>if (window.gradio_config?.x) window.gradio_config.root = "";</script>'
)


def recorded(version: str, scenario: str = "config") -> AppConfig:
    return parse_config(wire.config(version, scenario), wire.info(version, scenario))


def without_names(entry: dict[str, Any]) -> dict[str, Any]:
    """What a configuration tells of an endpoint too."""
    kept = {"label", "type", "component", "example_input"}
    return {
        role: [{key: value[key] for key in kept & value.keys()} for value in entry[role]]
        for role in ("parameters", "returns")
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("version", VERSIONS)
def test_the_description_is_the_servers_without_what_is_internal(version: str, scenario: str) -> None:
    info = wire.info(version, scenario)
    expected = {
        kind: {
            name: {key: value for key, value in entry.items() if key not in HIDDEN_KEYS}
            for name, entry in info[kind].items()
        }
        for kind in ("named_endpoints", "unnamed_endpoints")
    }
    assert recorded(version, scenario).info == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_reading_leaves_configuration_and_description_as_they_were(version: str) -> None:
    config, info = wire.config(version), wire.info(version)
    before = copy.deepcopy((config, info))
    parse_config(config, info)
    assert (config, info) == before


@pytest.mark.parametrize("version", VERSIONS)
def test_a_derived_description_is_the_servers_but_for_names_and_types(version: str) -> None:
    info, derived = wire.info(version), derived_info(wire.config(version))
    assert derived["unnamed_endpoints"] == {}
    assert list(derived["named_endpoints"]) == list(info["named_endpoints"])
    for name, entry in info["named_endpoints"].items():
        assert without_names(derived["named_endpoints"][name]) == without_names(entry)


@pytest.mark.parametrize("version", ["6.20.0", "6.31.0"])
def test_the_types_of_a_derived_description_are_those_of_newer_servers(version: str) -> None:
    info, derived = wire.info(version), derived_info(wire.config(version))
    for name, entry in info["named_endpoints"].items():
        for role in ("parameters", "returns"):
            types = [value["python_type"] for value in entry[role]]
            assert [value["python_type"] for value in derived["named_endpoints"][name][role]] == types


def test_gradio_3_is_refused_by_its_version() -> None:
    with pytest.raises(UnsupportedServer, match=r"3\.50\.2"):
        recorded("3.50.2")


@pytest.mark.parametrize("version", VERSIONS)
def test_states_have_no_parameter_and_a_place_in_the_data(version: str) -> None:
    state = select_endpoint(recorded(version).endpoints, "/state", None)
    assert bind_arguments(state, [3], {}) == [3, None]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_recorded_endpoint_can_be_bound_with_one_value_for_each_input(version: str) -> None:
    for item in recorded(version).endpoints.values():
        data = bind_arguments(item, [0] * len(item.parameters), {})
        assert len(data) == len(item.inputs)


@pytest.mark.parametrize("version", VERSIONS)
def test_recorded_names_and_defaults_are_used_where_the_server_tells_them(version: str) -> None:
    endpoints = recorded(version).endpoints
    greet = select_endpoint(endpoints, "greet", None)
    if greet.named_parameters:
        assert greet.signature() == (
            "/greet(name: str, greeting: str = 'Hello', times: float = 1, shout: bool = False)"
        )
        assert bind_arguments(greet, ["Ann"], {"shout": True}) == ["Ann", "Hello", 1, True]
    else:
        assert greet.signature() == "/greet(name: str, greeting: str, times: float, shout: bool, /)"


def test_names_are_told_from_4_29_on() -> None:
    told = [v for v in VERSIONS if select_endpoint(recorded(v).endpoints, "/greet", None).named_parameters]
    assert told == VERSIONS[VERSIONS.index("4.29.0") :]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_undocumented_endpoint_is_not_described_and_can_be_called(version: str) -> None:
    config = recorded(version)
    undocumented = select_endpoint(config.endpoints, "/undocumented", None)
    assert bind_arguments(undocumented, ["x"], {}) == ["x"]
    assert ("/undocumented" in config.info["named_endpoints"]) is (undocumented.visibility == "public")


@pytest.mark.parametrize("version", ["4.0.2", "4.7.1"])
def test_older_servers_have_a_function_to_cancel_another(version: str) -> None:
    endpoints = recorded(version).endpoints
    slow = select_endpoint(endpoints, "/slow_iterate", None)
    assert [endpoints[number].callable for number in slow.cancelled_by] == [True]


@pytest.mark.parametrize("version", ["4.44.1", "5.50.0", "6.31.0"])
def test_cancel_buttons_of_newer_servers_are_not_called(version: str) -> None:
    assert select_endpoint(recorded(version).endpoints, "/slow_iterate", None).cancelled_by == ()


def test_what_is_not_for_everyone_is_left_out() -> None:
    entry: dict[str, Any] = {"parameters": [], "returns": []}
    named = {
        "/a": {**entry, "api_visibility": "public"},
        "/b": {**entry, "api_visibility": "undocumented"},
        "/c": {**entry, "show_api": False},
        "/d": {**entry, "show_api": True, "description": "D"},
        "/e": None,
    }
    config = {"protocol": "sse_v3", "dependencies": []}
    info = parse_config(config, {"named_endpoints": named, "extra": 1}).info
    assert info == {
        "named_endpoints": {"/a": entry, "/d": {**entry, "description": "D"}},
        "unnamed_endpoints": {},
        "extra": 1,
    }


def test_an_endpoint_that_is_left_out_keeps_its_names() -> None:
    hidden = {"api_visibility": "undocumented", "parameters": [{"parameter_name": "text"}], "returns": []}
    config = {
        "protocol": "sse_v3",
        "dependencies": [{"api_name": "b", "api_visibility": "undocumented", "inputs": [1]}],
    }
    found = parse_config(config, {"named_endpoints": {"/b": hidden}})
    assert found.info["named_endpoints"] == {}
    assert bind_arguments(found.endpoints[0], [], {"text": "x"}) == ["x"]


def test_endpoints_without_a_name_are_derived_by_their_number() -> None:
    config = {"dependencies": [{"api_name": None, "inputs": []}, {"api_name": "a"}, {"api_name": False}]}
    assert derived_info(config) == {
        "named_endpoints": {"/a": {"parameters": [], "returns": []}},
        "unnamed_endpoints": {"0": {"parameters": [], "returns": []}},
    }


def test_a_page_holds_configuration_and_description() -> None:
    scripts = (
        'window.gradio_config = {"a":"\\u003c/script>;"};</script><script>window.gradio_api_info={"b":1};'
    )
    assert config_from_page(PAGE.format(scripts)) == {"a": "</script>;"}
    assert info_from_page(PAGE.format(scripts)) == {"b": 1}


@pytest.mark.parametrize(
    "script",
    [
        "",
        "window.gradio_config = null;",
        "window.gradio_config = [];",
        'window.gradio_config = {"cut": ',
        'window.gradio_config = {"deep": ' + "[" * 100_000,
        "window.gradio_config",
    ],
)
def test_a_page_without_a_configuration_is_refused(script: str) -> None:
    with pytest.raises(ServerError, match="no configuration"):
        config_from_page(PAGE.format(script))


def test_a_page_without_a_description_has_none() -> None:
    assert info_from_page(PAGE.format('window.gradio_config = {"a":1};')) is None


def test_a_hostile_page_takes_time_in_proportion_to_its_length() -> None:
    with pytest.raises(ServerError):
        config_from_page("window.gradio_config = " * 200_000)
    with pytest.raises(ServerError):
        config_from_page("window.gradio_config" + " " * 2_000_000)
    with pytest.raises(ServerError):
        config_from_page('window.gradio_config = {"' * 100_000)


@given(st.dictionaries(st.text(), st.text()), st.text(), st.text())
def test_whatever_surrounds_it_a_configuration_is_found(config: dict[str, str], a: str, b: str) -> None:
    script = f"<script>window.gradio_config = {json.dumps(config)};</script>"
    assert config_from_page(a + script + b) == config
