"""What docs/scaling.md shows, run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import wanted

if TYPE_CHECKING:
    from conftest import Gradio

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
NEWEST = "6.31.0"
ADDRESS = "http://127.0.0.1:7860"  # the document's


def block(word: str) -> str:
    """The one Python block of the document that has a word in it."""
    (found,) = (
        code for code in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL) if word in code
    )
    return str(found)


@pytest.fixture
def url(gradio: Gradio, pytestconfig: pytest.Config) -> str:
    if NEWEST not in wanted(pytestconfig):
        pytest.skip(f"{NEWEST} is not tested")
    return gradio(NEWEST).url


def run(folder: Path, code: str, *arguments: str) -> str:
    script = folder / "script.py"
    script.write_text(code)
    ended = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False, timeout=240
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


def test_many_calls(url: str, tmp_path: Path) -> None:
    code = block('["Ada", "Grace", "Edsger"]').replace(ADDRESS, url)
    assert run(tmp_path, code).splitlines()[1:] == ["Hello, Ada!", "Hello, Grace!", "Hello, Edsger!"]


def test_many_users(url: str, tmp_path: Path) -> None:
    code = block("add_to_total").replace(ADDRESS, url).replace("/add_to_total", "/state")
    assert run(tmp_path, code).splitlines()[1:] == ["1"]


@pytest.mark.long
def test_a_thousand_calls_from_two_worker_processes_of_dask(url: str, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    found = run(tmp_path, block("LocalCluster"), url)
    assert found.split("\n")[0] == "1000 Hello, visitor 0! Hello, visitor 999!"
