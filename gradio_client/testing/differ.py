"""How servers say what changed between two results (protocol section 5.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client.domain.values import Json

    Path = list[str | int]
    Edit = list[Json]


def difference(old: Json, new: Json, *, shifts_deletes: bool = True) -> list[Edit]:
    """The edits ``[op, path, value]`` that make ``new`` of ``old``.

    Lists change at their ends only. The indices of deletions are as wrong as real servers send them:
    those of the old list up to 5.29 (``shifts_deletes=False``), shifted twice since.
    """
    return _Differ(shifts_deletes).compare(old, new, [])


class _Differ:
    def __init__(self, shifts_deletes: bool) -> None:  # noqa: FBT001 - one private call
        self._shift = 2 if shifts_deletes else 0

    def compare(self, old: Json, new: Json, path: Path) -> list[Edit]:
        if type(old) is not type(new):
            return [["replace", path, new]]
        if isinstance(new, dict):
            return self._objects(old, new, path)
        if isinstance(new, list):
            return self._lists(old, new, path)
        if old == new:
            return []
        if isinstance(new, str) and new.startswith(old):
            return [["append", path, new[len(old) :]]]
        return [["replace", path, new]]

    def _lists(self, old: list[Json], new: list[Json], path: Path) -> list[Edit]:
        both = min(len(old), len(new))
        edits = [edit for i in range(both) for edit in self.compare(old[i], new[i], [*path, i])]
        edits += [["add", [*path, i], new[i]] for i in range(both, len(new))]
        for done, index in enumerate(range(both, len(old))):
            edits.append(["delete", [*path, index - self._shift * done], None])
        return edits

    def _objects(self, old: dict[str, Json], new: dict[str, Json], path: Path) -> list[Edit]:
        edits: list[Edit] = [["delete", [*path, key], None] for key in old if key not in new]
        for key, value in new.items():
            if key in old:
                edits += self.compare(old[key], value, [*path, key])
            else:
                edits.append(["add", [*path, key], value])
        return edits
