from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradio_client.domain.errors import DownloadError, SourceError
from gradio_client.domain.source import (
    AppSource,
    AppURLs,
    SpaceSource,
    download_url,
    origin,
    parent_url,
    parse_source,
    same_origin,
)

URLS = AppURLs("http://h:7860/sub", "/gradio_api")
ROOT = "https://inner.example/sub"
SECRET = "hunter2"

pieces = st.sampled_from(
    [
        "http",
        "https",
        "ftp",
        "://",
        ":",
        "/",
        "//",
        "@",
        "[",
        "]",
        "::1",
        "h",
        "HOST.example",
        "80",
        "443",
        "99999",
        "?q=1",
        "#f",
        "\\",
        "\n",
        "%41",
        "ü",
        "..",
        "spaces",
        "hf.co",
    ]
)
likely_urls = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://"]),
    st.sampled_from(["h", "Host.Example", "[::1]", "[2001:DB8::1]", "127.0.0.1", "ünicode.example", "hf.co"]),
    st.sampled_from(["", ":", ":80", ":443", ":7860"]),
    st.sampled_from(["", "/", "//", "/Sub/App/", "/spaces/o/n", "/a?b#c", "?", "#", "/@:"])
    | st.text(max_size=5),
)
source_texts = st.lists(pieces, max_size=9).map("".join) | st.text(max_size=30)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:7860", "http://localhost:7860"),
        ("http://localhost:7860/", "http://localhost:7860"),
        ("  https://h/app//  ", "https://h/app"),
        ("HTTPS://Host.Example:443/App/", "https://host.example/App"),
        ("http://h/app?__theme=dark#top", "http://h/app"),
        ("https://owner-name.hf.space/?x=1", "https://owner-name.hf.space"),
        ("http://[::1]:7860/", "http://[::1]:7860"),
        ("https://bücher.example/a%20b", "https://bücher.example/a%20b"),
        ("http://h/é/<100%>", "http://h/%C3%A9/%3C100%25%3E"),
    ],
)
def test_a_url_is_kept_without_slash_query_and_fragment(text: str, url: str) -> None:
    assert parse_source(text) == AppSource(url)


@pytest.mark.parametrize(
    "text",
    [
        "owner/name",
        " owner/name ",
        "https://huggingface.co/spaces/owner/name",
        "https://huggingface.co/spaces/owner/name/",
        "https://www.huggingface.co/spaces/owner/name/tree/main?x#y",
        "https://hf.co/spaces/owner/name",
    ],
)
def test_a_name_or_its_page_on_the_hub_is_a_space(text: str) -> None:
    assert parse_source(text) == SpaceSource("owner/name")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("localhost:7860", "Did you mean 'http://localhost:7860'?"),
        ("localhost", "Did you mean 'http://localhost'?"),
        ("127.0.0.1:7860/app/", "Did you mean 'http://127.0.0.1:7860/app'?"),
        ("localhost/app", "Did you mean 'http://localhost/app'?"),
        ("[::1]:7860", "Did you mean 'http://[::1]:7860'?"),
        ("myhost:7860", "Did you mean 'http://myhost:7860'?"),
        ("abc.gradio.live", "Did you mean 'https://abc.gradio.live'?"),
        ("huggingface.co/spaces/o/n", "Did you mean 'https://huggingface.co/spaces/o/n'?"),
        ("name", "a Space as 'owner/name'"),
        ("", "a Space as 'owner/name'"),
        ("../name", "a Space as 'owner/name'"),
        ("http://", "names no host"),
        ("http:///path", "names no host"),
        ("ftp://h/app", "http:// or https://"),
        ("http://h:port/", "host and port"),
        ("http://h:99999/", "host and port"),
        ("http://[::1/", "host and port"),
        ("http://a,b/", "names no host"),
        ("http://h/a b", "spaces"),
        ("http://h\\@evil.example/", "backslashes"),
        ("https://huggingface.co/owner/model", "https://huggingface.co/spaces/owner/name"),
        ("https://huggingface.co/spaces/../name", "https://huggingface.co/spaces/owner/name"),
    ],
)
def test_what_names_no_app_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text)
    assert hint in caught.value.message


def test_a_source_that_is_no_text_is_refused_by_its_type() -> None:
    not_text: Any = 7860
    with pytest.raises(SourceError, match="not int"):
        parse_source(not_text)


