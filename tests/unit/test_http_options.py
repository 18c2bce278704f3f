"""What a caller may say about HTTP."""

from __future__ import annotations

import ssl
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests.auth
import requests.cookies
import yarl
from hypothesis import given
from hypothesis import strategies as st

from gradio_client._http_options import SUPPORTED, HttpOptions, header_pairs, http_options
from gradio_client.transport import Timeouts

if TYPE_CHECKING:
    from collections.abc import Iterator


def made(**httpx_kwargs: Any) -> HttpOptions:
    return http_options(httpx_kwargs, environ={})


def test_nothing_said_gives_the_defaults() -> None:
    assert http_options(None, environ={}) == http_options({}, environ={}) == HttpOptions()


def test_what_the_documentation_shows_works() -> None:
    options = made(timeout=30.0, proxies={"http://": "http://proxy:8080"})
    assert options.timeouts == Timeouts(30.0, 30.0)
    assert options.proxies.proxy_for("http://localhost:7860/") == "http://proxy:8080"


def test_the_dictionary_of_the_caller_is_not_changed() -> None:
    kwargs = {"cookies": {"a": "1"}, "headers": {"Cookie": "b=2", "X": "y"}, "timeout": 3}
    before = {key: dict(value) if isinstance(value, dict) else value for key, value in kwargs.items()}
    http_options(kwargs, headers={"Z": "z"}, environ={})
    assert kwargs == before


class TestKeys:
    def test_an_unknown_key_is_an_error_with_the_nearest_and_all_known_ones(self) -> None:
        with pytest.raises(TypeError, match=r"no key 'timeouts'. Did you mean 'timeout'\?") as caught:
            made(timeouts=3)
        assert ", ".join(SUPPORTED) in str(caught.value)

    @pytest.mark.parametrize("key", ["mounts", "base_url", "event_hooks", "transport", "app"])
    def test_a_key_that_cannot_be_honoured_is_an_error_that_says_what_to_do(self, key: str) -> None:
        with pytest.raises(TypeError, match=rf"httpx_kwargs\['{key}'\] cannot be honoured. \w"):
            made(**{key: object()})

    @pytest.mark.parametrize("key", ["mounts", "base_url", "event_hooks", "transport", "app"])
    @pytest.mark.parametrize("nothing", [None, "", {}])
    def test_it_may_say_nothing_though(self, key: str, nothing: Any) -> None:
        assert made(**{key: nothing}) == HttpOptions()

    @pytest.mark.parametrize("kwargs", [[("timeout", 3)], "timeout", 3])
    def test_anything_but_a_dictionary_is_an_error(self, kwargs: Any) -> None:
        with pytest.raises(TypeError, match="httpx_kwargs= takes a dictionary"):
            http_options(kwargs, environ={})

    def test_a_key_that_is_no_text_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="no key '1'"):
            http_options({1: 2}, environ={})  # type: ignore[dict-item]  # what callers may do


class TestTimeout:
    @pytest.mark.parametrize(
        ("value", "exchange", "upload"),
        [
            (None, Timeouts(None, None), Timeouts(None, None)),
            (30, Timeouts(30.0, 30.0), Timeouts(30.0, 30.0)),
            (0.5, Timeouts(0.5, 0.5), Timeouts(0.5, 0.5)),
            (float("inf"), Timeouts(None, None), Timeouts(None, None)),
            ((3, 20), Timeouts(3.0, 20.0), Timeouts(3.0, 20.0)),
            ((3, None), Timeouts(3.0, None), Timeouts(3.0, None)),
            ((3, 20, 60, 5), Timeouts(3.0, 20.0), Timeouts(3.0, 60.0)),
            ([3, 20, 6, 5], Timeouts(3.0, 20.0), Timeouts(3.0, 20.0)),
            (httpx.Timeout(30), Timeouts(30.0, 30.0), Timeouts(30.0, 30.0)),
            (httpx.Timeout(30, connect=3, write=None), Timeouts(3.0, 30.0), Timeouts(3.0, None)),
            (httpx.Timeout(None), Timeouts(None, None), Timeouts(None, None)),
            (SimpleNamespace(connect=1, read=2), Timeouts(1.0, 2.0), Timeouts(1.0, 2.0)),
        ],
    )
    def test_every_form_of_httpx_is_understood(
        self, value: Any, exchange: Timeouts, upload: Timeouts
    ) -> None:
        options = made(timeout=value)
        assert (options.timeouts, options.upload_timeouts) == (exchange, upload)

    @pytest.mark.parametrize(
        "value", ["30", True, (1, 2, 3), (1,), b"3", {}, aiohttp.ClientTimeout(3), ("a", "b")]
    )
    def test_another_type_is_an_error(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"httpx_kwargs\['timeout'\] takes"):
            made(timeout=value)

    @pytest.mark.parametrize("value", [0, -1, float("nan"), (3, 0), httpx.Timeout(-1.0)])
    def test_a_limit_that_is_not_above_zero_is_an_error(self, value: Any) -> None:
        with pytest.raises(ValueError, match=r"httpx_kwargs\['timeout'\] takes seconds above 0"):
            made(timeout=value)


