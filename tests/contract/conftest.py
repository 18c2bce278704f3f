"""A server for tests of single transports, that answers until it is told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gradio_client_contract_tests.server import answering, hostile_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client_contract_tests.server import HostileServer


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as server:
        server.serve(answering(b"hello"))
        yield server
