"""Servers behind the gateway, and the company's plugin installed for every client there is."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from gateway.gate import KEY, Gate, gate
from integration.conftest import _hangs_not, _more_servers, client, eventually, other_app, own_server

from gradio_client import _installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Gradio
    from servers.process import Server

__all__ = ["_hangs_not", "_more_servers", "client", "eventually", "other_app", "own_server"]


class Behind:
    """A server whose address is the gateway's."""

    def __init__(self, server: Server, front: Gate) -> None:
        self.front = front
        self.url = front.url
        self._server = server

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)


@pytest.fixture(scope="session")
def kitchen_sink(gradio: Gradio, request: pytest.FixtureRequest) -> Iterator[Behind]:
    server = gradio(request.param)
    with gate(server.url) as front:
        yield Behind(server, front)


@pytest.fixture(scope="session", autouse=True)
def _installed_plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("site")
    source = Path(__file__).with_name("signer.py").read_text("utf-8")
    (folder / "company_signer.py").write_text(source, "utf-8")
    info = folder / "company_signer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: company-signer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gradio_client]\nsigner = company_signer\n")
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("COMPANY_KEY", KEY)
        patch.syspath_prepend(folder)
        _installed.forget()
        yield
    sys.modules.pop("company_signer", None)
    _installed.forget()
