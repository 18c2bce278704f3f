"""The edits that servers send instead of whole values (protocol section 5.13)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from gradio_client.domain.bounds import DEPTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradio_client.domain.values import Json


class DiffError(ValueError):
    """The edits do not fit the value."""


def edited(value: Json, edits: Json) -> tuple[Json, int]:
    """The value after the edits, a list of ``[op, path, operand]``, applied in order as servers mean them.

    Neither the value nor the edits change. The result shares with them what the edits leave alone,
    so a large value with a small change is cheap; treat all three as read-only.

    Returns:
        The value; and how many characters the texts have that were appended to: each is a new one.

    Raises:
        DiffError: an edit is malformed, or names a place that the value does not have.
    """
    draft = Draft(value)
    draft.apply(edits)
    return draft.root, draft.appended


def _malformed(edit: Json) -> DiffError:
    return DiffError(f"An edit is [op, path, value], not {edit!r:.80}.")


class Draft:
    """A value under edit: what is on the way to a change is copied, once.

    Attributes:
        root: the value as it stands.
        appended: characters of the texts that were appended to.
        lists: what may hold edits, an edit, or a path.
    """

    __slots__ = ("_copies", "appended", "root")
    lists: ClassVar[Any] = list

    def __init__(self, root: Json) -> None:
        self.root = root
        self.appended = 0
        # By id, and held here so that no id is used again while the draft lives.
        self._copies: dict[int, Json] = {}

    def apply(self, edits: Json) -> None:
        """Apply edits in order; see ``edited``."""
        if not isinstance(edits, self.lists):
            raise DiffError(f"A list of edits was expected, not {type(edits).__name__}.")
        for edit in edits:
            if not isinstance(edit, self.lists) or len(edit) != 3:
                raise _malformed(edit)
            op, path, operand = edit
            if not isinstance(op, str) or not isinstance(path, self.lists):
                raise _malformed(edit)
            self._edit(op, path, operand)

    def _edit(self, op: str, path: Sequence[Json], operand: Json) -> None:
        if not path:
            self.root = self._whole(op, operand)
            return
        if len(path) > DEPTH // 2:  # or many edits would nest a value deeper than any one text may
            raise DiffError(f"No edit reaches {len(path)} levels deep.")
        parent = self._open(path[:-1])
        if op == "delete":
            self._delete(parent, path[-1])
        elif op == "add":
            self._add(parent, path[-1], operand)
        elif op in {"replace", "append"}:
            key = self._key(parent, path[-1], new=op == "replace")
            parent[key] = operand if op == "replace" else self._appended(parent[key], operand)
        else:
            raise DiffError(f"Unknown edit {op!r}.")

    def _open(self, path: Sequence[Json]) -> Json:
        """The container at the path, this draft's own."""
        self.root = current = self._own(self.root)
        for step in path:
            key = self._key(current, step)
            current[key] = current = self._own(current[key])
        return current

    def _own(self, value: Json) -> Json:
        if id(value) in self._copies:
            return value
        if not isinstance(value, dict | list):
            raise DiffError(f"A path leads into {type(value).__name__}, which has no parts.")
        copy = value.copy()
        self._copies[id(copy)] = copy
        return copy

    def _whole(self, op: str, operand: Json) -> Json:
        if op == "replace":
            return operand
        if op == "append":
            return self._appended(self.root, operand)
        raise DiffError(f"Edit {op!r} does not apply to a whole value.")

    def _appended(self, text: Json, more: Json) -> Json:
        if not isinstance(text, str) or not isinstance(more, str):
            raise DiffError(f"Cannot append {type(more).__name__} to {type(text).__name__}.")
        self.appended += len(text) + len(more)
        return text + more

    def _add(self, parent: Json, step: Json, operand: Json) -> None:
        if isinstance(parent, list):
            parent.insert(self._index(step, len(parent) + 1), operand)
        else:
            parent[self._key(parent, step, new=True)] = operand

    def _delete(self, parent: Json, step: Json) -> None:
        if isinstance(parent, dict):
            del parent[self._key(parent, step)]
        elif parent:
            # Servers shorten lists at the end only, but send indices that are wrong in three ways.
            parent.pop()
        else:
            raise DiffError("Nothing is left in a list to delete.")

    def _key(self, parent: Json, step: Json, *, new: bool = False) -> Json:
        if isinstance(parent, list):
            return self._index(step, len(parent))
        # A server's object may have had keys of other types; JSON made texts of them.
        key = step if isinstance(step, str) else json.dumps(step)
        if new or key in parent:
            return key
        raise DiffError(f"The object has no key {key!r:.80}.")

    def _index(self, step: Json, size: int) -> int:
        if isinstance(step, str) and step.isdecimal() and len(step) < 20:
            step = int(step)
        if isinstance(step, int) and not isinstance(step, bool) and 0 <= step < size:
            return step
        raise DiffError(f"The list of {size} has no index {step!r:.80}.")
