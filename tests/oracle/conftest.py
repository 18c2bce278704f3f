from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from oracle.incumbent import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from oracle.incumbent import Answer


@pytest.fixture(scope="session")
def incumbent() -> Callable[[str, Sequence[Sequence[Any]]], list[Answer]]:
    """Asks gradio_client 2.7.2: ``incumbent("utils.apply_diff", [[value, edits], ...])``."""
    return ask
