"""Fixtures for pytest: write ``pytest_plugins = ["gradio_client.testing.fixtures"]`` in a ``conftest.py``."""

from __future__ import annotations

import hashlib
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client.testing.cassettes import Cassette
from gradio_client.testing.scripted_app import ScriptedApp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from gradio_client.testing.app import App
    from gradio_client.testing.server import AppServer

_OPTION = "--gradio-cassettes"
_PASSED = pytest.StashKey[bool]()
_UNFIT = re.compile(r"[^\w.\-\[\]]+")
_LONGEST = 120  # characters of a file's name that are the test's


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--gradio-cassettes``, which says what ``gradio_cassette`` does."""
    parser.addoption(
        _OPTION,
        default="once",
        choices=("once", "replay", "record"),
        help="record cassettes that are missing (once, the default), never (replay), or all anew (record)",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around pytest's own, which knows what is expected to fail
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which tests passed: the recordings of others are of no use."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed and not hasattr(report, "wasxfail")
    return report


@pytest.fixture
def gradio_app_server() -> Iterator[Callable[..., AppServer]]:
    """Serve apps on ports of this machine: ``gradio_app_server(app, **options).url``, as ``AppServer``."""
    from gradio_client.testing.server import AppServer  # noqa: PLC0415 - it needs aiohttp

    with ExitStack() as stack:

        def serve(app: App, **options: Any) -> AppServer:
            return stack.enter_context(AppServer(app, **options))

        yield serve


@pytest.fixture
def scripted_app() -> Callable[..., ScriptedApp]:
    """Make apps in memory: ``scripted_app({"/greet": ...})``, as ``ScriptedApp``."""
    return ScriptedApp


@pytest.fixture
def gradio_cassette(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[Cassette]:
    """A cassette for this test, to give as ``transport=``.

    It is the file ``cassettes/{module}/{test}.json`` beside the test's module; for the test of a class
    ``{class}.{test}.json``. A recording is written when the test has passed, and only then: not when it
    was skipped or expected to fail. A request that the cassette does not have fails the test, also where
    the program under test has caught the error.
    """
    node = request.node
    path = node.path.parent / "cassettes" / node.path.stem / f"{_file_name(node.nodeid)}.json"
    cassette = Cassette(path, pytestconfig.getoption(_OPTION, "once"), saves=False)
    yield cassette
    if node.stash.get(_PASSED, False):
        cassette.check()
        cassette.save()


def _file_name(nodeid: str) -> str:
    """The test's name with its classes, and with a hash where something in it was changed or cut."""
    full = nodeid.partition("::")[2]
    name, bracket, parameters = full.partition("[")
    wanted = name.replace("::", ".") + bracket + parameters
    fit = _UNFIT.sub("_", wanted)[:_LONGEST]
    return fit if fit == wanted else f"{fit}-{hashlib.sha256(full.encode()).hexdigest()[:8]}"
