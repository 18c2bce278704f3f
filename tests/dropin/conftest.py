"""Gradio 6.31.0 on this package, and apps that run on it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from core.conftest import app, connect
from dropin.environment import GRADIO, ours, theirs

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Gradio
    from servers.process import Server

__all__ = ["app", "connect"]


class Running(Protocol):
    """A running app on Gradio with this package; options are those of ``gradio_server``."""

    def __call__(self, app: str, **options: Any) -> Server: ...


class Connected(Protocol):
    """A client of this project, connected to a server; options are those of ``Client``."""

    def __call__(self, server: Server, **options: Any) -> Client: ...


@pytest.fixture(scope="session")
def our_python() -> Path:
    return ours()


@pytest.fixture(scope="session")
def their_python() -> Path:
    return theirs()


@pytest.fixture(scope="session")
def on_ours(gradio: Gradio, our_python: Path) -> Running:
    def run(app: str, **options: Any) -> Server:
        return gradio(GRADIO, app, python=our_python, **{"show_error": True, **options})

    return run


@pytest.fixture(scope="session")
def connected() -> Iterator[Connected]:
    with contextlib.ExitStack() as stack:

        def connect(server: Server, **options: Any) -> Client:
            return stack.enter_context(Client(server.url, verbose=False, **options))

        yield connect
