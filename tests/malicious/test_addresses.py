"""Addresses that the app names: its root, its files, its proxies, its streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from malicious.encrypted import encrypted
from malicious.files import file, returning

from gradio_client.exceptions import DownloadError, GradioClientError

if TYPE_CHECKING:
    from malicious.victim import Victim

PREFIXES = (
    "@{}",
    "//{}",
    "/\\{}",
    "http://{}",
    ".{}",
    ":{}",
    "?x=@{}",
    "#@{}",
    "\r\nHost: {}\r\n",
    "/%2e%2e//{}",
)
#: File objects, ``{}`` being the host that wants the secrets.
FILES: dict[str, dict[str, Any]] = {
    "path": {"path": "http://{}/a.txt"},
    "path in capitals": {"path": "HTTP://{}/a.txt"},
    "path with a user": {"path": "http://user:password@{}/a.txt"},
    "path with the app as user": {"path": "http://127.0.0.1@{}/a.txt"},
    "url": {"path": "/tmp/a.txt", "url": "http://{}/gradio_api/file=/tmp/a.txt"},
    "url without a scheme": {"path": "/tmp/a.txt", "url": "//{}/a.txt", "is_stream": True},
    "url of a proxied Space": {"path": "/tmp/a.txt", "url": "http://{}/gradio_api/proxy=http://x/file=a"},
    "url of a stream": {"path": "s/r/1/playlist.m3u8", "url": "http://{}/s.m3u8", "is_stream": True},
    "stream with line breaks": {
        "path": "a",
        "url": "http://{}/s HTTP/1.1\r\nX: y\r\n\r\n",
        "is_stream": True,
    },
    "stream at an invalid port": {"path": "a", "url": "http://{}:99999/s", "is_stream": True},
    "stream by another scheme": {"path": "a", "url": "file:///etc/passwd", "is_stream": True},
    "stream by a script": {"path": "a", "url": "javascript:alert(1)", "is_stream": True},
    "url that is no text": {"path": "/tmp/a.txt", "url": {"a": 1}, "is_stream": True},
}


#: Those whose address is one of ``http``.
UNENCRYPTED = (
    "path",
    "path in capitals",
    "path with a user",
    "path with the app as user",
    "url of a proxied Space",
    "url of a stream",
)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_cannot_lead_to_another_host(victim: Victim, prefix: str) -> None:
    victim.app.config["api_prefix"] = prefix.format(victim.elsewhere.host)
    assert isinstance(victim.calls(), GradioClientError)
    assert victim.elsewhere.received == b""


@pytest.mark.parametrize("root", ["http://{}", "//{}", "http:", "http:/", "/", "h", "http://{}/x?y#z"])
def test_a_root_is_not_called(victim: Victim, root: str) -> None:
    victim.app.config["root"] = root.format(victim.elsewhere.host)
    returning(
        victim.app, file("/tmp/a.txt", url=f"http://{victim.elsewhere.host}/gradio_api/file=/tmp/a.txt")
    )
    assert str(victim.calls()).endswith("a.txt")
    assert victim.elsewhere.received == b""


def test_a_root_of_another_host_lends_it_no_credentials(victim: Victim) -> None:
    victim.app.config["root"] = victim.elsewhere.url
    returning(victim.app, file("a", url=victim.elsewhere.url + "/stream/a", is_stream=True))
    victim.calls()
    assert victim.elsewhere.received == b""


@pytest.mark.parametrize("key", ["space_id", "app_id", "page", "pages", "current_page", "username"])
def test_other_words_of_the_configuration_lead_nowhere(victim: Victim, key: str) -> None:
    victim.app.config[key] = victim.elsewhere.url
    assert victim.calls("right") == "right"
    assert victim.elsewhere.received == b""


@pytest.mark.parametrize("case", FILES)
def test_a_file_elsewhere_is_fetched_without_secrets(victim: Victim, case: str) -> None:
    returning(victim.app, {"meta": {"_type": "gradio.FileData"}} | _at(FILES[case], victim.elsewhere.host))
    outcome = victim.calls()
    assert isinstance(outcome, GradioClientError | str)
    assert b"Authorization" not in victim.elsewhere.received
    assert b"Cookie" not in victim.elsewhere.received


@pytest.mark.parametrize("case", UNENCRYPTED)
def test_an_app_at_https_has_no_file_fetched_by_http(victim: Victim, case: str) -> None:
    returning(victim.app, {"meta": {"_type": "gradio.FileData"}} | _at(FILES[case], victim.elsewhere.host))
    with encrypted(victim) as https:
        outcome = victim.calls(**https)
    assert isinstance(outcome, DownloadError)
    assert "unencrypted" in str(outcome)
    assert victim.elsewhere.received == b""


def test_the_apps_own_host_by_another_name_is_another_host(victim: Victim) -> None:
    other = victim.app.url.replace("127.0.0.1", "localhost")
    returning(victim.app, file(other + "/secret.txt"))
    victim.calls()
    (seen,) = victim.app.seen("/secret.txt")
    assert seen.header("Cookie") == []


def test_files_at_many_depths_are_all_fetched_without_secrets(victim: Victim) -> None:
    files = [file(f"{victim.elsewhere.url}/{at}") for at in range(20)]
    returning(victim.app, {"a": [{"image": each, "caption": None} for each in files], "b": files[:1]})
    assert isinstance(victim.calls(), dict)
    assert victim.elsewhere.received.count(b"GET /") == 20


def _at(found: dict[str, Any], host: str) -> dict[str, Any]:
    return {
        key: value.replace("{}", host) if isinstance(value, str) else value for key, value in found.items()
    }
