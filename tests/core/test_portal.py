from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed
from gradio_client_contract_tests.server import until

from gradio_client import Client
from gradio_client._concurrency.portal import acquire, release
from gradio_client.exceptions import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client._concurrency.portal import Portal

pytestmark = pytest.mark.leaks

LOOP, CALLBACKS = "gradio-client-loop", "gradio-client-callbacks"


OTHERS: set[threading.Thread] = set()  # those of clients that live longer than a test


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is the first to ask for the thread, though tests of other folders may share a client."""
    OTHERS.clear()
    OTHERS.update(threading.enumerate())
    monkeypatch.setattr("gradio_client._concurrency.portal._shared", None)
    monkeypatch.setattr("gradio_client._concurrency.portal._users", 0)


@pytest.fixture
def portal() -> Iterator[Portal]:
    acquired = acquire()
    yield acquired
    release(acquired)


def threads(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate() if thread not in OTHERS)


def made(app: FakeApp) -> Client:
    return Client(app.url, verbose=False, download_files=False)


def test_all_clients_share_one_thread(app: FakeApp) -> None:
    clients = [made(app) for _ in range(5)]
    assert threads(LOOP) == 1
    for client in clients:
        client.close()


def test_the_thread_ends_with_the_last_client(app: FakeApp) -> None:
    one, two = made(app), made(app)
    one.close()
    assert two.predict("done", api_name="/echo") == "done"
    two.close()
    assert until(lambda: threads(LOOP) == 0)


def test_a_client_after_the_last_one_starts_it_again(app: FakeApp) -> None:
    for _ in range(3):
        with made(app) as client:
            assert client.predict("done", api_name="/echo") == "done"


def test_a_client_that_could_not_be_made_gives_it_back() -> None:
    with pytest.raises(ConnectionError):
        Client("http://127.0.0.1:9", verbose=False)
    assert until(lambda: threads(LOOP) == 0)


def test_each_acquire_needs_a_release() -> None:
    one, two = acquire(), acquire()
    assert one is two
    release(one)
    assert one.ask(lambda: 1) == 1
    release(two)
    with pytest.raises(RuntimeError, match="ended"):
        one.ask(lambda: 1)


def test_waiting_on_the_loops_own_thread_is_refused(portal: Portal) -> None:
    async def inner() -> None:
        """Is never run."""

    async def outer() -> None:
        portal.call(inner())

    with pytest.raises(RuntimeError, match="AsyncClient"):
        portal.call(outer())


def test_a_post_after_the_end_is_refused() -> None:
    ended = acquire()
    release(ended)
    with pytest.raises(RuntimeError, match="ended"):
        ended.post(lambda: None)
    with pytest.raises(RuntimeError, match="ended"):
        ended.call(asyncio.sleep(0))


def test_what_was_posted_before_the_end_is_called() -> None:
    called: list[int] = []
    ending = acquire()
    for at in range(100):
        ending.post(called.append, at)
    release(ending)
    assert called == list(range(100))


def test_a_call_that_takes_too_long_is_cancelled(portal: Portal) -> None:
    cancelled = threading.Event()

    async def slow() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(TimeoutError):
        portal.call(slow(), timeout=0.05)
    assert cancelled.wait(5)


def test_an_error_comes_back_to_the_caller(portal: Portal) -> None:
    with pytest.raises(ZeroDivisionError):
        portal.ask(lambda: 1 // 0)


def test_a_post_runs_in_the_callers_context(portal: Portal) -> None:
    variable = contextvars.ContextVar("variable", default="loop")
    variable.set("caller")
    found: list[str] = []
    portal.post(lambda: found.append(variable.get()))
    assert until(lambda: found == ["caller"])


def test_callbacks_run_in_order_on_one_thread_of_their_own(portal: Portal) -> None:
    found: list[tuple[int, str]] = []
    for at in range(20):
        portal.run_callback(lambda at=at: found.append((at, threading.current_thread().name)))  # type: ignore[misc]
    assert until(lambda: len(found) == 20)
    assert found == [(at, CALLBACKS) for at in range(20)]


def test_the_callbacks_thread_ends_with_the_loop() -> None:
    ending = acquire()
    ending.run_callback(lambda: None)
    release(ending)
    assert until(lambda: threads(CALLBACKS) == 0)


def test_a_client_that_is_dropped_is_cleaned_up(app: FakeApp) -> None:
    client = made(app)
    client.predict(1, api_name="/echo")
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
    assert until(lambda: threads(LOOP) == 0)
    assert until(lambda: app.server.open == 0)


def test_a_client_whose_callback_has_run_is_cleaned_up_when_it_is_dropped(app: FakeApp) -> None:
    client = made(app)
    called = threading.Event()
    client.submit(1, api_name="/echo", result_callbacks=lambda _: called.set()).result(10)
    assert called.wait(10)
    gone = weakref.ref(client)
    del client
    assert until(lambda: gc.collect() is not None and gone() is None)
    assert until(lambda: threads(LOOP) + threads(CALLBACKS) == 0)


def test_many_clients_that_are_dropped_are_cleaned_up(app: FakeApp) -> None:
    for at in range(30):
        assert made(app).predict(at, api_name="/echo") == at
    gc.collect()
    assert until(lambda: threads(LOOP) == 0)


def test_a_job_keeps_its_client_alive(app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    job = made(app).submit(1, api_name="/echo")
    assert app.joined.acquire(timeout=10)
    gc.collect()
    app.say(completed("e1", "done"))
    assert job.result(10) == "done"
    del job
    gc.collect()
    assert until(lambda: threads(LOOP) == 0)


def test_a_client_may_be_closed_twice_and_by_many_threads(app: FakeApp) -> None:
    client = made(app)
    closing = [threading.Thread(target=client.close) for _ in range(8)]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join(10)
    client.close()
    with pytest.raises(ClientClosedError):
        client.predict(1, api_name="/echo")


def test_a_callback_may_close_its_client(app: FakeApp) -> None:
    client = made(app)
    client.submit(1, api_name="/echo").add_done_callback(lambda _: client.close())
    assert until(lambda: threads(LOOP) == 0)


def test_callbacks_that_have_not_run_when_the_client_is_closed_still_run(app: FakeApp) -> None:
    saved: list[int] = []

    def save(value: int) -> None:
        time.sleep(0.03)
        saved.append(value)

    with made(app) as client:
        jobs = [client.submit(at, api_name="/echo", result_callbacks=save) for at in range(5)]
        assert sorted(job.result(10) for job in jobs) == list(range(5))
    assert sorted(saved) == list(range(5))


def test_a_callback_may_call_a_client_whose_block_has_ended(app: FakeApp) -> None:
    app.on_join = lambda event, body: [completed(event, *body["data"])]
    answers: list[Any] = []

    def ask(client: Client) -> None:
        time.sleep(0.1)  # until the block has ended
        answers.append(client.predict("second", api_name="/other"))

    with made(app) as client:
        job = client.submit("first", api_name="/echo", result_callbacks=lambda _: ask(client))
        assert job.result(10) == "first"
    assert answers == ["second"]


def test_closing_that_takes_long_goes_on_in_the_background(
    app: FakeApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gradio_client.client.CLIENT_CLOSE_SECONDS", 0.1)
    client, removing, remove = made(app), threading.Event(), threading.Event()
    close = client._made.aclose

    async def aclose() -> None:
        await asyncio.to_thread(remove.wait, 30)
        await close()
        removing.set()

    monkeypatch.setattr(client._made, "aclose", aclose)
    with caplog.at_level(logging.WARNING, "gradio_client.portal"):
        client.close()
    assert "closing takes more than 0.1 s; it goes on in the background" in caplog.text
    assert threads(LOOP) == 1
    remove.set()
    assert removing.wait(10)
    assert until(lambda: threads(LOOP) == 0)


def test_a_callback_that_does_not_end_does_not_keep_close_waiting(
    app: FakeApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gradio_client.client.CLIENT_CLOSE_SECONDS", 1.5)
    begun, end = threading.Event(), threading.Event()

    def stay(_: Any) -> None:
        begun.set()
        end.wait(30)

    client = made(app)
    client.submit(1, api_name="/echo", result_callbacks=stay)
    assert begun.wait(10)
    closing = threading.Thread(target=client.close)
    with caplog.at_level(logging.WARNING, "gradio_client.portal"):
        closing.start()
        closing.join(10)
    closed = not closing.is_alive()
    end.set()
    assert closed
    assert "a callback takes more than 1.5 s" in caplog.text


def test_a_submit_that_races_with_closing_ends_one_way_or_the_other(app: FakeApp) -> None:
    for _ in range(10):
        client = made(app)
        closing = threading.Thread(target=client.close)
        closing.start()
        try:
            job = client.submit(1, api_name="/echo")
        except ClientClosedError:
            pass
        else:
            assert isinstance(job.exception(10), ClientClosedError | None)
        closing.join(10)


# Conversations


def test_what_a_coroutine_hands_over_runs_on_the_thread_that_waits(portal: Portal) -> None:
    heard: list[Any] = []

    async def speak(hand: Any) -> str:
        for number in range(3):
            hand(lambda number=number: heard.append((number, threading.current_thread())))
            await asyncio.sleep(0)
        return "done"

    assert portal.converse(speak) == "done"
    assert heard == [(number, threading.current_thread()) for number in range(3)]


def test_an_error_of_what_is_handed_over_ends_the_coroutine(portal: Portal) -> None:
    ended = threading.Event()

    def fail() -> None:
        raise LookupError("no")

    async def speak(hand: Any) -> None:
        hand(fail)
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(LookupError, match="no"):
        portal.converse(speak)
    assert ended.wait(5)


def test_an_error_of_the_coroutine_comes_after_what_it_handed_over(portal: Portal) -> None:
    heard: list[int] = []

    async def speak(hand: Any) -> None:
        hand(lambda: heard.append(1))
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        portal.converse(speak)
    assert heard == [1]


def test_the_loops_own_thread_cannot_converse(portal: Portal) -> None:
    async def speak(hand: Any) -> None:
        raise AssertionError

    async def on_the_loop() -> None:
        portal.converse(speak)

    with pytest.raises(RuntimeError, match="AsyncClient"):
        portal.call(on_the_loop())
