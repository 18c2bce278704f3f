"""The embedded server's diffs are ones that a client can apply (protocol section 5.13)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.diffs import edited
from gradio_client.testing.differ import difference

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(old=JSON, new=JSON, shifts=st.booleans())
def test_a_client_makes_the_new_value_of_the_old_and_the_difference(
    old: Any, new: Any, *, shifts: bool
) -> None:
    assert edited(old, difference(old, new, shifts_deletes=shifts))[0] == new


def test_nothing_changed_is_no_edit() -> None:
    assert difference({"a": [1, "x"]}, {"a": [1, "x"]}) == []


def test_growing_text_is_appended_to() -> None:
    assert difference({"a": ["ab"]}, {"a": ["abc"]}) == [["append", ["a", 0], "c"]]


def test_true_is_not_one() -> None:
    assert difference([1], [True]) == [["replace", [0], True]]


def test_deletions_have_the_wrong_indices_of_their_time() -> None:
    assert difference([1, 2, 3], [1], shifts_deletes=False) == [["delete", [1], None], ["delete", [2], None]]
    assert difference([1, 2, 3], [1]) == [["delete", [1], None], ["delete", [0], None]]
