"""The file of a cassette: JSON, one object for each exchange, versioned.

    {"format": "gradio_client cassette", "version": 1, "exchanges": [
      {"request": {"method": "GET", "url": "http://...", "headers": ["Accept: */*"], "body": null},
       "response": {"status": 200, "headers": [...], "end": "complete",
                    "chunks": [{"text": "data: ...", "after": 3}]}}]}

A body is ``{"json": ...}``, ``{"form": ...}``, ``{"text": ...}`` or ``{"base64": ...}``. ``after`` says how
many exchanges had begun when a chunk came. A response that did not end in peace has for ``end`` either
``"closed"``, when the client closed it, or ``{"error": name, "message": text}``. An exchange without a
response has these two fields of its own, or ``"unanswered": true`` when the client gave up waiting.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradio_client import transport
from gradio_client.testing.exchanges import SeenRequest
from gradio_client.transport import Headers, TransportError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gradio_client.domain.values import Json, JsonObject

FORMAT = "gradio_client cassette"
VERSION = 1
LIMIT = 1 << 20  # bytes of one body


class CassetteError(Exception):
    """A cassette cannot be read, or cannot hold what was recorded; the message says why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a cassette.

    Attributes:
        number: its place, from 0.
        body: of the request, as it is written down.
        status: 0 when there was no response.
        chunks: of the response's body, each with the number of exchanges that had begun before it.
        error: what sending raised or, when there is a status, what reading raised at the end.
        complete: whether the body was read to its end.
    """

    number: int
    request: SeenRequest
    body: JsonObject | None
    status: int = 0
    headers: Headers = field(default_factory=Headers)
    chunks: tuple[tuple[bytes, int], ...] = ()
    error: TransportError | None = None
    complete: bool = False


def load(path: Path) -> list[Recorded]:
    """Read a cassette.

    Raises:
        CassetteError: there is none, or it is not one that can be understood.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CassetteError(f"There is no cassette {str(path)!r}; record one with mode='record'.") from None
    except (OSError, ValueError) as error:
        raise CassetteError(f"{str(path)!r} cannot be read as a cassette: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CassetteError(f"{str(path)!r} is JSON, but no cassette.")
    if document.get("version") != VERSION:
        raise CassetteError(
            f"{str(path)!r} is a cassette of version {document.get('version')!r}; this package reads version "
            f"{VERSION}. Delete it and record it again."
        )
    return _exchanges(path, document)


def save(path: Path, exchanges: Sequence[JsonObject]) -> None:
    """Write a cassette, whole or not at all.

    Raises:
        OSError: it could not be written; what was there before still is.
    """
    document = {"format": FORMAT, "version": VERSION, "exchanges": exchanges}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8", "replace")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _exchanges(path: Path, document: JsonObject) -> list[Recorded]:
    found: list[Recorded] = []
    try:
        found.extend(_recorded(number, one) for number, one in enumerate(document["exchanges"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CassetteError(f"Exchange {len(found)} of {str(path)!r} is damaged: {error!r}.") from error
    return found


def _recorded(number: int, written: JsonObject) -> Recorded:
    asked = written["request"]
    request = SeenRequest(asked["method"], asked["url"], _fields(asked["headers"]))
    response = written.get("response")
    if response is None:
        return Recorded(number, request, asked["body"], error=_error(written))
    end = response["end"]
    return Recorded(
        number,
        request,
        asked["body"],
        response["status"],
        _fields(response["headers"]),
        tuple((_bytes(chunk), chunk["after"]) for chunk in response["chunks"]),
        _error(end) if isinstance(end, dict) else None,
        end == "complete",
    )


def _fields(lines: list[str]) -> Headers:
    parts = (line.partition(": ") for line in lines)
    return Headers([(name, value) for name, _, value in parts])


def _bytes(written: JsonObject) -> bytes:
    if "json" in written:
        return json.dumps(written["json"]).encode()
    if "base64" in written:
        return base64.b64decode(written["base64"], validate=True)
    text: str = written["text"]
    return text.encode()


def _error(written: Json) -> TransportError | None:
    if not isinstance(written, dict) or "error" not in written:
        return None
    kind = getattr(transport, str(written["error"]), TransportError)
    known = isinstance(kind, type) and issubclass(kind, TransportError)
    return kind(written["message"]) if known else TransportError(written["message"])
