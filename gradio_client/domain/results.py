"""What the caller gets of a job's output."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.values import Json

#: What becomes of updates (protocol section 4.2): handed out as they are, or as their values.
Updates: TypeAlias = Literal["raw", "value"]


def shape(
    endpoint: Endpoint,
    values: Sequence[Json],
    *,
    updates: Updates = "raw",
    previous: Sequence[Json] | None = None,
) -> Json:
    """The outputs of a job as its caller sees them (protocol section 4.2).

    Values of skipped components, such as states, are left out. An endpoint with one output
    besides these gives that value itself (None if the server sent none), any other a tuple.

    Args:
        endpoint: what was called.
        values: the server's output, one value for each of the endpoint's outputs.
        updates: ``"raw"`` hands updates out as objects, ``"value"`` as the values they set.
        previous: the output before this one, for updates that set no value.
    """
    if updates == "value":
        values = settled(values, previous)
    shown = [not output.skipped for output in endpoint.outputs]
    kept = tuple(compress(values, shown))
    if sum(shown) == 1:
        return kept[0] if kept else None
    return kept


def settled(values: Sequence[Json], previous: Sequence[Json] | None = None) -> list[Json]:
    """Values with every update replaced by the value it sets.

    An update that sets none leaves an output as it was: it becomes the previous value, or None
    when there is none. To follow a job, pass what the last call returned as ``previous``.
    """
    before = settled(previous) if previous is not None else []
    return [
        value if not _is_update(value) else value.get("value", before[index] if index < len(before) else None)
        for index, value in enumerate(values)
    ]


def _is_update(value: Json) -> bool:
    return isinstance(value, dict) and value.get("__type__") == "update"
