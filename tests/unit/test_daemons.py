from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest

from gradio_client._concurrency.daemons import Daemons


def test_a_loop_gets_results_and_errors() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(Daemons())
        assert await asyncio.to_thread(lambda: threading.current_thread().daemon)
        with pytest.raises(ValueError, match="invalid literal"):
            await loop.run_in_executor(None, int, "x")

    asyncio.run(main())


def test_nothing_waits_for_its_turn() -> None:
    executor = Daemons()
    together = threading.Barrier(50)
    for future in [executor.submit(together.wait, 10) for _ in range(50)]:
        future.result(10)
    executor.shutdown()


def test_an_error_leaves_no_cycle_behind() -> None:
    executor = Daemons()
    gc.disable()
    try:
        future = executor.submit(int, "x")
        assert isinstance(future.exception(10), ValueError)
        executor.shutdown()  # its thread has let go of it
        kept = weakref.ref(future)
        del future
        assert kept() is None
    finally:
        gc.enable()


def test_the_end_waits_for_what_is_under_way_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client._concurrency.daemons.GRACE", 0.1)
    executor, going_on = Daemons(), threading.Event()
    future = executor.submit(going_on.wait, 10)
    executor.shutdown()
    assert not future.done()
    going_on.set()
    assert future.result(10)
