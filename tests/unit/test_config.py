from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.config import AppConfig, Dialect, parse_config
from gradio_client.domain.errors import AuthenticationError, ServerError, UnsupportedServer

COMPONENTS = [
    {"id": 1, "type": "textbox", "props": {"label": "Text"}, "skip_api": False},
    {"id": 2, "type": "state", "props": {}, "skip_api": True},
    {"id": 3, "type": "button", "skip_api": True},
]
RUN = {"id": 7, "api_name": "run", "inputs": [2, 1], "outputs": [1, 2], "backend_fn": True}
PARAMETER = {
    "label": "Text",
    "parameter_name": "text",
    "parameter_has_default": True,
    "parameter_default": "x",
    "python_type": {"type": "str", "description": ""},
    "component": "Textbox",
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def odd_objects(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, json_values))


odd_components = odd_objects("id", "type", "props", "skip_api", "api_info", "example_inputs")
odd_dependencies = odd_objects(
    "id", "inputs", "outputs", "backend_fn", "cancels", "types", "connection"
) | odd_objects("api_name", "show_api", "api_visibility", "inputs", "types")
odd_configs = st.fixed_dictionaries(
    {"dependencies": st.lists(odd_dependencies | json_values, max_size=4), "protocol": st.just("sse_v3")},
    optional={
        "components": st.lists(odd_components | json_values, max_size=4) | json_values,
        **dict.fromkeys(["version", "api_prefix", "root", "app_id", "space_id"], json_values),
        **dict.fromkeys(["max_file_size", "connect_heartbeat"], json_values),
    },
)
odd_parameters = odd_objects("parameter_name", "parameter_has_default", "parameter_default", "label", "type")
odd_entries = st.fixed_dictionaries(
    {}, optional={"parameters": st.lists(odd_parameters | json_values, max_size=3) | json_values}
)
odd_infos = st.fixed_dictionaries(
    {"named_endpoints": st.dictionaries(st.text(max_size=4), odd_entries | json_values, max_size=3)},
    optional={"unnamed_endpoints": json_values},
)


def parsed(info: Any = None, **fields: Any) -> AppConfig:
    config = {"version": "6.31.0", "protocol": "sse_v3", "components": COMPONENTS, "dependencies": [RUN]}
    return parse_config(config | fields, info)


def described(*parameters: Any, **fields: Any) -> dict[str, Any]:
    entry = {"parameters": list(parameters), "returns": []} | fields
    return {"named_endpoints": {"/run": entry}, "unnamed_endpoints": {}}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("6.31.0", (6, 31, 0)),
        ("5.0.0b3", (5, 0, 0)),
        ("4.44.1.dev1", (4, 44, 1)),
        ("4.44", (4, 44)),
        ("unknown", ()),
        ("", ()),
        (None, ()),
        (4.4, ()),
    ],
)
def test_a_version_is_read_up_to_what_marks_a_preview(text: Any, version: tuple[int, ...]) -> None:
    assert parsed(version=text).version == version


@pytest.mark.parametrize(
    ("version", "protocol", "cancel", "heartbeat", "repeats"),
    [
        ("4.0.2", "sse", False, False, False),
        ("4.3.0", "sse", False, False, False),
        ("4.4.0", "sse", False, False, True),
        ("4.24.0", "sse_v3", False, False, True),
        ("4.25.0", "sse_v3", False, True, True),
        ("4.29.0", "sse_v3", False, True, True),
        ("4.31.0", "sse_v3", True, True, True),
        ("6.31.0", "sse_v3", True, True, True),
        ("", "sse_v3", True, True, True),
        ("", "sse_v1", False, False, False),
    ],
)
def test_abilities_come_with_versions(
    version: str, protocol: str, *, cancel: bool, heartbeat: bool, repeats: bool
) -> None:
    config = parsed(version=version, protocol=protocol)
    assert config.has_cancel is cancel
    assert config.heartbeats_repeat is repeats
    assert config.wants_heartbeat is heartbeat


def test_an_app_may_do_without_a_heartbeat() -> None:
    assert parsed(connect_heartbeat=True).wants_heartbeat
    assert not parsed(connect_heartbeat=False).wants_heartbeat
    assert not parsed(connect_heartbeat=True, version="4.16.0", protocol="sse_v1").wants_heartbeat


@pytest.mark.parametrize(
    ("protocol", "per_job", "diffs", "closes", "meta"),
    [
        ("sse", True, False, False, False),
        ("sse_v1", False, False, False, False),
        ("sse_v2", False, True, False, False),
        ("sse_v2.1", False, True, False, True),
        ("sse_v3", False, True, True, True),
    ],
)
def test_dialects_differ(protocol: str, *, per_job: bool, diffs: bool, closes: bool, meta: bool) -> None:
    config = parsed(protocol=protocol)
    assert config.dialect == protocol
    assert config.dialect.one_stream_per_job is per_job
    assert config.dialect.sends_diffs is diffs
    assert config.dialect.closes_stream is closes
    assert config.file_objects_have_meta is meta


