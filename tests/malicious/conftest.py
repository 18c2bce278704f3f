"""An app that attacks, a host that wants the secrets, and a user who has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from core.fake_app import FakeApp, fake_app
from malicious.elsewhere import Elsewhere, elsewhere
from malicious.victim import Victim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def app() -> Iterator[FakeApp]:
    with fake_app() as running:
        yield running


@pytest.fixture
def foreign() -> Iterator[Elsewhere]:
    with elsewhere() as host:
        yield host


@pytest.fixture
def victim(app: FakeApp, foreign: Elsewhere, transport: str, tmp_path: Path) -> Iterator[Victim]:
    folder = tmp_path / "watched"
    folder.mkdir()
    made = Victim(app, foreign, transport, folder)
    yield made
    made.close()
    made.check()
