"""Cookies: an app that wants to set them for others, or more of them than anybody can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import reply_json
from malicious.files import file, returning

from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from malicious.victim import Victim

#: What is not sent back to ``/queue/join`` over http.
NOT_SENT = {
    "of another path": "planted=1; Path=/other",
    "of a path that begins alike": "planted=1; Path=/gradio_api/que",
    "secure": "planted=1; Secure; Path=/",
    "of another host": "planted=1; Domain=example.com; Path=/",
    "of every host": "planted=1; Domain=.; Path=/",
    "of a top-level domain": "planted=1; Domain=.com; Path=/",
    "expired": "planted=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "of no age": "planted=1; Path=/; Max-Age=0",
    "of a negative age": "planted=1; Path=/; Max-Age=-99999999999999999999",
    "__Host- without Secure": "__Host-planted=1; Path=/",
    "__Secure- without Secure": "__Secure-planted=1; Path=/",
    "__Host- with a domain": "__Host-planted=1; Secure; Domain=127.0.0.1; Path=/",
    "huge": "planted=" + "a" * 60_000,
    "of control characters": "planted=a\x1bb; Path=/",
    "of other bytes": "planted=\xff\xfe; Path=/",
}
HARMLESS = {
    "of an age beyond time": "sent=1; Path=/; Max-Age=99999999999999999999999",
    "of a date beyond time": "sent=1; Path=/; Expires=Fri, 31 Dec 999999 23:59:59 GMT",
    "of odd attributes": "sent=1; Path=/; SameSite=Maybe; Priority=High; Partitioned; =; ;;",
    "with quotes": 'sent="1"; Path=/',
    "with an empty name": "=sent; Path=/",
}


def setting(victim: Victim, *cookies: str) -> None:
    fields = [f"Set-Cookie: {cookie}" for cookie in cookies]

    def config(connection: Any, _: Any) -> None:
        head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/json", *fields, "", ""])
        connection.send(head.encode("latin-1").replace(b"OK\r\n", b"OK\r\nTransfer-Encoding: chunked\r\n", 1))
        connection.chunk(b" " * 10)
        raise EOFError

    def route(connection: Any, seen: Any) -> None:
        reply_json(connection, victim.app.config, "200 OK", *fields)

    bytes_beyond_ascii = any(not cookie.isascii() for cookie in cookies)
    victim.app.routes["/config"] = config if bytes_beyond_ascii else route


def sent(victim: Victim) -> str:
    return "; ".join(victim.app.seen("queue/join")[0].header("Cookie"))


@pytest.mark.parametrize("case", NOT_SENT)
def test_a_cookie_is_not_sent_where_it_does_not_belong(victim: Victim, case: str) -> None:
    setting(victim, NOT_SENT[case])
    outcome = victim.calls()
    if not isinstance(outcome, GradioClientError):
        assert sent(victim) == "mine=MARKED-cookie"


@pytest.mark.parametrize("case", HARMLESS)
def test_an_odd_cookie_does_no_harm(victim: Victim, case: str) -> None:
    setting(victim, HARMLESS[case])
    assert victim.calls() == 1


def test_an_apps_cookies_do_not_reach_another_host(victim: Victim) -> None:
    setting(victim, "planted=MARKED-session; Path=/", "wide=MARKED-wide; Domain=127.0.0.1; Path=/")
    returning(victim.app, file(victim.elsewhere.url + "/a.txt"))
    assert isinstance(victim.calls(), str)
    assert b"Cookie" not in victim.elsewhere.received


def test_another_hosts_cookies_do_not_reach_the_app(victim: Victim) -> None:
    returning(victim.app, file(victim.app.url.replace("127.0.0.1", "localhost") + "/a.txt"))
    victim.app.routes["/a.txt"] = lambda c, _: c.reply(b"x", "200 OK", "Set-Cookie: planted=1; Path=/")
    client = victim.client()
    client.predict(1, api_name="/echo")
    client.predict(1, api_name="/echo")
    cookies = [seen.header("Cookie") for seen in victim.app.seen("queue/join")]
    assert cookies == [["mine=MARKED-cookie"]] * 2


def test_thousands_of_cookies_are_not_all_kept(victim: Victim) -> None:
    def route(connection: Any, _: Any) -> None:
        reply_json(
            connection, victim.app.config, "200 OK", *(f"Set-Cookie: c{at}={'a' * 60}" for at in range(500))
        )

    victim.app.routes["/config"] = route
    client = victim.suffers(victim.client)
    if not isinstance(client, GradioClientError):
        for _ in range(5):
            client.predict(1, api_name="/echo")
        assert len(sent(victim)) < 20_000


def test_an_app_cannot_replace_the_callers_cookie_for_another_path(victim: Victim) -> None:
    setting(victim, "mine=planted; Path=/other")
    assert victim.calls() == 1
    assert sent(victim) == "mine=MARKED-cookie"
