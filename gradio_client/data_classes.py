"""Types of the objects which travel to and from an app.

They are kept for programs, Gradio among them, which import these names from here. Nothing in the
client reads them, and nothing checks values against them.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class FileData(TypedDict):
    """A file as Gradio 3 sends it; later ones send ``path`` and ``meta`` (protocol section 7.2)."""

    name: str | None  # of the file; a path on the server when `is_file`
    data: str | None  # a base64 data URL, unless `is_file`
    size: NotRequired[int | None]  # in bytes
    is_file: NotRequired[bool]
    orig_name: NotRequired[str]
    mime_type: NotRequired[str]
    is_stream: NotRequired[bool]


class ParameterInfo(TypedDict):
    """A parameter in ``Client.view_api(return_format="dict")`` (protocol section 4)."""

    label: str
    parameter_name: str
    parameter_has_default: NotRequired[bool]
    parameter_default: NotRequired[Any]
    type: dict[str, Any]  # JSON schema
    python_type: dict[str, Any]  # "type" and "description", both texts
    component: str
    example_input: Any
