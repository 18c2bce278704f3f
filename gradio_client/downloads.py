"""Options of ``download_files=``: where files of results go, which ones, when, and how much at most."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

#: Which files are downloaded: those of results, those of every output, or those that are asked for.
When: TypeAlias = Literal["final", "all", "lazy"]


@dataclass(frozen=True, slots=True)
class Downloads:
    """How a client downloads the files in what the app returns.

    Attributes:
        folder: where they are saved; None for ``DEFAULT_TEMP_DIR``. Created when it is first needed. Each
            file is in a folder of its own, named after the SHA-256 of its content.
        when: ``"all"`` downloads the files of every output, including those that a generator yields,
            ``"final"`` only those of the result, ``"lazy"`` none. A file that is not downloaded is
            returned as a ``RemoteFile`` (by ``AsyncClient`` as an ``AsyncRemoteFile``).
        max_file_bytes: the size of the largest file that is downloaded, 10 GiB by default. None for no
            limit, here and below.
        max_files: how many files a job may have, including those that are not downloaded, 10,000 by
            default; a file that occurs again counts once.
        max_total_bytes: how many bytes they may have in total, 50 GiB by default.
        remove_on_close: whether the client's ``close()`` removes what it downloaded. Only without a
            ``folder``: the files are then in a folder of this client's own in the default one.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value makes no sense.
    """

    folder: str | os.PathLike[str] | None = None
    when: When = "all"
    max_file_bytes: int | None = 10 << 30
    max_files: int | None = 10_000
    max_total_bytes: int | None = 50 << 30
    remove_on_close: bool = False

    def __post_init__(self) -> None:
        if self.folder is not None and not isinstance(self.folder, str | os.PathLike):
            raise TypeError(f"folder= takes a folder or None, not {type(self.folder).__name__}.")
        if self.folder is not None and (not str(self.folder) or "\0" in str(self.folder)):
            raise ValueError(f"folder={self.folder!r} is no folder's path; leave it out for the default one.")
        if self.when not in get_args(When):
            raise ValueError(f"when= must be 'all', 'final' or 'lazy', not {self.when!r}.")
        for name in ("max_file_bytes", "max_files", "max_total_bytes"):
            _check_limit(name, getattr(self, name))
        if self.remove_on_close and self.folder is not None:
            raise ValueError(
                "remove_on_close= cannot be combined with a folder= of your own; leave one of them out."
            )


def _check_limit(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}= takes a whole number, or None for no limit, not {type(value).__name__}.")
    if value < 0:
        raise ValueError(f"{name}={value!r}: at least 0 is needed, or None for no limit.")
