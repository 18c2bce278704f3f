"""The page on security names tests that there are."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from gradio_client.domain import bounds

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "SECURITY.md").read_text()
PROOFS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_promise_has_a_proof() -> None:
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| Promise"))
    ]
    assert len(rows) > 10
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize(("path", "name"), PROOFS)
def test_a_proof_that_is_named_exists(path: str, name: str) -> None:
    assert name in names_in(path)


def test_the_limits_are_those_of_the_code() -> None:
    said = (bounds.DOCUMENT // bounds.MIB, bounds.ANSWER // bounds.MIB, bounds.REFUSAL >> 10)
    assert f"{said[0]} MiB of configuration" in PAGE
    assert f"{said[1]} MiB of other answers" in PAGE
    assert f"{said[2]} KiB of a refusal" in PAGE
    assert f"{bounds.EVENT // bounds.MIB} MiB of an event" in PAGE
    assert f"nest {bounds.DEPTH} deep" in PAGE
    assert f"{bounds.PARTS:,} inputs" in PAGE
    assert f"{bounds.KEPT >> 30} GiB of text" in PAGE
    assert f"{bounds.EARLY // bounds.MIB} MiB wait" in PAGE
    assert bounds.PATIENCE == 5
