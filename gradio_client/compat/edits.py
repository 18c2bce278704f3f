"""Edits of values taken by the letter, as ``gradio_client`` 2.7.2 does.

Jobs take them as servers mean them instead: indices that servers send with deletions are often wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain.diffs import DiffError, Draft

if TYPE_CHECKING:
    from gradio_client.domain.values import Json


def apply_diff(value: Json, edits: Json) -> Json:
    """The value after the edits, a list of ``[op, path, operand]``, applied in order.

    Neither the value nor the edits change. The result shares with them what the edits leave alone,
    so a large value with a small change is cheap; treat all three as read-only.

    Args:
        value: of any JSON type; objects may have keys that are numbers, truth values or None.
        edits: ``op`` is ``"replace"``, ``"append"`` (to a text or a list), ``"add"`` or ``"delete"``;
            ``path`` has keys and indices, which count from the end when they are negative. A deletion
            from a list at an index that it does not have takes its last element, as old servers need.

    Raises:
        DiffError: an edit is malformed, or names a place that the value does not have.
    """
    draft = _Literal(value)
    draft.apply(edits)
    return draft.root


class _Literal(Draft):
    __slots__ = ()
    lists = (list, tuple)

    def _appended(self, text: Json, more: Json) -> Json:
        if isinstance(text, list) and isinstance(more, list):
            return text + more
        return super()._appended(text, more)

    def _add(self, parent: Json, step: Json, operand: Json) -> None:
        if isinstance(parent, list) and isinstance(step, int):
            parent.insert(step, operand)
        else:
            super()._add(parent, step, operand)

    def _delete(self, parent: Json, step: Json) -> None:
        try:
            del parent[self._key(parent, step)]
        except DiffError:
            super()._delete(parent, step)

    def _key(self, parent: Json, step: Json, *, new: bool = False) -> Json:
        scalar = isinstance(step, str | int | float | None)
        if isinstance(parent, dict) and scalar and (new or step in parent):
            return step
        return super()._key(parent, step, new=new)

    def _index(self, step: Json, size: int) -> int:
        if isinstance(step, int) and -size <= step < size:
            return step
        return super()._index(step, size)
