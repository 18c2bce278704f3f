"""Clients in processes that fork: the child has connections and sessions of its own."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed

from gradio_client import Client
from gradio_client.exceptions import ClientClosedError

if TYPE_CHECKING:
    from core.conftest import Connect, Submit
    from core.fake_app import FakeApp

pytestmark = pytest.mark.leaks


def in_child(act: Any) -> int:
    """The exit code of a forked child that does something, 0 if it returns true."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if act() else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def is_closed(client: Client) -> bool:
    try:
        client.predict(1, api_name="/echo")
    except ClientClosedError:
        return True
    return False


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
may_warn = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@forks
@may_warn
def test_a_forked_child_makes_clients_of_its_own(app: FakeApp, connect: Connect) -> None:
    connect()

    def call() -> bool:
        with Client(app.url, verbose=False, download_files=False) as client:
            return bool(client.predict("done", api_name="/echo") == "done")

    assert in_child(call) == 0


@forks
@may_warn
def test_a_parents_client_works_in_a_child_in_a_session_of_its_own(client: Client) -> None:
    assert client.predict("parent", api_name="/echo") == "parent"
    session = client.session_hash

    def call() -> bool:
        with client:
            return client.predict("child", api_name="/echo") == "child" and client.session_hash != session

    assert in_child(call) == 0
    assert client.predict("parent", api_name="/echo") == "parent"
    assert client.session_hash == session


@forks
@may_warn
def test_a_parents_client_can_be_closed_in_a_child(client: Client) -> None:
    def close() -> bool:
        client.close()
        client.close()
        return is_closed(client)

    assert in_child(close) == 0
    assert client.predict("parent", api_name="/echo") == "parent"


@forks
@may_warn
def test_a_client_that_the_parent_closed_stays_closed_in_a_child(client: Client) -> None:
    client.close()

    assert in_child(lambda: is_closed(client)) == 0


@forks
@may_warn
def test_a_parents_sessions_and_jobs_are_not_the_childs(running: Submit, client: Client) -> None:
    job, session = running(), client.session()

    def call() -> bool:
        refused = 0
        ask = lambda: session.predict(1, api_name="/echo")  # noqa: E731 - one of six
        wait = lambda: asyncio.run(asyncio.wait_for(job._awaited(), 5))  # noqa: E731 - likewise
        follow = lambda: asyncio.run(asyncio.wait_for(anext(aiter(job)), 5))  # noqa: E731 - likewise
        for act in (job.result, job.exception, lambda: next(job), ask, wait, follow):
            try:
                act()
            except ClientClosedError:
                refused += 1
        return refused == 6

    assert in_child(call) == 0
    assert job.cancel()


@forks
@may_warn
def test_a_transport_of_the_callers_own_is_not_shared_with_a_child(app: FakeApp, connect: Connect) -> None:
    from gradio_client_adapters.aiohttp import AiohttpTransport  # noqa: PLC0415 - loads a library

    client = connect(transport=AiohttpTransport())

    def call() -> bool:
        try:
            client.predict(1, api_name="/echo")
        except ClientClosedError as error:
            return "transport=" in str(error)
        return False

    assert in_child(call) == 0
    assert client.predict("parent", api_name="/echo") == "parent"


@forks
@may_warn
def test_what_a_child_does_leaves_the_parents_jobs_alone(running: Submit, app: FakeApp) -> None:
    job = running()
    assert in_child(lambda: not job.cancel()) == 0
    app.say(completed("e1", "done"))
    assert job.result(10) == "done"


@forks
@may_warn
def test_a_child_does_not_wait_for_its_parents_map(app: FakeApp, client: Client) -> None:
    app.on_join = lambda event, body: [completed(event, "first")] if body["data"] == [0] else []
    results = client.map("/echo", range(5), concurrency=3)
    assert next(results) == "first"

    def is_refused() -> bool:
        try:
            next(results)
        except ClientClosedError:
            return True
        return False

    assert in_child(is_refused) == 0
    results.close()
