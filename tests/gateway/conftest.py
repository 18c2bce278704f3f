"""A server behind the gateway, and the company's plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gateway.gate import Behind, gate
from gateway.installed import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Gradio


@pytest.fixture
def kitchen_sink(gradio: Gradio, request: pytest.FixtureRequest) -> Iterator[Behind]:
    server = gradio(request.param)
    with gate(server.url) as front:
        yield Behind(server, front)


@pytest.fixture(scope="module", autouse=True)
def _plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with installed(tmp_path_factory.mktemp("site")):
        yield
