"""The examples of the README work as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Gradio

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=["sync", "async"])
def test_an_example_runs_and_prints_what_the_app_says(example: str, gradio: Gradio) -> None:
    program = example.replace("http://127.0.0.1:7860", gradio("6.31.0").url)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert "Hello, Ada!" in done.stdout
    assert re.search(r"^1\n2\n3$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("target", re.findall(r"\bmake ([a-z-]+)", README))
def test_a_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("folder", re.findall(r"^\| `([a-z_/]+/)`", README, re.MULTILINE))
def test_a_folder_that_is_named_exists(folder: str) -> None:
    assert (ROOT / folder).is_dir()


def test_the_demo_shows_every_transport_at_work() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "docs/demo/demo.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for transport in ("aiohttp", "requests", "httpx"):
        assert re.search(rf"^{transport} +100 +[\d.]+ ms$", done.stdout, re.MULTILINE)
    assert done.stdout.count("Hello, Ada!") == 3
    assert done.stdout.count("QUIET PLEASE") == 3
