"""Endpoints whose skipped inputs and outputs are not skipped, for programs that relay them.

Gradio's ``gr.load`` and its MCP server place the values of states themselves, and want every
output back in its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradio_client.domain.endpoints import Component, Endpoint, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator


def unskipped(endpoint: Endpoint) -> Endpoint:
    """An endpoint like this one with a parameter for every input, and nothing left out of results.

    Parameters of inputs that were skipped have no name, and null as their default.
    """
    return replace(
        endpoint,
        inputs=tuple(map(_shown, endpoint.inputs)),
        outputs=tuple(map(_shown, endpoint.outputs)),
        parameters=tuple(_parameters(endpoint)),
    )


def _shown(component: Component) -> Component:
    return replace(component, skipped=False)


def _parameters(endpoint: Endpoint) -> Iterator[Parameter]:
    described = iter(endpoint.parameters)
    for component in endpoint.inputs:
        parameter = None if component.skipped else next(described, None)
        yield parameter or Parameter(name=None, label=component.label, type="Any", required=False)
    yield from described
