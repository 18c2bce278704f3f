from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest
from core.fake_app import FakeApp, completed
from gradio_client_contract_tests.server import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client


def interrupted(act: Callable[[], object], when: threading.Event) -> None:
    """Do something on the main thread, and press Ctrl-C when an event has happened."""
    main = threading.get_ident()

    def press() -> None:
        when.wait(10)
        signal.pthread_kill(main, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        _together(act, press)


def _together(act: Callable[[], object], press: Callable[[], None]) -> None:
    threading.Thread(target=press, daemon=True).start()
    act()


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


def test_an_interrupt_of_result_leaves_the_job_running(
    client: Client, app: FakeApp, joined: threading.Event
) -> None:
    job = client.submit(1, api_name="/echo")
    interrupted(job.result, joined)
    assert job.running()
    app.say(completed("e1", "done"))
    assert job.result(10) == "done"


def test_an_interrupt_ends_iterating(client: Client, joined: threading.Event) -> None:
    job = client.submit(1, api_name="/echo")
    interrupted(lambda: next(job), joined)
    assert job.cancel()


def test_a_client_works_after_an_interrupt(client: Client, app: FakeApp, joined: threading.Event) -> None:
    interrupted(lambda: client.predict(1, api_name="/echo"), joined)
    app.on_join = lambda event, _: [completed(event, "again")]
    assert client.predict(1, api_name="/other") == "again"
