"""Further sessions of one client: each for itself, all on one configuration and one set of connections."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import TYPE_CHECKING

import pytest
from core.fake_app import FakeApp, completed
from core.loops import on_a_loop
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient
from gradio_client.exceptions import ClientClosedError

if TYPE_CHECKING:
    from core.conftest import Connect

    from gradio_client import Client

pytestmark = pytest.mark.leaks


def test_each_has_a_session_of_its_own(client: Client, app: FakeApp) -> None:
    with client.session() as one, client.session() as two:
        for caller in (client, one, two):
            assert caller.predict(1, api_name="/echo") == 1
        hashes = [body["session_hash"] for body in app.bodies]
        assert hashes == [client.session_hash, one.session_hash, two.session_hash]
        assert len(set(hashes)) == 3


def test_opening_one_sends_nothing(client: Client, app: FakeApp) -> None:
    before = len(app.server.seen)
    for _ in range(100):
        client.session().close()
    assert len(app.server.seen) == before


def test_they_share_the_configuration_and_the_connections(client: Client, app: FakeApp) -> None:
    client.predict(1, api_name="/echo")
    before = app.server.connections
    for _ in range(5):
        with client.session() as session:
            session.predict(1, api_name="/echo")
    assert len(app.seen("/config")) == 1
    assert app.server.connections <= before + 1  # the last stream may still be on its way back


def test_closing_one_ends_its_jobs_alone(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    session = client.session()
    ours, its = client.submit(1, api_name="/echo"), session.submit(2, api_name="/echo")
    assert app.joined.acquire(timeout=10)
    assert app.joined.acquire(timeout=10)
    session.close()
    assert isinstance(its.exception(10), ClientClosedError)
    assert not ours.done()
    name = next(at for at, body in enumerate(app.bodies, 1) if body["data"] == [1])
    app.say(completed(f"e{name}", "done"))
    app.say(completed(f"e{name}", "done"))  # whichever of the two streams takes the first
    assert ours.result(10) == "done"


def test_a_closed_one_refuses_calls_and_says_what_to_do(client: Client) -> None:
    session = client.session()
    session.close()
    session.close()
    for misuse in (
        lambda: session.predict(1, api_name="/echo"),
        session.reset,
        lambda: session.session_hash,
    ):
        with pytest.raises(ClientClosedError, match=r"client\.session\(\)"):
            misuse()
    assert client.predict(1, api_name="/echo") == 1


def test_closing_the_client_closes_its_sessions(connect: Connect, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    client = connect()
    session = client.session()
    job = session.submit(1, api_name="/echo")
    assert app.joined.acquire(timeout=10)
    client.close()
    assert isinstance(job.exception(10), ClientClosedError)
    with pytest.raises(ClientClosedError, match="client is closed"):
        session.predict(1, api_name="/echo")
    with pytest.raises(ClientClosedError):
        client.session()
    session.close()


def test_cancelling_in_one_tells_the_server_though_another_runs_the_same(
    client: Client, app: FakeApp
) -> None:
    app.on_join = lambda event, body: []
    with client.session() as session:
        client.submit(1, api_name="/echo")
        assert app.joined.acquire(timeout=10)
        job = session.submit(1, api_name="/echo")
        assert app.joined.acquire(timeout=10)
        assert until(lambda: job._run is not None and job._run.event_id is not None)
        assert job.cancel()
        assert until(lambda: len(app.seen("cancel")) == 1)


def test_resetting_one_changes_its_session_alone(client: Client) -> None:
    with client.session() as session:
        ours, its = client.session_hash, session.session_hash
        session.reset()
        assert (client.session_hash == ours, session.session_hash == its) == (True, False)


def test_a_dropped_one_ends_with_its_last_job(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    session = client.session()
    gone = weakref.ref(session._conversation)
    job = session.submit(1, api_name="/echo")
    assert app.joined.acquire(timeout=10)
    del session
    gc.collect()
    app.say(completed("e1", "done"))
    assert job.result(10) == "done"
    del job
    assert until(lambda: (gc.collect(), gone())[1] is None)


def test_one_keeps_its_client_alive(connect: Connect, app: FakeApp) -> None:
    from gradio_client import Client  # noqa: PLC0415 - a client that no fixture keeps

    session = Client(app.url, verbose=False).session()
    gc.collect()
    assert session.predict(1, api_name="/echo") == 1


def test_one_does_not_pickle(client: Client) -> None:
    with client.session() as session:
        for act in (pickle.dumps, copy.copy):
            with pytest.raises(TypeError, match="Open one in the other"):
                act(session)


@on_a_loop
async def test_an_asynchronous_client_has_them_too(app: FakeApp) -> None:
    client = AsyncClient(app.url)
    async with client.session() as one, client.session() as two:
        assert [await caller.predict(1, api_name="/echo") for caller in (client, one, two)] == [1, 1, 1]
        assert len({body["session_hash"] for body in app.bodies}) == 3
        old = one.session_hash
        one.reset()
        assert one.session_hash not in (old, two.session_hash, client.session_hash)
    with pytest.raises(ClientClosedError, match=r"client\.session\(\)"):
        await two.predict(1, api_name="/echo")
    assert await client.predict(2, api_name="/echo") == 2
    await client.aclose()


@on_a_loop
async def test_an_asynchronous_one_connects_its_client_when_it_is_needed(app: FakeApp) -> None:
    client = AsyncClient(app.url)
    assert await client.session().predict(1, api_name="/echo") == 1
    await client.aclose()
