"""A proxy with a password, and an app that would like to have it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gradio_client_contract_tests.server import Connection, hostile_server
from malicious.files import file, returning
from malicious.victim import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from malicious.victim import Victim


def standing_in(victim: Victim) -> Callable[[Connection], None]:
    """A proxy that plays the app itself, so that nothing has to be passed on."""

    def handler(connection: Connection) -> None:
        while True:
            seen = connection.read_request()
            path = urlsplit(seen.target).path
            victim.app.routes.get(path, victim.app.otherwise)(connection, seen)

    return handler


def with_password(url: str) -> str:
    return url.replace("://", f"://carol:{MARK}-proxy@")


def test_the_password_of_a_proxy_goes_to_no_host_beyond_it(victim: Victim) -> None:
    with hostile_server() as proxy:
        proxy.serve(standing_in(victim))
        returning(victim.app, file(victim.elsewhere.url + "/a.txt"))
        proxies = {victim.app.url: with_password(proxy.url)}
        assert isinstance(victim.calls(httpx_kwargs={"proxies": proxies}), str)
        assert all(seen.header("Proxy-Authorization") for seen in proxy.seen)
    assert victim.elsewhere.received.startswith(b"GET /a.txt ")
    assert b"Proxy-Authorization" not in victim.elsewhere.received


def test_another_host_behind_the_proxy_gets_the_proxys_password_only(victim: Victim) -> None:
    with hostile_server() as proxy:
        proxy.serve(standing_in(victim))
        returning(victim.app, file("http://elsewhere.example/a.txt"))
        assert isinstance(victim.calls(httpx_kwargs={"proxy": with_password(proxy.url)}), str)
        (seen,) = [one for one in proxy.seen if "elsewhere.example" in one.target]
    names = {name.lower() for name, _ in seen.headers}
    assert names <= {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "proxy-authorization",
        "connection",
        "range",
    }