@pytest.mark.parametrize("protocol", ["sse_v3.1", "sse_v4", "sse_v12.3"])
def test_a_later_dialect_is_taken_for_the_latest_known(protocol: str) -> None:
    assert parsed(protocol=protocol).dialect is Dialect.V3


@pytest.mark.parametrize("protocol", ["sse_v1.5", "sse_v", "ws_v2", "", 3, ["sse"], "x" * 10_000])
def test_an_unknown_protocol_is_refused_by_its_name(protocol: Any) -> None:
    with pytest.raises(UnsupportedServer) as caught:
        parsed(protocol=protocol)
    assert str(protocol)[:100] in caught.value.message
    assert "6.31.0" in caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("protocol", [None, "ws"])
def test_websockets_are_refused_with_a_way_out(protocol: Any) -> None:
    with pytest.raises(UnsupportedServer) as caught:
        parsed(protocol=protocol, version="3.50.2")
    assert "3.50.2" in caught.value.message
    assert "Upgrade the app to Gradio 4" in caught.value.message
    assert "gradio_client<1" in caught.value.message


def test_gradio_2_is_refused() -> None:
    with pytest.raises(UnsupportedServer, match="Gradio 2"):
        parse_config({"allow_flagging": "never", "input_components": []}, None)


def test_the_page_for_strangers_asks_for_a_login() -> None:
    page = {"auth_required": True, "auth_message": "Members only", "space_id": None, "root": ""}
    with pytest.raises(AuthenticationError, match=r"'Members only'.*auth=\(user, password\)"):
        parse_config(page, None)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ([], "a list"),
        ("<html>", "text"),
        (None, "null"),
        (3, "a number"),
        ({}, "lacks 'dependencies'"),
        ({"detail": "Not Found"}, "lacks 'dependencies'"),
        ({"dependencies": {}}, "no list of 'dependencies'"),
    ],
)
def test_what_is_no_configuration_is_refused_by_what_is_wrong(config: Any, reason: str) -> None:
    with pytest.raises(ServerError) as caught:
        parse_config(config, None)
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("stated", "prefix"),
    [
        ("/gradio_api", "/gradio_api"),
        ("gradio_api/", "/gradio_api"),
        ("", ""),
        ("/", ""),
        (None, ""),
        (3, ""),
        ("@evil.example", "/@evil.example"),
        ("//evil.example", "/evil.example"),
        ("/a?b#c d", "/a%3Fb%23c%20d"),
    ],
)
def test_a_prefix_is_a_path(stated: Any, prefix: str) -> None:
    assert parsed(api_prefix=stated).api_prefix == prefix


def test_fields_of_the_wrong_type_count_as_missing() -> None:
    config = parsed(root=1, app_id="x", max_file_size=True, version=None)
    assert (config.root, config.app_id, config.max_file_size) == ("", None, None)
    assert config.version_text == ""


def test_fields_are_kept_as_they_are() -> None:
    config = parsed(root="http://h", app_id=2**64 - 1, max_file_size=61440)
    assert (config.root, config.app_id) == ("http://h", 2**64 - 1)
    assert config.max_file_size == 61440


def test_an_endpoint_has_the_number_that_it_states() -> None:
    assert list(parsed().endpoints) == [7]


def test_an_endpoint_without_a_number_has_its_place() -> None:
    places = [{"api_name": "a"}, "no object", {"api_name": "b"}, {"api_name": "c", "id": True}]
    config = parsed(dependencies=places)
    assert [(number, found.api_name) for number, found in config.endpoints.items()] == [
        (0, "/a"),
        (2, "/b"),
        (3, "/c"),
    ]


def test_inputs_and_outputs_are_components_in_order() -> None:
    found = parsed().endpoints[7]
    assert [(item.type, item.skipped, item.is_state) for item in found.inputs] == [
        ("state", True, True),
        ("textbox", False, False),
    ]
    assert [item.label for item in found.outputs] == ["Text", "value_2"]


def test_a_component_that_is_not_there_is_unknown_and_not_skipped() -> None:
    found = parsed(dependencies=[{**RUN, "inputs": [99, None, [1]], "outputs": None}]).endpoints[7]
    assert [(item.id, item.type, item.skipped) for item in found.inputs] == [
        (99, "", False),
        (-1, "", False),
        (-1, "", False),
    ]
    assert len(found.parameters) == 3
    assert found.outputs == ()


