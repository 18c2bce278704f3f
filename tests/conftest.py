"""Real Gradio servers for tests, and a check that a test leaves nothing behind.

``gradio(version, app, **options)`` is a running server, shared by all tests that ask for the same.
``kitchen_sink`` is that app on each version of ``--gradio``; with ``transport`` beside it, the newest
release of each major version meets every transport, and the other versions meet the default one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

import hypothesis
import pytest
from leaks import Snapshot
from servers import pool
from servers.environments import release, versions
from servers.pool import Pool
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from servers.process import Server

_VERSION = re.compile(r"[\[-](\d+\.\d+\.\d+)[\]-]")
TRANSPORTS = ("aiohttp", "requests", "httpx")  # the default one first
ON_EVERY_TRANSPORT = ("6.31.0", "5.50.0", "4.44.1")
OLDER = ("4.29.0", "4.16.0", "4.0.2")
GRACE = 10.0  # seconds in which threads and sockets of a closed client may still be ending

_POOL = pytest.StashKey[Pool]()


class Gradio(Protocol):
    """A running server of this version and app; options are those of ``gradio_server``."""

    def __call__(self, version: str, app: str = "kitchen_sink", **options: Any) -> Server: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gradio",
        default=",".join(ON_EVERY_TRANSPORT + OLDER),
        metavar="VERSIONS",
        help="versions of Gradio to test against, separated by commas, or 'all' (default: %(default)s)",
    )
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")


def pytest_configure(config: pytest.Config) -> None:
    unknown = set(wanted(config)) - set(versions())
    if unknown:
        names, known = ", ".join(sorted(unknown)), ", ".join(versions())
        raise pytest.UsageError(f"--gradio: there is no {names}; there are: {known}")
    config.stash[_POOL] = Pool()
    config.pluginmanager.register(Naps())
    hypothesis.settings.register_profile("ours", deadline=None)  # a busy machine is no failure
    hypothesis.settings.load_profile("ours")


class Naps:
    """Has servers rest where no test needs them.

    As a plugin of its own: the hooks of a conftest file do not see fixtures of the whole session.
    """

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        with pool.making(fixturedef.argname):
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        pool.wake(getattr(item, "fixturenames", ()))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        if nextitem is not None and nextitem.path != item.path:
            pool.rest()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _POOL in config.stash:
        config.stash[_POOL].stop()


def wanted(config: pytest.Config) -> list[str]:
    """The versions of ``--gradio``; ``all`` leaves 3.x out, which speaks by websocket."""
    given: str = config.getoption("--gradio")
    if given == "all":
        return [version for version in reversed(versions()) if release(version) >= (4,)]
    return [version.strip() for version in given.split(",") if version.strip()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    on_versions = "kitchen_sink" in metafunc.fixturenames
    on_transports = "transport" in metafunc.fixturenames
    if on_versions and on_transports:
        pairs = [(v, t) for v in _versions_for(metafunc) for t in transports_of(v)]
        metafunc.parametrize(("kitchen_sink", "transport"), pairs, indirect=True, scope="session")
    elif on_versions:
        metafunc.parametrize("kitchen_sink", _versions_for(metafunc), indirect=True, scope="session")
    elif on_transports:
        metafunc.parametrize("transport", TRANSPORTS, indirect=True, scope="session")


def transports_of(version: str) -> tuple[str, ...]:
    """The transports on which a version is tested."""
    return TRANSPORTS if version in ON_EVERY_TRANSPORT else TRANSPORTS[:1]


def _versions_for(metafunc: pytest.Metafunc) -> list[str]:
    found = wanted(metafunc.config)
    for mark in metafunc.definition.iter_markers("since"):
        found = [version for version in found if release(version) >= release(mark.args[0])]
    for mark in metafunc.definition.iter_markers("before"):
        found = [version for version in found if release(version) < release(mark.args[0])]
    return found


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Mark the tests that use real servers, and run them last, when these have booted.

    Where processes share the tests, they come first, for what is left at the end shall be small; only the
    contract, which watches the threads and the garbage of its process, comes before them.
    """
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    for item in items:
        if _uses_servers(item):
            item.add_marker("integration")
    yield
    items.sort(key=_waits_for_servers, reverse=_shares_tests(config))
    if _shares_tests(config):
        items.sort(key=lambda item: not item.nodeid.startswith("tests/contract/"))


class ByServer(LoadScopeScheduling):  # type: ignore[misc]  # its package has no types
    """Gives a process all tests on one version of Gradio, or else those of a file or class.

    An idle Gradio server costs 5 % of a core, and starting one takes seconds.
    """

    def _split_scope(self, nodeid: str) -> str:
        version = _VERSION.search(nodeid)
        if version is not None and "/unit/" not in nodeid:
            return version[1]
        if nodeid.startswith("tests/chaos/"):  # each waits for most of its time
            return nodeid
        return nodeid.partition("[")[0].rpartition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByServer:
    return ByServer(config, log)


def _uses_servers(item: pytest.Item) -> bool:
    return not {"gradio", "on_ours"}.isdisjoint(getattr(item, "fixturenames", ()))


def _waits_for_servers(item: pytest.Item) -> bool:
    """A server that boots meanwhile would be a leak."""
    return _uses_servers(item) or item.get_closest_marker("leaks") is not None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Boot what the selected tests need, in their order, while others run."""
    if session.config.option.collectonly or _shares_tests(session.config):
        return
    for item in session.items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and "kitchen_sink" in callspec.params:
            session.config.stash[_POOL].prepare(callspec.params["kitchen_sink"], "kitchen_sink")


def _shares_tests(config: pytest.Config) -> bool:
    """Whether other processes run some of the tests: this one cannot know which servers it will need."""
    return hasattr(config, "workerinput") or getattr(config.option, "dist", "no") != "no"


@pytest.fixture(scope="session")
def gradio(pytestconfig: pytest.Config) -> Gradio:
    servers = pytestconfig.stash[_POOL]

    def running(version: str, app: str = "kitchen_sink", **options: Any) -> Server:
        return servers.get(version, app, **options)

    return running


@pytest.fixture(scope="session")
def kitchen_sink(gradio: Gradio, request: pytest.FixtureRequest) -> Server:
    return gradio(request.param)


@pytest.fixture(scope="session")
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[None]:
    """For tests marked ``leaks``."""
    if request.node.get_closest_marker("leaks") is None:
        yield
        return
    pytestconfig.stash[_POOL].settle()  # or a server that boots meanwhile would be the leak
    before = Snapshot()
    yield
    found = before.leaks(GRACE)
    assert not found, f"left behind: {', '.join(found)}"
