"""Every scenario of the kitchen-sink app ends as with gradio_client 2.7.2, unless we say why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from integration.incumbent import DIFFERENCES, played_by_incumbent
from integration.play import ASIDE, Troupe, without_asides
from integration.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from integration.scenarios import Scenario
    from servers.process import Server

NOT_CALLABLE = {"/stop", "/script"}  # they run in the page alone

pytestmark = pytest.mark.since("4.44.1")


@pytest.fixture(scope="session")
def incumbents() -> dict[str, Any]:
    """What the incumbent made of each server, so far."""
    return {}


@pytest.fixture(scope="session")
def incumbent(incumbents: dict[str, Any], kitchen_sink: Server) -> dict[str, Any]:
    if kitchen_sink.url not in incumbents:
        incumbents[kitchen_sink.url] = played_by_incumbent(kitchen_sink.url)
    found: dict[str, Any] = incumbents[kitchen_sink.url]
    return found


@pytest.fixture(scope="session")
def troupe(
    kitchen_sink: Server,
    transport: str,
    tmp_path_factory: pytest.TempPathFactory,
    incumbent: dict[str, Any],  # first, for one call of /batch may be answered with another
) -> Iterator[Troupe]:
    troupe = Troupe(kitchen_sink.url, tmp_path_factory.mktemp("played"), transport=transport)
    yield troupe
    troupe.close()


def lines(outcome: Any) -> list[str]:
    """For comparison: 3 is not 3.0, and an order of keys is none."""
    return json.dumps(without_asides(outcome), indent=1, sort_keys=True).splitlines()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_call_ends_as_with_the_incumbent(
    scenario: Scenario, troupe: Troupe, incumbent: dict[str, Any]
) -> None:
    played = troupe.outcome(scenario.name)
    difference = DIFFERENCES.get(scenario.name)
    expected = difference.ours if difference else incumbent["scenarios"][scenario.name]
    assert lines(played) == lines(expected)
    for outcome in played:
        if "outputs" in outcome:
            assert lines(outcome[ASIDE]["iterated"]) == lines(outcome["outputs"])


@pytest.mark.parametrize("form", ["dict", "text", "all", "named", "str"])
def test_the_api_is_described_as_by_the_incumbent(
    form: str, troupe: Troupe, incumbent: dict[str, Any]
) -> None:
    ours, theirs = troupe.descriptions()[form], incumbent["descriptions"][form]
    assert json.loads(json.dumps(ours)) == theirs


@pytest.mark.parametrize("name", [name for name, known in DIFFERENCES.items() if not known.hangs])
def test_a_difference_is_one(name: str, kitchen_sink: Server, incumbent: dict[str, Any]) -> None:
    assert lines(incumbent["scenarios"][name]) != lines(DIFFERENCES[name].ours)


def test_the_scenarios_cover_every_public_endpoint(troupe: Troupe) -> None:
    called = {call.api for scenario in SCENARIOS for call in scenario.calls}
    offered = troupe.descriptions()["dict"]["named_endpoints"]
    assert set(offered) - NOT_CALLABLE <= called


def test_scenarios_have_names_of_their_own() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
    assert set(DIFFERENCES) <= set(names)
