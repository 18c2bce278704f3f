from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from core.fake_app import FakeApp, completed
from gradio_client_contract_tests.server import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client, Job


def interrupted(act: Callable[[], object], when: threading.Event) -> None:
    """Do something on the main thread, and press Ctrl-C when an event has happened."""
    main = threading.get_ident()

    def press() -> None:
        when.wait(10)
        begun.wait(10)
        time.sleep(0.1)  # until the main thread waits
        signal.pthread_kill(main, signal.SIGINT)

    begun = threading.Event()
    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        _do(act, begun)


def _do(act: Callable[[], object], begun: threading.Event) -> None:
    begun.set()
    act()


@pytest.fixture(autouse=True)
def _interrupts() -> Iterator[None]:
    """Ctrl-C means what it means in a terminal, also where the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs signals to threads")


@pytest.fixture
def joined(app: FakeApp) -> threading.Event:
    """Set when the app has taken a job, which it does not answer."""
    happened = threading.Event()
    app.on_join = lambda event, body: []

    def join(connection: Connection, seen: Seen) -> None:
        app.join(connection, seen)
        happened.set()

    app.route("queue/join", join)
    return happened


def test_an_interrupt_ends_predict_and_cancels_its_job(
    client: Client, app: FakeApp, joined: threading.Event
) -> None:
    interrupted(lambda: client.predict(1, api_name="/echo"), joined)
    assert until(lambda: app.seen("cancel"))


WAITS: dict[str, Callable[[Job], object]] = {
    "result": lambda job: job.result(),
    "result with a limit": lambda job: job.result(10),
    "exception": lambda job: job.exception(),
    "iteration": next,
    "events": lambda job: list(job.events()),
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_an_interrupt_of_whoever_waits_cancels_the_job(
    client: Client, app: FakeApp, joined: threading.Event, wait: Callable[[Job], object]
) -> None:
    job = client.submit(1, api_name="/echo")
    interrupted(lambda: wait(job), joined)
    assert job.cancelled()
    assert until(lambda: app.seen("cancel"))


def test_an_interrupt_leaves_other_jobs_alone(client: Client, app: FakeApp, joined: threading.Event) -> None:
    job = client.submit(1, api_name="/echo")
    interrupted(job.result, joined)
    other = client.submit(2, api_name="/other")
    app.say(completed("e2", "other"))
    assert other.result(10) == "other"


def test_a_job_that_ended_just_before_an_interrupt_keeps_its_result(
    client: Client, app: FakeApp, joined: threading.Event
) -> None:
    job = client.submit(1, api_name="/echo")
    assert joined.wait(10)
    app.say(completed("e1", "done"))
    assert job.result(10) == "done"
    interrupted(lambda: threading.Event().wait(10), joined)
    assert job.result() == "done"


def test_a_client_works_after_an_interrupt(client: Client, app: FakeApp, joined: threading.Event) -> None:
    interrupted(lambda: client.predict(1, api_name="/echo"), joined)
    app.on_join = lambda event, _: [completed(event, "again")]
    assert client.predict(1, api_name="/other") == "again"
