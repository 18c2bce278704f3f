"""Names that Gradio and other programs import from ``gradio_client.utils``; each is defined elsewhere.

The name of this module is not ours to choose. Nothing in the client imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client._version import __version__
from gradio_client.compat.base64_data import (
    create_tmp_copy_of_file,
    decode_base64_to_binary,
    decode_base64_to_file,
    dict_or_str_to_json_file,
    encode_file_to_base64,
    encode_url_or_file_to_base64,
    encode_url_to_base64,
    file_to_json,
)
from gradio_client.compat.binding import construct_args
from gradio_client.compat.constants import CURRENT_FILE_DATA_FORMAT, INVALID_RUNTIME, STATE_COMPONENT
from gradio_client.compat.edits import apply_diff
from gradio_client.compat.file_names import (
    encode_file_path,
    sanitize_parameter_names,
    strip_invalid_filename_characters,
)
from gradio_client.compat.file_objects import (
    is_file_obj,
    is_file_obj_with_meta,
    is_file_obj_with_url,
    is_filepath,
    is_http_url_like,
)
from gradio_client.compat.json_types import (
    APIInfoParseError,
    json_schema_to_python_type,
    python_type_to_json_schema,
    value_is_file,
)
from gradio_client.compat.media_types import get_extension, get_mimetype, is_valid_file
from gradio_client.compat.server_messages import ServerMessage
from gradio_client.compat.traversal import async_traverse, traverse
from gradio_client.domain.errors import (
    InvalidAPIEndpointError,
    QueueError,
    SpaceDuplicationError,
    TooManyRequestsError,
)
from gradio_client.domain.status import OutputUpdate, ProgressUnit, Status, StatusUpdate
from gradio_client.files import file, handle_file

if TYPE_CHECKING:
    from gradio_client.compat.network import is_valid_url, probe_url, synchronize_async

__all__ = [
    "CURRENT_FILE_DATA_FORMAT",
    "INVALID_RUNTIME",
    "STATE_COMPONENT",
    "APIInfoParseError",
    "InvalidAPIEndpointError",
    "OutputUpdate",
    "ProgressUnit",
    "QueueError",
    "ServerMessage",
    "SpaceDuplicationError",
    "Status",
    "StatusUpdate",
    "TooManyRequestsError",
    "__version__",
    "apply_diff",
    "async_traverse",
    "construct_args",
    "create_tmp_copy_of_file",
    "decode_base64_to_binary",
    "decode_base64_to_file",
    "dict_or_str_to_json_file",
    "encode_file_path",
    "encode_file_to_base64",
    "encode_url_or_file_to_base64",
    "encode_url_to_base64",
    "file",
    "file_to_json",
    "get_extension",
    "get_mimetype",
    "handle_file",
    "is_file_obj",
    "is_file_obj_with_meta",
    "is_file_obj_with_url",
    "is_filepath",
    "is_http_url_like",
    "is_valid_file",
    "is_valid_url",
    "json_schema_to_python_type",
    "probe_url",
    "python_type_to_json_schema",
    "sanitize_parameter_names",
    "strip_invalid_filename_characters",
    "synchronize_async",
    "traverse",
    "value_is_file",
]

_WITH_A_LOOP = ("is_valid_url", "probe_url", "synchronize_async")


def __getattr__(name: str) -> object:
    """What needs an event loop or HTTP, when it is first asked for."""
    if name not in _WITH_A_LOOP:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gradio_client.compat import network  # noqa: PLC0415 - loads asyncio and the hooks

    value: object = getattr(network, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
