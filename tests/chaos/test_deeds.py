"""What would hang is told as such."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from chaos import deeds

if TYPE_CHECKING:
    from pathlib import Path


class Stuck:
    """A client, and a job, that do nothing until it is over."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def submit(self, *_: object, **__: object) -> Stuck:
        return self

    def predict(self, *_: object, **__: object) -> None:
        self.over.wait(5)

    def __iter__(self) -> Stuck:
        return self

    def __next__(self) -> int:
        self.over.wait(5)
        raise StopIteration


@pytest.mark.parametrize("deed", ["hurry", "count", "cancel"])
def test_a_deed_that_hangs_ends_by_a_time_out(
    deed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "HANGS", 0.05)
    stuck: Any = Stuck()
    user = deeds.User(lambda: stuck, tmp_path, 1)
    with pytest.raises(TimeoutError):
        getattr(user, deed)(stuck)
    stuck.over.set()
