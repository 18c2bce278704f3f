"""Servers that many tests share: each is started once, in the background, at most two at a time.

An idle Gradio 6 uses 5 % of a core, and a run has dozens: ``rest`` freezes them all between two modules
of tests. One goes on when it is asked for again, or when a test begins that has it from a fixture.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakSet

from servers.serve import gradio_server

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from servers.process import Server

Key: TypeAlias = tuple[str, str, str]  # version, app, options

_pools: WeakSet[Pool] = WeakSet()
_being_made: list[str] = []  # fixtures, the innermost last


@contextlib.contextmanager
def making(fixture: str) -> Iterator[None]:
    """What is asked for in the block is kept by this fixture."""
    _being_made.append(fixture)
    try:
        yield
    finally:
        _being_made.pop()


def wake(fixtures: Collection[str]) -> None:
    """Let the servers of these fixtures go on."""
    for pool in _pools:
        pool.wake(fixtures)


def rest() -> None:
    """Freeze all servers of all pools."""
    for pool in _pools:
        pool.rest()


class Pool:
    """Running servers by version, app and options; for use by one thread."""

    def __init__(self) -> None:
        self._booting = ThreadPoolExecutor(max_workers=2, thread_name_prefix="boot")
        self._stops = contextlib.ExitStack()
        self._servers: dict[Key, Future[Server]] = {}
        self._of_fixtures: defaultdict[str, set[Server]] = defaultdict(set)
        _pools.add(self)

    def prepare(self, version: str, app: str, **options: Any) -> None:
        """Start it in the background, unless that was done already."""
        self._future(version, app, options)

    def get(self, version: str, app: str, **options: Any) -> Server:
        """The running server, started when it is not; the ServerError of its start again and again."""
        server = self._future(version, app, options).result()
        server.resume()
        if _being_made:
            self._of_fixtures[_being_made[-1]].add(server)
        return server

    def wake(self, fixtures: Collection[str]) -> None:
        """Let the servers of these fixtures go on."""
        for name in self._of_fixtures.keys() & set(fixtures):
            for server in self._of_fixtures[name]:
                server.resume()

    def rest(self) -> None:
        """Freeze all servers."""
        for future in self._servers.values():
            if future.done() and future.exception() is None:
                future.result().pause()

    def settle(self) -> None:
        """Wait until nothing is being started: no new threads or files of this pool."""
        wait(self._servers.values())

    def stop(self) -> None:
        """End all servers, whatever state they are in."""
        self._booting.shutdown(wait=True, cancel_futures=True)
        self._stops.close()

    def _future(self, version: str, app: str, options: dict[str, Any]) -> Future[Server]:
        key = (version, app, repr(sorted(options.items())))
        if key not in self._servers:
            self._servers[key] = self._booting.submit(self._start, version, app, options)
        return self._servers[key]

    def _start(self, version: str, app: str, options: dict[str, Any]) -> Server:
        running = gradio_server(version, app, **options)
        server = running.__enter__()
        self._stops.push(running.__exit__)
        return server
