"""Servers behind fronts; every client of them is told how to get through."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from fronts.front import FRONTS, Behind, Fronts, Papers, fronts_open, issue
from integration.conftest import OWN_SERVERS, _hangs_not, _more_servers, client, eventually
from servers.pool import Pool

from gradio_client import AsyncClient, Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Gradio
    from servers.process import Server

    Before = Callable[[Server], Behind]

__all__ = ["_hangs_not", "_more_servers", "client", "eventually"]


#: What every run tests; ``--long`` tests all fronts, and one release of each major version.
USUAL = ("tls through a proxy",)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    long = metafunc.config.getoption("--long")
    metafunc.definition.add_marker(pytest.mark.since("4.44.1" if long else "6.31.0"))
    if "front" in metafunc.fixturenames:
        metafunc.parametrize("front", FRONTS if long else USUAL, scope="session")


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return issue(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="session")
def fronts() -> Iterator[Fronts]:
    with fronts_open() as made, pytest.MonkeyPatch.context() as patch:
        for face in (Client, AsyncClient):
            patch.setattr(face, "__init__", telling(face.__init__, made))
        yield made


def telling(init: Callable[..., None], fronts: Fronts) -> Callable[..., None]:
    """A constructor that is given what a client needs, wherever a test makes one of a server."""

    @functools.wraps(init)
    def make(self: object, src: str, *args: Any, **kwargs: Any) -> None:
        init(self, src, *args, **fronts.arguments(src) | kwargs)

    return make


@pytest.fixture(scope="session")
def behind(fronts: Fronts, front: str, papers: Papers) -> Before:
    """Puts a front of this kind before a server; for each server there is one."""
    return lambda server: fronts.put_before(server, front, papers)


@pytest.fixture(scope="session")
def kitchen_sink(gradio: Gradio, behind: Before, request: pytest.FixtureRequest) -> Behind:
    return behind(gradio(request.param))


@pytest.fixture(scope="session")
def other_app(kitchen_sink: Behind, _more_servers: Pool, behind: Before) -> Callable[[str], Behind]:
    """The server of another app behind a front of its own, on the same version of Gradio."""
    return lambda app: behind(_more_servers.get(kitchen_sink.version, app))


@pytest.fixture(scope="session")
def own_server(kitchen_sink: Behind, front: str, behind: Before) -> Iterator[Callable[[str], Behind]]:
    """As that of the integration tests, but for each kind of front: some of them end here."""
    pool = Pool()
    for options in OWN_SERVERS.values():
        pool.prepare(kitchen_sink.version, "kitchen_sink", **options)
    yield lambda purpose: behind(pool.get(kitchen_sink.version, "kitchen_sink", **OWN_SERVERS[purpose]))
    pool.stop()


@pytest.fixture(autouse=True)
def _nothing_goes_past_the_fronts(fronts: Fronts) -> Iterator[None]:
    fronts.past.clear()
    yield
    assert fronts.past == []
