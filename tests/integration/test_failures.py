"""What goes wrong ends with an error that says so, and never hangs."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import wait
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from conftest import transports_of
from servers.serve import free_port

from gradio_client import AsyncClient, Client, handle_file
from gradio_client.exceptions import (
    AppError,
    ConnectionLost,
    EndpointNotFoundError,
    FileTooLargeError,
    GradioClientError,
    QueueError,
    ServerError,
    UnreachableError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers.process import Server

    from gradio_client import Job

    OwnServer = Callable[[str], Server]

MOMENTS = 2  # seconds that a job may go on after its server was killed, as is promised
ENDLESS = (600, 0.05)
# One function each, for a server runs one job of a function at a time.
STREAMS = {"/slow_iterate": ENDLESS, "/count": ENDLESS, "/llm": ("", *ENDLESS)}


class Callers:
    """Clients of every transport with two jobs each: one that streams, one that waits behind it."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self.ended: SimpleQueue[object] = SimpleQueue()
        self.clients: list[Client] = []
        self.jobs: list[Job] = []
        for transport, (name, args) in zip(transports_of(server.version), STREAMS.items(), strict=False):
            client = stack.enter_context(Client(server.url, transport=transport, verbose=False))
            streaming = client.submit(*args, api_name=name)
            next(streaming)
            waiting = client.submit(*args, api_name=name)
            first_news(waiting)
            self.clients.append(client)
            self.jobs += [streaming, waiting]
        for job in self.jobs:
            job.add_done_callback(self.ended.put)

    def find_every_job_ended(self) -> None:
        """No job outlasts its server by more than moments."""
        assert not wait(self.jobs, timeout=MOMENTS).not_done

    def find_their_connections_lost(self) -> None:
        """Every way of waiting for a job ends, with the same error."""
        for job in self.jobs:
            with pytest.raises(ConnectionLost):
                job.result()
            assert isinstance(job.exception(), ConnectionLost)
            with pytest.raises(ConnectionLost):
                list(job)
            with pytest.raises(ConnectionLost):
                asyncio.run(followed(job))
            self.ended.get()

    def find_nobody_there(self) -> None:
        """New calls say that the app cannot be reached."""
        for client in self.clients:
            with pytest.raises(UnreachableError):
                client.predict("late", api_name="/echo")


async def followed(job: Job) -> None:
    async for _ in job:
        pass


def test_killing_the_server_ends_every_job(own_server: OwnServer) -> None:
    server = own_server("to be killed")
    with ExitStack() as stack:
        callers = Callers(server, stack)
        server.process.kill()
        callers.find_every_job_ended()
        callers.find_their_connections_lost()
        callers.find_nobody_there()


@pytest.mark.since("4.44.1")
def test_stopping_the_server_ends_every_job(own_server: OwnServer) -> None:
    server = own_server("to be stopped")
    with ExitStack() as stack:
        callers = Callers(server, stack)
        server.process.send_signal(signal.SIGTERM)
        callers.find_their_connections_lost()
        server.process.wait()
        callers.find_nobody_there()


@pytest.mark.since("4.44.1")
def test_a_full_queue_is_told(own_server: OwnServer, transport: str) -> None:
    url = own_server("with limits").url
    with ExitStack() as stack:
        # A client does not stop the server's job while another one of its own waits for the same function.
        first, second = (
            stack.enter_context(Client(url, transport=transport, verbose=False)) for _ in range(2)
        )
        job = first.submit(*ENDLESS, api_name="/slow_iterate")
        next(job)
        waiting = second.submit(1, 0, api_name="/slow_iterate")
        first_news(waiting)
        with pytest.raises(QueueError) as refusal:
            first.predict("one too many", api_name="/echo")
        assert refusal.value.retryable
        job.cancel()
        assert waiting.result() == 0


def first_news(job: Job) -> None:
    """Return when the server has told something of a job."""

    async def first() -> None:
        async for _ in job:
            return

    asyncio.run(first())


@pytest.mark.since("4.44.1")
def test_a_file_that_is_too_large_is_not_even_sent(
    own_server: OwnServer, transport: str, tmp_path: Path
) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(60 * 1024 + 1))
    with Client(own_server("with limits").url, transport=transport, verbose=False) as client:
        with pytest.raises(FileTooLargeError, match="61441 bytes; the app takes at most 61440"):
            client.predict(handle_file(large), api_name="/file_info")
        large.write_bytes(bytes(60 * 1024))
        assert client.predict(handle_file(large), api_name="/file_info")["size"] == 60 * 1024


def test_an_unknown_endpoint_is_refused_with_those_there_are(client: Client) -> None:
    with pytest.raises(EndpointNotFoundError, match="Did you mean '/echo'") as refusal:
        client.predict("hello", api_name="/ecko")
    assert isinstance(refusal.value, ValueError)


def test_wrong_arguments_are_refused_with_the_signature(client: Client) -> None:
    with pytest.raises(TypeError, match=r"/add\("):
        client.submit(1, 2, 3, api_name="/add")


@pytest.mark.since("5.23.3")
def test_an_error_of_the_app_comes_with_its_attributes(client: Client) -> None:
    with pytest.raises(AppError) as failure:
        client.predict("it is late", "Bedtime", api_name="/raise_error")
    error = failure.value
    assert (str(error), error.message) == ("it is late", "it is late")
    assert (error.title, error.duration, error.visible) == ("Bedtime", 3, True)
    assert error.endpoint == "/raise_error"


@pytest.mark.before("5.23.3")
def test_an_error_of_an_older_app_has_at_least_its_text(client: Client) -> None:
    with pytest.raises(AppError, match="it is late"):
        client.predict("it is late", "Bedtime", api_name="/raise_error")


def test_an_exception_that_the_app_hides_is_an_error_nonetheless(client: Client) -> None:
    with pytest.raises(AppError):
        client.predict("secret", api_name="/crash_fast")


@pytest.mark.since("5.50.0")
def test_a_validator_may_refuse(client: Client) -> None:
    with pytest.raises(ValidationError, match="text: the text must not be blank"):
        client.predict("  ", api_name="/validate")


def test_nobody_listens(transport: str) -> None:
    with pytest.raises(UnreachableError, match="could not be reached"):
        Client(f"http://127.0.0.1:{free_port()}/", transport=transport, verbose=False)


def test_no_host_has_the_name(transport: str) -> None:
    with pytest.raises(UnreachableError):
        Client("http://no-such-host.invalid/", transport=transport, verbose=False)


def test_nobody_listens_to_an_asynchronous_client(transport: str) -> None:
    async def main() -> None:
        client = AsyncClient(f"http://127.0.0.1:{free_port()}/", transport=transport)
        try:
            with pytest.raises(UnreachableError):
                await client.predict("hello", api_name="/echo")
        finally:
            await client.aclose()

    asyncio.run(main())


class Page(BaseHTTPRequestHandler):
    """A web page that has nothing to do with Gradio."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Cats</title><p>These are cats.</p>"
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with closing(server.socket):
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_page_that_is_no_app_is_said_to_be_none(page: str, transport: str) -> None:
    with pytest.raises(ServerError, match="Gradio") as refusal:
        Client(page, transport=transport, verbose=False)
    assert isinstance(refusal.value, GradioClientError)
    assert "cats" not in str(refusal.value)
