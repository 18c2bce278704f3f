"""What docs/scaling.md shows, once more, through every front.

Its clients run in processes of their own; they are told how to get through where they are told the address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from integration.test_scaling_document import ADDRESS, block, run

if TYPE_CHECKING:
    from pathlib import Path

    from fronts.front import Behind

pytestmark = pytest.mark.since("6.31.0")


def through(server: Behind, word: str) -> str:
    """The document's block with this word, for the app behind the front."""
    return block(word).replace(f'"{ADDRESS}"', f'"{server.url}", **{server.arguments!r}')


def test_many_calls(kitchen_sink: Behind, tmp_path: Path) -> None:
    printed = run(tmp_path, through(kitchen_sink, '["Ada", "Grace", "Edsger"]'))
    assert printed.splitlines()[1:] == ["Hello, Ada!", "Hello, Grace!", "Hello, Edsger!"]


def test_many_users(kitchen_sink: Behind, tmp_path: Path) -> None:
    code = through(kitchen_sink, "add_to_total").replace("/add_to_total", "/state")
    assert run(tmp_path, code).splitlines()[1:] == ["1"]
