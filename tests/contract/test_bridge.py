"""The bridge that makes a transport of a blocking one: its threads and its wake-ups."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from gradio_client_contract_tests.contract import asynchronous, eventually, exchange, read_all

from gradio_client.transport import (
    IO_THREADS,
    BlockingResponse,
    BlockingTransport,
    ConnectError,
    ConnectionLostError,
    Headers,
    ReadTimeoutError,
    Request,
    Threaded,
    blocking,
    interrupt_with,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

GET = Request("GET", "http://app.invalid/")


class Scripted(BlockingResponse):
    """A response whose body is what an iterator yields; ``ready`` says the same for all of it."""

    def __init__(self, chunks: Iterable[bytes], *, ready: bool = False) -> None:
        self.status, self.headers = 200, Headers()
        self._chunks, self._ready = iter(chunks), ready
        self.aborted = threading.Event()
        self.closed_in: threading.Thread | None = None

    def read(self) -> bytes:
        return next(self._chunks, b"")

    def ready(self) -> bool:
        return self._ready

    def abort(self) -> None:
        self.aborted.set()

    def close(self) -> None:
        self.closed_in = threading.current_thread()


class Blocking(BlockingTransport):
    """A blocking transport that calls a function for each request."""

    def __init__(self, answer: Callable[[], BlockingResponse]) -> None:
        self._answer = answer
        self.threads: list[threading.Thread] = []
        self.closed = False

    def send(self, request: Request) -> BlockingResponse:
        self.threads.append(threading.current_thread())
        return self._answer()

    def close(self) -> None:
        self.closed = True


def io_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == IO_THREADS]


def wait_for_idle(transport: Threaded, number: int) -> None:
    """Wait until so many threads of a transport have done what they had to do."""
    until = time.monotonic() + 10
    while len(transport._workers._idle) < number and time.monotonic() < until:
        time.sleep(0.01)


class CountedTransport(Threaded):
    """Counts how often its threads wake the loop."""

    wakes = 0

    def __init__(self, blocking: BlockingTransport) -> None:
        super().__init__(blocking)
        loop = asyncio.get_running_loop()
        call = loop.call_soon_threadsafe

        def counted(*args: Any, **kwargs: Any) -> asyncio.Handle:
            self.wakes += 1
            return call(*args, **kwargs)

        loop.call_soon_threadsafe = counted  # type: ignore[method-assign, assignment]  # of this test alone


@asynchronous
async def test_a_short_answer_that_is_there_wakes_the_loop_once() -> None:
    """Head and body cross over together."""
    transport = CountedTransport(Blocking(lambda: Scripted([b"one", b"two"], ready=True)))
    assert (await exchange(transport, GET)).body == b"onetwo"
    assert transport.wakes == 1
    await transport.aclose()


@asynchronous
async def test_others_have_their_turn_between_what_was_read_ahead() -> None:
    transport = Threaded(Blocking(lambda: Scripted([b"one"], ready=True)))
    response = await transport.send(GET)
    turns: list[str] = []
    asyncio.get_running_loop().call_soon(turns.append, "another's")
    assert await response.read() == b"one"
    assert turns
    await transport.aclose()


@asynchronous
async def test_an_answer_that_may_be_long_in_coming_is_announced_first() -> None:
    """The head does not wait for a body that is not known to be there."""
    announced = threading.Event()

    def late() -> Iterator[bytes]:
        assert announced.wait(10)
        yield b"one"

    transport = Threaded(Blocking(lambda: Scripted(late(), ready=False)))
    response = await transport.send(GET)
    announced.set()
    assert await response.read() == b"one"
    await transport.aclose()


@asynchronous
async def test_threads_that_have_news_at_one_time_wake_the_loop_once() -> None:
    """Waking a loop takes longer than what it is woken for."""
    together = threading.Barrier(9)

    def answer() -> BlockingResponse:
        together.wait(10)
        return Scripted([b"x"], ready=True)

    transport = CountedTransport(Blocking(answer))
    answers = [asyncio.ensure_future(exchange(transport, GET)) for _ in range(8)]
    await asyncio.sleep(0)  # they have begun
    together.wait(10)
    wait_for_idle(transport, 8)  # while this loop does not look
    assert [one.body for one in await asyncio.gather(*answers)] == [b"x"] * 8
    assert transport.wakes == 1
    await transport.aclose()


@asynchronous
async def test_a_long_answer_is_announced_before_it_is_read() -> None:
    """The head does not wait for a body that is ready for ever."""

    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(10_000)

    transport = Threaded(Blocking(lambda: Scripted(endless(), ready=True)))
    response = await transport.send(GET)
    assert await response.read()
    await response.aclose()
    await transport.aclose()


@asynchronous
async def test_a_thread_serves_one_exchange_after_another() -> None:
    """Idle threads are used again."""
    blocking = Blocking(lambda: Scripted([b"x"]))
    transport = Threaded(blocking)
    for _ in range(5):
        await exchange(transport, GET)
        await asyncio.sleep(0.02)
    await transport.aclose()
    assert len(set(blocking.threads)) == 1
    assert blocking.threads[0].daemon


@asynchronous
async def test_each_exchange_in_flight_has_a_thread() -> None:
    """No exchange queues behind another."""
    together = threading.Barrier(40)

    def answer() -> BlockingResponse:
        together.wait(10)
        return Scripted([b"x"])

    transport = Threaded(Blocking(answer))
    answers = await asyncio.gather(*(exchange(transport, GET) for _ in range(40)))
    assert [one.body for one in answers] == [b"x"] * 40
    await transport.aclose()


@asynchronous
async def test_idle_threads_end_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of exchanges does not leave its threads behind."""
    monkeypatch.setattr("gradio_client.transport.workers.IDLE", 0.05)
    before = len(io_threads())
    transport = Threaded(Blocking(lambda: Scripted([b"x"])))
    await asyncio.gather(*(exchange(transport, GET) for _ in range(10)))
    assert await eventually(lambda: len(io_threads()) == before)
    assert (await exchange(transport, GET)).body == b"x"  # and new ones come when they are needed
    await transport.aclose()


