"""gr.load on this package: an app whose functions are another app's."""

from __future__ import annotations

import asyncio
import contextvars
import json
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
from dropin.environment import GRADIO

from gradio_client import Client, handle_file
from gradio_client.client import Endpoint
from gradio_client.exceptions import AppError, ArgumentError
from gradio_client.utils import OutputUpdate

if TYPE_CHECKING:
    from pathlib import Path

    from dropin.conftest import Connected, Running
    from servers.process import Server

pytestmark = pytest.mark.integration

CALLED = """
import json, sys
import gradio as gr
from gradio.external import from_spaces_blocks
demo = gr.load(sys.argv[1], src=from_spaces_blocks)
print(json.dumps([demo(sys.argv[2], api_name="size"), demo("hello", api_name="echo")]))
"""
META = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module")
def plain(on_ours: Running) -> Server:
    return on_ours("plain")


@pytest.fixture(scope="module")
def relay(on_ours: Running, plain: Server) -> Server:
    return on_ours("relay", extra=["--target", plain.url])


@pytest.fixture(scope="module")
def client(relay: Server, connected: Connected) -> Client:
    return connected(relay, download_files=False)


@pytest.fixture(scope="module")
def direct(plain: Server, connected: Connected) -> Client:
    return connected(plain, download_files=False, _skip_components=False)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "a note.txt"
    path.write_text("hello")
    return path


def endpoint(client: Client, name: str) -> Endpoint:
    return next(found for found in client.endpoints.values() if found.api_name == name)


def test_text_goes_through(client: Client) -> None:
    assert client.predict("hello", api_name="/echo") == "hello"


def test_several_values_go_through(client: Client) -> None:
    assert client.predict("abc", 2, api_name="/multi") == ("cba", 4)


def test_a_stream_goes_through_value_by_value(client: Client) -> None:
    assert list(client.submit(3, api_name="/count")) == [1, 2, 3]


def test_a_state_is_kept(client: Client) -> None:
    client.reset_session()
    assert [client.predict(step, api_name="/add") for step in (1, 2, 4)] == [1, 3, 7]


def test_an_error_goes_through(client: Client) -> None:
    with pytest.raises(AppError, match="went wrong"):
        client.predict("this went wrong", api_name="/fail")


def test_a_file_goes_through(client: Client, note: Path) -> None:
    assert client.predict(handle_file(note), api_name="/size") == 5


def test_a_file_of_the_other_app_can_be_sent_back_to_it(client: Client, note: Path) -> None:
    made = client.predict(handle_file(note), api_name="/copy")
    assert "/proxy=" in made["url"]
    assert client.predict(made, api_name="/size") == 5


def test_a_file_that_nobody_uploaded_is_not_sent(client: Client) -> None:
    with pytest.raises(AppError, match="not in the folder for uploads"):
        client.predict({"path": "/etc/hosts", "meta": META}, api_name="/size")


def test_a_program_that_calls_the_loaded_app_chooses_the_files(
    our_python: Path, plain: Server, note: Path
) -> None:
    program = [str(our_python), "-I", "-c", CALLED, plain.url, str(note)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [5, "hello"]


def test_the_folder_for_uploads_is_where_the_variable_says_at_that_time(
    direct: Client, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("gradio.context")
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request")
    request.set("somebody's")
    module.LocalContext = types.SimpleNamespace(request=request)  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "gradio.context", module)
    size = endpoint(direct, "/size").make_end_to_end_fn()
    with pytest.raises(ArgumentError, match="not in the folder for uploads"):
        size({"path": str(note), "meta": META})
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(note.parent))
    assert size({"path": str(note), "meta": META}) == 5


def test_a_cancelled_stream_ends_in_the_other_app_too(client: Client, direct: Client) -> None:
    job = client.submit(600, api_name="/slow")
    assert next(job) == 1
    assert job.cancel()
    # That function runs once at a time, and would go on for half a minute.
    assert direct.submit(1, api_name="/slow").result(timeout=5) == 1


def test_endpoints_are_objects(direct: Client) -> None:
    names = [found.api_name for found in direct.endpoints.values()]
    assert names[:3] == ["/echo", "/multi", "/count"]
    echo = endpoint(direct, "/echo")
    assert isinstance(echo, Endpoint)
    assert (echo.is_valid, echo.backend_fn, echo.api_visibility) == (True, True, "public")
    assert echo.protocol == direct.protocol == "sse_v3"
    assert [found["parameter_name"] for found in echo.parameters_info or ()] == ["said"]
    assert repr(echo) == f"<Endpoint /echo of {direct.src}>"


def test_a_function_of_the_page_alone_is_no_function_of_the_server(direct: Client) -> None:
    assert [found.backend_fn for found in direct.endpoints.values()].count(False) == 1


def test_nothing_is_skipped(direct: Client) -> None:
    assert direct.predict(5, None, api_name="/add") == (5, None)


def test_an_endpoint_is_a_function_of_its_arguments(direct: Client) -> None:
    made = endpoint(direct, "/multi")
    call = made.make_end_to_end_fn(direct.new_helper(made.fn_index, headers={"X-Mine": "1"}))
    assert call("abc", 3) == ("cba", 6)


def test_what_happened_on_a_page_is_passed_on(direct: Client) -> None:
    call = endpoint(direct, "/picked").make_end_to_end_fn(None)
    assert call(event_data={"target": None, "index": 1, "value": "b", "selected": True}) == "b"


def test_the_client_says_what_it_is_connected_to(direct: Client, plain: Server) -> None:
    assert str(direct.app_version) == GRADIO
    assert direct.src_prefixed == f"{plain.url}gradio_api/"
    assert direct.headers["User-Agent"].startswith("gradio_client/")


def test_the_headers_of_a_request_can_be_passed_on(direct: Client) -> None:
    received = {"Host": "elsewhere", "Content-Length": "1", "Connection": "close", "Accept-Encoding": "br"}
    assert direct.predict("hello", api_name="/echo", headers=received) == "hello"


async def _final(client: Client) -> list[Any]:
    updates = [update async for update in client.submit(2, None, api_name="/add")]
    return [update.outputs for update in updates if isinstance(update, OutputUpdate) and update.final]


def test_the_last_output_is_as_the_server_sent_it(direct: Client) -> None:
    direct.reset_session()
    assert asyncio.run(_final(direct)) == [{"data": [2, None]}]
