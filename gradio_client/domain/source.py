"""Where an app is: sources as people type them, origins, and the addresses of an app's routes.

Addresses are joined as text (protocol section 1): resolving ``/config`` against a base, as
browsers do, would lose the sub path. No error here repeats user names, passwords or queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from gradio_client.domain.errors import DownloadError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client.domain.values import Json

_SPACE_ID = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What URLs allow and names can have, letters of all scripts; RFC 1035 has labels of 1 to 63 characters.
_HOST_NAME = re.compile(r"[\w~-]{1,63}(\.[\w~-]{1,63})*\.?")
_BRACKETED = re.compile(r"\[[^][]+\](:\d*)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LOCAL = re.compile(r"(localhost|\d+(\.\d+){3}|\[[0-9A-Fa-f:.]+\])(?=[:/]|$)", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w-]+(\.[\w-]+)*)(:\d+)?(/\S*)?")
_ALLOWED = "%/:=&?#[]@!$'()*+,;~"  # besides letters and digits, in a URL
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_SHOWN = 100  # characters of a source that an error repeats


@dataclass(frozen=True, slots=True)
class SpaceSource:
    """A Hugging Face Space, ``owner/name``; the Hub knows where it runs."""

    space_id: str


@dataclass(frozen=True, slots=True)
class AppSource:
    """An app at an address that has no query, no fragment and no slash at its end."""

    url: str


def parse_source(src: str) -> SpaceSource | AppSource:
    """What a source string names (protocol section 1).

    Raises:
        SourceError: it is neither an http(s) URL nor the name of a Space, or holds a password.
    """
    if not isinstance(src, str):
        kind = type(src).__name__
        raise SourceError(f"The source must be a URL or the name of a Space as text, not {kind}.")
    text = src.strip()
    if _SCHEME.match(text):
        return _from_url(text)
    if _is_space_id(text) and not _LOCAL.match(text):
        return SpaceSource(text)
    raise SourceError(_hint(text))


def origin(url: str) -> str:
    """Scheme, host and port of an http(s) URL, without a default port; lower case.

    Raises:
        SourceError: it is no valid http(s) URL.
    """
    parts, host, port = _authority(url)
    scheme = parts.scheme.lower()
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def same_origin(a: str, b: str) -> bool:
    """Whether both are http(s) URLs of one origin; False when either is invalid."""
    try:
        return origin(a) == origin(b)
    except SourceError:
        return False


def parent_url(url: str) -> str | None:
    """The address one path segment up, None at the top.

    An app may be entered at the address of one of its pages (protocol section 1).

    Raises:
        SourceError: it is no valid http(s) URL.
    """
    path, slash, _ = _authority(url)[0].path.rstrip("/").rpartition("/")
    return origin(url) + path.rstrip("/") if slash else None


@dataclass(frozen=True, slots=True)
class AppURLs:
    """The addresses of an app's routes.

    Attributes:
        base: the app's address, without a slash at its end.
        prefix: what the server puts before most routes, ``""`` or ``"/gradio_api"``.
    """

    base: str
    prefix: str = ""

    def page(self) -> str:
        """The page for people, whose HTML holds the configuration too."""
        return f"{self.base}/"

    def config(self) -> str:
        """The configuration (section 2)."""
        return f"{self.base}/config"

    def login(self) -> str:
        """The login form's target (section 3.1)."""
        return f"{self.base}/login"

    def info(self, all_endpoints: bool = False) -> str:  # noqa: FBT001, FBT002 - the name of the query
        """The API description (section 4), by request with undocumented endpoints too (4.31.4 and later)."""
        # Any text counts as true for newer servers, so that false has to be left out.
        return self._route("info?serialize=False" + ("&all_endpoints=True" if all_endpoints else ""))

    def join(self) -> str:
        """Where jobs are submitted (section 5.4)."""
        return self._route("queue/join")

    def queue_data(self) -> str:
        """Where streams are read, without a session (section 5.5)."""
        return self._route("queue/data")

    def data_v0(self) -> str:
        """Where protocol ``sse`` wants the data of a job (section 5.3)."""
        return self.queue_data()

    def join_v0(self, fn_index: int, session_hash: str) -> str:
        """The stream of one job in protocol ``sse`` (section 5.3)."""
        query = urlencode({"fn_index": fn_index, "session_hash": session_hash})
        return f"{self.join()}?{query}"

    def stream(self, session_hash: str) -> str:
        """The stream of a session (section 5.5)."""
        return f"{self.queue_data()}?{urlencode({'session_hash': session_hash})}"

    def heartbeat(self, session_hash: str) -> str:
        """The heartbeat of a session (section 8.2)."""
        return self._route(f"heartbeat/{_encoded(session_hash, safe='')}")

    def upload(self) -> str:
        """Where files are sent (section 7.1)."""
        return self._route("upload")

    def cancel(self) -> str:
        """Where jobs are cancelled, 4.31 and later (section 8.3)."""
        return self._route("cancel")

    def reset(self) -> str:
        """Where generators are stopped before 4.31 (section 8.5)."""
        return self._route("reset")

    def run(self) -> str:
        """Where a function, by its number, runs without the queue (section 6.2)."""
        return self._route("run/predict")

    def app_id(self) -> str:
        """Where the server tells which run of it this is (section 9)."""
        return self._route("app_id")

    def file(self, path: str) -> str:
        """Where the server gives out one of its files (section 7.4)."""
        return self._route(f"file={_encoded(path)}")

    def _route(self, name: str) -> str:
        return f"{self.base}{self.prefix}/{name}"