@asynchronous
async def test_threads_end_when_the_transport_is_closed() -> None:
    """Closing ends idle threads at once, and closes the blocking transport."""
    before = len(io_threads())
    inner = Blocking(lambda: Scripted([b"x"]))
    transport = Threaded(inner)
    await asyncio.gather(*(exchange(transport, GET) for _ in range(10)))
    await transport.aclose()
    assert inner.closed
    assert await eventually(lambda: len(io_threads()) == before)


@asynchronous
async def test_closing_is_bounded_when_a_thread_cannot_be_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A library that hangs does not hang the client."""
    monkeypatch.setattr(blocking, "GRACE", 0.1)
    release = threading.Event()

    def hang() -> BlockingResponse:
        release.wait(10)
        raise ConnectError("never")

    transport = Threaded(Blocking(hang))
    sending = asyncio.ensure_future(transport.send(GET))
    await asyncio.sleep(0.02)
    async with asyncio.timeout(2):
        await transport.aclose()
        with pytest.raises(ConnectionLostError):
            await sending
    release.set()


@asynchronous
async def test_a_send_is_interrupted_by_what_was_registered() -> None:
    """Cancelling calls what ``interrupt_with`` was given, while the head is awaited."""
    interrupted = threading.Event()

    def answer() -> BlockingResponse:
        interrupt_with(interrupted.set)
        interrupted.wait(10)
        raise ConnectionLostError("interrupted")

    transport = Threaded(Blocking(answer))
    sending = asyncio.ensure_future(transport.send(GET))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await eventually(interrupted.is_set)
    await transport.aclose()


@asynchronous
async def test_what_is_registered_too_late_is_called_at_once() -> None:
    """An exchange that was given up before it had a socket ends when it gets one."""
    go_on, interrupted = threading.Event(), threading.Event()

    def answer() -> BlockingResponse:
        go_on.wait(10)
        interrupt_with(interrupted.set)
        raise ConnectionLostError("interrupted")

    transport = Threaded(Blocking(answer))
    sending = asyncio.ensure_future(transport.send(GET))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    go_on.set()
    assert await eventually(interrupted.is_set)
    await transport.aclose()


def test_outside_an_exchange_nothing_is_registered() -> None:
    interrupt_with(lambda: pytest.fail("called"))


@asynchronous
async def test_what_came_before_an_error_is_read_first() -> None:
    """An error in the middle of a body is raised after the bytes before it, and again afterwards."""

    def broken() -> Iterator[bytes]:
        yield b"one"
        raise ReadTimeoutError("silence")

    inner = Scripted(broken(), ready=True)
    transport = Threaded(Blocking(lambda: inner))
    response = await transport.send(GET)
    assert await response.read() == b"one"
    for _ in range(2):
        with pytest.raises(ReadTimeoutError):
            await response.read()
    await response.aclose()
    await transport.aclose()


@asynchronous
async def test_what_is_no_exception_does_not_end_the_loop() -> None:
    def exiting() -> BlockingResponse:
        raise SystemExit(1)

    transport = Threaded(Blocking(exiting))
    with pytest.raises(RuntimeError, match="SystemExit") as caught:
        await transport.send(GET)
    assert isinstance(caught.value.__cause__, SystemExit)
    await transport.aclose()


@asynchronous
async def test_a_response_is_closed_in_the_thread_that_reads_it() -> None:
    """``abort`` comes from the loop's thread, ``close`` from the exchange's own."""
    release = threading.Event()

    def waiting() -> Iterator[bytes]:
        yield b"x"
        release.wait(10)

    inner = Scripted(waiting())
    outer = Blocking(lambda: inner)
    transport = Threaded(outer)
    response = await transport.send(GET)
    assert await response.read() == b"x"
    await response.aclose()
    assert inner.aborted.is_set()
    assert inner.closed_in is None
    release.set()
    assert await eventually(lambda: inner.closed_in is not None)
    assert inner.closed_in is outer.threads[0]
    await transport.aclose()


@asynchronous
async def test_reads_ahead_no_more_than_a_megabyte_or_so() -> None:
    """A consumer that does not read stops the thread."""
    produced = []

    def endless() -> Iterator[bytes]:
        for _ in range(200):
            produced.append(1 << 16)
            yield bytes(1 << 16)

    transport = Threaded(Blocking(lambda: Scripted(endless())))
    response = await transport.send(GET)
    await asyncio.sleep(0.1)
    assert sum(produced) < 2 * blocking.HIGH_WATER
    assert len(await read_all(response)) == 200 << 16
    await response.aclose()
    await transport.aclose()
