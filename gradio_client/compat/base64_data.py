"""Files as base64 data URLs, and back."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any

from gradio_client.compat.file_names import strip_invalid_filename_characters
from gradio_client.compat.file_objects import is_http_url_like
from gradio_client.compat.media_types import get_extension, get_mimetype


def encode_file_to_base64(f: str | Path) -> str:
    """A file of this machine as a data URL.

    Raises:
        OSError: it cannot be read.
    """
    return _data_url(Path(f).read_bytes(), str(f))


def encode_url_to_base64(url: str) -> str:
    """What is at a URL as a data URL.

    Raises:
        GradioClientError: it cannot be had.
    """
    from gradio_client.compat.network import fetch  # noqa: PLC0415 - loads HTTP and asyncio

    return _data_url(fetch(url).body, url)


def encode_url_or_file_to_base64(path: str | Path) -> str:
    """The file at a path of this machine, or at an ``http(s)://`` URL, as a data URL.

    Raises:
        OSError: the file cannot be read.
        GradioClientError: what is at the URL cannot be had.
    """
    text = str(path)
    return encode_url_to_base64(text) if is_http_url_like(text) else encode_file_to_base64(text)


def decode_base64_to_binary(encoding: str) -> tuple[bytes, str | None]:
    """The bytes of a data URL or of plain base64, and the extension that its MIME type stands for.

    Raises:
        ValueError: it is no base64.
    """
    return base64.b64decode(encoding.rpartition(",")[2]), get_extension(encoding)


def decode_base64_to_file(
    encoding: str,
    file_path: str | None = None,
    dir: str | Path | None = None,  # noqa: A002 - the name that callers use
    prefix: str | None = None,
) -> Any:
    """A new file with the bytes of a data URL, open for writing, and not removed when it is closed.

    Args:
        encoding: the data URL.
        file_path: a path whose name the new file's begins with, and whose extension it gets.
        dir: where the folder of the new file is made; None for the folder for temporary files.
        prefix: what the new file's name begins with, instead of the name of ``file_path``.

    Raises:
        ValueError: it is no base64.
        OSError: the file cannot be written.
    """
    data, extension = decode_base64_to_binary(encoding)
    if file_path is not None and prefix is None:
        prefix, dot, rest = Path(file_path).name.partition(".")
        extension = rest if dot else extension
    return _write(
        data,
        dir=_new_folder(dir),
        prefix=None if prefix is None else strip_invalid_filename_characters(prefix),
        suffix=None if extension is None else f".{extension}",
    )


def dict_or_str_to_json_file(
    jsn: str | dict[Any, Any] | list[Any],
    dir: str | Path | None = None,  # noqa: A002 - the name that callers use
) -> Any:
    """A new file with a value as JSON, open for writing, and not removed when it is closed.

    Raises:
        ValueError: a text that is no JSON.
        TypeError: a value that has no JSON form.
        OSError: the file cannot be written.
    """
    if dir is not None:
        Path(dir).mkdir(parents=True, exist_ok=True)
    text = json.dumps(json.loads(jsn) if isinstance(jsn, str) else jsn)
    made = tempfile.NamedTemporaryFile(mode="w+", suffix=".json", dir=dir, delete=False)  # noqa: SIM115 - the caller's
    made.write(text)
    made.flush()
    return made


def file_to_json(file_path: str | Path) -> Any:
    """The value that a JSON file holds.

    Raises:
        ValueError: it is no JSON.
        OSError: it cannot be read.
    """
    return json.loads(Path(file_path).read_text())


def create_tmp_copy_of_file(
    file_path: str,
    dir: str | None = None,  # noqa: A002 - the name that callers use
) -> str:
    """The path of a new copy of a file, with its name, in a folder of its own.

    Raises:
        OSError: it cannot be read or written.
    """
    return str(Path(shutil.copy2(file_path, _new_folder(dir) / Path(file_path).name)).resolve())


def _data_url(data: bytes, name: str) -> str:
    return f"data:{get_mimetype(name) or ''};base64,{base64.b64encode(data).decode()}"


def _new_folder(parent: str | Path | None) -> Path:
    folder = Path(parent or tempfile.gettempdir()) / secrets.token_hex(20)
    folder.mkdir(parents=True)
    return folder


def _write(data: bytes, **place: Any) -> IO[bytes]:
    made = tempfile.NamedTemporaryFile(delete=False, **place)  # noqa: SIM115 - the caller's
    made.write(data)
    made.flush()
    return made
