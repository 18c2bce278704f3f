"""What HTTP answers mean, whichever library carried them: redirects, framing, error texts."""

from __future__ import annotations

import html
import re
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
