"""What every group of contract tests uses: the class to subclass, and how tests run."""

from __future__ import annotations

import asyncio
import enum
import functools
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, NamedTuple

import pytest

from gradio_client.transport import Headers, Request, Response, Transport, TransportOptions
from gradio_client_contract_tests.server import HostileServer, hostile_server

TEST_TIMEOUT = 20.0  # seconds that a test may take
SOON = 2.0  # seconds within which what is prompt must happen, on a slow machine too


class Capability(enum.Enum):
    """What a transport may lack. A test of something lacking is expected to fail."""

    REUSES_CONNECTIONS = "keeps connections alive between requests"
    ABORTS_READS = "aclose() interrupts a read in progress"
    ABORTS_SENDS = "cancelling a send closes its connection"
    STREAMS_UPLOADS = "sends a body without holding it in memory"
    PROXIES = "goes through the proxy that a request names"
    LAZY_TLS = "makes no TLS context before it needs one"


class Answer(NamedTuple):
    """A response that has been read."""

    status: int
    headers: Headers
    body: bytes


AsyncTest = Callable[..., Awaitable[None]]


def asynchronous(test: AsyncTest) -> Callable[..., None]:
    """Run an ``async def`` test on a loop of its own, with a time limit, and look for what it left.

    When the test fails, its docstring says which sentence of the contract is broken.
    """

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async def limited() -> None:
            async with asyncio.timeout(TEST_TIMEOUT):
                await test(*args, **kwargs)
                await _no_task_is_left()

        try:
            asyncio.run(limited())
        except BaseException as error:  # raised again: pytest's failures are no Exceptions
            error.add_note(f"The contract of gradio_client.transport says: {test.__doc__}")
            raise

    return run


def needs(capability: Capability) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a test of something that a transport may lack."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        test.needs = capability  # type: ignore[attr-defined]  # read by the fixture of Contract
        return test

    return mark


class Contract(ABC):
    """The base of every group: what a transport's author says, and what the tests get."""

    lacks: ClassVar[frozenset[Capability]] = frozenset()

    @abstractmethod
    def make_transport(self, options: TransportOptions) -> Transport:
        """Make the transport to test; called within a running event loop or without one."""

    @pytest.fixture
    def server(self) -> Iterator[HostileServer]:
        """A plain HTTP server that waits to be told what to do."""
        with hostile_server() as server:
            yield server

    @pytest.fixture(autouse=True)
    def _expect_failure_of_what_is_lacking(self, request: pytest.FixtureRequest) -> None:
        capability = getattr(request.function, "needs", None)
        if capability in self.lacks:
            reason = f"lacks {capability.name}: {capability.value}"
            # Strict: what turns out not to be lacking fails, so that nothing is excused that works.
            request.applymarker(pytest.mark.xfail(strict=True, reason=reason))

    @asynccontextmanager
    async def transport(self, options: TransportOptions | None = None) -> AsyncIterator[Transport]:
        """A transport for the length of a block."""
        made = self.make_transport(options or TransportOptions())
        try:
            yield made
        finally:
            await made.aclose()

    async def fetch(self, request: Request, options: TransportOptions | None = None) -> Answer:
        """Send one request over a transport of its own, and read the response."""
        async with self.transport(options) as transport:
            return await exchange(transport, request)


async def exchange(transport: Transport, request: Request) -> Answer:
    """Send a request and read the whole response."""
    response = await transport.send(request)
    try:
        return Answer(response.status, response.headers, await read_all(response))
    finally:
        await response.aclose()


async def read_all(response: Response) -> bytes:
    """The rest of a body."""
    chunks = []
    while chunk := await response.read():
        chunks.append(chunk)
    return b"".join(chunks)


async def eventually(condition: Callable[[], object], seconds: float = 3.0) -> bool:
    """Whether something becomes true within the time, with the loop running meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.005)
    return True


async def _no_task_is_left() -> None:
    def others() -> set[asyncio.Task[Any]]:
        return asyncio.all_tasks() - {asyncio.current_task()}

    gone = await eventually(lambda: not others())
    assert gone, f"tasks are left when the transport is closed: {others()}"
