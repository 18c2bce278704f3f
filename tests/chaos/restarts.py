"""A server that dies now and then, in one way or another, and comes back on its port."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from servers.serve import free_port, gradio_server

if TYPE_CHECKING:
    from collections.abc import Iterator

LIFE = (14.0, 20.0)  # seconds that a server lives


class Restarts:
    """Restarts a server as long as it is asked to.

    Attributes:
        port: the server's, always the same.
        count: how often the server was restarted.
    """

    def __init__(self, version: str, seed: int) -> None:
        self.port = free_port()
        self.count = 0
        self._version = version
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._ending = threading.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="restarts")

    def start(self) -> None:
        """Start the server, and wait until it is there."""
        self._thread.start()
        assert self._up.wait(120), "the server does not start"

    def calm(self) -> None:
        """Leave the server alone from now on; wait until it is up."""
        self._over.set()
        assert self._up.wait(120), "the server does not come back"

    def stop(self) -> None:
        """End the server."""
        self._over.set()
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            with gradio_server(self._version, "kitchen_sink", port=self.port) as server:
                self._up.set()
                if self._over.wait(self._random.uniform(*LIFE)):
                    self._ending.wait()
                    return
                self._up.clear()
                self.count += 1
                server.kill() if self._random.random() < 0.5 else server.stop()


@contextmanager
def restarting(version: str, seed: int) -> Iterator[Restarts]:
    """A server that is restarted again and again until it is told to be calm."""
    restarts = Restarts(version, seed)
    try:
        restarts.start()
        yield restarts
    finally:
        restarts.stop()
