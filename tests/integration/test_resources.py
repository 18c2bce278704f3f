"""How many connections, threads and files a client takes, and that it gives them all back."""

from __future__ import annotations

import gc
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from typing import TYPE_CHECKING

import pytest
from conftest import wanted
from integration.counting_proxy import counting_proxy

from gradio_client import Client

if TYPE_CHECKING:
    from conftest import Gradio
    from servers.process import Server

NEWEST = "6.31.0"
MOST_CONNECTIONS = 3


@pytest.fixture(scope="session")
def newest(gradio: Gradio, pytestconfig: pytest.Config) -> Server:
    if NEWEST not in wanted(pytestconfig):
        pytest.skip(f"{NEWEST} is not tested")
    return gradio(NEWEST)


def test_many_calls_one_after_another_share_three_connections(newest: Server, transport: str) -> None:
    with (
        counting_proxy(newest.port) as proxy,
        Client(proxy.url, transport=transport, verbose=False) as client,
    ):
        for number in range(500):
            assert client.predict(number, 1, api_name="/add") == number + 1
        assert proxy.accepted <= MOST_CONNECTIONS


@pytest.mark.since("4.16.0")  # before, every job has a stream of its own
@pytest.mark.before("6.31.0")
def test_calls_of_older_servers_share_three_connections(kitchen_sink: Server, transport: str) -> None:
    port = kitchen_sink.port
    with counting_proxy(port) as proxy, Client(proxy.url, transport=transport, verbose=False) as client:
        for number in range(40):
            assert client.predict(number, 1, api_name="/add") == number + 1
        assert proxy.accepted <= MOST_CONNECTIONS


def test_two_hundred_threads_may_predict_at_one_time(newest: Server, transport: str) -> None:
    with (
        Client(newest.url, transport=transport, verbose=False) as client,
        ThreadPoolExecutor(200) as threads,
    ):
        answers = threads.map(lambda number: client.predict(str(number), api_name="/echo"), range(200))
        assert list(answers) == [str(number) for number in range(200)]


def test_two_hundred_jobs_may_be_under_way_at_one_time(newest: Server, transport: str) -> None:
    with Client(newest.url, transport=transport, verbose=False) as client:
        jobs = [client.submit(f"n{number}", api_name="/greet") for number in range(200)]
        wait(jobs)
        assert [job.result() for job in jobs] == [f"Hello, n{number}!" for number in range(200)]


@pytest.fixture(scope="session")
def small(gradio: Gradio, newest: Server) -> Server:
    """An app whose configuration is quickly made, for a hundred clients to read."""
    return gradio(NEWEST, "echo")


def used(server: Server, transport: str) -> Client:
    client = Client(server.url, transport=transport, verbose=False)
    assert client.predict("hello", api_name="/echo") == "hello"
    return client


@pytest.mark.leaks
def test_each_thread_may_have_a_client_of_its_own(small: Server, transport: str) -> None:
    def own(number: int) -> object:
        with Client(small.url, transport=transport, verbose=False) as client:
            return client.predict(str(number), api_name="/echo")

    with ThreadPoolExecutor(25) as threads:
        assert list(threads.map(own, range(50))) == [str(number) for number in range(50)]


@pytest.mark.leaks
def test_closed_clients_give_threads_and_files_back(small: Server, transport: str) -> None:
    clients = [used(small, transport) for _ in range(100)]
    for client in clients:
        client.close()


@pytest.mark.leaks
def test_forgotten_clients_give_threads_and_files_back(small: Server, transport: str) -> None:
    clients = [used(small, transport) for _ in range(100)]
    clients.clear()
    gc.collect()


@pytest.mark.leaks
def test_clients_closed_in_the_middle_of_jobs_give_all_back(newest: Server, transport: str) -> None:
    clients = [used(newest, transport) for _ in range(6)]
    jobs = [client.submit(60, 0.03, api_name="/count") for client in clients]
    next(as_completed(jobs))
    for client in clients:
        client.close()


@pytest.mark.leaks
def test_forgotten_clients_give_heartbeats_back(newest: Server, transport: str) -> None:
    clients = [used(newest, transport) for _ in range(6)]
    clients.clear()
    gc.collect()


@pytest.mark.leaks
def test_a_client_that_could_not_connect_gives_everything_back(transport: str) -> None:
    for _ in range(5):
        with pytest.raises(ConnectionError):
            Client("http://127.0.0.1:9/", transport=transport, verbose=False)


@pytest.mark.leaks
def test_a_forgotten_job_does_not_keep_its_client(newest: Server, transport: str) -> None:
    job = used(newest, transport).submit("hello", api_name="/echo")
    assert job.result() == "hello"
    del job
    gc.collect()


UNCLOSED = """
import logging
logging.basicConfig()
from gradio_client import Client
clients = [Client({url!r}, transport={transport!r}, verbose=False) for _ in range(2)]
assert clients[0].predict("hello", api_name="/echo") == "hello"
{more}
"""
LEFT = {
    "idle": "",
    "streaming": 'job = clients[1].submit(60, 0.03, api_name="/count"); next(job)',
    "waited for": """
import threading
job = clients[1].submit(60, 0.03, api_name="/count")
threading.Thread(target=job.result, daemon=True).start()
""",
    "called back": 'clients[1].submit("x", api_name="/echo", result_callbacks=str).result()',
}


@pytest.mark.parametrize("left", LEFT)
def test_a_program_with_unclosed_clients_ends_silently(newest: Server, transport: str, left: str) -> None:
    assert_silent(UNCLOSED.format(url=newest.url, transport=transport, more=LEFT[left]))


def test_a_program_with_unclosed_clients_without_heartbeats_ends_silently(
    small: Server, transport: str
) -> None:
    assert_silent(UNCLOSED.format(url=small.url, transport=transport, more=""))


def test_an_asynchronous_program_ends_silently(newest: Server, transport: str) -> None:
    program = f"""
import asyncio
from gradio_client import AsyncClient

async def main():
    async with AsyncClient({newest.url!r}, transport={transport!r}) as client:
        assert await client.predict("hello", api_name="/echo") == "hello"

asyncio.run(main())
"""
    assert_silent(program, "-W", "always")


def assert_silent(program: str, *options: str) -> None:
    ended = subprocess.run(
        [sys.executable, *options, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