def test_components_of_servers_that_do_not_tell_are_skipped_by_type() -> None:
    components = [{"id": 1, "type": "state"}, {"id": 2, "type": "dataset"}, {"id": 3, "type": "textbox"}]
    found = parsed(components=components, dependencies=[{"inputs": [1, 2, 3]}]).endpoints[0]
    assert [item.skipped for item in found.inputs] == [True, True, False]


@pytest.mark.parametrize(
    ("fields", "visibility"),
    [
        ({"api_visibility": "public"}, "public"),
        ({"api_visibility": "undocumented"}, "undocumented"),
        ({"api_visibility": "private"}, "private"),
        ({"api_visibility": "odd"}, "public"),
        ({"api_name": False}, "private"),
        ({"show_api": False}, "undocumented"),
        ({"show_api": False, "api_name": False}, "private"),
        ({"show_api": True}, "public"),
        ({"api_name": None}, "public"),
    ],
)
def test_visibility_is_told_in_new_and_old_words(fields: Any, visibility: str) -> None:
    assert parsed(dependencies=[RUN | fields]).endpoints[7].visibility == visibility


@pytest.mark.parametrize(
    ("fields", "on_server"),
    [
        ({}, True),
        ({"backend_fn": False}, False),
        ({"backend_fn": None}, True),
        ({"types": {"cancel": True}}, False),
        ({"types": {"cancel": False, "generator": True}}, True),
    ],
)
def test_an_endpoint_is_callable_when_it_runs_on_the_server(fields: Any, *, on_server: bool) -> None:
    assert parsed(dependencies=[RUN | fields]).endpoints[7].callable is on_server


def test_an_endpoint_knows_what_can_be_called_to_cancel_it() -> None:
    cancels = {"cancels": [7, 8, [7], None]}
    config = parsed(
        dependencies=[
            RUN,
            {"id": 8},
            {"id": 20, **cancels},
            {"id": 21, "backend_fn": False, **cancels},
            {"id": 22, "types": {"cancel": True}, **cancels},
            {"id": 23, "api_name": False, "cancels": [7]},
        ]
    )
    assert config.endpoints[7].cancelled_by == (20, 23)
    assert config.endpoints[8].cancelled_by == (20,)


def test_an_endpoint_may_want_a_token() -> None:
    assert parsed(described(oauth_token="optional")).endpoints[7].oauth == "optional"
    assert parsed(described()).endpoints[7].oauth is None


def test_parameters_are_those_of_the_description() -> None:
    found = parsed(described(PARAMETER)).endpoints[7]
    (parameter,) = found.parameters
    assert found.named_parameters
    assert (parameter.name, parameter.type, parameter.required, parameter.default) == (
        "text",
        "str",
        False,
        "x",
    )


def test_a_default_without_the_word_that_there_is_one_is_none() -> None:
    (parameter,) = parsed(described(PARAMETER | {"parameter_has_default": False})).endpoints[7].parameters
    assert parameter.required
    assert parameter.default is None


def test_a_parameter_without_a_python_type_gets_that_of_its_schema() -> None:
    (parameter,) = parsed(described({"type": {"type": "integer"}})).endpoints[7].parameters
    assert parameter.type == "int"


def test_the_second_parameter_of_one_name_goes_by_position() -> None:
    found = parsed(described(PARAMETER, PARAMETER)).endpoints[7]
    assert [parameter.name for parameter in found.parameters] == ["text", None]


@pytest.mark.parametrize(
    "info", [None, [], "x", {}, {"named_endpoints": []}, {"named_endpoints": {"/run": 1}}]
)
def test_without_a_description_parameters_are_inputs_without_names(info: Any) -> None:
    found = parsed(info).endpoints[7]
    assert not found.named_parameters
    assert [(parameter.name, parameter.label, parameter.required) for parameter in found.parameters] == [
        (None, "Text", True)
    ]


def test_an_endpoint_without_parameters_needs_no_names() -> None:
    assert parsed(dependencies=[{"id": 1, "inputs": [2]}]).endpoints[1].named_parameters


def test_an_endpoint_without_a_name_is_described_by_its_number() -> None:
    info = {"named_endpoints": {}, "unnamed_endpoints": {"7": {"parameters": [PARAMETER], "returns": []}}}
    found = parsed(info, dependencies=[RUN | {"api_name": None}]).endpoints[7]
    assert found.api_name is None
    assert found.parameters[0].name == "text"


@given(odd_configs, st.none() | odd_infos)
def test_odd_configurations_are_read_as_far_as_they_go(config: Any, info: Any) -> None:
    found = parse_config(config, info)
    assert len(found.endpoints) <= len(config["dependencies"])
    for item in found.endpoints.values():
        assert item.signature()
