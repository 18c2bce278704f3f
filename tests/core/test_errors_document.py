"""``docs/errors-and-deadlines.md`` says of every error, limit and setting what the code says."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from gradio_client import Retry, Timeouts, exceptions

DOCUMENT = (Path(__file__).parents[2] / "docs" / "errors-and-deadlines.md").read_text("utf-8")
CODE = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
NAMES = sorted({*exceptions.__all__} - {"GradioClientError", "SerializationSetupError"})
BASES = (TypeError, RuntimeError, ConnectionError, TimeoutError, ValueError)


def row(name: str) -> list[str]:
    """The cells of the table's row that begins with a name."""
    (found,) = re.findall(rf"^\| `{name}` \|(.*)\|$", DOCUMENT, re.MULTILINE)
    return [cell.strip() for cell in found.split("|")]


@pytest.mark.parametrize("name", NAMES)
def test_every_error_is_in_the_table(name: str) -> None:
    kind = getattr(exceptions, name)
    bases = ", ".join(f"`{base.__name__}`" for base in BASES if issubclass(kind, base))
    retryable = "yes" if kind.retryable else ""
    *said, advice = row(name)
    assert [*said, advice.replace("`", "")] == [bases, retryable, kind.advice]


@pytest.mark.parametrize("name", NAMES)
def test_every_error_has_advice_of_its_own_kind(name: str) -> None:
    assert "advice" in vars(getattr(exceptions, name))


@pytest.mark.parametrize("settings", [Timeouts(), Retry()])
def test_the_defaults_are_told(settings: Any) -> None:
    for one in fields(settings):
        default = getattr(settings, one.name)
        assert row(one.name)[0].removesuffix(" s") == (
            f"{default:g}" if type(default) is float else str(default)
        )


@pytest.mark.parametrize("code", CODE)
def test_the_code_is_python(code: str) -> None:
    compile(code, "errors-and-deadlines.md", "exec")
