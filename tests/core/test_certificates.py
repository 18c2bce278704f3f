"""Files with certificates that cannot be used are named in the same words on each transport."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from core.endings import endings_of_connecting, raised, raised_by
from gradio_client_adapters.requests import RequestsTransport
from gradio_client_contract_tests.server import hostile_server

from gradio_client import AsyncClient, Client
from gradio_client.exceptions import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.conftest import Connect

VARIABLE = "REQUESTS_CA_BUNDLE"


@pytest.fixture
def secure() -> Iterator[str]:
    """An ``https`` address where nobody is to be bothered."""
    with hostile_server() as server:
        yield server.url.replace("http:", "https:")
        assert not server.connections


@pytest.fixture(params=["missing", "no certificate"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, type[Exception]]:
    """A file, and the error that is right for it."""
    path = tmp_path / "authorities.pem"
    if request.param == "missing":
        return str(path), FileNotFoundError
    path.write_text("this is no certificate\n")
    return str(path), ValueError


def check(found: list[Any], kind: type[Exception], source: str, path: str) -> None:
    assert [type(error) for error in found] == [kind] * len(found)
    assert all(str(error).startswith(f"{source} names {path!r}, which ") for error in found)


def test_a_variable_that_names_no_authorities_is_to_blame(
    secure: str, transport: str, unusable: tuple[str, type[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kind = unusable
    monkeypatch.setenv(VARIABLE, path)
    check(endings_of_connecting(secure, transport=transport), kind, VARIABLE, path)


def test_an_argument_that_names_no_authorities_is_to_blame(
    secure: str, transport: str, unusable: tuple[str, type[Exception]]
) -> None:
    path, kind = unusable
    error = raised(lambda: Client(secure, verbose=False, transport=transport, ssl_verify=path))
    check([error], kind, "ssl_verify=", path)


def test_a_login_does_not_hide_what_is_to_blame(
    secure: str, transport: str, unusable: tuple[str, type[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kind = unusable
    monkeypatch.setenv(VARIABLE, path)
    found = endings_of_connecting(secure, transport=transport, auth=("user", "password"))
    check(found, kind, VARIABLE, path)


def test_a_proxy_with_tls_needs_authorities_too(
    secure: str, transport: str, unusable: tuple[str, type[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kind = unusable
    monkeypatch.setenv(VARIABLE, path)
    kwargs: dict[str, Any] = {"transport": transport, "httpx_kwargs": {"proxy": secure}}
    check(endings_of_connecting("http://h.invalid", **kwargs), kind, VARIABLE, path)


def test_http_needs_no_authorities(
    connect: Connect, transport: str, unusable: tuple[str, type[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, unusable[0])
    assert connect(transport=transport).predict(1, api_name="/echo") == 1


def test_http_makes_no_context(connect: Connect, transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_: object) -> None:
        raise AssertionError("a context was asked for")

    monkeypatch.setattr("gradio_client.transport.tls.TLS.__call__", asked)
    assert connect(transport=transport).predict(1, api_name="/echo") == 1


def test_authorities_that_vanish_before_they_are_read_are_missing(
    secure: str, transport: str, tmp_path: Path
) -> None:
    path = tmp_path / "authorities.pem"
    path.touch()
    client = AsyncClient(secure, transport=transport, ssl_verify=path)
    path.unlink()

    async def connecting() -> BaseException | None:
        try:
            return await raised_by(client.connect())
        finally:
            await client.aclose()

    check([asyncio.run(connecting())], FileNotFoundError, "ssl_verify=", str(path))


def test_a_transport_with_settings_of_its_own_is_not_asked_for_the_clients(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing.pem"))
    with hostile_server() as server:
        server.serve(lambda connection: connection.reply(b"plain"))
        url = server.url.replace("http:", "https:")
        error = raised(lambda: Client(url, verbose=False, transport=RequestsTransport(), retry=None))
    assert isinstance(error, UnreachableError)
