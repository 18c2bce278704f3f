"""The public API is that of ``gradio_client`` 2.7.2: names, positions, defaults, and what is printed."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, replying_json

import gradio_client
from gradio_client import AsyncClient, Client, client, handle_file, utils
from gradio_client.exceptions import ClientClosedError, EndpointNotFoundError, SourceError
from gradio_client.files import DEFAULT_TEMP_DIR
from gradio_client.job import Job

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect

NOTHING = inspect.Parameter.empty

# Of 2.7.2, by hand: the parameters that go by position, with their defaults. Its second one is called
# ``token`` there; before 2.0 it was ``hf_token``, and both are taken by name.
POSITIONAL: dict[str, dict[str, Any]] = {
    "__init__": {
        "src": NOTHING,
        "hf_token": None,
        "max_workers": 40,
        "verbose": True,
        "auth": None,
        "httpx_kwargs": None,
    },
    "predict": {},
    "submit": {},
    "view_api": {"all_endpoints": None, "print_info": True, "return_format": None},
    "reset_session": {},
    "close": {},
    "add_zero_gpu_headers": {"headers": NOTHING},
}
BY_NAME: dict[str, dict[str, Any]] = {
    "__init__": {
        "headers": None,
        "download_files": DEFAULT_TEMP_DIR,
        "ssl_verify": True,
        "_skip_components": True,
        "analytics_enabled": True,
        "oauth_token": None,
        "token": None,
    },
    "predict": {"api_name": None, "fn_index": None, "headers": None},
    "submit": {"api_name": None, "fn_index": None, "headers": None, "result_callbacks": None},
}
OURS = {
    *("connect_timeout", "disabled_plugins", "on_status", "plugins", "progress"),
    *("retry", "timeout", "timeouts", "transport", "updates"),
}


def parameters(name: str, *kinds: Any) -> dict[str, Any]:
    found = inspect.signature(getattr(Client, name)).parameters.values()
    return {one.name: one.default for one in found if one.kind in kinds and one.name != "self"}


@pytest.mark.parametrize("name", POSITIONAL)
def test_arguments_by_position_are_those_of_the_incumbent(name: str) -> None:
    found = parameters(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert list(found.items()) == list(POSITIONAL[name].items())


@pytest.mark.parametrize("name", POSITIONAL)
def test_arguments_by_name_are_those_of_the_incumbent_and_ours(name: str) -> None:
    found = parameters(name, inspect.Parameter.KEYWORD_ONLY)
    expected = BY_NAME.get(name, {})
    assert {key: found[key] for key in expected} == expected
    assert set(found) - set(expected) <= OURS


def test_the_folder_for_downloads_is_the_incumbents(tmp_path: Path) -> None:
    code = "from gradio_client.client import DEFAULT_TEMP_DIR; print(DEFAULT_TEMP_DIR)"
    told = subprocess.run(
        [sys.executable, "-c", code], env={"GRADIO_TEMP_DIR": str(tmp_path)}, capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == str(tmp_path)


@pytest.mark.parametrize(
    ("method", "names"),
    [
        ("result", ["timeout"]),
        ("exception", ["timeout"]),
        ("add_done_callback", ["fn"]),
        ("outputs", []),
        ("status", []),
        ("cancel", []),
        ("done", []),
        ("running", []),
    ],
)
def test_a_job_has_the_methods_of_the_incumbents(method: str, names: list[str]) -> None:
    assert list(inspect.signature(getattr(Job, method)).parameters)[1:] == names


def test_jobs_and_clients_are_found_where_the_incumbent_has_them() -> None:
    assert client.Client is Client
    assert client.Job is Job


@pytest.mark.parametrize("name", ["Client", "FileData", "__version__", "file", "handle_file"])
def test_the_package_exports_what_the_incumbents_does(name: str) -> None:
    assert name in gradio_client.__all__
    assert getattr(gradio_client, name) is not None


def test_every_exported_name_can_be_had_and_is_listed() -> None:
    assert sorted(gradio_client.__all__) == gradio_client.__all__
    for name in gradio_client.__all__:
        assert getattr(gradio_client, name) is not None
        assert name in dir(gradio_client)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nowhere"):
        _ = gradio_client.nowhere


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys, gradio_client; loaded = set(sys.modules) & {'asyncio', 'aiohttp', 'requests', 'httpx', "
        "'huggingface_hub', 'pluggy'}; assert not loaded, loaded; assert gradio_client.Client"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_statuses_compare_by_their_place_in_a_jobs_life() -> None:
    assert utils.Status.STARTING < utils.Status.PROCESSING < utils.Status.FINISHED


# What is printed


def test_connecting_prints_one_line(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    with Client(app.url):
        pass
    assert capsys.readouterr() == (f"Loaded as API: {app.url}/\n", "")


def test_a_quiet_client_prints_nothing(app: FakeApp, capfd: pytest.CaptureFixture[str]) -> None:
    with Client(app.url, verbose=False) as quiet:
        quiet.predict(1, api_name="/echo")
        quiet.view_api(print_info=False, return_format="str")
        quiet.reset_session()
    assert capfd.readouterr() == ("", "")


def test_view_api_prints_what_it_returns_as_text(
    app: FakeApp, connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    made = connect()
    assert made.view_api() is None
    printed = capsys.readouterr().out
    assert "/echo" in printed
    assert printed == made.view_api(print_info=False, return_format="str") + "\n"
    assert str(made) + "\n" == printed


def test_view_api_prints_nothing_when_it_cannot_return_what_is_asked_for(
    connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    made = connect()
    capsys.readouterr()
    with pytest.raises(ValueError, match="return_format= must be 'dict' or 'str', not 'xml'"):
        made.view_api(return_format="xml")  # type: ignore[call-overload]
    assert capsys.readouterr().out == ""


def test_view_api_gives_a_dictionary_that_is_the_callers(connect: Connect) -> None:
    made = connect()
    made.view_api(print_info=False, return_format="dict").clear()
    assert set(made.view_api(print_info=False, return_format="dict")) >= {"named_endpoints"}


# Bad arguments


@pytest.mark.parametrize(
    ("kwargs", "kind"),
    [
        ({"hf_token": 5}, TypeError),
        ({"token": b"x"}, TypeError),
        ({"oauth_token": 5}, TypeError),
        ({"max_workers": 0}, ValueError),
        ({"max_workers": "4"}, TypeError),
        ({"max_workers": True}, TypeError),
        ({"auth": "ada"}, TypeError),
        ({"auth": ("ada",)}, TypeError),
        ({"auth": ("ada", 5)}, TypeError),
        ({"httpx_kwargs": 5}, TypeError),
        ({"httpx_kwargs": {"timout": 5}}, TypeError),
        ({"headers": 5}, TypeError),
        ({"headers": {"X": 5}}, TypeError),
        ({"headers": {"X": "a\nb"}}, ValueError),
        ({"download_files": 5}, TypeError),
        ({"download_files": __file__}, ValueError),
        ({"transport": 5}, TypeError),
        ({"transport": "aiohtp"}, ValueError),
        ({"plugins": 5}, TypeError),
        ({"updates": "raws"}, ValueError),
    ],
    ids=repr,
)
def test_a_bad_argument_is_an_error_at_once_that_names_it(
    app: FakeApp, kwargs: dict[str, Any], kind: type[Exception]
) -> None:
    (name,) = kwargs
    with pytest.raises(kind, match=name):
        Client(app.url, verbose=False, **kwargs)
    assert app.server.connections == 0


@pytest.mark.parametrize("src", [None, 5, b"http://h", "", "nowhere", "ftp://h", "http://", "http://a:b@h"])
def test_a_bad_source_is_a_source_error_and_a_value_error(src: Any) -> None:
    with pytest.raises(SourceError) as caught:
        Client(src)
    assert isinstance(caught.value, ValueError)


def test_two_tokens_that_differ_contradict_each_other(app: FakeApp) -> None:
    with pytest.raises(TypeError, match="hf_token= and token=") as caught:
        Client(app.url, hf_token="secret-1", token="secret-2")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kwargs", [{"hf_token": "t"}, {"token": "t"}, {"hf_token": "t", "token": "t"}])
def test_both_names_of_the_token_do_the_same(app: FakeApp, connect: Connect, kwargs: Any) -> None:
    connect(**kwargs)
    assert app.seen("/config")[0].header("X-HF-Authorization") == ["Bearer t"]


def test_the_second_argument_is_the_token(app: FakeApp) -> None:
    with Client(app.url, "t", 40, False):  # noqa: FBT003 - by position, as in 2.7.2
        assert app.seen("/config")[0].header("X-HF-Authorization") == ["Bearer t"]


# What a client shows and keeps to itself


def test_no_secret_is_in_what_a_client_shows(app: FakeApp, connect: Connect) -> None:
    secrets: dict[str, Any] = {
        "token": "secret",
        "oauth_token": "secret",
        "auth": ("ada", "secret"),
        "headers": {"X": "secret"},
        "httpx_kwargs": {"cookies": {"a": "secret"}, "params": {"a": "secret"}, "auth": ("a", "secret")},
    }
    app.routes["/login"] = replying_json({"success": True})
    made = connect(**secrets)
    shown = f"{made!r} {made} {made._engine.settings!r} {AsyncClient(app.url, token='secret')!r}"
    assert "secret" not in shown
    assert repr(made) == f"<Client {app.url}>"


def test_a_clients_headers_have_each_field_once(connect: Connect) -> None:
    headers = connect(token="hf_x", headers={"user-agent": "mine", "X-A": "1"}).headers
    assert headers == {"user-agent": "mine", "X-HF-Authorization": "Bearer hf_x", "X-A": "1"}


def test_a_client_says_where_its_app_is(app: FakeApp, connect: Connect) -> None:
    made = connect()
    assert (made.src, made.space_id) == (app.url + "/", None)
    assert made.config["version"] == "6.31.0"


def test_a_closed_client_refuses_calls_and_still_tells_its_api(connect: Connect) -> None:
    made = connect()
    made.close()
    with pytest.raises(ClientClosedError, match="closed"):
        made.predict(1, api_name="/echo")
    assert "/echo" in str(made)


def test_a_call_without_a_name_lists_the_names(connect: Connect) -> None:
    with pytest.raises(EndpointNotFoundError, match="/echo, /other"):
        connect().predict(1)


def test_a_wrong_name_is_answered_with_the_right_one(connect: Connect) -> None:
    with pytest.raises(EndpointNotFoundError, match="Did you mean '/echo'"):
        connect().predict(1, api_name="/ecko")


def test_a_file_can_be_marked_under_every_name(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert utils.handle_file(tmp_path / "a") == handle_file(tmp_path / "a")
