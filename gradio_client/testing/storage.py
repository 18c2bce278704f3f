"""The server's files: uploads, outputs, and which paths may be read (protocol section 7)."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.line import Line

_UNSAFE = re.compile(r"[<>:\"/\\|?*`$!{}\x00-\x1f]")


class Storage:
    """A temporary folder of files by content, removed by ``close``."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._salt = secrets.token_bytes(16)
        self.folder = Path(tempfile.mkdtemp(prefix="gradio-client-testing-"))

    def close(self) -> None:
        """Remove all files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, source: Path, name: str, *, move: bool = False) -> Path:
        """A copy under a name made of the content's hash and the safe part of ``name``."""
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.sha256(self._salt)).hexdigest()
        kept = self.folder / digest / safe_upload_name(name)
        kept.parent.mkdir(exist_ok=True)
        if move:
            source.replace(kept)
        elif source != kept:
            shutil.copyfile(source, kept)
        return kept

    def readable(self, path: str) -> Path | None:
        """The file, if it is one of this folder's."""
        found = Path(path).resolve()
        return found if found.is_relative_to(self.folder.resolve()) and found.is_file() else None

    def received(self, value: Json) -> Json:
        """A file input as the function gets it: a path, a list of them, or None.

        Raises:
            ValueError: it is no file object, or names a file that nobody uploaded.
        """
        if isinstance(value, list):
            return [self.received(one) for one in value]
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("path"), str):
            raise ValueError(  # noqa: TRY004 - it becomes the text of the job's error
                f"A file object was expected, not {type(value).__name__}."
            )
        return self._uploaded(value)

    def _uploaded(self, value: Mapping[str, Json]) -> Path:
        meta = value.get("meta")
        if self._line.demands_file_meta and (meta or {}).get("_type") != "gradio.FileData":
            raise ValueError("The 'meta' field must be explicitly provided: {'_type': 'gradio.FileData'}.")
        path = value["path"]
        if self._line.demands_uploads and self.readable(path) is None:
            raise ValueError(
                f"Cannot move {path} to the gradio cache dir because it was not uploaded by a user."
            )
        return Path(path)

    def sent(self, value: Json, root: str) -> Json:
        """A copy of a result in which every ``Path`` has become a file object."""
        if isinstance(value, Path):
            return self.file_object(self.keep(value, value.name), root)
        if isinstance(value, dict):
            return {key: self.sent(one, root) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.sent(one, root) for one in value]
        return value

    def file_object(self, path: Path, root: str) -> JsonObject:
        """How the server names one of its files (protocol section 7.2)."""
        line = self._line
        text = path.as_posix()
        described: JsonObject = {
            "path": text,
            "url": f"{root}{line.api_prefix}/file={quote(text) if line.encodes_file_urls else text}",
            "size": path.stat().st_size,
            "orig_name": path.name,
            "mime_type": None,
        }
        if not line.absolute_root:
            described["url"] = None
        else:
            described["is_stream"] = False
        if line.file_meta:
            described["meta"] = {"_type": "gradio.FileData"}
        return described


def safe_upload_name(name: str) -> str:
    """The part of a client's file name that the server keeps (protocol section 7.1)."""
    last = re.split(r"[/\\]", name)[-1]
    kept = _UNSAFE.sub("", last).rstrip(". ")
    while len(kept.encode()) > 200:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[:-1]}{dot}{suffix}" if stem else kept[:-1]
    return kept or "file"
