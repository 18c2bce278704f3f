"""Type hints, docstrings, and traversal are treated as by gradio_client 2.7.2."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dropin import probe
from oracle.incumbent import environment


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    command = [str(environment()), "-I", str(Path(probe.__file__))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # that one prints what it refuses
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return probe.probe()


@pytest.mark.parametrize(
    "part", ["schemas", "changed", "nested", "documentation", "traversals", "traversed", "written", "bars"]
)
def test_answers_are_the_same(part: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours[part] == theirs[part]


def test_statuses_are_the_same_where_that_has_an_answer(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    answers = {name: answer for name, answer in theirs["statuses"].items() if answer is not None}
    assert {name: ours["statuses"][name] for name in answers} == answers
    silent = theirs["statuses"].keys() - answers.keys()
    assert all("LOG" in name or "meaning" in name for name in silent)
    assert None not in ours["statuses"].values()
