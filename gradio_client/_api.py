"""What ``view_api`` returns."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Literal

from gradio_client.domain.api_text import describe

if TYPE_CHECKING:
    from gradio_client.domain.values import JsonObject


def view_api(
    info: JsonObject, *, all_endpoints: bool | None, return_format: Literal["dict", "str"]
) -> JsonObject | str:
    """An app's API description as text, or as a dictionary that the caller may change.

    Raises:
        ValueError: an unknown format.
    """
    if return_format == "dict":
        return copy.deepcopy(info)
    if return_format == "str":
        return describe(info, all_endpoints=all_endpoints)
    raise ValueError(f"return_format= must be 'dict' or 'str', not {return_format!r}.")
