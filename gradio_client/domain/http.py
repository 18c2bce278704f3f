"""What HTTP answers mean, whichever library carried them: redirects, content codings, error texts."""

from __future__ import annotations

import html
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from gradio_client.domain.errors import BODY_HEAD, ServerError, SourceError, Where
from gradio_client.domain.http_dates import http_date
from gradio_client.domain.json_text import parsed
from gradio_client.domain.source import origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gradio_client.domain.values import Json

_REDIRECTS = (301, 302, 303, 307, 308)  # 300 and 304 are answers, not orders to go elsewhere
_URL_SAFE = "%/:=&?#[]@!$'()*+,;~"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")  # in a Location; libraries disagree on what they mean

_LENGTH = re.compile("[0-9]{1,19}")

_SLICE = 1 << 14  # bytes decoded at a time: what follows a gzip member is copied, so keep it short
_PADDING = 1 << 20  # bytes that a coding may add to what it encodes, besides as many again
_GZIP_MAGIC = b"\x1f\x8b"

_EXAMINED = 1 << 14  # bytes of a body that are looked at for its text
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|svg|head)\b(?:.*?</\1\s*>|.*)|</?[a-z!][^<>]*>?",
    re.DOTALL | re.IGNORECASE,
)
_TITLE = re.compile(r"<title\b[^<>]*>([^<]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a redirect leads.

    Attributes:
        method: of the next request.
        url: absolute, percent-encoded, without fragment, user name and password.
        keeps_body: whether the next request has the body of this one.
        same_origin: False when credentials must stay behind.
    """

    method: str
    url: str
    keeps_body: bool
    same_origin: bool


def redirect(method: str, url: str, status: int, location: str | None) -> Redirect | None:
    """What to request after an answer; None when the answer is no redirect.

    Counting redirects is the caller's task.

    Args:
        method: of the request that was answered, in upper case.
        url: of that request.
        status: of the answer.
        location: the answer's ``Location`` field.

    Raises:
        ServerError: the location is missing or no http(s) URL, or leads from https to http.
    """
    if status not in _REDIRECTS:
        return None
    where = Where(status=status)
    target = _target(url, location, where)
    if url[:6].lower() == "https:" and target.startswith("http:"):
        raise ServerError(
            f"The server redirects from https to {_shown(target)}; refused, since the request would go "
            "there unencrypted. A proxy that ends TLS must tell the app so, with X-Forwarded-Proto.",
            where=where,
        )
    becomes_get = (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST")
    return Redirect(
        "GET" if becomes_get else method,
        target,
        status != 303 and not becomes_get,
        origin(url) == origin(target),
    )


def _target(url: str, location: str | None, where: Where) -> str:
    text = (location or "").strip(" \t")
    if not text or _UNSAFE.search(text):
        raise ServerError(
            f"The server answered {where.status} without saying properly where to go instead.", where=where
        )
    try:
        parts = urlsplit(urljoin(url, quote(_as_sent(text), safe=_URL_SAFE)))
        start = origin(parts.geturl())
    except (ValueError, SourceError):
        raise ServerError(
            f"The server answered {where.status} but leads to no valid http:// or https:// URL.", where=where
        ) from None
    return f"{start}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def _as_sent(text: str) -> bytes:
    """The bytes of a header value: libraries decode them as Latin-1 or as UTF-8 with escapes."""
    try:
        sent = text.encode("latin-1")
        sent.decode("utf-8")
    except ValueError:
        return text.encode("utf-8", "surrogateescape")
    return sent


def _shown(url: str) -> str:
    return url.partition("?")[0]  # query strings may hold secrets


def is_framed(headers: Mapping[str, str]) -> bool:
    """Whether a head says nothing of where its body ends, or says it so that it cannot be misread.

    Some libraries pass over a length or a transfer coding that they do not understand, and take for the
    whole body what comes until the connection ends, chunk sizes and all (RFC 9112 section 6.3).
    """
    lengths = {length.strip(" \t") for length in headers.get("content-length", "0").split(",")}
    coding = headers.get("transfer-encoding", "chunked").strip(" \t").lower()
    return coding == "chunked" and len(lengths) == 1 and all(map(_LENGTH.fullmatch, lengths))


class Decoder:
    """Undoes a content coding while a body arrives, in bounded memory.

    Args:
        encoding: the ``Content-Encoding`` field: gzip, x-gzip, deflate, identity or None.
        limit: how many decoded bytes are accepted.

    Raises:
        ServerError: the coding is another one.
    """

    def __init__(self, encoding: str | None, limit: int) -> None:
        codings = [name for name in (encoding or "").lower().replace(" ", "").split(",") if name]
        names = [name for name in codings if name != "identity"] or ["identity"]
        if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate", "identity"):
            raise ServerError(
                f"The server encoded its answer as {', '.join(names)[:40]!r}, which was not asked for. "
                "Supported: deflate, gzip, identity."
            )
        self._coding = names[0].removeprefix("x-")
        self._limit = limit
        self._left = limit
        self._received = 0  # bytes before they are decoded
        self._inflater: zlib._Decompress | None = None  # of the gzip member, or the deflate body, under way
        self._members = 0  # gzip members, or deflate bodies, that have ended
        self._pending = b""  # a first byte, too little to tell what it begins
        self._ended = False  # what follows is padding

    def feed(self, data: bytes) -> bytes:
        """Decode the next bytes of the body, split anywhere.

        Raises:
            ServerError: the decoded body is too long, or the bytes are not what they were said to be.
        """
        if self._coding == "identity":
            return self._counted(data)
        self._received += len(data)
        if len(data) <= _SLICE:
            decoded = self._inflate(data)
        else:
            decoded = b"".join(self._inflate(data[at : at + _SLICE]) for at in range(0, len(data), _SLICE))
        if self._received > 2 * (self._limit - self._left) + _PADDING:
            raise ServerError(
                f"The answer's {self._coding} coding decodes to next to nothing, and does not end. "
                "Check the address."
            )
        return decoded

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            ServerError: the body was cut.
        """
        if self._inflater is not None or (self._pending and not self._members):
            raise ServerError(
                f"The answer was cut: its {self._coding} coding does not come to an end. Call again."
            )

    def _inflate(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        data, self._pending = self._pending + data, b""
        while data and self._begun(data):
            inflater = self._inflater
            assert inflater is not None  # noqa: S101 - it has begun
            pieces.append(self._decompressed(inflater, data))
            if not inflater.eof:
                break
            data, self._inflater = inflater.unused_data, None
            self._members += 1
        return b"".join(pieces)

    def _begun(self, data: bytes) -> bool:
        """Whether the data can be decoded, now that it has come this far."""
        if self._ended or self._inflater is not None:
            return not self._ended
        if len(data) < 2:
            self._pending = data
            return False
        if self._coding == "deflate":
            self._ended = self._members > 0
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS)
        else:
            self._ended = self._members > 0 and not data.startswith(_GZIP_MAGIC)
            self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        if self._ended:
            self._inflater = None
        return not self._ended

    def _decompressed(self, inflater: zlib._Decompress, data: bytes) -> bytes:
        try:
            # One byte more than allowed is enough to know; a bomb does not grow beyond it.
            return self._counted(inflater.decompress(data, self._left + 1))
        except zlib.error as error:
            raise ServerError(f"The answer is not in the {self._coding} coding that it claims.") from error

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise ServerError(
                f"The decoded answer is longer than {self._limit} bytes, which no honest app's is. Check the "
                "address."
            )
        return piece


def _is_zlib(data: bytes) -> bool:
    # RFC 9110 means zlib by deflate, but some servers send it raw; RFC 1950 section 2.2 tells them apart.
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a ``Retry-After`` field, 0 at least; None when there is none or it makes no sense.

    Args:
        value: a number of seconds or an HTTP date.
        now: the moment it came, with its time zone.
    """
    text = (value or "").strip()
    if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{0,15})?", text):
        return max(0.0, float(text))
    date = http_date(text)
    return max(0.0, (date - now).total_seconds()) if date else None


def body_head(body: bytes, content_type: str | None) -> str:
    """The first characters of a body as one line of safe text; of HTML, its title and text.

    Control characters are left out, so that a terminal or log shows it as it is.
    """
    kind = (content_type or "").lower()
    charset = "latin-1" if "iso-8859-1" in kind else "utf-8"
    text = body[:_EXAMINED].decode(charset, "replace")
    if "html" in kind or re.match(r"\s*<(!doctype html|html)", text, re.IGNORECASE):
        text = _text_of_html(text)
    return _safe(text)


def detail_of(body: bytes) -> str | None:
    """What FastAPI's ``{"detail": ...}`` says, as one line of safe text; None when it says nothing.

    A detail is text, a list of the framework's errors, or an object with ``error`` and ``auth_message``
    (protocol section 2).
    """
    try:
        answer = parsed(body)
    except ValueError:
        return None
    detail = answer.get("detail") if isinstance(answer, dict) else None
    if isinstance(detail, list):
        said = "; ".join(filter(None, map(_entry_text, detail[:5])))
    elif isinstance(detail, dict):
        said = ": ".join(_texts(detail, "error", "auth_message") or _texts(detail, "message", "msg"))
    else:
        said = detail if isinstance(detail, str) else ""
    return _safe(said) or None


def _entry_text(entry: Json) -> str:
    if not isinstance(entry, dict):
        return entry if isinstance(entry, str) else ""
    said = " ".join(_texts(entry, "msg", "message")[:1])
    place = entry.get("loc")
    if not isinstance(place, list):
        return said
    steps = ".".join(str(step) for step in place if isinstance(step, str | int))
    return f"{steps}: {said}" if steps and said else steps or said


def _texts(found: dict[str, Json], *names: str) -> list[str]:
    values = (found.get(name) for name in names)
    return [value for value in values if isinstance(value, str) and value]


def _text_of_html(text: str) -> str:
    titled = _TITLE.search(text)
    title = " ".join(html.unescape(titled[1]).split()) if titled else ""
    content = " ".join(html.unescape(_MARKUP.sub(" ", text)).split())
    if not title or content.startswith(title):
        return content
    return f"{title} - {content}" if content else title


def _safe(text: str) -> str:
    start = text[: BODY_HEAD * 20]  # enough, however much of it is space
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in start)
    return " ".join(shown.split())[:BODY_HEAD]
