from __future__ import annotations

import socket
import threading

import pytest
from leaks import Snapshot


def test_a_thread_that_stays_is_told_by_name() -> None:
    before, over = Snapshot(), threading.Event()
    thread = threading.Thread(target=over.wait, name="left behind")
    thread.start()
    try:
        assert before.leaks(grace=0) == ["thread 'left behind'"]
    finally:
        over.set()
        thread.join()
    assert before.leaks(grace=0) == []


def test_a_socket_that_stays_open_is_told() -> None:
    before = Snapshot()
    with socket.socket():
        (leak,) = before.leaks(grace=0)
        assert leak.startswith("open socket:")
    assert before.leaks(grace=0) == []


def test_what_ends_within_the_grace_is_no_leak() -> None:
    before = Snapshot()
    threading.Timer(0.1, lambda: None).start()
    assert before.leaks(grace=2) == []


@pytest.mark.leaks
def test_a_test_that_closes_what_it_opens_passes_the_check() -> None:
    socket.socket().close()
