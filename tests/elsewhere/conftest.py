"""All integration tests again, where each server is another than usual.

- Behind a gateway that wants every request signed, with the company's plugin installed for all clients.
- On this package: its Gradio runs on this gradio_client instead of 2.7.2.

Each file takes the tests of one file of tests/integration/; here is what they find in place of its servers.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from dropin.environment import GRADIO, ours
from gateway.gate import Behind, gate
from gateway.installed import installed
from integration.conftest import OWN_SERVERS, _hangs_not, client, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Gradio
    from servers.process import Server

__all__ = ["_hangs_not", "client", "eventually"]


class Place(Protocol):
    """Opened, it gives servers instead of the usual ones."""

    def __call__(
        self, usual: Gradio, tmp_path_factory: pytest.TempPathFactory
    ) -> contextlib.AbstractContextManager[Gradio]: ...


@contextlib.contextmanager
def behind_a_gateway(usual: Gradio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradio]:
    behind: dict[str, Behind] = {}
    with installed(tmp_path_factory.mktemp("site")), contextlib.ExitStack() as stack:

        def running(version: str, app: str = "kitchen_sink", **options: Any) -> Any:
            server = usual(version, app, **options)
            if server.url not in behind:
                behind[server.url] = Behind(server, stack.enter_context(gate(server.url)))
            return behind[server.url]

        yield running
    assert [said for server in behind.values() for said in server.front.refused] == []


@contextlib.contextmanager
def on_this_package(usual: Gradio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradio]:
    python = functools.cache(ours)  # or it would be made anew, below its servers, when the sources change

    def running(version: str, app: str = "kitchen_sink", **options: Any) -> Server:
        return usual(version, app, **options, **({"python": python()} if version == GRADIO else {}))

    yield running


@pytest.fixture(scope="session", params=(behind_a_gateway, on_this_package), ids=lambda place: place.__name__)
def gradio(
    gradio: Gradio, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Gradio]:
    place: Place = request.param
    with place(gradio, tmp_path_factory) as running:
        yield running


@pytest.fixture(scope="session")
def kitchen_sink(gradio: Gradio, request: pytest.FixtureRequest) -> Server:
    return gradio(request.param)


@pytest.fixture(scope="session")
def other_app(gradio: Gradio, kitchen_sink: Server) -> Callable[[str], Server]:
    return lambda app: gradio(kitchen_sink.version, app)


@pytest.fixture(scope="session")
def own_server(gradio: Gradio, kitchen_sink: Server) -> Callable[[str], Server]:
    return lambda purpose: gradio(kitchen_sink.version, **OWN_SERVERS[purpose])


def pytest_collectstart(collector: pytest.Collector) -> None:
    """They take minutes, and run on the one version that this package is built for."""
    if isinstance(collector, pytest.Module) and collector.path.stem.endswith("_elsewhere"):
        collector.add_marker(pytest.mark.long)
        collector.add_marker(pytest.mark.since(GRADIO))
