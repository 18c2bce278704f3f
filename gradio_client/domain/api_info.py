"""The API description that ``view_api`` returns: the server's own, or one made of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain.bounds import TYPES
from gradio_client.domain.dependencies import (
    components_by_id,
    dependencies_by_id,
    is_called_on_server,
    is_skipped,
    numbered,
    visibility,
)
from gradio_client.domain.lenient import mapping, shown
from gradio_client.domain.schema import Allowance, python_type

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject

_KINDS = ("named_endpoints", "unnamed_endpoints")
# Who may call is decided here, and the snippets name the host of whoever asked first (section 4).
_INTERNAL = ("api_visibility", "show_api", "code_snippets")


def usable_info(info: Json) -> JsonObject | None:
    """A server's API description, None if it is none; parts without the right shape are left out."""
    if not isinstance(info, dict) or not isinstance(info.get("named_endpoints"), dict):
        return None
    kinds = {kind: _entries(info.get(kind)) for kind in _KINDS}
    return {**info, **kinds}


def public_info(info: JsonObject) -> JsonObject:
    """A usable description without what is not meant for everyone; the given one is left as it is."""
    kinds = {
        kind: {name: _public_entry(entry) for name, entry in info[kind].items() if _is_public(entry)}
        for kind in _KINDS
    }
    return {**info, **kinds}


def derived_info(config: JsonObject) -> JsonObject:
    """The description that a server without one would give, as far as its configuration tells.

    Parameters have neither names nor defaults: these are known to the function alone.
    """
    components, allowance = components_by_id(config), Allowance(TYPES)
    info: JsonObject = {kind: {} for kind in _KINDS}
    for number, dependency in dependencies_by_id(config).items():
        if not is_called_on_server(dependency) or visibility(dependency) != "public":
            continue
        name = dependency.get("api_name")
        kind, key = ("named_endpoints", f"/{name}") if isinstance(name, str) else (_KINDS[1], str(number))
        info[kind].setdefault(key, _derived_entry(dependency, components, allowance))
    return info


def derived_parameters(
    dependency: JsonObject, components: dict[int, JsonObject], allowance: Allowance
) -> list[JsonObject]:
    """The parameters of one endpoint, as a description without names lists them."""
    return [
        {
            **_described(component, number, "parameter", "api_info_as_input", allowance),
            "example_input": component.get("example_inputs"),
        }
        for number, component in _listed(dependency.get("inputs"), components)
    ]


def _derived_entry(
    dependency: JsonObject, components: dict[int, JsonObject], allowance: Allowance
) -> JsonObject:
    returns = [
        _described(component, number, "value", "api_info_as_output", allowance)
        for number, component in _listed(dependency.get("outputs"), components)
    ]
    return {"parameters": derived_parameters(dependency, components, allowance), "returns": returns}


def _listed(numbers: Json, components: dict[int, JsonObject]) -> list[tuple[Json, JsonObject]]:
    return [pair for pair in numbered(numbers, components) if not is_skipped(pair[1])]


def _described(
    component: JsonObject, number: Json, role: str, preferred: str, allowance: Allowance
) -> JsonObject:
    schema = component.get(preferred, component.get("api_info"))
    props = mapping(component.get("props"))
    kind = props.get("name") or component.get("type") or "any"
    return {
        "label": props.get("label", f"{role}_{shown(number)}"),
        "type": schema if schema is not None else {},
        "python_type": {
            "type": python_type(schema, allowance),
            "description": mapping(schema).get(_describing(component, role), ""),
        },
        "component": shown(kind).capitalize(),
    }


def _describing(component: JsonObject, role: str) -> str:
    """The key under which a schema tells people about values."""
    # From 5.0 on the description of an input's schema is about its type.
    has_both = role == "parameter" and "api_info_as_input" in component
    return "additional_description" if has_both else "description"


def _entries(entries: Json) -> JsonObject:
    return {name: entry for name, entry in mapping(entries).items() if isinstance(entry, dict)}


def _is_public(entry: JsonObject) -> bool:
    return entry.get("api_visibility", "public") == "public" and entry.get("show_api", True) is not False


def _public_entry(entry: JsonObject) -> JsonObject:
    return {key: value for key, value in entry.items() if key not in _INTERNAL}
