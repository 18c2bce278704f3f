"""What a download is written to, and hashed in, until it is whole."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gradio_client._files.placing import Unplaced

if TYPE_CHECKING:
    from pathlib import Path

# Pieces above which they are joined first: each costs two waits for the lock of the interpreter.
MANY = 8


class Sink:
    """A download under way. Everything here blocks on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unplaced = Unplaced(folder)
        self._hash = hashlib.sha256()

    def write(self, chunks: list[bytes]) -> None:
        """Write what came."""
        if len(chunks) > MANY:
            chunks = [b"".join(chunks)]
        for chunk in chunks:
            self._hash.update(chunk)
        self._unplaced.write(chunks)

    def keep(self, name: str) -> Path:
        """Give the file its place, in a folder named after its content, and close it."""
        digest = self._hash.hexdigest()
        try:
            return self._unplaced.put(self._folder / digest / name, digest).resolve()
        finally:
            self.discard()

    def put(self, name: str) -> Path:
        """Give the file a name in its folder that no different file has, and close it."""
        try:
            # The folder is the caller's choice, also where it is a link.
            return self._unplaced.put(self._folder / name, self._hash.hexdigest(), trusted=True).resolve()
        finally:
            self.discard()

    def save(self, path: Path) -> Path:
        """Give the file a path, in place of what is there, and close it."""
        try:
            self._unplaced.replace(path)
        finally:
            self.discard()
        return path.absolute()

    def discard(self) -> None:
        """Remove what was not kept."""
        self._unplaced.close()
