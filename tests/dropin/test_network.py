"""Single requests and coroutines from threads that have no event loop."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dropin import cases
from oracle.incumbent import ask

from gradio_client import utils
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Answers(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        status = {"/there.png": 200, "/moved": 302, "/no-head": 405, "/neither": 405}.get(self.path, 404)
        self._answer(status, b"")

    def do_GET(self) -> None:
        status = {"/there.png": 200, "/moved": 302, "/no-head": 200}.get(self.path, 404)
        self._answer(status, b"a picture")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/there.png")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["there.png", "moved"])
def test_what_is_at_a_url_is_encoded(url: str, path: str) -> None:
    kind = "image/png" if path.endswith("png") else ""
    assert utils.encode_url_or_file_to_base64(f"{url}/{path}") == f"data:{kind};base64,YSBwaWN0dXJl"


def test_what_is_not_there_is_an_error(url: str) -> None:
    with pytest.raises(GradioClientError, match="404"):
        utils.encode_url_to_base64(f"{url}/nothing")


@pytest.mark.parametrize(
    ("path", "there"),
    [("there.png", True), ("moved", True), ("no-head", True), ("neither", False), ("nothing", False)],
)
def test_a_url_is_probed(url: str, path: str, *, there: bool) -> None:
    assert utils.probe_url(f"{url}/{path}") is there


@pytest.mark.parametrize("path", ["there.png", "no-head", "neither", "nothing"])
def test_a_url_is_probed_and_encoded_as_by_2_7_2(url: str, path: str) -> None:
    given = f"{url}/{path}"
    assert [utils.probe_url(given)] == [answer.value for answer in ask("utils.probe_url", [[given]])]
    with pytest.warns(DeprecationWarning, match="probe_url"):
        assert [utils.is_valid_url(given)] == [
            answer.value for answer in ask("utils.is_valid_url", [[given]])
        ]
    (encoded,) = ask("utils.encode_url_to_base64", [[given]])
    if encoded.raised:
        with pytest.raises(GradioClientError):
            utils.encode_url_to_base64(given)
    else:
        assert utils.encode_url_to_base64(given) == encoded.value


@pytest.mark.parametrize("name", ["handle_file", "file"])
@pytest.mark.filterwarnings("ignore:file\\(\\):DeprecationWarning")
def test_files_are_marked_as_by_2_7_2(name: str, tmp_path: Path) -> None:
    names = cases.file_names(60, seed=24)
    paths = [tmp_path / f"a{part}" for text in names if (part := re.sub(r"[/\0]", "_", text)[:60])]
    for path in paths:
        path.touch()
    given = [*map(str, paths), *(f"https://h/a/{text}" for text in names if _is_plain(text))]
    missing = str(tmp_path / "none")
    *answers, refused = ask(f"utils.{name}", [[text] for text in (*given, missing)])
    assert [dict(getattr(utils, name)(text)) for text in given] == [answer.value for answer in answers]
    assert str(refused.raised).startswith("ValueError")
    with pytest.raises(ValueError, match="none"):
        getattr(utils, name)(missing)


def _is_plain(name: str) -> bool:
    """Whether a name at the end of a URL is what the URL has there: no query, and nothing that is encoded."""
    return bool(name.strip(".")) and not set(name) & set("/?#%")


@pytest.mark.parametrize(
    ("end", "theirs", "ours"),
    [("", "", "file"), ("a%20b.txt", "a%20b.txt", "a b.txt"), ("a.txt?sign=x", "a.txt?sign=x", "a.txt")],
)
def test_a_url_names_its_file_by_its_path_alone(end: str, theirs: str, ours: str) -> None:
    url = f"https://h/{end}"
    (answer,) = ask("utils.handle_file", [[url]])
    assert (answer.value["orig_name"], utils.handle_file(url)["orig_name"]) == (theirs, ours)


def test_a_file_of_certificates_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nonsense.pem"))
    (tmp_path / "nonsense.pem").write_text("nonsense")
    with pytest.raises(ValueError, match=r"REQUESTS_CA_BUNDLE.*nonsense\.pem"):
        utils.encode_url_to_base64("https://127.0.0.1:1/x.png")


def test_redirects_are_followed_other_than_by_2_7_2(url: str) -> None:
    given = f"{url}/moved"
    assert [answer.value for answer in ask("utils.probe_url", [[given]])] == [False]
    (encoded,) = ask("utils.encode_url_to_base64", [[given]])
    assert str(encoded.raised).startswith("HTTPStatusError")


@pytest.mark.parametrize("nonsense", ["", "nonsense", "http://", "http://127.0.0.1:1/x", None, 5, [], {}])
def test_nonsense_answers_nothing(nonsense: Any) -> None:
    assert utils.probe_url(nonsense) is False
    assert [answer.value for answer in ask("utils.probe_url", [[nonsense]])] == [False]


@pytest.mark.parametrize("nonsense", [Path("/x"), b"http://h/x"])
def test_what_is_no_text_answers_nothing(nonsense: Any) -> None:
    assert utils.probe_url(nonsense) is False


def test_nothing_answers_without_the_file_of_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    assert utils.probe_url("https://127.0.0.1:1/x") is False


def test_is_valid_url_says_what_to_use_instead(url: str) -> None:
    with pytest.warns(DeprecationWarning, match="probe_url"):
        assert utils.is_valid_url(f"{url}/there.png")
    with pytest.warns(DeprecationWarning, match="probe_url"):
        assert not utils.is_valid_url("/there.png")


async def twice(number: int, *, fail: bool = False) -> int:
    await asyncio.sleep(0)
    if fail:
        raise KeyError("no")
    return 2 * number


def test_a_coroutine_gives_its_result_or_error() -> None:
    assert utils.synchronize_async(twice, 4) == 8
    with pytest.raises(KeyError, match="no"):
        utils.synchronize_async(twice, 4, fail=True)


def test_coroutines_can_be_waited_for_within_a_running_loop() -> None:
    async def main() -> int:
        result: int = utils.synchronize_async(twice, 5)
        return result

    assert asyncio.run(main()) == 10


def test_waiting_for_oneself_is_refused() -> None:
    async def within() -> None:
        with contextlib.suppress(KeyError):
            utils.synchronize_async(twice, 5)

    with pytest.raises(RuntimeError, match="never end"):
        utils.synchronize_async(within)
