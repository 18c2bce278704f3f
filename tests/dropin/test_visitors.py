"""Visitors of a real Gradio app that calls another app for them through one shared client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dropin.environment import GRADIO

if TYPE_CHECKING:
    from conftest import Gradio
    from dropin.conftest import Connected, Running

    from gradio_client import Client

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def client(gradio: Gradio, on_ours: Running, connected: Connected) -> Client:
    caller = on_ours("visitors", extra=["--target", gradio(GRADIO).url])
    return connected(caller)


@pytest.mark.parametrize("handler", ["from_thread", "awaited"])
def test_each_of_fifty_visitors_is_served_with_his_own_token(client: Client, handler: str) -> None:
    jobs = [
        client.submit(f"v{number}", api_name=f"/{handler}", headers={"x-ip-token": f"t{number}"})
        for number in range(50)
    ]
    assert [job.result(timeout=60) for job in jobs] == [f"v{number} t{number}" for number in range(50)]
    assert client.predict("nobody", api_name=f"/{handler}") == "nobody None"