class TestProxies:
    @pytest.mark.parametrize("key", ["proxy", "proxies"])
    @pytest.mark.parametrize(
        ("value", "used"),
        [
            ("http://proxy:8080", "http://proxy:8080"),
            ("proxy:8080", "http://proxy:8080"),
            (httpx.URL("http://u:p@proxy:8080"), "http://u:p@proxy:8080"),
            (yarl.URL("http://u:p@proxy:8080"), "http://u:p@proxy:8080"),
            (httpx.Proxy("http://u:p%40s@proxy:8080"), "http://u:p%40s@proxy:8080"),
            (httpx.Proxy("http://proxy", auth=("u", "p/w")), "http://u:p%2Fw@proxy"),
            (None, None),
        ],
    )
    def test_one_proxy_is_for_every_url(self, key: str, value: Any, used: str | None) -> None:
        proxies = made(**{key: value}).proxies
        assert [proxies.proxy_for(f"{scheme}://h/") for scheme in ("http", "https")] == [used, used]

    def test_a_mapping_says_what_each_is_for(self) -> None:
        mapping = {"http://": httpx.Proxy("http://a"), "https": "b:1", "all://direct": None}
        proxies = made(proxies=mapping).proxies
        urls = ("http://h/", "https://h/", "https://direct/")
        assert [proxies.proxy_for(url) for url in urls] == ["http://a", "http://b:1", None]

    def test_both_names_at_once_are_an_error(self) -> None:
        with pytest.raises(TypeError, match="both 'proxy' and 'proxies'"):
            made(proxy="http://a", proxies="http://b")

    @pytest.mark.parametrize(
        "value", [3, {3: "http://a"}, {"http://": 3}, httpx.Proxy("http://a", headers={"X": "y"})]
    )
    def test_another_type_is_an_error(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"httpx_kwargs\['proxies'\]"):
            made(proxies=value)

    def test_a_socks_proxy_is_an_error_that_shows_no_password(self) -> None:
        with pytest.raises(ValueError, match="socks5") as caught:
            made(proxy="socks5://user:secret@proxy")
        assert "secret" not in str(caught.value)

    def test_the_environment_has_a_say(self) -> None:
        options = http_options(None, environ={"HTTP_PROXY": "http://proxy", "HOME": "/root"})
        assert options.proxies.proxy_for("http://h/") == "http://proxy"
        assert set(options.proxies.environment) == {"HTTP_PROXY"}

    def test_unless_it_is_not_trusted(self) -> None:
        environ = {"HTTP_PROXY": "socks5://proxy", "SSL_CERT_FILE": "/nowhere"}
        options = http_options({"trust_env": False}, environ=environ)
        assert options.proxies.proxy_for("http://h/") is None
        assert options == HttpOptions(trust_env=False)


