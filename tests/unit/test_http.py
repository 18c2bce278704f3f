"""What HTTP answers mean: redirects, framing, error texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.errors import BODY_HEAD, ServerError
from gradio_client.domain.http import Redirect, body_head, detail_of, redirect, retry_after

BASE = "https://app.example.com/sub/config"
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def to(location: str | None, *, status: int = 307, method: str = "GET", url: str = BASE) -> Redirect:
    found = redirect(method, url, status, location)
    assert found is not None
    return found


class TestRedirect:
    @pytest.mark.parametrize("status", [200, 204, 300, 304, 305, 306, 400, 500])
    def test_other_statuses_lead_nowhere(self, status: int) -> None:
        assert redirect("GET", BASE, status, "/elsewhere") is None

    @pytest.mark.parametrize(
        ("location", "expected"),
        [
            ("/config", "https://app.example.com/config"),
            ("config/", "https://app.example.com/sub/config/"),
            ("../x?a=b&c", "https://app.example.com/x?a=b&c"),
            ("?page=2", "https://app.example.com/sub/config?page=2"),
            ("//other.example.com/x", "https://other.example.com/x"),
            ("https://OTHER.example.com", "https://other.example.com/"),
            ("https://app.example.com:443/x", "https://app.example.com/x"),
            (" /x ", "https://app.example.com/x"),
        ],
    )
    def test_a_location_is_resolved_against_the_request(self, location: str, expected: str) -> None:
        assert to(location).url == expected

    def test_a_fragment_is_dropped(self) -> None:
        assert to("/x#there").url == "https://app.example.com/x"

    def test_user_and_password_are_dropped(self) -> None:
        assert to("https://user:secret@other.example.com/x").url == "https://other.example.com/x"

    @pytest.mark.parametrize(
        "location",
        ["/caf\u00e9 bar", "/caf\u00c3\u00a9 bar", "/caf\udcc3\udca9 bar", "/caf%C3%A9%20bar"],
        ids=["text", "latin-1", "escaped bytes", "encoded"],
    )
    def test_a_location_is_percent_encoded_as_utf8_once(self, location: str) -> None:
        assert to(location).url == "https://app.example.com/caf%C3%A9%20bar"

    @pytest.mark.parametrize("status", [301, 302, 303])
    def test_a_post_becomes_a_get_without_body(self, status: int) -> None:
        found = to("/x", status=status, method="POST")
        assert (found.method, found.keeps_body) == ("GET", False)

    @pytest.mark.parametrize("status", [307, 308])
    def test_a_post_stays_a_post_with_its_body(self, status: int) -> None:
        found = to("/x", status=status, method="POST")
        assert (found.method, found.keeps_body) == ("POST", True)

    def test_303_turns_any_method_but_head_into_get(self) -> None:
        methods = ("GET", "HEAD", "PUT", "DELETE")
        assert [to("/x", status=303, method=method).method for method in methods] == [
            "GET",
            "HEAD",
            "GET",
            "GET",
        ]

    @pytest.mark.parametrize(
        ("location", "same"),
        [
            ("/x", True),
            ("https://APP.example.com:443/x", True),
            ("https://app.example.com:8443/x", False),
            ("https://example.com/x", False),
            ("https://app.example.com.evil.org/x", False),
            ("https://app.example.com@evil.org/x", False),
        ],
    )
    def test_says_whether_the_origin_stays(self, location: str, same: bool) -> None:  # noqa: FBT001
        assert to(location).same_origin is same

    def test_http_may_lead_to_https(self) -> None:
        found = to("https://h/x", url="http://h/x")
        assert (found.url, found.same_origin) == ("https://h/x", False)

    def test_https_to_http_is_refused(self) -> None:
        with pytest.raises(ServerError, match="refused") as caught:
            to("http://app.example.com/x?token=secret")
        assert "secret" not in str(caught.value)
        assert caught.value.status == 307

    @pytest.mark.parametrize(
        "location",
        [
            None,
            "",
            "  ",
            "ftp://h/x",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://[::1",
            "https://h:port/",
            "https://h\\@evil/",
            "https://h/a\r\nb",
            "https://h\u00e9/x",
        ],
    )
    def test_a_location_that_is_no_http_url_is_an_error(self, location: str | None) -> None:
        with pytest.raises(ServerError):
            to(location)

    @given(st.text())
    def test_any_location_gives_an_ascii_url_of_https_or_a_server_error(self, location: str) -> None:
        try:
            found = to(location)
        except ServerError:
            return
        assert found.url.startswith("https://")
        assert found.url.isascii()
        assert not set(found.url) & set(" \t\r\n\\#")


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("120", 120.0),
            (" 0 ", 0.0),
            ("1.5", 1.5),
            ("-3", 0.0),
            ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
            ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
            ("Mon Nov 23 12:00:30 2026", 30.0),
            ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ],
    )
    def test_seconds_and_dates_are_understood(self, value: str, seconds: float) -> None:
        assert retry_after(value, NOW) == seconds

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "soon",
            "nan",
            "inf",
            "1e3",
            "9" * 400,
            "\u0663",
            "Mon, 31 Feb 2026 12:00:00 GMT",
            "Mon, 23 Foo 2026 12:00:00 GMT",
        ],
    )
    def test_anything_else_is_no_advice(self, value: str | None) -> None:
        assert retry_after(value, NOW) is None

    @given(st.text())
    def test_no_text_makes_it_raise(self, value: str) -> None:
        seconds = retry_after(value, NOW)
        assert seconds is None or seconds >= 0


NGINX = b"""<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>
<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>"""


class TestBodyHead:
    def test_text_is_folded_into_one_line(self) -> None:
        assert body_head(b"  a\n\n b\tc ", "text/plain") == "a b c"

    def test_html_is_reduced_to_its_text(self) -> None:
        assert body_head(NGINX, "text/html") == "502 Bad Gateway nginx"

    def test_a_title_that_the_text_does_not_begin_with_comes_first(self) -> None:
        page = b"<!doctype html><head><title>Oops &amp; co</title><style>b {}</style></head><body>It broke"
        assert body_head(page, None) == "Oops & co - It broke"

    def test_scripts_styles_and_comments_are_left_out(self) -> None:
        page = b"<html><script>var a = '<p>'</script>A<!-- b --><style>c</style>D<script>unclosed"
        assert body_head(page, "text/html") == "A D"

    def test_control_characters_are_left_out(self) -> None:
        assert body_head(b"a\x1b[31mb\x00c\x9b", None) == "a[31mbc\ufffd"

    def test_characters_that_change_the_direction_of_text_are_left_out(self) -> None:
        assert body_head("a\u202eb\u200b".encode(), None) == "ab"

    def test_the_charset_is_respected(self) -> None:
        assert body_head("caf\u00e9".encode("latin-1"), "text/plain; charset=ISO-8859-1") == "caf\u00e9"

    def test_only_the_beginning_is_kept(self) -> None:
        assert len(body_head(b"x" * 100_000, None)) == BODY_HEAD

    @given(st.binary(), st.none() | st.text())
    def test_any_body_gives_printable_text(self, body: bytes, kind: str | None) -> None:
        text = body_head(body, kind)
        assert text.isprintable()
        assert len(text) <= BODY_HEAD

    @pytest.mark.parametrize(
        "unit", [b"<script", b"<", b"<!--", b"</script ", b"<title", b"&", b"<script></script"]
    )
    def test_hostile_markup_does_not_hang_it(self, unit: bytes) -> None:
        assert len(body_head(unit * 200_000, "text/html")) <= BODY_HEAD


class TestDetailOf:
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (b'{"detail": "Incorrect credentials."}', "Incorrect credentials."),
            (
                b'{"detail": {"error": "Not authenticated", "auth_message": "hello"}}',
                "Not authenticated: hello",
            ),
            (b'{"detail": {"error": "Not authenticated", "auth_message": null}}', "Not authenticated"),
            (b'{"detail": {"message": "m"}}', "m"),
            (
                b'{"detail": [{"loc": ["body", "fn_index"], "msg": "Field required"}]}',
                "body.fn_index: Field required",
            ),
            (
                b'{"detail": [{"loc": ["body", 0], "msg": "a"}, {"msg": "b"}, {"loc": ["q"]}]}',
                "body.0: a; b; q",
            ),
            (b'{"detail": ["a", 1, null]}', "a"),
            (b'{"detail": "a\\u001b[0m\\n b"}', "a[0m b"),
        ],
    )
    def test_what_a_detail_says_is_found(self, body: bytes, text: str) -> None:
        assert detail_of(body) == text

    @pytest.mark.parametrize(
        "body",
        [b"", b"Internal Server Error", b"{}", b"[]", b'"detail"', b'{"detail": null}', b'{"detail": 7}',
         b'{"detail": {}}', b'{"detail": []}', b'{"detail": ""}', b"\xff\xfe", b"[" * 100_000],
    )  # fmt: skip
    def test_no_detail_is_none(self, body: bytes) -> None:
        assert detail_of(body) is None

    def test_a_long_detail_is_cut(self) -> None:
        assert len(detail_of(b'{"detail": "' + b"x" * 10_000 + b'"}') or "") == BODY_HEAD
