"""Every scenario ends through a front as it ends with gradio_client 2.7.2 without one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from integration.incumbent import DIFFERENCES, played_by_incumbent
from integration.scenarios import SCENARIOS
from integration.test_same_as_incumbent import (
    incumbents,  # noqa: F401 - a fixture
    lines,
    troupe,  # noqa: F401 - a fixture
)

if TYPE_CHECKING:
    from fronts.front import Behind
    from integration.play import Troupe
    from integration.scenarios import Scenario

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def incumbent(incumbents: dict[str, Any], kitchen_sink: Behind) -> dict[str, Any]:  # noqa: F811 - the other one
    direct = kitchen_sink.server.url  # it cannot be told to show a certificate everywhere
    if direct not in incumbents:
        incumbents[direct] = played_by_incumbent(direct)
    found: dict[str, Any] = incumbents[direct]
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_call_ends_through_a_front_as_with_the_incumbent(
    scenario: Scenario,
    troupe: Troupe,  # noqa: F811 - the fixture
    incumbent: dict[str, Any],
    kitchen_sink: Behind,
) -> None:
    difference = DIFFERENCES.get(scenario.name)
    expected = difference.ours if difference else incumbent["scenarios"][scenario.name]
    played = at(kitchen_sink.server.url, troupe.outcome(scenario.name), kitchen_sink.url)
    assert lines(played) == lines(expected)


@pytest.mark.parametrize("form", ["dict", "text", "all", "named", "str"])
def test_the_api_is_described_through_a_front_as_by_the_incumbent(
    form: str,
    troupe: Troupe,  # noqa: F811 - the fixture
    incumbent: dict[str, Any],
) -> None:
    assert json.loads(json.dumps(troupe.descriptions()[form])) == incumbent["descriptions"][form]


def at(server: str, outcome: Any, front: str) -> Any:
    """An outcome as if the app had been asked at the server's own address, and without a front's headers."""
    text = json.dumps(outcome).replace(front, server).replace(urlsplit(front).netloc, urlsplit(server).netloc)
    return json.loads(text, object_hook=_without_forwarding)


def _without_forwarding(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key.lower() != "x-forwarded-proto"}
