"""The same scenarios as in tests/integration/; the incumbent cannot sign, so its gateway stands open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from gateway.gate import Behind, gate
from integration.incumbent import played_by_incumbent
from integration.test_same_as_incumbent import *  # noqa: F403 - every test of it

if TYPE_CHECKING:
    from servers.process import Server


@pytest.fixture(scope="session")  # type: ignore[no-redef] # it takes the place of the imported one
def incumbent(incumbents: dict[str, Any], kitchen_sink: Server) -> dict[str, Any]:
    if kitchen_sink.url not in incumbents:
        incumbents[kitchen_sink.url] = played(kitchen_sink)
    found: dict[str, Any] = incumbents[kitchen_sink.url]
    return found


def played(server: Server | Behind) -> Any:
    if not isinstance(server, Behind):
        return played_by_incumbent(server.url)
    with gate(server.without.url, wide_open=True) as front:
        text = json.dumps(played_by_incumbent(front.url))
    return json.loads(text.replace(f"127.0.0.1:{front.port}", f"127.0.0.1:{server.port}"))
