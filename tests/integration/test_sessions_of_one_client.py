"""Sessions of one client on real servers, and servers that are restarted on their port."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from conftest import wanted
from servers.serve import free_port, gradio_server

from gradio_client import Client
from gradio_client.exceptions import AppRestartedError, ConnectionLost

if TYPE_CHECKING:
    from servers.process import Server


def test_each_session_has_state_of_its_own(kitchen_sink: Server, transport: str) -> None:
    with Client(kitchen_sink.url, transport=transport, verbose=False) as client:
        with client.session() as one, client.session() as two:
            counted = [caller.predict(1, api_name="/state") for caller in (client, one, two, one, one)]
        assert counted == [1, 1, 1, 2, 3]
        assert client.predict(1, api_name="/state") == 2


def test_a_closed_session_disturbs_no_job_of_another(kitchen_sink: Server, transport: str) -> None:
    with Client(kitchen_sink.url, transport=transport, verbose=False) as client:
        session = client.session()
        job = client.submit(100, 0.02, api_name="/count")
        other = session.submit("go on", 300, 0.1, api_name="/llm")
        next(job), next(other)
        session.close()
        assert job.result(30) == 100
        assert other.exception(1) is not None


@pytest.mark.parametrize(
    "version",
    ["6.31.0", *(pytest.param(older, marks=pytest.mark.long) for older in ("5.50.0", "4.44.1"))],
)
def test_a_restart_is_noticed_by_the_next_call(
    version: str, pytestconfig: pytest.Config, caplog: pytest.LogCaptureFixture
) -> None:
    if version not in wanted(pytestconfig):
        pytest.skip(f"{version} is not tested")
    port = free_port()
    with gradio_server(version, "kitchen_sink", port=port) as server:
        client = Client(server.url, verbose=False)
        session = client.session()
        assert session.predict(1, api_name="/state") == 1
        job = client.submit(600, 0.1, api_name="/count")
        next(job)
        server.kill()
        assert isinstance(job.exception(20), ConnectionLost)
    with gradio_server(version, "kitchen_sink", port=port), client:
        with caplog.at_level(logging.WARNING, "gradio_client.client"):
            assert client.predict("back", api_name="/echo") == "back"
        assert "was restarted" in caplog.text
        with pytest.raises(AppRestartedError):
            session.predict(1, api_name="/state")
        assert session.predict(1, api_name="/state") == 1
