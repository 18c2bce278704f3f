"""Keeps secrets out of cassettes, and gives sessions and events names that are the same in every run."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.exchanges import SeenRequest
    from gradio_client.transport import Headers

SCRUBBED = "SCRUBBED"
SHORTEST = 8  # characters of a secret that is looked for in texts; shorter ones are part of every word

#: Fields whose values are written down; those of all others, of the caller's own above all, may be secret.
_HARMLESS_FIELDS = frozenset({
    "accept", "accept-encoding", "accept-ranges", "age", "allow", "cache-control", "connection",
    "content-disposition", "content-encoding", "content-length", "content-range", "content-type",
    "date", "etag", "expires", "host", "last-modified", "retry-after", "server", "transfer-encoding",
    "user-agent", "vary", "x-gradio-user",
})  # fmt: skip
#: Parameters of the protocol's own; the values of all others may be secret.
_HARMLESS_PARAMETERS = frozenset(("all_endpoints", "fn_index", "page", "serialize", "session_hash"))
_HEARTBEAT = re.compile(r"/heartbeat/([^/]+)$")
_EVENT_ID = re.compile(rb'"event_id":\s*"([0-9a-zA-Z-]{8,64})"')
_NAMED = re.compile(rb"[0-9a-f]{32}")
_TOKENS = re.compile(  # Hugging Face tokens and JSON web tokens, wherever they come from
    rb"\bhf_[A-Za-z0-9]{16,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"
)
_ESCAPE = re.compile("%[0-9A-F]{2}")
_BOUNDARY = re.compile(r"(boundary=)\"?([\w'()+,./:=?-]+)\"?")


class Scrubber:
    """What is secret in some exchanges, as far as it was told of them, and texts without it.

    A secret is known by its place: the value of a header field, a cookie, a parameter, a form's field. It
    is then taken out wherever else it occurs, in answers that repeat it for instance.

    Args:
        scrub: changes every text before it is written down, after everything else was done to it.
    """

    def __init__(self, scrub: Callable[[str], str] | None = None) -> None:
        self._scrub = scrub or (lambda text: text)
        self._substitutes: dict[bytes, bytes] = {}
        self._names: dict[bytes, bytes] = {}  # as _substitutes, but of many values of one form
        self._sessions = 0
        self._events = 0

    def learn(self, seen: SeenRequest, proxy: str | None = None) -> None:
        """Find the secrets of a request, and its session."""
        for secret in (*_of_fields(seen.headers), *_of_url(seen.url), *_of_proxy(proxy), *_of_body(seen)):
            self._add_secret(secret)
        if session := session_of(seen):
            self._sessions += self._name(session, f"session-{self._sessions + 1}")
        if boundary := _BOUNDARY.search(seen.headers.get("content-type") or ""):
            self._add(boundary[2], "BOUNDARY")

    def learn_answer(self, headers: Headers, body: bytes) -> None:
        """Find the secrets of an answer, and the events that it names."""
        for cookie in headers.get_all("set-cookie"):
            self._add_secret(cookie.partition(";")[0].partition("=")[2].strip('"'))
        for event_id in _EVENT_ID.findall(body):
            self._events += self._name(event_id.decode(), f"event-{self._events + 1}")

    def text(self, text: str) -> str:
        """A text without secrets."""
        return self._scrub(self._replaced(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace"))

    def url(self, url: str) -> str:
        """A URL without secrets; parameters that the protocol does not have lose their values."""
        parts = urlsplit(url)
        query = [
            (name, value if name in _HARMLESS_PARAMETERS else SCRUBBED)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        return self.text(parts._replace(query=urlencode(query), fragment="").geturl())

    def headers(self, headers: Headers) -> list[str]:
        """Header fields, as lines; only some keep their values."""
        return [f"{name}: {self._field(name.lower(), value)}" for name, value in headers.pairs]

    def body(self, seen: SeenRequest) -> JsonObject | None:
        """A request's body in a form that can be read and compared."""
        kind = (seen.headers.get("content-type") or "").lower()
        if not seen.body:
            return None
        if "urlencoded" in kind:
            return {"form": [[name, SCRUBBED] for name, _ in parse_qsl(seen.body.decode("latin-1"))]}
        written = self.written(seen.body)
        if "json" not in kind:
            return written
        readable = as_json(written)
        if isinstance(readable.get("json"), dict) and "oauth_token" in readable["json"]:
            readable["json"]["oauth_token"] = SCRUBBED
        return readable

    def written(self, data: bytes) -> JsonObject:
        """Bytes as they stand in a cassette: as text where they are text."""
        replaced = self._replaced(data)
        try:
            return {"text": self._scrub(replaced.decode())}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(replaced).decode("ascii")}

    def apart(self, chunks: list[bytes]) -> Iterator[bool]:
        """For each chunk, whether it can be scrubbed without the next: no secret and no letter is cut."""
        whole = b"".join(chunks)
        edges = list(accumulate(map(len, chunks)))
        cut = {at for span in self._found(whole) for at in _within(edges, span)}
        for at in edges:
            in_letter = at < len(whole) and 0x80 <= whole[at] < 0xC0
            yield not in_letter and at not in cut

    def _field(self, name: str, value: str) -> str:
        if name == "location":
            return self.url(value)
        if name == "set-cookie":
            pair, semicolon, rest = value.partition(";")
            return f"{pair.partition('=')[0]}={SCRUBBED}{semicolon}{rest}"
        return self.text(value) if name in _HARMLESS_FIELDS else SCRUBBED

    def _add_secret(self, secret: str) -> None:
        if len(secret) >= SHORTEST:
            self._add(secret, SCRUBBED)

    def _add(self, value: str, substitute: str) -> None:
        for form in _forms(value):
            self._substitutes.setdefault(form.encode("utf-8", "surrogatepass"), substitute.encode())

    def _name(self, value: str, name: str) -> bool:
        """Give a session or an event its name; whether it had none."""
        key = value.encode()
        if key in self._names or key in self._substitutes:
            return False
        if _NAMED.fullmatch(key):
            self._names[key] = name.encode()
        else:
            self._add(value, name)
        return True

    def _replaced(self, data: bytes) -> bytes:
        # Not one pattern of everything: hundreds of alternatives would be tried at every byte.
        for secret in self._longest_first():
            data = data.replace(secret, self._substitutes[secret])
        data = _TOKENS.sub(SCRUBBED.encode(), data)
        return _NAMED.sub(lambda match: self._names.get(match[0], match[0]), data)

    def _found(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where there is something to replace."""
        for pattern in (_TOKENS, _NAMED):
            yield from (match.span() for match in pattern.finditer(data))
        for secret in self._substitutes:
            at = data.find(secret)
            while at >= 0:
                yield at, at + len(secret)
                at = data.find(secret, at + 1)

    def _longest_first(self) -> list[bytes]:
        return sorted(self._substitutes, key=len, reverse=True)


def _within(edges: list[int], span: tuple[int, int]) -> list[int]:
    """The edges that lie within a span."""
    return edges[bisect_right(edges, span[0]) : bisect_left(edges, span[1])]


def session_of(seen: SeenRequest) -> str | None:
    """The session that a request belongs to."""
    if named := seen.query.get("session_hash"):
        return named[0]
    if beating := _HEARTBEAT.search(seen.path):
        return unquote(beating[1])
    body = _json_object(seen)
    session = body.get("session_hash")
    return session if isinstance(session, str) and session else None


def _forms(value: str) -> set[str]:
    """How a text may be written where it is quoted, or where it is not quoted any more."""
    found: set[str] = set()
    for plain in {value, unquote(value), unquote_plus(value)}:
        percent = {quote(plain, safe=safe, errors="replace") for safe in ("/", "")}
        percent.add(quote_plus(plain, errors="replace"))
        found |= {
            plain,
            html.escape(plain),
            json.dumps(plain)[1:-1],
            json.dumps(plain, ensure_ascii=False)[1:-1],
        }
        found |= percent | {_ESCAPE.sub(lambda match: match[0].lower(), text) for text in percent}
    return found


def _of_fields(headers: Headers) -> Iterator[str]:
    for name, value in headers.pairs:
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip().strip('"') for pair in value.split(";"))
        elif name.lower() not in _HARMLESS_FIELDS:
            yield value
            yield from _of_credentials(value)


def _of_credentials(value: str) -> Iterator[str]:
    scheme, _, rest = value.partition(" ")
    yield rest.strip()
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(rest).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
        yield from (pair, pair.partition(":")[2])


def _of_url(url: str) -> Iterator[str]:
    for name, value in parse_qsl(urlsplit(url).query):
        if name not in _HARMLESS_PARAMETERS:
            yield value


def _of_proxy(proxy: str | None) -> Iterable[str]:
    parts = urlsplit(proxy or "")
    return [unquote(text) for text in (parts.username, parts.password) if text]


def _of_body(seen: SeenRequest) -> Iterator[str]:
    if "urlencoded" in (seen.headers.get("content-type") or "").lower():
        fields = parse_qsl(seen.body.decode("latin-1"))
        yield from (value for name, value in fields if name != "username")
    token = _json_object(seen).get("oauth_token")
    if isinstance(token, str):
        yield token


def _json_object(seen: SeenRequest) -> JsonObject:
    if "json" not in (seen.headers.get("content-type") or "").lower():
        return {}
    try:
        found: Json = seen.json
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def as_json(written: JsonObject) -> JsonObject:
    """A text that is JSON in a form that is easier to read; anything else as it is."""
    try:
        return {"json": json.loads(written["text"])}
    except (KeyError, ValueError, RecursionError):
        return written
