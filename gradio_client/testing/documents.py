"""What the server tells about an app: ``/config``, ``/info`` and the page (protocol sections 2 and 4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.testing.components import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.app import App, Endpoint, Input, Output
    from gradio_client.testing.components import Kind
    from gradio_client.testing.line import Line
    from gradio_client.testing.storage import Storage

_RESERVED = frozenset({"api_name", "fn_index", "result_callbacks"})


class Documents:
    """The documents of one app as one line of servers writes them; ``fixed`` are fields of ``/config``."""

    def __init__(self, app: App, line: Line, storage: Storage, fixed: JsonObject) -> None:
        self._app = app
        self._line = line
        self._storage = storage
        self._fixed = fixed

    def config(self, root: str, username: str | None = None) -> JsonObject:
        """``/config``, as the given user sees it."""
        line = self._line
        config: JsonObject = {"version": line.text}
        if line.api_prefix:
            config["api_prefix"] = line.api_prefix
        config |= {"mode": "blocks", "title": self._app.title, "enable_queue": True}
        config |= {"protocol": line.protocol}
        config |= {"is_colab": False, "analytics_enabled": False, "layout": {"id": 0, "children": []}}
        config |= self._fixed
        config["components"] = list(self._components(root))
        config["dependencies"] = [self._dependency(endpoint) for endpoint in self._app.endpoints]
        if line.heartbeat_flag:
            config["connect_heartbeat"] = self._fixed.get("connect_heartbeat") or any(
                one.slot for endpoint in self._app.endpoints for one in endpoint.inputs
            )
        return config | {"root": root, "username": username}

    def info(self, root: str, *, all_endpoints: bool = False) -> JsonObject:
        """``/info``."""
        listed = {"public", "undocumented"} if all_endpoints else {"public"}
        named = {
            f"/{endpoint.name}": self._description(endpoint, root)
            for endpoint in self._app.endpoints
            if endpoint.function is not None and endpoint.visibility in listed
        }
        return {"named_endpoints": named, "unnamed_endpoints": {}}

    def page(self, config: JsonObject, info: JsonObject | None) -> str:
        """The HTML page with the documents in it (protocol section 2)."""
        scripts = f"<script>window.gradio_config = {_in_html(config)};</script>"
        if info is not None and self._line.info_in_page:
            scripts += f"<script>window.gradio_api_info = {_in_html(info)};</script>"
        return f"<!doctype html>\n<html><head><title>Gradio</title>\n{scripts}\n</head><body></body></html>\n"

    def _components(self, root: str) -> Iterator[JsonObject]:
        seen = set()
        for endpoint in self._app.endpoints:
            for one in endpoint.inputs:
                if one.component not in seen:
                    value = None if one.slot or one.required else self._default(one, root)
                    yield self._component(one.component, one.kind, _label(one.name), value)
                seen.add(one.component)
            for output in endpoint.outputs:
                yield self._component(output.component, output.kind, output.label, None)

    def _component(self, number: int, kind: Kind, label: str, value: Json) -> JsonObject:
        props = {"name": kind.type, "label": label, "visible": True}
        props |= {} if value is None else {"value": value}
        component: JsonObject = {"id": number, "type": kind.type, "props": props, "skip_api": kind is STATE}
        if kind is not STATE:
            schema = kind.json_schema(self._line)
            component |= {"api_info": schema, "example_inputs": kind.example}
            if self._line.api_prefix:
                component |= {"api_info_as_input": schema, "api_info_as_output": schema}
        return component

    def _dependency(self, endpoint: Endpoint) -> JsonObject:
        line = self._line
        states = [one.component for one in endpoint.inputs if one.slot]
        only_cancels = endpoint.function is None
        dependency: JsonObject = {"id": endpoint.id} if line.dependency_ids else {}
        dependency |= {
            "targets": [],
            "inputs": [one.component for one in endpoint.inputs],
            "outputs": [one.component for one in endpoint.outputs] + states,
            "backend_fn": not only_cancels or line.reset_works,
            "js": None,
            "queue": endpoint.queue,
            "api_name": endpoint.name,
            "batch": False,
            "max_batch_size": 4,
            "cancels": [one.id for one in self._app.endpoints if one.name in endpoint.cancels],
            "types": {"generator": endpoint.generator, "cancel": only_cancels and not line.reset_works},
        }
        if line.visibility:
            shown: JsonObject = {"api_visibility": endpoint.visibility, "connection": "sse"}
            return dependency | shown | {"render_id": None}
        if endpoint.visibility == "private":
            dependency["api_name"] = False
        return dependency | {"show_api": endpoint.visibility == "public"}

    def _description(self, endpoint: Endpoint, root: str) -> JsonObject:
        parameters = [
            self._parameter(number, one, root)
            for number, one in enumerate(endpoint.inputs)
            if one.slot is None
        ]
        returns = [self._returned(output) for output in endpoint.outputs]
        described: JsonObject = {"parameters": parameters, "returns": returns}
        if self._line.visibility:
            described |= {"api_visibility": endpoint.visibility, "description": endpoint.description}
        else:
            described["show_api"] = endpoint.visibility == "public"
        return described

    def _parameter(self, number: int, one: Input, root: str) -> JsonObject:
        described: JsonObject = {"label": _label(one.name)}
        if self._line.parameter_names:
            described |= {
                "parameter_name": f"param_{number}" if one.name in _RESERVED else one.name,
                "parameter_has_default": not one.required,
                "parameter_default": self._default(one, root),
            }
        return described | {
            "type": one.kind.json_schema(self._line),
            "python_type": {"type": one.kind.python_type, "description": ""},
            "component": one.kind.name,
            "example_input": one.kind.example,
        }

    def _returned(self, output: Output) -> JsonObject:
        schema = output.kind.json_schema(self._line)
        described = schema.get("description", "")
        return {
            "label": output.label,
            "type": schema,
            "python_type": {"type": output.kind.python_type, "description": described},
            "component": output.kind.name,
        }

    def _default(self, one: Input, root: str) -> Json:
        return self._storage.sent(one.default, root) if isinstance(one.default, Path) else one.default


def _label(name: str) -> str:
    return name.replace("_", " ").title()


def _in_html(document: JsonObject) -> str:
    text = json.dumps(document)
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
