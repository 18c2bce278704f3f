"""Where a Space is: what the Hub answers, what it is told, and what is made of its refusals."""

from __future__ import annotations

import contextvars
import sys
import types
from typing import TYPE_CHECKING, Any

import huggingface_hub.constants
import pytest
from aiohttp import web
from spaces.conftest import OAUTH, SAVED, TOKEN, WRONG

from gradio_client import handle_file
from gradio_client.exceptions import (
    AuthenticationError,
    GradioClientError,
    ServerError,
    SourceError,
    TooManyRequestsError,
    UnreachableError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from spaces.conftest import Connect
    from spaces.world import World

PAGE = "https://huggingface.co/spaces/ada/demo"


def refused(connect: Connect, **kwargs: Any) -> GradioClientError:
    with pytest.raises(GradioClientError) as caught:
        connect(**kwargs)
    for secret in (TOKEN, SAVED, WRONG):
        assert secret not in str(caught.value) + repr(caught.value) + repr(caught.value.__dict__)
    return caught.value


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """The token that a login saved."""
    tmp_path.joinpath("token").write_text(SAVED)
    return SAVED


@pytest.mark.parametrize("src", ["ada/demo", PAGE, f"{PAGE}/tree/main", "https://hf.co/spaces/ada/demo?x=1"])
def test_a_space_is_found_by_its_name_or_page(spaces: World, connect: Connect, src: str) -> None:
    spaces.space()
    client = connect(src)
    assert (client.space_id, client.src) == ("ada/demo", f"{spaces.urls['space']}/")


@pytest.mark.parametrize("private", [True, False])
def test_the_token_goes_to_the_hub_and_to_the_space(
    spaces: World,
    connect: Connect,
    transport: str,
    private: bool,  # noqa: FBT001 - a parameter
) -> None:
    spaces.space(private=private)
    with connect(token=TOKEN, transport=transport) as client:
        assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert {seen.header("Authorization") for seen in spaces.to("hub", "/spaces/")} == {f"Bearer {TOKEN}"}
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {TOKEN}"}
    assert {seen.header("Authorization") for seen in spaces.to("space")} == {None}


def test_the_saved_token_goes_there_too(spaces: World, connect: Connect, transport: str, saved: str) -> None:
    spaces.space(private=True)
    with connect(transport=transport) as client:
        assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {saved}"}


def test_the_token_of_the_environment_goes_there_too(
    spaces: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", SAVED)
    spaces.space(private=True)
    connect()
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {SAVED}"}


def test_the_token_that_is_given_wins(spaces: World, connect: Connect, saved: str) -> None:
    spaces.space(private=True)
    connect(token=TOKEN)
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {TOKEN}"}


def test_a_saved_token_goes_to_no_other_app(spaces: World, connect: Connect, saved: str) -> None:
    client = connect(spaces.urls["space"])
    assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {None}
    assert spaces.to("hub") == []


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_space_that_does_not_exist_may_be_private(
    spaces: World, connect: Connect, token: str | None
) -> None:
    spaces.space("bob/secret", private=True)
    missing = refused(connect, src="ada/nothing", token=token)
    private = refused(connect, src="bob/secret", token=token)
    for error in (missing, private):
        assert isinstance(error, SourceError)
        assert "does not exist, or it is private" in error.message
        assert ("has no access" if token else "token='hf_...'") in error.message
    assert missing.message.replace("ada/nothing", "bob/secret") == private.message


def test_a_token_that_is_refused_is_what_the_error_is_about(spaces: World, connect: Connect) -> None:
    spaces.space()
    error = refused(connect, token=WRONG)
    assert isinstance(error, AuthenticationError)
    assert "Invalid credentials" in error.message


def test_what_the_hub_forbids_is_told_in_its_words(spaces: World, connect: Connect) -> None:
    spaces.space()
    spaces.hub.failures = [403]
    error = refused(connect)
    assert isinstance(error, AuthenticationError)
    assert "Try later" in error.message


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_hub_is_asked_again(
    spaces: World, connect: Connect, impatient: list[float], status: int
) -> None:
    spaces.space("ada/demo", "BUILDING", "RUNNING")
    spaces.hub.failures = [status, status, status]
    connect()
    assert impatient == [2, 2, 3, 2]


@pytest.mark.parametrize(("status", "kind"), [(429, TooManyRequestsError), (500, ServerError)])
def test_a_hub_that_stays_busy_is_an_error(
    spaces: World, connect: Connect, impatient: list[float], status: int, kind: type[Exception]
) -> None:
    spaces.hub.failures = [status] * 4
    error = refused(connect)
    assert type(error) is kind
    assert error.retryable
    assert error.status == status


def test_the_hub_says_when_to_ask_again(spaces: World, connect: Connect, impatient: list[float]) -> None:
    spaces.space()
    spaces.hub.failures = [lambda: web.Response(status=429, headers={"Retry-After": "17"})]
    connect()
    assert impatient == [17]


def test_a_hub_that_wants_long_patience_is_an_error(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.hub.failures = [lambda: web.Response(status=429, headers={"Retry-After": "3600"})]
    assert isinstance(refused(connect), TooManyRequestsError)
    assert impatient == []


def test_a_space_that_was_renamed_is_found(spaces: World, connect: Connect) -> None:
    spaces.space("ada/new", private=True)
    spaces.hub.moved["ada/demo"] = "ada/new"
    connect(token=TOKEN)
    assert [seen.path for seen in spaces.to("hub", "/spaces/")] == [
        "/api/spaces/ada/demo",
        "/api/spaces/ada/new",
    ]


def test_a_hub_that_redirects_to_another_host_is_not_followed(
    spaces: World, connect: Connect, saved: str
) -> None:
    spaces.redirects["hub"] = spaces.urls["stranger"]
    for token in (TOKEN, None):
        error = refused(connect, token=token)
        assert isinstance(error, ServerError)
        assert "HF_ENDPOINT" in error.message
    assert spaces.to("stranger") == []


def test_a_space_that_redirects_to_another_host_is_not_followed(
    spaces: World, connect: Connect, transport: str, saved: str
) -> None:
    spaces.space()
    spaces.redirects["space"] = spaces.urls["stranger"]
    for token in (TOKEN, None):
        error = refused(connect, token=token, transport=transport)
        assert isinstance(error, ServerError)
        assert "another host" in error.message
    assert spaces.to("stranger") == []


@pytest.mark.parametrize("answer", [b"", b"null", b"[]", b"<html>", b"{}"])
def test_an_answer_without_an_address_is_an_error(spaces: World, connect: Connect, answer: bytes) -> None:
    spaces.hub.failures = [lambda: web.Response(body=answer)]
    assert isinstance(refused(connect), SourceError)


def test_a_hub_that_cannot_be_reached_is_an_error(
    spaces: World, connect: Connect, impatient: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    error = refused(connect, token=TOKEN)
    assert isinstance(error, UnreachableError)
    assert "http://127.0.0.1:9" in error.message
    assert len(impatient) == 3


def test_a_saved_token_that_cannot_be_sent_is_not_shown(
    spaces: World, connect: Connect, impatient: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", f"{SAVED}\x0b.")
    spaces.space()
    error = refused(connect)
    assert isinstance(error, UnreachableError)
    assert "the saved token" in error.message
    assert (error.__cause__, error.__context__) == (None, None)
    assert (error.retryable, impatient) == (False, [])


def test_a_saved_token_that_cannot_be_read_is_what_the_error_is_about(
    spaces: World, connect: Connect, impatient: list[float], tmp_path: Path
) -> None:
    spaces.space()
    path = tmp_path / "token"
    path.mkdir()
    error = refused(connect)
    assert isinstance(error, AuthenticationError)
    assert "IsADirectoryError" in error.message
    path.rmdir()
    path.write_bytes(SAVED.encode() + b"\xff")
    error = refused(connect)
    assert isinstance(error, AuthenticationError)
    assert (error.__cause__, error.__context__) == (None, None)
    assert (spaces.seen, impatient) == ([], [])
    connect(token=TOKEN)


def test_the_token_that_huggingface_hub_gives_goes_to_the_hub_and_to_the_space(
    spaces: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", WRONG)
    for module in ("huggingface_hub.utils", "huggingface_hub.utils._headers"):
        monkeypatch.setattr(f"{module}.get_token", lambda: SAVED)
    spaces.space(private=True)
    connect()
    assert {seen.header("Authorization") for seen in spaces.to("hub", "/spaces/")} == {f"Bearer {SAVED}"}
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {SAVED}"}


def test_offline_the_hub_is_not_asked(
    spaces: World, connect: Connect, impatient: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    error = refused(connect)
    assert isinstance(error, UnreachableError)
    assert "HF_HUB_OFFLINE" in error.message
    assert (spaces.seen, impatient) == ([], [])


def test_a_file_on_another_host_is_fetched_without_the_token(
    spaces: World, connect: Connect, transport: str, saved: str, tmp_path: Path
) -> None:
    spaces.space(private=True)
    path = tmp_path / "a.txt"
    path.write_text("a")
    for token in (TOKEN, None):
        client = connect(token=token, transport=transport)
        spaces.redirects["/gradio_api/file="] = spaces.urls["stranger"]
        client.predict(handle_file(path), api_name="/file_in_out")
        spaces.redirects.clear()
    assert len(spaces.to("stranger", "file=")) == 2
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("stranger")} == {None}


def test_an_oauth_token_stays_at_home_where_no_endpoint_declares_one(
    spaces: World, connect: Connect, transport: str
) -> None:
    spaces.space()
    client = connect(oauth_token=OAUTH, transport=transport)
    client.predict("Ada", api_name="/greet")
    assert not any(seen.names_of(OAUTH) for seen in spaces.seen)


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> contextvars.ContextVar[Any]:
    """What Gradio keeps the request in that is being served."""
    request: contextvars.ContextVar[Any] = contextvars.ContextVar("request", default=None)
    module = types.ModuleType("gradio.context")
    module.LocalContext = types.SimpleNamespace(request=request)  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "gradio.context", module)
    return request


def test_a_visitors_token_goes_with_calls_to_a_space(
    spaces: World, connect: Connect, serving: contextvars.ContextVar[Any]
) -> None:
    spaces.space()
    client, elsewhere = connect(), connect(spaces.urls["space"])
    for visitor in ("bob", "eve"):
        serving.set(types.SimpleNamespace(headers={"x-ip-token": visitor}))
        client.predict("Ada", api_name="/greet")
        elsewhere.predict("Ada", api_name="/greet")
    sent = [seen.header("x-ip-token") for seen in spaces.to("space", "queue/join")]
    assert sent == ["bob", None, "eve", None]
    others = {seen.header("x-ip-token") for seen in spaces.seen if "queue/join" not in seen.path}
    assert others == {None}


def test_a_visitors_token_is_added_to_headers_for_a_space_alone(
    spaces: World, connect: Connect, serving: contextvars.ContextVar[Any]
) -> None:
    spaces.space()
    client, elsewhere = connect(), connect(spaces.urls["space"])
    given = {"X-A": "1"}
    assert client.add_zero_gpu_headers(given) is given
    assert given == {"X-A": "1"}
    serving.set(types.SimpleNamespace(headers={"x-ip-token": "bob"}))
    assert elsewhere.add_zero_gpu_headers(given) == {"X-A": "1"}
    assert client.add_zero_gpu_headers(given) is given
    assert given == {"X-A": "1", "x-ip-token": "bob"}
