"""Reads the recordings in wire/.

    from servers import wire
    for exchange in wire.load("5.50.0", "llm"):
        print(exchange["label"], exchange["response"]["status"])
        for seconds, piece in wire.pieces("5.50.0", exchange):
            ...  # bytes, in the pieces in which they came

It needs the standard library alone.
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from servers.environments import release

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parent / "wire"

Exchange: TypeAlias = dict[str, Any]  # label, t, request, response: see README.md


def versions() -> list[str]:
    """The recorded versions, oldest first."""
    return sorted((path.name for path in FOLDER.iterdir() if (path / "index.json").exists()), key=release)


def index(version: str) -> dict[str, Any]:
    """The ``gradio``, ``protocol`` and ``api_prefix`` of a version, and what each scenario is about."""
    found: dict[str, Any] = json.loads((FOLDER / version / "index.json").read_text())
    return found


def scenarios(version: str) -> list[str]:
    """The names of the scenarios that were recorded whole."""
    found = index(version)["scenarios"]
    return [name for name, entry in found.items() if not entry.get("skipped") and not entry.get("failed")]


def load(version: str, scenario: str) -> list[Exchange]:
    """The exchanges of a scenario, in the order in which they began."""
    found: list[Exchange] = json.loads((FOLDER / version / f"{scenario}.json").read_text())
    return found


def read(version: str, name: str) -> bytes:
    """A file's bytes, whether it was compressed or not."""
    path = FOLDER / version / name
    if path.exists() and path.suffix != ".gz":
        return path.read_bytes()
    if path.suffix != ".gz":
        path = path.with_name(path.name + ".gz")
    return gzip.decompress(path.read_bytes())


def config(version: str, scenario: str = "config") -> Any:
    """The /config of the kitchen_sink app ("config"), of "auth", "subpath" or "chat"."""
    name = "config.body.json" if scenario == "config" else f"{scenario}-config.body.json"
    return json.loads(read(version, name))


def info(version: str, scenario: str = "config") -> Any:
    """The /info, likewise."""
    name = "info.body.json" if scenario == "config" else f"{scenario}-info.body.json"
    return json.loads(read(version, name))


def body(version: str, exchange: Exchange) -> bytes | None:
    """The bytes of an answer; None where they were too many to keep."""
    response = exchange["response"]
    for name in ("stream", "file"):
        if name in response:
            return read(version, response[name])
    if "body_base64" in response:
        return base64.b64decode(response["body_base64"])
    return response["body"].encode("utf-8", "surrogatepass") if "body" in response else None


def pieces(version: str, exchange: Exchange) -> list[tuple[float, bytes]]:
    """The seconds and the bytes of each piece of a streamed answer, as it arrived."""
    raw, at, found = body(version, exchange) or b"", 0, []
    for seconds, size in exchange["response"]["chunks"]:
        found.append((seconds, raw[at : at + size]))
        at += size
    return found


def messages(version: str, exchange: Exchange) -> list[Any]:
    """What the ``data:`` lines of a streamed answer say, parsed where they are JSON."""
    return list(_messages((body(version, exchange) or b"").decode("utf-8")))


def _messages(text: str) -> Iterator[Any]:
    for line in text.split("\n"):
        if line.startswith("data:"):
            try:
                yield json.loads(line[5:])
            except ValueError:
                yield line[5:].strip()