@pytest.mark.parametrize(
    "text",
    [
        f"http://ann:{SECRET}@h:7860/",
        f"http://ann:{SECRET}?more@h/",
        f"http://ann:x#{SECRET}@h/",
        f"http://ann:x/{SECRET}@[::1/",
        f"http://ann:{SECRET}@",
        f"ann:{SECRET}@h:7860",
        f"ftp://ann:{SECRET}@h/",
        f"http://h/a b?token={SECRET}",
        f"h:1?token={SECRET}",
    ],
)
def test_a_refusal_does_not_repeat_what_may_be_secret(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text)
    assert SECRET not in str(caught.value)


def test_credentials_in_a_url_are_refused_for_auth() -> None:
    with pytest.raises(SourceError, match=r"pass auth=\(user, password\)"):
        parse_source("http://ann:pw@h/")


def test_a_refusal_repeats_only_the_start_of_a_long_source() -> None:
    with pytest.raises(SourceError) as caught:
        parse_source("x" * 100_000)
    assert len(caught.value.message) < 300


@given(likely_urls)
def test_a_url_that_was_read_reads_as_itself(text: str) -> None:
    try:
        source = parse_source(text)
    except SourceError:
        return
    if isinstance(source, AppSource):
        assert parse_source(source.url) == source
        assert source.url.startswith(origin(source.url))


@given(source_texts | likely_urls)
@example("http://İ/")
@example("http://[::1]x/")
def test_only_source_errors_come_of_odd_urls(text: str) -> None:
    for read in (origin, parent_url, parse_source):
        try:
            read(text)
        except SourceError as error:
            assert error.message  # noqa: PT017 - other errors are what the test is about


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://H:80/path?x", "http://h"),
        ("https://h:443", "https://h"),
        ("http://h:443", "http://h:443"),
        ("https://user:pw@h:8443/", "https://h:8443"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]"),
        ("http://h:/", "http://h"),
    ],
)
def test_an_origin_is_scheme_host_and_unusual_port(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("http://h/a", "http://H:80/b", True),
        ("http://h", "https://h", False),
        ("http://h:7860", "http://h:7861", False),
        ("http://h", "http://h.evil.example", False),
        ("http://h", "http://h@evil.example", False),
        ("http://[::1]", "http://[::1]:80/", True),
        ("http://h", "//h", False),
        ("", "", False),
    ],
)
def test_origins_are_compared_whole(a: str, b: str, *, same: bool) -> None:
    assert same_origin(a, b) is same


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/a/b", "https://h/a"),
        ("https://h/a/", "https://h"),
        ("https://h", None),
        ("https://h/", None),
    ],
)
def test_the_parent_of_a_page_is_one_segment_up(url: str, expected: str | None) -> None:
    assert parent_url(url) == expected


def test_routes_are_joined_to_a_sub_path_as_text() -> None:
    assert URLS.page() == "http://h:7860/sub/"
    assert URLS.config() == "http://h:7860/sub/config"
    assert URLS.login() == "http://h:7860/sub/login"
    assert URLS.join() == "http://h:7860/sub/gradio_api/queue/join"
    assert URLS.data_v0() == "http://h:7860/sub/gradio_api/queue/data"
    assert URLS.upload() == "http://h:7860/sub/gradio_api/upload"
    assert URLS.cancel() == "http://h:7860/sub/gradio_api/cancel"
    assert URLS.reset() == "http://h:7860/sub/gradio_api/reset"
    assert URLS.app_id() == "http://h:7860/sub/gradio_api/app_id"
    assert URLS.run() == "http://h:7860/sub/gradio_api/run/predict"


def test_older_servers_have_no_prefix() -> None:
    assert AppURLs("http://h").join() == "http://h/queue/join"


def test_all_endpoints_are_asked_for_or_not_mentioned() -> None:
    assert "all_endpoints" not in URLS.info()
    assert URLS.info(all_endpoints=True).endswith("/info?serialize=False&all_endpoints=True")


def test_a_session_hash_cannot_leave_its_place() -> None:
    assert URLS.heartbeat("a/../b?c").endswith("/heartbeat/a%2F..%2Fb%3Fc")
    assert URLS.stream("a&b").endswith("/queue/data?session_hash=a%26b")
    assert URLS.join_v0(3, "s").endswith("/queue/join?fn_index=3&session_hash=s")


