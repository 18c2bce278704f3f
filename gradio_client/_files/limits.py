"""How much a job may download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain.errors import FileTooLargeError

if TYPE_CHECKING:
    from gradio_client.downloads import Downloads

_MORE = "Allow more with download_files=Downloads(...)"


class Budget:
    """What is left of a job's limits.

    Args:
        limits: the caller's.
    """

    def __init__(self, limits: Downloads) -> None:
        self._limits = limits
        self._files = 0
        self._bytes = 0

    def add_files(self, number: int) -> None:
        """Count files, whether or not they are fetched.

        Raises:
            FileTooLargeError: these are too many.
        """
        self._files += number
        most = self._limits.max_files
        if most is not None and self._files > most:
            raise FileTooLargeError(f"The app returns more than {most} files (max_files). {_MORE}.")

    def check(self, name: str, size: int, more: int) -> None:
        """Say that a file has that many bytes, of which some are not counted yet.

        Raises:
            FileTooLargeError: that is too much, alone or with the others.
        """
        most, total = self._limits.max_file_bytes, self._limits.max_total_bytes
        if most is not None and size > most:
            raise FileTooLargeError(
                f"The file {name!r} has more than {most} bytes (max_file_bytes). {_MORE}."
            )
        if total is not None and self._bytes + more > total:
            raise FileTooLargeError(
                f"With {name!r} the job's files have more than {total} bytes (max_total_bytes). {_MORE}, "
                "or fetch fewer with when='lazy'."
            )

    def count(self, size: int) -> None:
        """Count bytes that came; a negative number, that they were for nothing."""
        self._bytes += size
