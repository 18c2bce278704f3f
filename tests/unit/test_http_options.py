"""What a caller may say about HTTP."""

from __future__ import annotations

import ssl
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client._http.options import SUPPORTED, HttpOptions, header_pairs, http_options
from gradio_client.timeouts import Timeouts


def made(**httpx_kwargs: Any) -> HttpOptions:
    return http_options(httpx_kwargs, environ={})


def test_nothing_said_gives_the_defaults() -> None:
    assert http_options(None, environ={}) == http_options({}, environ={}) == HttpOptions()


def test_what_the_documentation_shows_works() -> None:
    options = made(timeout=30.0, proxies={"http://": "http://proxy:8080"})
    assert options.timeouts == Timeouts(30.0, 30.0, 30.0)
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

    @pytest.mark.parametrize(
        "value", ["a\nb", "a\r\nX: y", "a\0", "secret\n", "\x7f", "J\xfcrgen", "\u20ac", "\ud800"]
    )
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
            value.encode("ascii")


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