class TestTLS:
    def test_verify_is_taken_from_either_place(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        assert made(verify=context).tls() is context
        assert http_options(None, ssl_verify=context, environ={}).tls() is context
        assert made(verify=False).tls().verify_mode == ssl.CERT_NONE

    def test_two_places_that_differ_are_an_error(self) -> None:
        with pytest.raises(TypeError, match=r"ssl_verify= and httpx_kwargs\['verify'\] contradict"):
            http_options({"verify": True}, ssl_verify=False, environ={})
        assert http_options({"verify": False}, ssl_verify=False, environ={}) == made(verify=False)

    def test_a_missing_file_is_an_error_at_once(self) -> None:
        with pytest.raises(FileNotFoundError, match="/nowhere"):
            made(verify="/nowhere")
        with pytest.raises(FileNotFoundError, match="/nowhere"):
            made(cert="/nowhere")


class TestHeaders:
    @pytest.mark.parametrize(
        "value",
        [
            {"X-A": "1", "X-B": "2"},
            [("X-A", "1"), ("X-B", "2")],
            [["X-A", " 1\t"], ("x-a", "0"), ("X-A", "1"), ("X-B", "2")],
        ],
    )
    def test_a_mapping_or_pairs_will_do(self, value: Any) -> None:
        assert made(headers=value).headers == (("X-A", "1"), ("X-B", "2"))

    def test_headers_of_httpx_will_do(self) -> None:
        assert dict(made(headers=httpx.Headers({"X-A": "1"})).headers) == {"x-a": "1"}

    def test_the_argument_wins_over_the_dictionary(self) -> None:
        options = http_options({"headers": {"x-a": "1", "x-b": "2"}}, headers={"X-A": "3"}, environ={})
        assert sorted(options.headers) == [("X-A", "3"), ("x-b", "2")]

    def test_cookies_in_a_header_are_cookies(self) -> None:
        options = http_options({"cookies": {"b": "3"}}, headers={"cookie": "a=1; b=2;c = x=y ;"}, environ={})
        assert (options.headers, options.cookies) == ((), {"a": "1", "b": "3", "c": "x=y"})

    @pytest.mark.parametrize("value", ["a\nb", "a\r\nX: y", "a\0", "secret\n", "\x7f", "\u20ac", "\ud800"])
    def test_a_value_that_cannot_be_sent_is_an_error_that_does_not_repeat_it(self, value: str) -> None:
        with pytest.raises(ValueError, match=r"headers=: the value of the header 'X-Token'") as caught:
            header_pairs({"X-Token": value})
        assert value not in str(caught.value)

    @pytest.mark.parametrize("value", [None, 1, b"bytes", ["a"], True])
    def test_a_value_that_is_no_text_is_an_error_that_names_the_header(self, value: Any) -> None:
        with pytest.raises(TypeError, match="header 'X-A' must be text"):
            header_pairs({"X-A": value})

    @pytest.mark.parametrize("name", ["", "a b", "a:", "a\n", "\u00e9", "x\0"])
    def test_a_name_that_cannot_be_sent_is_an_error(self, name: str) -> None:
        with pytest.raises(ValueError, match="cannot be the name of a header"):
            header_pairs({name: "x"})

    @pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding"])
    def test_framing_is_not_the_callers(self, name: str) -> None:
        with pytest.raises(ValueError, match="cannot be set"):
            header_pairs({name: "x"})

    @pytest.mark.parametrize("value", ["X: y", 3, [("a", "b", "c")], ["ab"], {"a"}])
    def test_anything_but_pairs_is_an_error(self, value: Any) -> None:
        with pytest.raises(TypeError, match="headers= takes"):
            header_pairs(value)

    def test_a_name_that_is_no_text_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="names of headers"):
            header_pairs({1: "x"})

    @given(st.dictionaries(st.text(), st.text()))
    def test_what_is_accepted_cannot_break_out_of_its_line(self, headers: dict[str, str]) -> None:
        try:
            pairs = header_pairs(headers)
        except ValueError:
            return
        for name, value in pairs:
            assert not set(name + value) & set("\r\n\0")
            value.encode("latin-1")


def jar_with(domain: str) -> Any:
    jar: Any = requests.cookies.RequestsCookieJar()
    jar.set("a", "1", domain=domain)
    return jar


class TestCookies:
    @pytest.mark.parametrize(
        "value",
        [
            {"a": "1"},
            [("a", "1")],
            httpx.Cookies({"a": "1"}),
            jar_with(domain=""),
            httpx.Cookies({"a": "1"}).jar,
        ],
    )
    def test_mappings_and_jars_will_do(self, value: Any) -> None:
        assert made(cookies=value).cookies == {"a": "1"}

    @pytest.mark.parametrize("jar", [jar_with("example.com"), httpx.Cookies(jar_with("example.com"))])
    def test_cookies_bound_to_hosts_are_an_error(self, jar: Any) -> None:
        with pytest.raises(TypeError, match=r"certain hosts \(example\.com\)"):
            made(cookies=jar)

    @pytest.mark.parametrize("value", [{"a": 1}, {1: "a"}, {"a": None}, "a=1", 3])
    def test_another_type_is_an_error(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"httpx_kwargs\['cookies'\]"):
            made(cookies=value)

    @pytest.mark.parametrize(
        ("name", "value"), [("a", "x;y"), ("a", "x\n"), ("a", "\u00e9"), ("", "x"), ("a=b", "x")]
    )
    def test_what_no_cookie_can_be_is_an_error(self, name: str, value: str) -> None:
        with pytest.raises(ValueError, match=r"httpx_kwargs\['cookies'\]") as caught:
            made(cookies={name: value})
        assert value == "x" or value not in str(caught.value)