def test_a_file_path_is_encoded_but_for_its_slashes() -> None:
    url = URLS.file("/tmp/a b#c%dé?(1)\\.txt")
    assert url == "http://h:7860/sub/gradio_api/file=/tmp/a%20b%23c%25d%C3%A9%3F%281%29%5C.txt"


@given(st.text())
def test_a_file_path_arrives_as_it_is(path: str) -> None:
    sent = urlsplit(URLS.file(path))
    assert not sent.query
    assert not sent.fragment
    assert unquote(sent.path, errors="surrogatepass") == f"/sub/gradio_api/file={path}"


def test_a_download_is_made_of_the_path_and_not_of_the_url() -> None:
    file = {"path": "/tmp/x.txt", "url": "http://evil.example/x.txt"}
    assert download_url(URLS, ROOT, file) == f"{URLS.base}/gradio_api/file=/tmp/x.txt"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{ROOT}/gradio_api/stream/a/playlist.m3u8", f"{URLS.base}/gradio_api/stream/a/playlist.m3u8"),
        ("/gradio_api/stream/a", f"{URLS.base}/gradio_api/stream/a"),
        ("stream/a", f"{URLS.base}/gradio_api/stream/a"),
        ("//evil.example/a", f"{URLS.base}/gradio_api/evil.example/a"),
        ("https://inner.example/subway/a", "https://inner.example/subway/a"),
        ("https://evil.example/a", "https://evil.example/a"),
        ("http://h:7860@evil.example/a", "http://evil.example/a"),
        ("file:///etc/passwd", f"{URLS.base}/gradio_api/file=p"),
        (None, f"{URLS.base}/gradio_api/file=p"),
    ],
)
def test_a_stream_is_read_at_its_url_on_our_side_of_proxies(url: Any, expected: str) -> None:
    file = {"path": "p", "url": url, "is_stream": True}
    assert download_url(URLS, ROOT, file) == expected


def test_a_file_of_a_wrapped_space_comes_through_the_proxy() -> None:
    proxied = "/gradio_api/proxy=https://x.hf.space/file=/a.txt"
    file = {"path": "/a.txt", "url": ROOT + proxied}
    assert download_url(URLS, ROOT, file) == URLS.base + proxied


def test_a_proxy_of_somebody_else_is_not_the_apps() -> None:
    file = {"path": "/a.txt", "url": "https://evil.example/proxy=/a.txt"}
    assert download_url(URLS, ROOT, file) == "https://evil.example/proxy=/a.txt"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("https://example.com/x.png?y", "https://example.com/x.png?y"),
        ("https://example.com/100% é.png", "https://example.com/100%25%20%C3%A9.png"),
        (f"{ROOT}/x.png", f"{URLS.base}/x.png"),
        ("http://h:7860/x.png", "http://h:7860/x.png"),
    ],
)
def test_a_path_that_is_a_url_is_an_external_file(path: str, expected: str) -> None:
    assert download_url(URLS, ROOT, {"path": path}) == expected


@pytest.mark.parametrize(
    "file",
    [
        {"path": "http://example.com/x.png"},
        {"path": "HTTP://h/x.png"},
        {"path": "p", "url": "http://example.com/s.m3u8", "is_stream": True},
        {"path": "p", "url": "http://example.com/proxy=/a.txt"},
    ],
)
def test_an_app_at_https_names_no_file_at_http(file: dict[str, Any]) -> None:
    with pytest.raises(DownloadError, match="unencrypted"):
        download_url(AppURLs("https://h"), ROOT, file)


def test_a_root_that_should_say_https_is_known() -> None:
    file = {"path": "p", "url": "http://h/stream/a", "is_stream": True}
    assert download_url(AppURLs("https://h"), "http://h", file) == "https://h/stream/a"


def test_a_root_that_is_a_path_is_known_too() -> None:
    file = {"path": "p", "url": "/sub/stream/a", "is_stream": True}
    assert download_url(AppURLs("http://h/sub"), "/sub", file) == "http://h/sub/stream/a"


@pytest.mark.parametrize("path", ["/tmp/../../logout", "..", "a\\..\\b"])
def test_a_path_that_climbs_is_not_fetched(path: str) -> None:
    with pytest.raises(DownloadError, match=r"'\.\.'"):
        download_url(URLS, ROOT, {"path": path})
