"""The values that go through the port, and what their reprs and messages keep to themselves."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from gradio_client.transport import (
    Body,
    BytesBody,
    ConnectError,
    ConnectionLostError,
    Headers,
    ProxyError,
    Request,
    Timeouts,
    TLSError,
    TransportOptions,
    because,
    told,
    translated,
)


class TestHeaders:
    def test_names_are_compared_without_case(self) -> None:
        headers = Headers({"Content-Type": "a"})
        assert headers["content-type"] == headers["CONTENT-TYPE"] == headers.get("Content-type") == "a"
        assert "conTent-type" in headers

    def test_a_repeated_name_is_joined_and_kept_apart(self) -> None:
        headers = Headers([("A", "1"), ("B", "2"), ("a", "3")])
        assert (headers["a"], headers.get_all("A"), list(headers), len(headers)) == (
            "1, 3", ["1", "3"], ["a", "b"], 2,
        )  # fmt: skip

    def test_a_name_that_is_not_there_has_no_value(self) -> None:
        headers = Headers()
        assert (headers.get("x"), headers.get("x", "y"), headers.get_all("x"), "x" in headers) == (
            None, "y", [], False,
        )  # fmt: skip
        with pytest.raises(KeyError, match="x"):
            headers["X"]

    @pytest.mark.parametrize("make", [dict, list, tuple, iter, lambda pairs: Headers(tuple(pairs))])
    def test_can_be_made_of_pairs_in_any_form(self, make: Any) -> None:
        assert Headers(make((("A", "1"), ("B", "2")))).pairs == (("A", "1"), ("B", "2"))

    def test_what_get_all_returns_is_the_callers(self) -> None:
        headers = Headers({"A": "1"})
        headers.get_all("a").append("2")
        assert headers.get_all("a") == ["1"]


class TestSecrets:
    def test_are_not_in_the_repr_of_a_request(self) -> None:
        request = Request(
            "POST",
            "https://app/x?token=secret",
            Headers({"Cookie": "secret"}),
            BytesBody(b"secret"),
            proxy="http://me:secret@proxy",
        )
        assert "secret" not in repr(request)
        assert "https://app/x" in repr(request)

    @pytest.mark.parametrize(
        "text",
        [
            "GET http://h/x?token=secret failed",
            "http://me:secret@proxy:1 refused",
            "bad line b'Set-Cookie: secret'",
            "bad line b\"Set-Cookie: 'secret",
        ],
    )
    def test_are_not_in_what_is_told_of_an_error(self, text: str) -> None:
        assert "secret" not in told(OSError(text))
        assert told(OSError(text)).startswith("OSError: ")

    def test_a_long_text_is_cut(self) -> None:
        assert len(told(OSError("x" * 10_000))) < 400


class TestTranslation:
    def test_the_first_row_that_fits_decides(self) -> None:
        table = ((ConnectionRefusedError, ConnectError), (OSError, ConnectionLostError))
        assert type(translated(ConnectionRefusedError("x"), table)) is ConnectError
        assert type(translated(ConnectionResetError("x"), table)) is ConnectionLostError

    def test_the_text_says_what_happened_and_why_however_deep_that_is(self) -> None:
        library = OSError("Cannot connect ssl:default")
        library.__cause__ = ExceptionGroup("all failed", [ConnectionRefusedError(111, "jargon")])
        error = translated(RuntimeError("wrapped", library), ((RuntimeError, ConnectError),))
        assert str(error) == "no connection could be made: Connection refused"

    def test_the_text_names_what_is_wrong_with_a_certificate(self) -> None:
        theirs = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
        theirs.verify_message = "certificate has expired"
        assert str(because(TLSError, theirs)) == "the TLS handshake failed: certificate has expired"

    def test_the_text_names_what_a_proxy_answered_but_not_in_its_words(self) -> None:
        error = because(ProxyError, OSError("http://p:404 Tunnel failed: 407 hush"))
        assert str(error) == "the proxy let nothing through: it answered 407 Proxy Authentication Required"

    def test_the_text_takes_no_number_of_openssl_for_one_of_the_system(self) -> None:
        theirs = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")
        assert str(because(ConnectionLostError, theirs)) == "the other side broke off"

    def test_without_a_reason_the_text_says_what_happened(self) -> None:
        error = because(ConnectionLostError, EOFError("TransferEncodingError"))
        assert str(error) == "the other side broke off"

    def test_an_error_of_the_port_stays_as_it_is(self) -> None:
        error = ConnectError("x")
        assert translated(error, ()) is error


class TestTransportOptions:
    def test_the_function_for_the_context_is_called_once_and_late(self) -> None:
        calls = []

        def make() -> ssl.SSLContext:
            calls.append(1)
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

        options = TransportOptions(make)
        assert calls == []
        assert options.tls is options.tls
        assert calls == [1]

    def test_a_context_is_taken_as_it_is(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        assert TransportOptions(context).tls is context

    def test_the_default_context_verifies(self) -> None:
        assert TransportOptions().tls.verify_mode is ssl.CERT_REQUIRED

    def test_a_negative_pool_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"pool_size.*-1"):
            TransportOptions(pool_size=-1)


def test_bytes_are_a_body_that_can_be_read_again() -> None:
    body = BytesBody(b"abc")
    assert isinstance(body, Body)
    assert (body.length, list(body), list(body)) == (3, [b"abc"], [b"abc"])


def test_requests_wait_ten_seconds_to_connect_and_sixty_for_an_answer() -> None:
    assert Request("GET", "http://h").timeouts == Timeouts(connect=10, read=60)
