"""What ``transport=`` may be: a name, a transport, or what makes one."""

from __future__ import annotations

import functools
import importlib
import subprocess
import sys
import types
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import requests
from gradio_client_adapters.aiohttp import AiohttpTransport

from gradio_client import _installed
from gradio_client._http.transports import make_transport
from gradio_client.hooks import Hooks, PluginWarning, hookimpl
from gradio_client.transport import BlockingTransport, Request, Response, Transport, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gradio_client.hooks import TransportFactory

OPTIONS = TransportOptions()
REGISTERS = """
from gradio_client.hooks import hookimpl

@hookimpl
def gradio_client_register_transports(register):
    {body}
"""


class Mine(Transport):
    def __init__(self, options: TransportOptions) -> None:
        self.options = options

    async def send(self, request: Request) -> Response:
        raise NotImplementedError

    async def aclose(self) -> None:
        pass


class Blocking(BlockingTransport):
    def send(self, request: Request) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        pass


def offering(name: str, factory: Any) -> types.SimpleNamespace:
    """A plugin that offers one transport."""

    @hookimpl
    def gradio_client_register_transports(register: Callable[[str, TransportFactory], None]) -> None:
        register(name, factory)

    return types.SimpleNamespace(gradio_client_register_transports=gradio_client_register_transports)


def chosen(choice: Any, named: Mapping[str, TransportFactory] | None = None) -> Transport:
    return make_transport(choice, OPTIONS, lambda: named or {})


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Put a distribution with one plugin on the path: its name, its entry point, its code."""

    def install(distribution: str, point: str, code: str) -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[gradio_client]\n{point} = {module}\n")
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(tmp_path)
    _installed.forget()
    yield install
    _installed.forget()
    for module in ("good_one", "bad_one", "first_one", "second_one"):
        sys.modules.pop(module, None)


def test_our_transports_are_installed() -> None:
    assert {"aiohttp", "httpx", "requests"} <= Hooks().transports().keys()


def test_a_name_makes_the_transport_of_that_name() -> None:
    assert isinstance(make_transport("aiohttp", OPTIONS, Hooks().transports), AiohttpTransport)


def test_what_is_made_by_name_gets_the_options() -> None:
    made = chosen("mine", {"mine": Mine})
    assert isinstance(made, Mine)
    assert made.options is OPTIONS


def test_an_unknown_name_says_which_there_are_and_which_is_nearest() -> None:
    with pytest.raises(ValueError, match="unknown") as caught:
        chosen("unknown", {"requests": Mine, "aiohttp": Mine})
    assert str(caught.value) == "There is no transport 'unknown'. Installed: aiohttp, requests."


@pytest.mark.parametrize("typed", ["request", "Requests", "REQUESTS", "reqests"])
def test_a_name_that_is_nearly_right_is_guessed(typed: str) -> None:
    with pytest.raises(ValueError, match=rf"no transport '{typed}'\. Did you mean 'requests'\?"):
        chosen(typed, {"requests": Mine, "aiohttp": Mine})


def test_no_names_are_asked_for_when_none_was_given() -> None:
    def unwanted() -> dict[str, TransportFactory]:
        raise AssertionError

    assert isinstance(make_transport(Mine, OPTIONS, unwanted), Mine)


def test_a_transport_is_used_as_it_is() -> None:
    mine = Mine(OPTIONS)
    assert chosen(mine) is mine


@pytest.mark.parametrize("choice", [Mine, functools.partial(Mine)], ids=["class", "function"])
def test_a_class_or_a_function_makes_one_from_the_options(choice: object) -> None:
    made = chosen(choice)
    assert isinstance(made, Mine)
    assert made.options is OPTIONS


@pytest.mark.parametrize("choice", [None, 1, True, ("aiohttp",), {}, b"aiohttp"])
def test_anything_else_is_a_type_error(choice: object) -> None:
    with pytest.raises(TypeError, match=f"transport= takes a name, .* it was {type(choice).__name__}"):
        chosen(choice)


def test_a_function_that_makes_something_else_is_named() -> None:
    def make_nothing(options: TransportOptions) -> None: ...

    with pytest.raises(TypeError, match="make_nothing made NoneType"):
        chosen(make_nothing)


def test_a_plugin_that_makes_something_else_is_named() -> None:
    with pytest.raises(TypeError, match="what is registered as 'mine' made dict"):
        chosen("mine", {"mine": lambda _: {}})  # type: ignore[dict-item, return-value]  # on purpose


def test_a_session_of_a_library_is_told_what_wraps_it() -> None:
    with requests.Session() as session, pytest.raises(TypeError, match=r"RequestsTransport\(session="):
        chosen(session)


@pytest.mark.parametrize("choice", [Blocking(), lambda _: Blocking()], ids=["itself", "made"])
def test_a_blocking_transport_is_told_what_wraps_it(choice: object) -> None:
    with pytest.raises(TypeError, match=r"Blocking\. Wrap it: gradio_client\.transport\.Threaded"):
        chosen(choice)


@pytest.mark.parametrize("name", ["aiohttp", "requests"])
def test_a_missing_library_says_what_to_install(name: str) -> None:
    assert f"The transport '{name}' needs '{name}', which is not installed." in without(name, choose=name)
    assert f"pip install {name}" in without(name, choose=name)


def test_without_both_libraries_httpx_says_what_to_install() -> None:
    assert "pip install 'gradio_client[httpx]'" in without("httpx", "httpx2", choose="httpx")


def test_a_library_that_is_missing_is_missed_by_its_own_transport_alone() -> None:
    assert without("aiohttp", "httpx", "httpx2", choose="requests") == "made"


def test_a_fault_of_the_adapter_is_no_missing_library() -> None:
    def make(_: TransportOptions) -> Transport:
        raise ModuleNotFoundError("No module named 'gradio_client.lost'", name="gradio_client.lost")

    with pytest.raises(ModuleNotFoundError, match="No module named"):
        chosen("mine", {"mine": make})


def without(*modules: str, choose: str) -> str:
    """What choosing a transport says in a process that lacks some modules."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys({modules!r}))
