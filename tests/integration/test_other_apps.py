"""Apps behind a login, in a sub path, of gr.ChatInterface, and of a version that is too old."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import OLDER, wanted

from gradio_client import Client, handle_file
from gradio_client.exceptions import AuthenticationError, UnsupportedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Gradio
    from servers.process import Server

    OtherApp = Callable[[str], Server]

ANN = ("alice", "secret")


@pytest.fixture
def members(other_app: OtherApp, transport: str, tmp_path: Path) -> Iterator[Client]:
    """A client that has logged in."""
    url = other_app("auth").url
    with Client(url, auth=ANN, transport=transport, download_files=tmp_path, verbose=False) as client:
        yield client


def test_a_login_is_known_to_the_app(members: Client) -> None:
    assert members.predict(api_name="/whoami") == "alice"


def test_a_login_holds_for_streams_and_files(members: Client, tmp_path: Path) -> None:
    assert list(members.submit(3, api_name="/count")) == [1, 2, 3]
    note = tmp_path / "note.txt"
    note.write_text("for members")
    assert Path(members.predict(handle_file(note), api_name="/copy")).read_text() == "for members"


def test_clients_log_in_each_for_itself(members: Client, transport: str) -> None:
    with Client(members.src, auth=("bob", "hunter2"), transport=transport, verbose=False) as other:
        assert other.predict(api_name="/whoami") == "bob"
    assert members.predict(api_name="/whoami") == "alice"


def test_a_wrong_password_is_refused(other_app: OtherApp, transport: str) -> None:
    with pytest.raises(AuthenticationError) as refusal:
        Client(other_app("auth").url, auth=("alice", "wrong-word"), transport=transport, verbose=False)
    assert "wrong-word" not in str(refusal.value)


def test_without_a_login_there_is_no_way_in(other_app: OtherApp, transport: str) -> None:
    with pytest.raises(AuthenticationError, match="auth="):
        Client(other_app("auth").url, transport=transport, verbose=False)


def test_a_login_is_not_needed_where_none_is_asked_for(kitchen_sink: Server, transport: str) -> None:
    with Client(kitchen_sink.url, auth=ANN, transport=transport, verbose=False) as client:
        assert client.predict("hello", api_name="/echo") == "hello"


@pytest.fixture
def mounted(other_app: OtherApp, transport: str, tmp_path: Path) -> Iterator[Client]:
    """A client of an app below a path."""
    url = other_app("subpath").url
    with Client(url, transport=transport, download_files=tmp_path, verbose=False) as client:
        yield client


@pytest.mark.since("4.44.1")
def test_an_app_below_a_path_is_used_alike(mounted: Client, tmp_path: Path) -> None:
    assert mounted.src.endswith("/some/sub/path/")
    assert mounted.predict("hello", api_name="/echo") == "hello"
    assert list(mounted.submit(3, api_name="/count")) == [1, 2, 3]
    note = tmp_path / "note.txt"
    note.write_text("below")
    assert Path(mounted.predict(handle_file(note), api_name="/file_in_out")).read_text() == "BELOW"


@pytest.mark.since("4.44.1")
def test_the_slash_at_the_end_of_an_address_does_not_matter(other_app: OtherApp, transport: str) -> None:
    url = other_app("subpath").url.rstrip("/")
    with Client(url, transport=transport, verbose=False) as client:
        assert client.predict("hello", api_name="/echo") == "hello"


@pytest.mark.since("4.44.1")
def test_a_chat_is_streamed(other_app: OtherApp, transport: str) -> None:
    with Client(other_app("chat").url, transport=transport, verbose=False) as client:
        job = client.submit("one two", "curt", api_name="/chat")
        assert list(job) == [
            "[curt, 0 before]",
            "[curt, 0 before] one",
            "[curt, 0 before] one two",
        ]


@pytest.mark.since("4.44.1")
def test_a_chat_remembers_what_was_said(other_app: OtherApp, transport: str) -> None:
    with Client(other_app("chat").url, transport=transport, verbose=False) as client:
        client.predict("one", "curt", api_name="/chat")
        assert not client.predict("two", "curt", api_name="/chat").startswith("[curt, 0 before]")


def test_a_server_that_is_too_old_is_named(gradio: Gradio, pytestconfig: pytest.Config) -> None:
    if not {*OLDER, "3.50.2"} & set(wanted(pytestconfig)):
        pytest.skip("none of the older versions is tested")
    with pytest.raises(UnsupportedServer, match=r"3\.50\.2"):
        Client(gradio("3.50.2", "echo").url, verbose=False)
