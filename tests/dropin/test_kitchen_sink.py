"""An app on this package serves the incumbent's client as it does on gradio_client 2.7.2.

What it serves to this client is in tests/elsewhere/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from dropin.environment import GRADIO
from integration.incumbent import DIFFERENCES, played_by_incumbent
from integration.scenarios import SCENARIOS
from integration.test_same_as_incumbent import lines

if TYPE_CHECKING:
    from conftest import Gradio
    from dropin.conftest import Running
    from servers.process import Server

pytestmark = [pytest.mark.integration, pytest.mark.long]

NAMES = [scenario.name for scenario in SCENARIOS]
#: What the tests of gradio_client 2.7.2 can play: there it hangs on the others.
PLAYABLE = [name for name in NAMES if name not in DIFFERENCES or not DIFFERENCES[name].hangs]


@pytest.fixture(scope="module")
def server(on_ours: Running) -> Server:
    return on_ours("kitchen_sink", show_error=False)


@pytest.fixture(scope="module")
def as_before(gradio: Gradio) -> dict[str, Any]:
    """What the incumbent makes of the app on the incumbent."""
    return played_by_incumbent(gradio(GRADIO).url)


@pytest.fixture(scope="module")
def to_the_incumbent(server: Server) -> dict[str, Any]:
    return played_by_incumbent(server.url)


def elsewhere(outcome: Any) -> list[str]:
    """An outcome without what is another on every server: its port, its folder, names made of hashes."""
    own = r"(?<=127\.0\.0\.1:)\d+|gradio-server-\w+|[0-9a-f]{64}"
    return [re.sub(own, "<own>", line) for line in lines(outcome)]


@pytest.mark.parametrize("name", PLAYABLE)
def test_the_incumbent_gets_the_same(
    name: str, as_before: dict[str, Any], to_the_incumbent: dict[str, Any]
) -> None:
    assert elsewhere(to_the_incumbent["scenarios"][name]) == elsewhere(as_before["scenarios"][name])


def test_the_app_describes_itself_alike(to_the_incumbent: dict[str, Any], as_before: dict[str, Any]) -> None:
    assert to_the_incumbent["descriptions"] == as_before["descriptions"]
