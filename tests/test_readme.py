"""The examples of the README work as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from programs import output

if TYPE_CHECKING:
    from conftest import Gradio

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=["sync", "async"])
def test_an_example_runs_and_prints_what_the_app_says(example: str, gradio: Gradio) -> None:
    program = example.replace("http://127.0.0.1:7860", gradio("6.31.0").url)
    printed = output("-c", program, folder=ROOT)
    assert "Hello, Ada!" in printed
    assert re.search(r"^1\n2\n3$", printed, re.MULTILINE)


@pytest.mark.parametrize("target", re.findall(r"\bmake ([a-z-]+)", README))
def test_a_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("folder", re.findall(r"^\| `([a-z_/]+/)`", README, re.MULTILINE))
def test_a_folder_that_is_named_exists(folder: str) -> None:
    assert (ROOT / folder).is_dir()


def test_the_demo_shows_every_transport_at_work() -> None:
    printed = output("docs/demo/demo.py", folder=ROOT, seconds=120)
    for transport in ("aiohttp", "requests", "httpx"):
        assert re.search(rf"^{transport} +100 +[\d.]+ ms$", printed, re.MULTILINE)
    assert printed.count("Hello, Ada!") == 3
    assert printed.count("QUIET PLEASE") == 3
