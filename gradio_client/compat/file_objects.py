"""Telling files, addresses and file objects from other values (protocol section 7.2).

None of these raises, whatever it is asked about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gradio_client.domain.files import is_file


def is_http_url_like(possible_url: object) -> bool:
    """Whether a value is text that begins like an ``http(s)://`` URL, in lower case."""
    return isinstance(possible_url, str) and possible_url.startswith(("http://", "https://"))


def is_filepath(s: object) -> bool:
    """Whether a value is the path of a file of this machine, as text or ``Path``."""
    if not isinstance(s, str | Path):
        return False
    try:
        return Path(s).is_file()
    except (OSError, ValueError):  # longer than any path may be; a NUL in it
        return False


def is_file_obj(d: Any) -> bool:
    """Whether a value is a dictionary with text at ``path``, as files are up to Gradio 4.20."""
    return is_file(d, needs_meta=False)


def is_file_obj_with_meta(d: Any) -> bool:
    """Whether a value is a file object with the mark that later versions of Gradio set."""
    return is_file(d, needs_meta=True)


def is_file_obj_with_url(d: Any) -> bool:
    """Whether a value is a file object with that mark, and with text at ``url``."""
    return is_file(d, needs_meta=True) and isinstance(d.get("url"), str)
