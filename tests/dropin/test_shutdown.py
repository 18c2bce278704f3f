"""An app on this package ends when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dropin.environment import GRADIO
from servers.serve import gradio_server

from gradio_client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Gradio

pytestmark = pytest.mark.integration


def test_an_app_that_loads_another_ends_when_it_is_told_to(gradio: Gradio, our_python: Path) -> None:
    words = ["--target", gradio(GRADIO, "plain").url]
    with gradio_server(GRADIO, "mounted", python=our_python, extra=words) as server:
        with Client(server.url, verbose=False) as client:
            assert list(client.submit(3, api_name="/count")) == [1, 2, 3]
        server.process.terminate()
        assert server.process.wait(timeout=5) == 0
        server.stop()
        assert "Traceback" not in server.log
