"""The arguments of one call: checked and encoded at once, with local files still to be uploaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gradio_client._files.uploads import key_of
from gradio_client.domain.errors import UnsendableArgumentError, Where
from gradio_client.domain.files import map_objects, objects_in
from gradio_client.files import MarkedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradio_client._files.transfer import Transfer
    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.values import Json


class Arguments:
    """The ``data`` array of a call (protocol section 4.1).

    Encoding it at once makes later changes to the caller's objects harmless, and bad values
    an error where the call is made.

    Raises:
        UnsendableArgumentError: a value is not JSON; the message names the parameter.
    """

    def __init__(self, endpoint: Endpoint, data: Sequence[Json]) -> None:
        self._encoded = _encode(endpoint, data)
        self._endpoint = endpoint
        has_files = bool(marked_files(data))
        self._data = map_objects(data, _is_marked, lambda file: file.copy()) if has_files else []
        self._files = marked_files(self._data)

    async def sendable(self, transfer: Transfer, scope: CallScope) -> bytes:
        """The array as JSON, after every file in it has been uploaded for the call.

        Raises:
            GradioClientError: an upload failed.
            OSError: a file could not be read.
        """
        if not self._files:
            return self._encoded
        uploaded = await transfer.upload(self._files, scope)
        data = map_objects(self._data, _is_marked, lambda file: uploaded[key_of(file)])
        return _encode(self._endpoint, data)


def marked_files(value: Json) -> list[MarkedFile]:
    """Every file in a value that the caller has marked with ``handle_file``."""
    return objects_in(value, _is_marked)


def _is_marked(value: Json) -> bool:
    return isinstance(value, MarkedFile)


def _json(value: Json) -> bytes:
    # NaN is no JSON, and servers refuse it (trap 19). Of a lone surrogate, which is no UTF-8, they make
    # an answer that they cannot send, and drop the whole session.
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


def _encode(endpoint: Endpoint, data: Sequence[Json]) -> bytes:
    try:
        return _json(data)
    except (TypeError, ValueError, RecursionError) as error:
        raise _not_json(endpoint, data) from error


def _not_json(endpoint: Endpoint, data: Sequence[Json]) -> UnsendableArgumentError:
    names = [component.label for component in endpoint.inputs]
    shown = [at for at, component in enumerate(endpoint.inputs) if not component.skipped]
    for at, parameter in zip(shown, endpoint.parameters, strict=False):
        names[at] = parameter.name or parameter.label
    where = Where(endpoint=endpoint.label)
    for name, value in zip(names, data, strict=False):
        try:
            _json(value)
        except (TypeError, ValueError, RecursionError) as error:
            return UnsendableArgumentError(
                f"The argument {name!r} cannot be sent as JSON: {error}.{_remedy(value)}", where=where
            )
    return UnsendableArgumentError("The arguments cannot be sent as JSON.", where=where)


def _remedy(value: Json) -> str:
    if isinstance(value, float):
        return " NaN and infinity have no JSON form; pass None instead."
    if isinstance(value, MarkedFile):
        return " The file's name is no text; rename the file."
    if isinstance(value, str):
        return " It holds a lone surrogate, which is half of a character."
    if hasattr(value, "tolist"):
        return " Call .tolist() on it first."
    if hasattr(value, "__fspath__") or hasattr(value, "read") or isinstance(value, bytes):
        return " Pass a file as handle_file(path), and bytes or an open file likewise."
    return " Pass text, numbers, booleans, None, lists, dictionaries, or handle_file(path)."