from gradio_client._http.transports import make_transport
from gradio_client.hooks import Hooks
from gradio_client.transport import TransportOptions
try:
    make_transport({choose!r}, TransportOptions(), Hooks().transports)
    print("made")
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_an_installed_plugin_offers_its_transport(install: Callable[[str, str, str], None]) -> None:
    install("good-one", "good", REGISTERS.format(body="register('good', print)"))
    assert "good" in Hooks().transports()


def test_a_plugin_of_the_caller_comes_after_those_installed(install: Callable[..., None]) -> None:
    install("good-one", "good", REGISTERS.format(body="register('mine', print)"))
    assert Hooks([offering("mine", Mine)]).transports()["mine"] is Mine


def test_a_plugin_that_cannot_be_imported_is_passed_over(install: Callable[..., None]) -> None:
    install("bad-one", "bad", "raise RuntimeError('out of order')")
    with pytest.warns(PluginWarning, match=r"'bad' of 'bad-one' \(RuntimeError: out of order\)"):
        assert {"aiohttp", "httpx", "requests"} <= Hooks().transports().keys()


def test_a_plugin_that_cannot_be_imported_is_named_when_a_transport_is_missed(
    install: Callable[..., None],
) -> None:
    install("bad-one", "bad", "import a_module_that_does_not_exist")
    with pytest.warns(PluginWarning):
        named = Hooks().transports
    with pytest.raises(ValueError, match=r"not be loaded: 'bad' of 'bad-one' \(ModuleNotFoundError: "):
        make_transport("bad", OPTIONS, named)


def test_a_warning_is_given_once(install: Callable[..., None]) -> None:
    install("bad-one", "bad", "raise RuntimeError")
    with pytest.warns(PluginWarning):
        Hooks()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Hooks()


def test_an_installed_plugin_that_fails_to_register_is_passed_over(install: Callable[..., None]) -> None:
    body = "register('half', print); raise RuntimeError('out of order')"
    install("bad-one", "bad", REGISTERS.format(body=body))
    installed = Hooks()
    with pytest.warns(PluginWarning, match="'bad' could not offer its transports: .*out of order"):
        found = installed.transports()
    assert "aiohttp" in found
    assert "half" not in found


@pytest.mark.parametrize(("name", "factory"), [("", Mine), (1, Mine), ("mine", None)])
def test_a_plugin_of_the_caller_that_fails_to_register_raises(name: Any, factory: object) -> None:
    with pytest.raises(TypeError, match=r"register\(\) takes a name and a function"):
        Hooks([offering(name, factory)]).transports()


def test_two_distributions_may_give_their_plugins_one_name(install: Callable[..., None]) -> None:
    install("first-one", "same", REGISTERS.format(body="register('first', print)"))
    install("second-one", "same", REGISTERS.format(body="register('second', print)"))
    assert {"first", "second"} <= Hooks().transports().keys()


def test_a_plugin_may_be_installed_and_passed_as_well(install: Callable[..., None]) -> None:
    install("good-one", "good", REGISTERS.format(body="register('good', print)"))
    _installed.scan()
    assert "good" in Hooks([sys.modules["good_one"]]).transports()
