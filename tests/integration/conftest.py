"""No test of this folder may hang: an alarm ends what waits for too long."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

PATIENCE = 120.0  # seconds for one test; the slowest takes a tenth of that


@pytest.fixture(autouse=True)
def _hangs_not() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"the test hung for {PATIENCE:.0f} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
