"""Reading what a configuration says of its functions and components (protocol section 2.1).

Every field may be missing or odd: it then counts as what the oldest servers, which lack it, mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain.endpoints import Component, Visibility
from gradio_client.domain.lenient import mapping, shown

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject

# Servers before 4.0 do not say what is skipped; all later ones do, and differ.
_SKIPPED_IN_3 = frozenset(
    {
        "state",
        "row",
        "column",
        "tabs",
        "tab",
        "tabitem",
        "box",
        "form",
        "accordion",
        "group",
        "interpretation",
        "dataset",
    }
)
_VISIBILITIES: tuple[Visibility, ...] = ("public", "undocumented", "private")


def dependencies_by_id(config: JsonObject) -> dict[int, JsonObject]:
    """The configuration's functions, by the number that requests use.

    Before 4.32 this is a function's place in the list; places of entries that are no objects stay empty.
    """
    found: dict[int, JsonObject] = {}
    for place, dependency in enumerate(_list(config.get("dependencies"))):
        if isinstance(dependency, dict):
            number = integer(dependency.get("id"))
            found[place if number is None else number] = dependency
    return found


def components_by_id(config: JsonObject) -> dict[int, JsonObject]:
    """The configuration's components, by their numbers."""
    components = [item for item in _list(config.get("components")) if isinstance(item, dict)]
    return {number: item for item in components if (number := integer(item.get("id"))) is not None}


def numbered(numbers: Json, components: dict[int, JsonObject]) -> list[tuple[Json, JsonObject]]:
    """A function's inputs or outputs: numbers and components, empty where a number has none."""
    return [(number, components.get(_number(number), {})) for number in _list(numbers)]


def is_skipped(component: JsonObject) -> bool:
    """Whether a component has no parameter and no result."""
    stated = component.get("skip_api")
    if isinstance(stated, bool):
        return stated
    kind = component.get("type")
    return isinstance(kind, str) and kind in _SKIPPED_IN_3


def is_called_on_server(dependency: JsonObject) -> bool:
    """Whether there is code on the server to call.

    There is none for JavaScript, nor for the cancel buttons of 4.35 and later.
    """
    cancels_only = mapping(dependency.get("types")).get("cancel")
    return dependency.get("backend_fn", True) is not False and not cancels_only


def visibility(dependency: JsonObject) -> Visibility:
    """Whom a function is offered to, in the words of 6.0."""
    stated = dependency.get("api_visibility")
    for word in _VISIBILITIES:
        if stated == word:
            return word
    if dependency.get("api_name") is False:
        return "private"
    return "undocumented" if dependency.get("show_api") is False else "public"


def components_at(numbers: Json, components: dict[int, JsonObject], role: str) -> tuple[Component, ...]:
    """A function's inputs or outputs.

    Args:
        numbers: the numbers in the configuration.
        components: all components.
        role: what those without a label are called, before their number.
    """
    return tuple(_component(number, component, role) for number, component in numbered(numbers, components))


def cancellers(dependencies: dict[int, JsonObject]) -> dict[int, list[int]]:
    """For each function that others cancel, the ids of those that can be called (protocol section 8.5)."""
    found: dict[int, list[int]] = {}
    for number, dependency in dependencies.items():
        if is_called_on_server(dependency):
            for cancelled in _list(dependency.get("cancels")):
                found.setdefault(_number(cancelled), []).append(number)
    return found


def integer(value: Json) -> int | None:
    """The value if it is a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _component(number: Json, component: JsonObject, role: str) -> Component:
    kind, label = component.get("type"), mapping(component.get("props")).get("label")
    return Component(
        id=_number(number),
        type=kind if isinstance(kind, str) else "",
        label=label if isinstance(label, str) else f"{role}_{shown(number)}",
        skipped=is_skipped(component),
        is_state=kind == "state",
    )


def _number(value: Json) -> int:
    """A component's or function's number, -1 for what is none."""
    found = integer(value)
    return -1 if found is None else found


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