def download_url(urls: AppURLs, root: str, file: Mapping[str, Json]) -> str:
    """Where an output file is fetched: from the app, or from an address elsewhere (protocol section 7.4).

    Args:
        urls: the app's addresses.
        root: the server's own idea of its address, ``config.root``.
        file: a file object with text at ``path``.

    Raises:
        DownloadError: the path climbs up with ``..``, as those of honest servers never do; or the URL
            is none, or one of ``http`` that an app at ``https`` names.
    """
    path, url = str(file.get("path")), file.get("url")
    stated = _resolved(urls, root, encoded_url(url)) if isinstance(url, str) else None
    if stated and (file.get("is_stream") or "/proxy=" in stated):
        return _cleaned(urls, stated)
    if path.lower().startswith(("http://", "https://")):
        path = encoded_url(path)
        return _cleaned(urls, _resolved(urls, root, path) or path)
    if ".." in re.split(r"[/\\]", path):
        raise DownloadError("The app names a file by a path with '..' in it, which is not fetched.")
    return urls.file(path)


def encoded_url(url: str) -> str:
    """A URL without what no URL has: servers before 6.27 encode nothing, hostile ones send line breaks.

    Not all libraries encode what is left to them, so every address that others choose is encoded here.
    """
    return quote(_LONE_PERCENT.sub("%25", url), safe=_ALLOWED, errors="surrogatepass")


def _resolved(urls: AppURLs, root: str, url: str) -> str | None:
    """A server's URL with its root, which may be wrong, replaced by ours; None if it is not http(s)."""
    if root and url.startswith(root) and url[len(root) :][:1] in ("", "/", "?", "#"):
        return urls.base + url[len(root) :]
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
        start = urls.base if urls.prefix and url.startswith(f"{urls.prefix}/") else urls.base + urls.prefix
        return f"{start}/{url.lstrip('/')}"
    return url if url.lower().startswith(("http://", "https://")) else None


def _cleaned(urls: AppURLs, url: str) -> str:
    """A URL without user name, password and fragment."""
    try:
        host = origin(url)
    except SourceError:
        raise DownloadError("The app names a file by what is no valid http(s) URL.") from None
    if origin(urls.base).startswith("https:") and host.startswith("http:"):
        raise DownloadError(
            f"The app is at an https address and names a file at {host[:_SHOWN]}, which is not fetched, as "
            "it would come unencrypted. A proxy that ends TLS must tell the app so, with X-Forwarded-Proto."
        )
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path or '/'}{query}"


def _encoded(text: str, safe: str = "/") -> str:
    # Paths of files whose names are no UTF-8 come with lone surrogates.
    return quote(text, safe=safe, errors="surrogatepass")


def _from_url(text: str) -> SpaceSource | AppSource:
    parts, host, _ = _authority(text)
    if "@" in parts.netloc:
        raise SourceError(
            f"The URL for {host} holds a user name or password, which would end up in logs. "
            f"Take it out, and pass auth=(user, password) for a login of the app."
        )
    if host in _HUB_HOSTS:
        return _from_hub(parts)
    return AppSource(origin(text) + encoded_url(parts.path.rstrip("/")))


def _from_hub(parts: SplitResult) -> SpaceSource:
    segments = [segment for segment in parts.path.split("/") if segment]
    space_id = "/".join(segments[1:3])
    if segments[:1] == ["spaces"] and _is_space_id(space_id):
        return SpaceSource(space_id)
    raise SourceError(
        f"{_shown(parts.geturl())} is no page of a Space. "
        "Pass the Space's name, such as 'owner/name', or https://huggingface.co/spaces/owner/name."
    )


def _authority(url: str) -> tuple[SplitResult, str, int | None]:
    """A URL's parts, its host as in an origin, and its port if one is stated."""
    # urlsplit drops line breaks, and libraries disagree on backslashes: neither has a place in a URL.
    if any(not character.isprintable() or character in " \\" for character in url):
        raise SourceError(f"{_shown(url)} is not a URL: it holds spaces, backslashes or control characters.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SourceError(f"{_shown(url)} is not a valid URL: look at its host and port.") from None
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        raise SourceError(f"{_shown(url)} is not a URL with http:// or https://, which Gradio apps have.")
    if host and _BRACKETED.fullmatch(parts.netloc.rpartition("@")[2]):
        return parts, f"[{host}]", port
    if not _HOST_NAME.fullmatch(host):
        raise SourceError(f"{_shown(url)} names no host. Pass a URL such as http://localhost:7860.")
    return parts, host, port


def _hint(text: str) -> str:
    given = f"{_shown(text)} is neither a URL nor the name of a Space."
    bare = _without_query(text).rstrip("/")
    if "@" in text:
        return f"{given} Pass a URL without user name and password, such as http://localhost:7860."
    if any(bare.startswith(f"{host}/spaces/") for host in _HUB_HOSTS):
        return f"{given} Did you mean {('https://' + bare)[:_SHOWN]!r}?"
    if _WITHOUT_SCHEME.fullmatch(bare) and (_LOCAL.match(bare) or ":" in bare or "." in bare):
        scheme = "http" if _LOCAL.match(bare) or ":" in bare else "https"
        return f"{given} Did you mean {f'{scheme}://{bare}'[:_SHOWN]!r}?"
    return f"{given} Pass a URL such as http://localhost:7860, or a Space as 'owner/name'."


def _shown(url: str) -> str:
    """A source for an error message, without what may be secret in it."""
    # A password may hold any character, so that only what follows the last @ is no part of one.
    user, at, rest = url.rpartition("@")
    scheme = _SCHEME.match(user)
    text = (f"{scheme[0] if scheme else ''}...@" if at else "") + _without_query(rest)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _without_query(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0]


def _is_space_id(text: str) -> bool:
    return bool(_SPACE_ID.fullmatch(text)) and all(part.strip(".") for part in text.split("/"))
