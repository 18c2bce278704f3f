"""``docs/writing-a-plugin.md`` names every hook with its signature, and shows code that runs."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from gradio_client import hooks

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "writing-a-plugin.md").read_text("utf-8")
HOOKS = [name for name in hooks.__all__ if name.startswith("gradio_client_")]
BLOCKS = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


def test_it_has_a_heading_for_each_hook_and_no_other() -> None:
    assert re.findall(r"^### `(\w+)`$", DOCUMENT, re.MULTILINE) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_it_shows_the_signature_of_a_hook(name: str) -> None:
    hook = getattr(hooks, name)
    signature = f"def {name}{inspect.signature(hook)}".replace("'", "")
    words = inspect.cleandoc(hook.__doc__).replace("``", "`")
    assert f"### `{name}`\n\n```python\n{signature}\n```\n\n{words}\n" in DOCUMENT


@pytest.mark.parametrize(
    "file",
    [
        "tests/gateway/signer.py",
        "tests/foreign/enterprise/enterprise_sso/__init__.py",
        "tests/foreign/enterprise/pyproject.toml",
    ],
)
def test_what_it_shows_is_what_runs(file: str) -> None:
    assert f"\n{(ROOT / file).read_text('utf-8')}```" in DOCUMENT


@pytest.mark.parametrize("block", BLOCKS)
def test_its_python_can_be_compiled(block: str) -> None:
    body = ": ..." if block.startswith("def gradio_client_") else ""
    compile(block.rstrip() + body, "document", "exec")


def test_its_contents_are_its_headings() -> None:
    listed = re.findall(r"^\d+\. \[(.*)\]\(#.*\)$", DOCUMENT, re.MULTILINE)
    assert listed == re.findall(r"^## \d+\. (.*)$", DOCUMENT, re.MULTILINE)
