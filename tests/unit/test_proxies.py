"""Which proxy a URL goes through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.errors import UnreachableError
from gradio_client.domain.proxies import Proxies

PROXY = "http://proxy:8080"
OTHER = "http://other:8080"


def explicit(**rules: str | None) -> Proxies:
    return Proxies(rules)


class TestExplicit:
    def test_without_any_rule_connections_are_direct(self) -> None:
        assert Proxies().proxy_for("http://h/x") is None

    @pytest.mark.parametrize("key", ["http", "http://", "HTTP://", "all", "all://", "all://*"])
    def test_a_scheme_stands_for_all_its_urls(self, key: str) -> None:
        assert Proxies({key: PROXY}).proxy_for("http://h:7860/x") == PROXY

    def test_another_scheme_is_not_concerned(self) -> None:
        assert Proxies({"http://": PROXY}).proxy_for("https://h/x") is None

    @pytest.mark.parametrize(
        ("key", "url", "covered"),
        [
            ("https://example.com", "https://EXAMPLE.com/x", True),
            ("https://example.com", "https://api.example.com/x", False),
            ("https://example.com", "http://example.com/x", False),
            ("all://example.com", "http://example.com/x", True),
            ("http://example.com:7860", "http://example.com:7860/x", True),
            ("http://example.com:80", "http://example.com/x", True),
            ("http://example.com:7860", "http://example.com/x", False),
            ("all://*.example.com", "http://api.example.com/x", True),
            ("all://*.example.com", "http://example.com/x", False),
            ("all://*example.com", "http://example.com/x", True),
            ("all://*example.com", "http://api.example.com/x", True),
            ("all://*example.com", "http://badexample.com/x", False),
            ("http://[::1]", "http://[::1]:7860/x", True),
            ("http://[::1]:7860", "http://[::1]:7861/x", False),
        ],
    )
    def test_a_host_and_a_port_narrow_a_rule(self, key: str, url: str, covered: bool) -> None:  # noqa: FBT001
        assert Proxies({key: PROXY}).proxy_for(url) == (PROXY if covered else None)

    @pytest.mark.parametrize(
        ("wide", "narrow"),
        [
            ("all://", "http://"),
            ("http://", "all://h"),
            ("all://h", "http://h"),
            ("http://h", "all://h:7860"),
            ("all://*.b.h", "all://*.a.b.h"),
        ],
    )
    def test_the_most_specific_rule_wins_in_any_order(self, wide: str, narrow: str) -> None:
        url = "http://x.a.b.h/" if "*" in narrow else "http://h:7860/"
        assert Proxies({wide: OTHER, narrow: PROXY}).proxy_for(url) == PROXY
        assert Proxies({narrow: PROXY, wide: OTHER}).proxy_for(url) == PROXY

    def test_none_means_a_direct_connection(self) -> None:
        proxies = Proxies({"all://": PROXY, "all://h": None})
        assert (proxies.proxy_for("http://h/"), proxies.proxy_for("http://i/")) == (None, PROXY)

    def test_rules_of_the_caller_replace_the_environment(self) -> None:
        proxies = Proxies({"http://": None}, {"http_proxy": OTHER, "https_proxy": OTHER})
        assert [proxies.proxy_for(f"{scheme}://h/") for scheme in ("http", "https")] == [None, None]

    @pytest.mark.parametrize(
        "key", ["", "ftp://", "http://h/path", "http://h:99999999", "no_proxy", "http://a b"]
    )
    def test_an_unknown_key_is_an_error_that_shows_the_known_ones(self, key: str) -> None:
        with pytest.raises(ValueError, match=r"no key for proxies.*'all://'"):
            Proxies({key: PROXY})

    @pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS4", "ftp"])
    def test_an_unsupported_kind_of_proxy_is_an_error_that_shows_the_supported_ones(
        self, scheme: str
    ) -> None:
        with pytest.raises(ValueError, match="http:// and https:// proxies are supported") as caught:
            explicit(http=f"{scheme}://user:secret@proxy")
        assert scheme.lower() in str(caught.value)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        "proxy", ["", "http://", "http://[::1", "http://h:port", "http://h:99999", "http://h\n", "a b"]
    )
    def test_a_proxy_that_is_no_url_is_an_error(self, proxy: str) -> None:
        with pytest.raises(ValueError, match="proxy for 'http'"):
            explicit(http=proxy)

    @pytest.mark.parametrize(
        ("given_as", "used"),
        [
            ("proxy:8080", "http://proxy:8080"),
            ("//proxy:8080", "http://proxy:8080"),
            ("user:pa%40ss@proxy:8080", "http://user:pa%40ss@proxy:8080"),
            ("HTTPS://proxy", "https://proxy"),
            ("[::1]:3128", "http://[::1]:3128"),
        ],
    )
    def test_a_proxy_without_scheme_is_http(self, given_as: str, used: str) -> None:
        assert explicit(http=given_as).proxy_for("http://h/") == used


@pytest.mark.parametrize("login", ["user:p%C3%BC", "us\u00e9r:secret", "user:secret%FF"])
def test_credentials_outside_ascii_are_an_error_that_does_not_repeat_them(login: str) -> None:
    proxy = f"http://{login}@proxy"
    with pytest.raises(ValueError, match="proxy for 'http' has a user or a password outside ASCII") as caught:
        explicit(http=proxy)
    with pytest.raises(UnreachableError, match=r"ALL_PROXY has a user or a password outside ASCII") as used:
        Proxies({}, {"ALL_PROXY": proxy}).proxy_for("http://h/")
    assert login not in f"{caught.value} {used.value}"


def environment(**variables: str) -> Proxies:
    return Proxies({}, variables)


class TestEnvironment:
    def test_each_scheme_has_its_variable(self) -> None:
        proxies = environment(HTTP_PROXY=PROXY, HTTPS_PROXY=OTHER)
        assert (proxies.proxy_for("http://h/"), proxies.proxy_for("https://h/")) == (PROXY, OTHER)

    def test_all_proxy_is_for_schemes_without_their_own(self) -> None:
        proxies = environment(ALL_PROXY=PROXY, https_proxy=OTHER)
        assert (proxies.proxy_for("http://h/"), proxies.proxy_for("https://h/")) == (PROXY, OTHER)

    def test_lower_case_wins(self) -> None:
        assert environment(HTTP_PROXY=OTHER, http_proxy=PROXY).proxy_for("http://h/") == PROXY

    def test_an_empty_variable_in_lower_case_unsets_the_other(self) -> None:
        assert environment(HTTP_PROXY=PROXY, http_proxy="").proxy_for("http://h/") is None

    def test_in_a_cgi_script_only_lower_case_counts_for_http(self) -> None:
        forged = {"REQUEST_METHOD": "GET", "HTTP_PROXY": OTHER, "HTTPS_PROXY": PROXY}
        assert Proxies({}, forged).proxy_for("http://h/") is None
        assert Proxies({}, forged).proxy_for("https://h/") == PROXY
        assert Proxies({}, {**forged, "http_proxy": PROXY}).proxy_for("http://h/") == PROXY

    def test_an_unsupported_proxy_is_an_error_where_it_would_be_used(self) -> None:
        proxies = environment(ALL_PROXY="socks5://user:secret@proxy", NO_PROXY="localhost", https_proxy=PROXY)
        assert proxies.proxy_for("http://localhost:7860/") is None
        assert proxies.proxy_for("https://h/") == PROXY
        with pytest.raises(UnreachableError, match=r"ALL_PROXY.*socks5://.*NO_PROXY") as caught:
            proxies.proxy_for("http://h/")
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("listed", "host", "direct"),
        [
            ("example.com", "example.com", True),
            ("example.com", "api.example.com", True),
            ("example.com", "badexample.com", False),
            ("example.com", "example.com.org", False),
            (".example.com", "api.example.com", True),
            (".example.com", "example.com", True),
            ("*.example.com", "api.example.com", True),
            ("EXAMPLE.com", "example.COM", True),
            ("example.com", "example.com.", True),
            ("example.com.", "example.com", True),
            ("com", "example.com", True),
            ("example.com:7860", "example.com:7860", True),
            ("example.com:7860", "api.example.com:7860", True),
            ("example.com:7860", "example.com", False),
            ("example.com:80", "example.com", True),
            ("http://example.com", "example.com", True),
            ("*", "anything", True),
            ("other,*", "anything", True),
            ("other, example.com", "example.com", True),
            ("other example.com", "example.com", True),
            (" , ,", "example.com", False),
            ("", "localhost", False),
            ("", "127.0.0.1", False),
            ("localhost", "localhost:7860", True),
            ("localhost", "127.0.0.1", False),
            ("127.0.0.1", "127.0.0.1:7860", True),
            ("127.0.0.1", "127.0.0.2", False),
            ("127.0.0.1:7860", "127.0.0.1:7860", True),
            ("127.0.0.1:7860", "127.0.0.1", False),
            ("0.0.1", "127.0.0.1", False),
            ("10.0.0.0/8", "10.1.2.3", True),
            ("10.0.0.1/8", "10.1.2.3", True),
            ("10.0.0.0/8", "11.1.2.3", False),
            ("10.0.0.0/8", "name-10.1.2.3", False),
            ("10.0.0.0/99", "10.1.2.3", False),
            ("::1", "[::1]:7860", True),
            ("[::1]", "[::1]:7860", True),
            ("[::1]:7860", "[::1]:7860", True),
            ("[::1]:7861", "[::1]:7860", False),
            ("0:0:0:0:0:0:0:1", "[::1]", True),
            ("fd00::/8", "[fd12::1]", True),
            ("[fd00::]/8", "[fd12::1]", True),
            ("fd00::/8", "[fe80::1]", False),
            ("fe80::/10", "[fe80::1%25eth0]", True),
        ],
    )
    def test_no_proxy_lists_direct_hosts(self, listed: str, host: str, direct: bool) -> None:  # noqa: FBT001
        proxies = environment(http_proxy=PROXY, NO_PROXY=listed)
        assert proxies.proxy_for(f"http://{host}/x") == (None if direct else PROXY)

    def test_no_proxy_in_lower_case_wins(self) -> None:
        proxies = environment(http_proxy=PROXY, NO_PROXY="a", no_proxy="b")
        assert (proxies.proxy_for("http://a/"), proxies.proxy_for("http://b/")) == (PROXY, None)


def test_paths_and_queries_do_not_matter() -> None:
    proxies = environment(http_proxy=PROXY, no_proxy="direct")
    urls = ("http://h", "http://h/", "http://h?to=//direct/", "http://h/direct", "http://direct.h/")
    assert {proxies.proxy_for(url) for url in urls} == {PROXY}


@pytest.mark.parametrize(
    "url", ["", "h", "ftp://h/", "http://", "http://[::1", "http://h:port/", "http://[x]/"]
)
def test_what_is_no_http_url_has_no_proxy(url: str) -> None:
    assert environment(all_proxy=PROXY).proxy_for(url) is None


def test_a_user_name_in_a_url_is_not_its_host() -> None:
    assert environment(http_proxy=PROXY, no_proxy="direct").proxy_for("http://direct@h/") == PROXY


def test_many_origins_do_not_fill_the_memory() -> None:
    proxies = environment(http_proxy=PROXY)
    for number in range(1000):
        proxies.proxy_for(f"http://h{number}/")
    assert len(proxies._known) < 500


def test_credentials_are_not_shown() -> None:
    proxies = Proxies({"http://": "http://user:secret@proxy"}, {"HTTPS_PROXY": "http://user:secret@proxy"})
    assert repr(proxies) == "Proxies(explicit=['http://'], environment=['https_proxy'])"
    assert "secret" not in repr(proxies._rules)


@given(st.text() | st.from_regex(r"https?://[^/]*(/.*)?"))
def test_any_text_has_an_answer(url: str) -> None:
    assert environment(all_proxy=PROXY, no_proxy="direct,10.0.0.0/8").proxy_for(url) in (None, PROXY)


@given(st.text() | st.from_regex(r"[a-z.*:0-9/\[\], ]*", fullmatch=True))
def test_any_no_proxy_has_an_answer(listed: str) -> None:
    assert environment(all_proxy=PROXY, no_proxy=listed).proxy_for("http://10.0.0.1/") in (None, PROXY)


@given(st.text())
def test_any_proxy_in_the_environment_is_used_or_refused(proxy: str) -> None:
    try:
        used = environment(http_proxy=proxy).proxy_for("http://h/")
    except UnreachableError:
        return
    assert used is None or used.startswith(("http://", "https://"))
