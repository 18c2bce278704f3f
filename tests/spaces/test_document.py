"""What docs/spaces.md and the README say is what there is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gradio_client._spaces import hub, telemetry
from gradio_client.domain import spaces
from gradio_client.timeouts import CONNECT_SECONDS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "spaces.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("stage", sorted({*spaces._OUTLOOKS, *spaces._DOWN} - {"UNKNOWN"}))
def test_every_stage_is_explained(stage: str) -> None:
    assert f"`{stage}`" in GUIDE


@pytest.mark.parametrize("field", dataclasses.fields(spaces.SpaceStatus), ids=lambda field: field.name)
def test_every_part_of_a_status_is_named(field: dataclasses.Field[object]) -> None:
    assert f"`{field.name}`" in GUIDE


@pytest.mark.parametrize("name", [*telemetry._STOPPED_BY, "GRADIO_ANALYTICS_ENABLED"])
def test_every_switch_of_the_telemetry_is_named(name: str) -> None:
    assert f"`{name}=" in GUIDE


@pytest.mark.parametrize("name", ["GRADIO_ANALYTICS_ENABLED", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE"])
def test_the_readme_tells_of_the_telemetry(name: str) -> None:
    assert f"`{name}=" in README


def test_the_numbers_are_right() -> None:
    assert f"({CONNECT_SECONDS:.0f} by default" in GUIDE
    assert f"connect_timeout={CONNECT_SECONDS:.0f}" in README
    assert "after 2, 2, 3, 4, and then every 5 seconds" in GUIDE
    assert spaces._DELAYS == (2, 2, 3, 4, 5)
    assert (hub.TRIES, hub.LONGEST_WAIT) == (4, 60)
    assert telemetry.TOPIC in GUIDE
