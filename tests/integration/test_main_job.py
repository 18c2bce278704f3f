"""The main job on real servers: connect, look, call, send and get files, reset, close."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client import Client, handle_file
from gradio_client.exceptions import ClientClosedError

if TYPE_CHECKING:
    from servers.process import Server

CONTENT = "ünd so weiter\n"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "a b#c%d (1).txt"
    path.write_text(CONTENT, encoding="utf-8")
    return path


def test_connecting_tells_where_the_app_is(
    kitchen_sink: Server, transport: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Client(kitchen_sink.url, transport=transport) as client:
        assert client.src == kitchen_sink.url
        assert client.config["version"] == kitchen_sink.version
        assert client.space_id is None
    assert capsys.readouterr().out == f"Loaded as API: {kitchen_sink.url}\n"


def test_a_page_of_the_app_leads_to_the_app(kitchen_sink: Server, transport: str) -> None:
    with Client(kitchen_sink.url + "?view=api#top", transport=transport, verbose=False) as client:
        assert client.src == kitchen_sink.url


def test_the_api_can_be_looked_at(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert client.view_api() is None
    printed = capsys.readouterr().out
    text = client.view_api(print_info=False, return_format="str")
    assert printed == text + "\n"
    assert "predict(" in text
    assert '"/greet"' in text
    described = client.view_api(print_info=False, return_format="dict")
    assert {"/echo", "/count", "/file_in_out"} <= set(described["named_endpoints"])
    json.dumps(described)


def test_predict_returns_a_bare_value_for_one_output(client: Client) -> None:
    assert client.predict("hello", api_name="/echo") == "hello"


def test_predict_returns_a_tuple_for_several_outputs(client: Client) -> None:
    backwards, double, everything = client.predict("abc", 2, api_name="/multi")
    assert (backwards, double) == ("cba", 4)
    assert everything == {"text": "abc", "number": 2, "list": [1, 2.5, None, True]}


def test_predict_takes_positions(client: Client) -> None:
    assert client.predict("Ada", "Hi", 2, True, api_name="/greet") == "HI, ADA! HI, ADA!"  # noqa: FBT003


@pytest.mark.since("4.29.0")
def test_predict_takes_names_and_fills_in_defaults(client: Client) -> None:
    assert client.predict(name="Ada", shout=True, api_name="/greet") == "HELLO, ADA!"


@pytest.mark.before("4.29.0")
def test_servers_that_tell_no_names_want_positions(client: Client) -> None:
    with pytest.raises(TypeError, match="greet"):
        client.predict(name="Ada", api_name="/greet")


def test_functions_without_a_queue_are_called_alike(client: Client) -> None:
    assert client.predict("hello", api_name="/echo_fast") == "hello"


def test_line_separators_in_values_survive(client: Client) -> None:
    answer = client.predict("\u2028\u2029\x85", api_name="/unicode")
    assert answer.startswith("\u2028\u2029\x85 \u2028line \u2029paragraph \x85next \U0001f680 e\u0301")
    assert answer.endswith('\x00\x1f\\ "quoted" \ufeff end')


def test_large_values_come_whole(client: Client) -> None:
    assert client.predict(5_000_000, api_name="/big") == "x" * 5_000_000


def test_a_file_goes_up_and_comes_down(client: Client, note: Path) -> None:
    path = Path(client.predict(handle_file(note), api_name="/file_in_out"))
    assert path.read_bytes() == CONTENT.encode().upper()
    assert path.name.startswith("upper-a b")
    assert path.suffix == ".txt"


def test_several_files_go_up_and_come_down(client: Client, note: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 8192)
    copies, about = client.predict([handle_file(note), handle_file(large)], api_name="/files")
    assert [Path(copy).read_bytes() for copy in copies] == [large.read_bytes(), note.read_bytes()]
    assert [file["size"] for file in about] == [len(note.read_bytes()), 2_097_152]


def test_files_within_values_come_down(client: Client) -> None:
    pictures = client.predict(2, api_name="/gallery")
    assert [picture["caption"] for picture in pictures] == ["red 0", "green 1"]
    assert all(Path(picture["image"]).stat().st_size for picture in pictures)


def test_downloads_can_be_declined(kitchen_sink: Server, transport: str, note: Path) -> None:
    with Client(kitchen_sink.url, transport=transport, download_files=False, verbose=False) as client:
        file = client.predict(handle_file(note), api_name="/file_in_out")
        assert file["path"].endswith(".txt")
        # What the server gave can be given back without another upload.
        again = client.predict({**file, "meta": {"_type": "gradio.FileData"}}, api_name="/file_info")
        assert again["size"] == len(note.read_bytes())


def test_the_servers_state_lasts_as_long_as_the_session(kitchen_sink: Server, transport: str) -> None:
    with Client(kitchen_sink.url, transport=transport, verbose=False) as client:
        assert [client.predict(step, api_name="/state") for step in (1, 2, 4)] == [1, 3, 7]
        before = client.session_hash
        client.reset_session()
        assert client.session_hash != before
        assert client.predict(5, api_name="/state") == 5


def test_clients_have_sessions_of_their_own(client: Client, kitchen_sink: Server, transport: str) -> None:
    client.reset_session()
    with Client(kitchen_sink.url, transport=transport, verbose=False) as other:
        assert client.predict(1, api_name="/state") == 1
        assert other.predict(10, api_name="/state") == 10
        assert client.predict(1, api_name="/state") == 2


def test_headers_reach_the_app(kitchen_sink: Server, transport: str) -> None:
    own = {"X-Mine": "client", "X-Other": "o"}
    with Client(kitchen_sink.url, transport=transport, headers=own, verbose=False) as client:
        seen: Any = client.predict(headers={"x-mine": "call"}, api_name="/headers")
        assert (seen["x-mine"], seen["x-other"]) == ("call", "o")
        assert client.predict(api_name="/headers")["x-mine"] == "client"


def test_leaving_the_with_block_ends_the_client_and_its_jobs(kitchen_sink: Server, transport: str) -> None:
    with Client(kitchen_sink.url, transport=transport, verbose=False) as client:
        job = client.submit(100, 0.03, api_name="/count")
        assert next(job) == 1
    with pytest.raises(ClientClosedError):
        job.result()
    with pytest.raises(ClientClosedError):
        client.predict("late", api_name="/echo")


def test_a_closed_client_can_be_closed_again(kitchen_sink: Server, transport: str) -> None:
    client = Client(kitchen_sink.url, transport=transport, verbose=False)
    client.close()
    client.close()
