"""Gradio's workflows on this package: their nodes call Spaces."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from dropin.environment import GRADIO
from spaces.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Gradio

pytestmark = pytest.mark.integration

TOKEN = "hf_secretOfAda"
PROGRAM = """
import json, sys, types
from gradio.workflow import call_space
logs = []
request = types.SimpleNamespace(headers={"x-ip-token": "visitor"}, session={}, username=None)
answer = call_space(json.loads(sys.argv[1]), request, on_log=lambda *log: logs.append(log))
print(json.dumps({"answer": json.loads(answer), "logs": logs}))
"""


@pytest.fixture
def spaces(gradio: Gradio) -> Iterator[World]:
    with world(gradio(GRADIO).url) as made:
        made.hub.users = {TOKEN: "ada"}
        made.space(private=True)
        yield made


def call(python: Path, spaces: World, folder: Path, *data: Any) -> Any:
    """What a workflow's node makes of a call: the answer, and what was logged."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GRADIO_"))}
    at_home = {"HF_HOME": str(folder), "HF_HUB_DISABLE_TELEMETRY": "1", "HF_ENDPOINT": spaces.urls["hub"]}
    command = [str(python), "-I", "-c", PROGRAM, json.dumps(["ada/demo", *data, TOKEN])]
    done = subprocess.run(
        command, env=kept | at_home, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_node_calls_a_space_in_the_visitors_name(our_python: Path, spaces: World, tmp_path: Path) -> None:
    found = call(our_python, spaces, tmp_path, "/greet", '["Ada"]')
    assert found["answer"] == ["Hello, Ada!"]
    (join,) = spaces.to("space", "queue/join")
    assert join.header("X-HF-Authorization") == f"Bearer {TOKEN}"
    assert join.header("x-ip-token") == "visitor"


def test_a_node_without_an_endpoint_takes_the_first(our_python: Path, spaces: World, tmp_path: Path) -> None:
    found = call(our_python, spaces, tmp_path, None, '["Ada"]')
    assert isinstance(found["answer"], list)


def test_a_node_asks_for_the_status_of_a_call_that_takes_its_time(
    our_python: Path, spaces: World, tmp_path: Path
) -> None:
    assert call(our_python, spaces, tmp_path, "/progress", "[6, 0.1]")["answer"] == ["done"]
