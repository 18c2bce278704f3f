"""The cookies of one app."""

from __future__ import annotations

import http.cookiejar
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client._http import cookies
from gradio_client._http.cookies import CookieJar
from gradio_client.transport import Headers

HTTP = "http://localhost:7860"
HTTPS = "https://app.example.com"


def setting(*values: str) -> Headers:
    return Headers([("Content-Type", "text/plain"), *(("Set-Cookie", value) for value in values)])


def jar_after(url: str, *values: str, origin: str = HTTPS) -> CookieJar:
    jar = CookieJar(None, origin)
    jar.store(url, setting(*values))
    return jar


class Clock:
    """Stands in for the clocks that cookies are told to expire by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        now, ticks = time.time, time.monotonic
        monkeypatch.setattr(http.cookiejar.time, "time", lambda: now() + self._ahead)  # type: ignore[attr-defined]
        monkeypatch.setattr(time, "monotonic", lambda: ticks() + self._ahead)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_an_empty_jar_sends_nothing() -> None:
    assert CookieJar(None, HTTPS).header(HTTPS + "/x") is None


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "app.example.com", "app"])
def test_what_an_app_sets_comes_back_to_it(host: str) -> None:
    jar = jar_after(f"http://{host}/config", "route=3; Path=/", origin=f"http://{host}")
    assert jar.header(f"http://{host}/queue/join?a=b") == "route=3"


LOGIN = (
    "access-token-abc=v; HttpOnly; Path=/; SameSite=none; Secure",
    "access-token-unsecure-abc=v; HttpOnly; Path=/; SameSite=lax",
)


def test_of_the_two_login_cookies_http_sends_the_unsecure_one() -> None:
    jar = jar_after(HTTP + "/login", *LOGIN, origin=HTTP)
    assert jar.header(HTTP + "/config") == "access-token-unsecure-abc=v"


def test_of_the_two_login_cookies_https_sends_both() -> None:
    sent = jar_after(HTTPS + "/login", *LOGIN).header(HTTPS + "/config")
    assert sent == "access-token-abc=v; access-token-unsecure-abc=v"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.com/",
        "https://example.com/",
        "https://x.app.example.com/",
        "https://app.example.com.evil.org/",
        "https://app.example.com@evil.org/",
        "https://app.example.com:8443/",
        "http://app.example.com/",
        "not a url",
    ],
)
def test_no_other_origin_gets_or_sets_a_cookie(url: str) -> None:
    jar = CookieJar({"mine": "1"}, HTTPS)
    jar.store(HTTPS + "/", setting("theirs=2; Path=/; Domain=app.example.com"))
    jar.store(url, setting("evil=3; Path=/; Domain=example.com", "evil2=4; Domain=app.example.com"))
    assert jar.header(url) is None
    assert jar.header(HTTPS + "/x") == "mine=1; theirs=2"


@pytest.mark.parametrize(
    "url", [HTTPS, HTTPS + "?a", "HTTPS://APP.example.com/x", "https://app.example.com:443/x"]
)
def test_an_origin_is_known_in_any_spelling(url: str) -> None:
    assert CookieJar({"a": "1"}, HTTPS).header(url) == "a=1"


@pytest.mark.parametrize("domain", ["com", ".com", "other.example.com", "evil.org", "x.app.example.com"])
def test_a_cookie_for_another_domain_is_ignored(domain: str) -> None:
    assert jar_after(HTTPS + "/", f"a=1; Domain={domain}").header(HTTPS + "/") is None


@pytest.mark.parametrize("domain", ["app.example.com", ".app.example.com", "example.com", "APP.EXAMPLE.COM"])
def test_a_cookie_for_the_apps_domain_is_kept(domain: str) -> None:
    assert jar_after(HTTPS + "/", f"a=1; Domain={domain}").header(HTTPS + "/") == "a=1"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/sub", True),
        ("/sub/", True),
        ("/sub/x", True),
        ("/", False),
        ("/subway", False),
        ("/other/sub", False),
    ],
)
def test_a_path_limits_a_cookie(path: str, sent: bool) -> None:  # noqa: FBT001
    jar = jar_after(HTTPS + "/", "a=1; Path=/sub")
    assert jar.header(HTTPS + path) == ("a=1" if sent else None)


def test_a_cookie_without_path_is_for_the_folder_that_set_it() -> None:
    jar = jar_after(HTTPS + "/sub/login", "a=1")
    assert (jar.header(HTTPS + "/sub/config"), jar.header(HTTPS + "/config")) == ("a=1", None)


def test_a_later_value_replaces_the_earlier_one() -> None:
    jar = jar_after(HTTPS + "/", "a=1; Path=/")
    assert jar.header(HTTPS + "/x") == "a=1"
    jar.store(HTTPS + "/", setting("a=2; Path=/"))
    assert jar.header(HTTPS + "/x") == "a=2"


@pytest.mark.parametrize("end", ["Max-Age=0", "Max-Age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_cookie_that_has_expired_is_removed(end: str) -> None:
    jar = jar_after(HTTPS + "/", "a=1; Path=/", "b=2; Path=/")
    assert jar.header(HTTPS + "/") == "a=1; b=2"
    jar.store(HTTPS + "/", setting(f"a=; Path=/; {end}"))
    assert jar.header(HTTPS + "/") == "b=2"


def test_a_cookie_ends_when_its_time_has_come(clock: Clock) -> None:
    jar = jar_after(HTTPS + "/", "a=1; Path=/; Max-Age=60", "b=2; Path=/; Max-Age=90")
    sent = []
    for seconds in (0, 70, 30):
        clock.advance(seconds)
        sent.append(jar.header(HTTPS + "/"))
    assert sent == ["a=1; b=2", "b=2", None]


def test_a_cookie_that_is_set_with_every_answer_stays(clock: Clock) -> None:
    jar = CookieJar(None, HTTPS)
    for _ in range(3):
        clock.advance(50)
        jar.store(HTTPS + "/", setting("a=1; Path=/; Max-Age=60"))
        jar.store(HTTPS + "/", setting("a=1; Path=/; Max-Age=60"))
    assert jar.header(HTTPS + "/") == "a=1"


def test_cookies_of_the_caller_are_sent_everywhere_in_the_origin() -> None:
    jar = CookieJar({"a": "1", "b": 'x "y", z=w'}, HTTPS)
    assert jar.header(HTTPS + "/any/where?x") == 'a=1; b=x "y", z=w'


@pytest.mark.parametrize("origin", [HTTP, HTTPS])
@pytest.mark.parametrize("name", ["__Host-mine", "__Secure-mine", "mine"])
def test_cookies_of_the_caller_are_sent_whatever_they_are_called(origin: str, name: str) -> None:
    assert CookieJar({name: "1"}, origin).header(origin + "/x") == f"{name}=1"


def test_long_cookies_of_the_caller_are_sent() -> None:
    value = "x" * (cookies._LONGEST * 2)
    assert CookieJar({"a": value}, HTTPS).header(HTTPS + "/x") == f"a={value}"


def test_cookies_of_the_caller_make_room_for_none_of_the_apps() -> None:
    mine = {f"mine{number}": "1" for number in range(cookies._MOST + 1)}
    jar = CookieJar(mine, HTTPS)
    jar.store(HTTPS + "/", setting(*(f"c{number}=1; Path=/" for number in range(cookies._MOST + 1))))
    sent = (jar.header(HTTPS + "/x") or "").split("; ")
    assert {f"{name}=1" for name in mine} < set(sent)
    assert len(sent) == len(mine) + cookies._MOST


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("__Host-a=1; Secure; Path=/", True),
        ("__host-a=1; secure; path=/", True),
        ("__Host-a=1; Path=/", False),
        ("__Host-a=1; Secure", False),
        ("__Host-a=1; Secure; Path=/sub", False),
        ("__Host-a=1; Secure; Path=/; Domain=app.example.com", False),
        ("__Secure-a=1; Secure; Path=/; Domain=app.example.com", True),
        ("__Secure-a=1; Secure", True),
        ("__Secure-a=1; Path=/", False),
        ("__SECURE-a=1; Path=/", False),
    ],
)
def test_a_cookie_of_the_apps_is_what_its_name_promises(value: str, kept: bool) -> None:  # noqa: FBT001
    sent = jar_after(HTTPS + "/sub/x", value).header(HTTPS + "/sub/x")
    assert sent == (value.partition(";")[0] if kept else None)


@pytest.mark.parametrize("value", ["__Host-a=1; Secure; Path=/", "__Secure-a=1; Secure; Path=/"])
def test_such_a_cookie_is_not_taken_over_http(value: str) -> None:
    assert jar_after(HTTP + "/", value, origin=HTTP).all() == {}


def test_an_app_may_replace_a_cookie_of_the_caller() -> None:
    jar = CookieJar({"a": "1"}, HTTPS)
    jar.store(HTTPS + "/x", setting("a=2; Path=/"))
    assert jar.header(HTTPS + "/x") == "a=2"


def test_clearing_forgets_the_apps_cookies_and_keeps_the_callers() -> None:
    jar = CookieJar({"a": "1"}, HTTPS)
    jar.store(HTTPS + "/x", setting("a=2; Path=/", "b=3; Path=/"))
    jar.clear()
    assert jar.header(HTTPS + "/x") == "a=1"
    jar.store(HTTPS + "/x", setting("a=2; Path=/", "b=3; Path=/"))
    assert jar.header(HTTPS + "/x") == "a=2; b=3"


def test_values_are_not_shown() -> None:
    jar = CookieJar({"a": "secret"}, HTTPS)
    jar.store(HTTPS + "/x", setting("b=secret; Path=/"))
    assert repr(jar) == "CookieJar('https://app.example.com', names=['a', 'b'])"


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "=",
        "; Path=/",
        "a=\x01",
        "a=1\r\nX: y",
        "a=\udcff",
        "a=\u00e9",
        "a=" + "x" * 10_000,
        "a=1; Max-Age=x",
    ],
)
def test_a_malformed_cookie_spoils_nothing(value: str) -> None:
    jar = jar_after(HTTPS + "/", "good=1; Path=/", value, "better=2; Path=/")
    sent = jar.header(HTTPS + "/") or ""
    assert {"good=1", "better=2"} <= set(sent.split("; "))
    assert sent.isprintable()
    assert sent.isascii()
    assert len(sent) < 200


def test_an_app_cannot_fill_the_memory() -> None:
    jar = CookieJar(None, HTTPS)
    for number in range(300):
        jar.store(HTTPS + "/", setting(f"c{number}=1; Path=/"))
    assert len((jar.header(HTTPS + "/") or "").split("; ")) == cookies._MOST


def test_many_paths_do_not_fill_the_memory() -> None:
    jar = CookieJar({"a": "1"}, HTTPS)
    assert {jar.header(f"{HTTPS}/{number}") for number in range(cookies._REMEMBERED * 2)} == {"a=1"}
    assert len(jar._headers) <= cookies._REMEMBERED


ATTRIBUTES = st.sampled_from(
    [
        *("Path=/", "Path=/x", "Path=", "Secure", "HttpOnly", "Discard", "Comment", "CommentURL=x"),
        *("Domain=app.example.com", "Domain=example.com", "Domain=.", "Domain=", "Port=80", "Port=x"),
        *("Max-Age=9", "Max-Age=99999999999999999999", "Max-Age=", "Version=1", "Version=x"),
        *("Expires=0", "Expires=Mon, 99 Foo 9999", "Expires=Mon, 23 Nov 2099 12:00:00 GMT"),
    ]
)
COOKIES = st.text() | st.builds(
    lambda start, rest: "; ".join([start, *rest]),
    st.text(st.characters(max_codepoint=127)) | st.just("a=1"),
    st.lists(ATTRIBUTES),
)


@given(st.lists(COOKIES, max_size=4))
def test_no_set_cookie_makes_it_raise_or_leak(values: list[str]) -> None:
    jar = jar_after(HTTPS + "/x/y", *values)
    sent = jar.header(HTTPS + "/x/z") or ""
    assert sent.isascii()
    assert not sent or sent.isprintable()
    assert jar.header("https://example.com/x/z") is None
    assert jar.header("http://app.example.com/x/z") is None


@given(st.text())
def test_no_url_makes_it_raise(url: str) -> None:
    jar = CookieJar({"a": "1"}, HTTPS)
    jar.store(url, setting("b=2"))
    assert jar.header(url) is None