class TestParams:
    @pytest.mark.parametrize(
        ("value", "pairs"),
        [
            (
                {"a": "x y", "b": 1, "c": True, "d": None, "e": 1.5},
                [("a", "x y"), ("b", "1"), ("c", "true"), ("d", ""), ("e", "1.5")],
            ),
            ({"a": ["1", 2]}, [("a", "1"), ("a", "2")]),
            ([("a", "1"), ("a", "2")], [("a", "1"), ("a", "2")]),
            ("?a=1&b=&a=%20", [("a", "1"), ("b", ""), ("a", " ")]),
            (httpx.QueryParams("a=1&a=2"), [("a", "1"), ("a", "2")]),
            (None, []),
        ],
    )
    def test_every_form_of_httpx_is_understood(self, value: Any, pairs: list[tuple[str, str]]) -> None:
        assert made(params=value).params == tuple(pairs)

    @pytest.mark.parametrize("value", [3, {"a": b"x"}, {"a": {}}, {(): "a"}])
    def test_another_type_is_an_error(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"httpx_kwargs\['params'\]"):
            made(params=value)


def aiohttp_auth() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # programs have it all the same
        return aiohttp.BasicAuth("user", "pass:word")


class TestAuth:
    @pytest.mark.parametrize(
        "value",
        [
            ("user", "pass:word"),
            ["user", "pass:word"],
            httpx.BasicAuth("user", "pass:word"),
            aiohttp_auth(),
            requests.auth.HTTPBasicAuth("user", "pass:word"),
        ],
    )
    def test_a_pair_or_a_librarys_basic_auth_will_do(self, value: Any) -> None:
        assert made(auth=value).basic_auth == ("user", "pass:word")

    @pytest.mark.parametrize(
        "value",
        [
            "user:secret",
            ("user", "secret", "x"),
            ("user", 3),
            lambda request: request,
            httpx.DigestAuth("user", "secret"),
            requests.auth.HTTPDigestAuth("user", "secret"),
            requests.auth.HTTPBasicAuth("user", b"secret"),
        ],
    )
    def test_anything_else_is_an_error_that_does_not_repeat_it(self, value: Any) -> None:
        with pytest.raises(TypeError, match=r"httpx_kwargs\['auth'\] takes \(user, password\)") as caught:
            made(auth=value)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("field", ["", "Bearer dTpw", "Basic dTpw!", "Basic dXA=", "Basic /w=="])
    def test_a_basic_auth_of_another_kind_is_an_error(self, field: str) -> None:
        class BasicAuth:
            def auth_flow(self, request: Any) -> Iterator[Any]:
                request.headers["Authorization"] = field
                yield request

        with pytest.raises(TypeError, match="takes"):
            made(auth=BasicAuth())

    def test_a_user_name_with_a_colon_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="colon"):
            made(auth=("a:b", "c"))


class TestTheRest:
    @pytest.mark.parametrize(
        ("limits", "size"),
        [
            (httpx.Limits(), 100),
            (httpx.Limits(max_connections=7), 7),
            (httpx.Limits(max_connections=7, max_keepalive_connections=3), 3),
            (httpx.Limits(max_keepalive_connections=0), 0),
            (None, 100),
        ],
    )
    def test_limits_say_how_many_connections_are_kept(self, limits: Any, size: int) -> None:
        assert made(limits=limits).pool_size == size

    def test_redirects_may_be_limited_or_not_followed(self) -> None:
        options = made(follow_redirects=False, max_redirects=3)
        assert (options.follow_redirects, options.max_redirects) == (False, 3)

    @pytest.mark.parametrize("kwargs", [{"http2": False}, {"http1": True}, {"default_encoding": "latin-1"}])
    def test_what_changes_nothing_is_accepted(self, kwargs: dict[str, Any]) -> None:
        assert made(**kwargs) == HttpOptions()

    @pytest.mark.parametrize("kwargs", [{"http2": True}, {"http1": False}])
    def test_other_versions_of_http_are_refused(self, kwargs: dict[str, Any]) -> None:
        with pytest.raises(TypeError, match=r"speak HTTP/1\.1"):
            made(**kwargs)

    @pytest.mark.parametrize(
        "kwargs",
        [
            {"limits": 3},
            {"trust_env": 1},
            {"follow_redirects": None},
            {"max_redirects": True},
            {"max_redirects": 1.5},
            {"http2": "no"},
        ],
    )
    def test_another_type_is_an_error_that_names_the_key(self, kwargs: dict[str, Any]) -> None:
        with pytest.raises(TypeError, match=rf"httpx_kwargs\['{next(iter(kwargs))}'\] takes"):
            made(**kwargs)

    def test_a_negative_number_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="0 or more"):
            made(max_redirects=-1)

    def test_nothing_secret_is_shown(self) -> None:
        options = made(
            headers={"X": "secret"}, cookies={"a": "secret"}, params={"b": "secret"}, auth=("user", "secret"),
            proxy="http://user:secret@proxy",
        )  # fmt: skip
        assert "secret" not in repr(options)
