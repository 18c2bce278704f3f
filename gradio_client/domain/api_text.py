"""The text of ``view_api``: an app's endpoints, their parameters and what they return.

The layout is that of ``gradio_client`` 2.7.2, down to the spaces, since programs and people search
it. An API description comes from servers of every age, so entries may lack anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain.bounds import TYPES
from gradio_client.domain.files import map_files
from gradio_client.domain.lenient import mapping, shown
from gradio_client.domain.printable import on_one_line, printable
from gradio_client.domain.schema import Allowance, python_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradio_client.domain.values import Json, JsonObject

_TITLE = "Client.predict() Usage Info"


def describe(info: JsonObject, *, all_endpoints: bool | None) -> str:
    """Text about the endpoints of an API description (protocol section 4), ending in a line break.

    Endpoints without a name are described when ``all_endpoints`` is true, or when it is None and
    none has a name; otherwise they are only counted. Never raises: what is missing or of the
    wrong type is left out, or is ``Any``.
    """
    named, unnamed = (mapping(mapping(info).get(f"{kind}_endpoints")) for kind in ("named", "unnamed"))
    show_unnamed = not named if all_endpoints is None else all_endpoints
    types = Allowance(TYPES)
    lines = [_TITLE, "-" * len(_TITLE), f"Named API endpoints: {len(named)}"]
    for name, entry in named.items():
        lines += _endpoint(f'api_name="{on_one_line(shown(name))}"', mapping(entry), types)
    if show_unnamed or unnamed:
        hint = "" if show_unnamed else ", to view, run Client.view_api(all_endpoints=True)"
        lines += ["", f"Unnamed API endpoints: {len(unnamed)}{hint}"]
    if show_unnamed:
        for index, entry in unnamed.items():
            lines += _endpoint(f"fn_index={shown(index)}", mapping(entry), types)
    return printable("\n".join(lines) + "\n")


def _endpoint(choice: str, entry: JsonObject, types: Allowance) -> list[str]:
    parameters, returns = _objects(entry.get("parameters")), _objects(entry.get("returns"))
    given = ", ".join([*map(_parameter_name, parameters), choice])
    returned = ", ".join(_name(value.get("label")) for value in returns)
    if len(returns) > 1:
        returned = f"({returned})"
    lines = ["", f" - predict({given}) -> {returned}"]
    if wanted := entry.get("oauth_token"):  # protocol section 3.3
        lines.append(
            f"    Wants a Hugging Face token of yours ({on_one_line(shown(wanted))}), to act in your name"
            " with it: given only by Client(..., oauth_token=...)"
        )
    lines += ["    Parameters:", *_listed(_parameter(value, types) for value in parameters)]
    return [*lines, "    Returns:", *_listed(_returned(value, types) for value in returns)]


def _listed(entries: Iterable[str]) -> list[str]:
    return [f"     - {entry} " for entry in entries] or ["     - None"]


def _parameter(value: JsonObject, types: Allowance) -> str:
    shown_type, need = _type(value, types), "(required)"
    if value.get("parameter_has_default"):
        default = value.get("parameter_default")
        shown_type += " | None" if default is None else ""
        need = f"(not required, defaults to:   {_default(default)})"
    return f"[{_component(value)}] {_parameter_name(value)}: {shown_type} {need} {_description(value)}"


def _returned(value: JsonObject, types: Allowance) -> str:
    return f"[{_component(value)}] {_name(value.get('label'))}: {_type(value, types)}{_description(value)}"


def _default(value: Json) -> str:
    """A default value; files in it as the expression which would send them."""
    return shown(map_files(value, _file_expression, needs_meta=True))


def _file_expression(file: JsonObject) -> str:
    return f'handle_file("{shown(file.get("url") or file["path"])}")'


def _type(value: JsonObject, types: Allowance) -> str:
    stated = mapping(value.get("python_type")).get("type")
    return on_one_line(stated if isinstance(stated, str) else python_type(value.get("type"), types))


def _description(value: JsonObject) -> str:
    description = mapping(value.get("python_type")).get("description")
    return f" ({shown(description)})" if description else ""


def _component(value: JsonObject) -> str:
    return on_one_line(shown(value.get("component") or "Any"))


def _parameter_name(value: JsonObject) -> str:
    return _name(value.get("parameter_name") or value.get("label"))


def _name(label: Json) -> str:
    """A label as it could stand in Python code."""
    kept = (character for character in shown(label or "") if character.isalnum() or character in " _")
    return "".join(kept).replace(" ", "_").lower()


def _objects(values: Json) -> list[JsonObject]:
    return [mapping(value) for value in values] if isinstance(values, list) else []
