"""The MCP server of an app on this package answers; its tools with a queue go through a Client."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dropin.conftest import Running

pytestmark = pytest.mark.integration

CALLS = {
    "with a queue": ("shout", {"text": "hello"}, False),
    "without a queue": ("shout_at_once", {"text": "hello"}, False),
    "with progress": ("count", {"n": 3}, True),
    # Without progress Gradio's own code fails on a state beside another output, with any client.
    "with a state": ("add", {"n": 3}, True),
    "that fails": ("fail", {"text": "it broke"}, False),
    "that fails with progress": ("fail", {"text": "it broke"}, True),
}


@pytest.fixture(scope="module")
def said(on_ours: Running, our_python: Path) -> dict[str, Any]:
    server = on_ours("tools")
    script = Path(__file__).with_name("mcp_calls.py")
    command = [str(our_python), "-I", str(script), server.url, json.dumps(list(CALLS.values()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr + server.log
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def answers(said: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(CALLS, said["answers"], strict=True))


def test_tools_are_listed(said: dict[str, Any]) -> None:
    assert {"shout", "shout_at_once", "count", "add", "fail"} <= set(said["tools"])


@pytest.mark.parametrize("name", ["with a queue", "without a queue"])
def test_a_tool_answers(answers: dict[str, Any], name: str) -> None:
    assert (answers[name]["text"], answers[name]["error"]) == ("HELLO", False)


def test_a_tool_reports_progress_and_answers(answers: dict[str, Any]) -> None:
    assert answers["with progress"]["text"] == "3"
    assert "Processing" in answers["with progress"]["progress"]


def test_a_state_is_neither_asked_for_nor_answered(answers: dict[str, Any]) -> None:
    assert answers["with a state"]["text"] == "3"


@pytest.mark.parametrize("name", ["that fails", "that fails with progress"])
def test_a_tool_that_fails_says_why(answers: dict[str, Any], name: str) -> None:
    assert answers[name]["error"]
    assert "it broke" in answers[name]["text"]


def test_a_resource_can_be_read(said: dict[str, Any]) -> None:
    assert said["resource"] == "Hello, Ada!"
