"""What single values of ``httpx_kwargs`` mean."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests.auth
import requests.cookies
import yarl

from gradio_client._http.options import HttpOptions, http_options
from gradio_client.timeouts import Timeouts

if TYPE_CHECKING:
    from collections.abc import Iterator


def made(**httpx_kwargs: Any) -> HttpOptions:
    return http_options(httpx_kwargs, environ={})


class TestTimeout:
    @pytest.mark.parametrize(
        ("value", "limits"),
        [
            (None, Timeouts(None, None, None)),
            (30, Timeouts(30.0, 30.0, 30.0)),
            (0.5, Timeouts(0.5, 0.5, 0.5)),
            (float("inf"), Timeouts(None, None, None)),
            ((3, 20), Timeouts(3.0, 20.0, 20.0)),
            ((3, None), Timeouts(3.0, None, None)),
            ((3, 20, 60, 5), Timeouts(3.0, 20.0, 60.0)),
            ([3, 20, 6, 5], Timeouts(3.0, 20.0, 20.0)),
            (httpx.Timeout(30), Timeouts(30.0, 30.0, 30.0)),
            (httpx.Timeout(30, connect=3, write=None), Timeouts(3.0, 30.0, None)),
            (httpx.Timeout(None), Timeouts(None, None, None)),
            (SimpleNamespace(connect=1, read=2), Timeouts(1.0, 2.0, 2.0)),
        ],
    )
    def test_every_form_of_httpx_is_understood(self, value: Any, limits: Timeouts) -> None:
        assert made(timeout=value).timeouts == limits

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
        assert options == HttpOptions()


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
