"""The integration tests of jobs, once more, through a gateway that wants every request signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from integration.test_async_client import *  # noqa: F403 - every test of it
from integration.test_jobs import *  # noqa: F403 - likewise

from gradio_client import Client
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from gateway.conftest import Behind

pytestmark = [pytest.mark.since("6.31.0"), pytest.mark.long]


def test_the_plugin_is_no_longer_than_twenty_lines() -> None:
    assert len(Path(__file__).with_name("signer.py").read_text("utf-8").splitlines()) <= 21


def test_the_gateway_lets_nobody_else_through(kitchen_sink: Behind) -> None:
    with pytest.raises(GradioClientError):
        Client(kitchen_sink.url, verbose=False, disabled_plugins=["signer"])
    assert kitchen_sink.front.refused
    kitchen_sink.front.refused.clear()


def test_the_gateway_refused_nothing_else(kitchen_sink: Behind) -> None:
    with Client(kitchen_sink.url, verbose=False) as client:
        assert client.predict("x", api_name="/echo") == "x"
    assert kitchen_sink.front.refused == []
    assert kitchen_sink.front.passed > 3
