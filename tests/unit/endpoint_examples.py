"""Endpoints for tests, as a configuration would give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradio_client.domain.endpoints import Component, Endpoint, Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence


def component(number: int, kind: str = "textbox", *, skipped: bool = False) -> Component:
    return Component(number, kind, f"{kind} {number}", skipped=skipped, is_state=kind == "state")


def state(number: int) -> Component:
    return component(number, "state", skipped=True)


def required(name: str | None, kind: str = "str") -> Parameter:
    return Parameter(name, (name or "value").title(), kind, required=True)


def optional(name: str, default: Any, kind: str = "str") -> Parameter:
    return Parameter(name, name.title(), kind, required=False, default=default)


def endpoint(
    parameters: Sequence[Parameter] = (),
    api_name: str | None = "/run",
    number: int = 0,
    inputs: Sequence[Component] | None = None,
    outputs: Sequence[Component] = (),
    **options: Any,
) -> Endpoint:
    """An endpoint whose inputs are those of its parameters, unless they are given."""
    settings: dict[str, Any] = {
        "id": number,
        "api_name": api_name,
        "visibility": "public",
        "callable": True,
        "inputs": tuple(component(at) for at in range(len(parameters))) if inputs is None else tuple(inputs),
        "outputs": tuple(outputs),
        "parameters": tuple(parameters),
        "named_parameters": not parameters or any(parameter.name for parameter in parameters),
        "oauth": None,
        "cancelled_by": (),
    }
    return Endpoint(**(settings | options))


def by_id(*endpoints: Endpoint) -> dict[int, Endpoint]:
    return {item.id: item for item in endpoints}
