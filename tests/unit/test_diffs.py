from __future__ import annotations

import contextlib
import copy
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.compat.edits import apply_diff
from gradio_client.domain.diffs import DiffError, edited

if TYPE_CHECKING:
    from gradio_client.domain.values import Json

    Edits = list[list[Json]]


def applied(value: Json, edits: Json) -> Json:
    return edited(value, edits)[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text("ab", max_size=4),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=4),
    max_leaves=20,
)


def differences(old: Json, new: Json, path: list[Json], data: st.DataObject) -> Edits:
    """What servers send: tails of lists go with any index, and the smallest part is replaced."""
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return []
    if isinstance(old, str) and isinstance(new, str) and new.startswith(old):
        return [["append", path, new[len(old) :]]]
    if isinstance(old, list) and isinstance(new, list):
        return list_differences(old, new, path, data)
    if isinstance(old, dict) and isinstance(new, dict):
        return object_differences(old, new, path, data)
    return [["replace", path, new]]


def list_differences(old: list[Json], new: list[Json], path: list[Json], data: st.DataObject) -> Edits:
    edits: Edits = []
    for index, (before, after) in enumerate(zip(old, new, strict=False)):
        edits += differences(before, after, [*path, index], data)
    edits += [["add", [*path, index], new[index]] for index in range(len(old), len(new))]
    wrong = st.integers(-len(old), len(old))
    edits += [["delete", [*path, data.draw(wrong)], None] for _ in range(len(new), len(old))]
    return edits


def object_differences(
    old: dict[str, Json], new: dict[str, Json], path: list[Json], data: st.DataObject
) -> Edits:
    edits: Edits = [["delete", [*path, key], None] for key in old if key not in new]
    for key, after in new.items():
        if key in old:
            edits += differences(old[key], after, [*path, key], data)
        else:
            edits.append(["add", [*path, key], after])
    return edits


@given(JSON, JSON, st.data())
def test_edits_as_servers_send_them_give_the_new_value(old: Json, new: Json, data: st.DataObject) -> None:
    edits = differences(old, new, [], data)
    sent = json.loads(json.dumps(edits))
    before = copy.deepcopy((old, sent))
    assert json.dumps(applied(old, sent), sort_keys=True) == json.dumps(new, sort_keys=True)
    assert (old, sent) == before


@given(st.lists(JSON, min_size=1, max_size=6), st.data())
def test_values_handed_out_earlier_never_change(steps: list[Json], data: st.DataObject) -> None:
    value, handed = steps[0], [steps[0]]
    for step in steps[1:]:
        value = applied(value, differences(value, step, [], data))
        handed.append(value)
    assert json.dumps(handed, sort_keys=True) == json.dumps(steps, sort_keys=True)


STEPS = st.integers(-2, 4) | st.text("ab", max_size=2) | JSON
ODD = st.tuples(st.sampled_from(["replace", "add", "delete", "append"]), st.lists(STEPS, max_size=3), JSON)


@given(JSON, JSON | st.lists(ODD.map(list), max_size=4))
def test_nothing_but_a_diff_error_comes_out_of_odd_edits(value: Json, edits: Json) -> None:
    before = copy.deepcopy(value)
    with contextlib.suppress(DiffError):
        applied(value, edits)
    assert json.dumps(value) == json.dumps(before)


@pytest.mark.parametrize(
    ("old", "edits", "new"),
    [
        ("ab", [], "ab"),
        ("ab", [["append", [], "c"]], "abc"),
        (None, [["replace", [], {"a": 1}]], {"a": 1}),
        ({"a": 1}, [["replace", ["a"], 2], ["add", ["b"], 3]], {"a": 2, "b": 3}),
        ({"a": 1, "b": 2}, [["delete", ["a"], None]], {"b": 2}),
        ([1], [["add", [1], 2], ["add", [2], 3]], [1, 2, 3]),
        ([{"t": "a"}], [["append", [0, "t"], "b"]], [{"t": "ab"}]),
        (
            [{"content": [{"text": "hel"}]}],
            [["append", [0, "content", 0, "text"], "lo"]],
            [{"content": [{"text": "hello"}]}],
        ),
    ],
)
def test_each_operation(old: Json, edits: Json, new: Json) -> None:
    assert applied(old, edits) == new


@pytest.mark.parametrize(
    ("value", "edits", "result"),
    [
        ([1, 2, 3], [["delete", [0], None]], [2, 3]),
        ([1, 2, 3], [["delete", [7], None]], [1, 2]),
        ({1: [1, 2]}, [["delete", [1, -2], None]], {1: [2]}),
        ({"a": [1]}, (("append", ("a",), [2]),), {"a": [1, 2]}),
        ({1: "a", "1": "b"}, [["append", [1], "c"]], {1: "ac", "1": "b"}),
        ([1, 2], [["add", [-1], 5], ["replace", [-1], 6]], [1, 5, 6]),
    ],
)
def test_the_public_function_takes_edits_by_the_letter(value: Json, edits: Json, result: Json) -> None:
    before = copy.deepcopy(value)
    assert apply_diff(value, edits) == result
    assert value == before


@pytest.mark.parametrize("edits", [[["delete", [0], None]], [["append", [], 1]], [["add", [None], 1]]])
def test_the_public_function_refuses_edits_that_do_not_fit(edits: Json) -> None:
    with pytest.raises(DiffError):
        apply_diff([], edits)


@pytest.mark.parametrize("index", [0, 1, 2, 7, -1, "1", None])
def test_deleting_from_a_list_takes_its_last_element_whatever_the_index(index: Json) -> None:
    assert applied([1, 2, 3], [["delete", [index], None]]) == [1, 2]


def test_the_unshifted_indices_of_old_servers() -> None:
    edits = [["replace", ["a"], 2], ["delete", ["b", 1], None], ["delete", ["b", 2], None]]
    assert applied({"a": 1, "b": [1, 2, 3]}, edits) == {"a": 2, "b": [1]}


@pytest.mark.parametrize(
    ("key", "text"), [(1, "1"), (1.5, "1.5"), (True, "true"), (None, "null"), ("1", "1")]
)
def test_keys_that_json_made_texts_of_are_found(key: Json, text: str) -> None:
    assert applied({text: "a"}, [["append", [key], "b"]]) == {text: "ab"}
    assert applied({}, [["add", [key], 1]]) == {text: 1}


def test_an_index_may_be_a_text() -> None:
    assert applied([[1]], [["replace", ["0", "0"], 2]]) == [[2]]


def test_untouched_parts_are_shared() -> None:
    old = {"big": [0] * 100, "small": ["a"]}
    new = applied(old, [["append", ["small", 0], "b"]])
    assert new["big"] is old["big"]
    assert new["small"] is not old["small"]


def test_a_container_is_copied_once_for_all_edits() -> None:
    class Counted(list[object]):
        copies = 0

        def copy(self) -> Counted:
            Counted.copies += 1
            return Counted(self)

    new = applied(Counted(range(100)), [["replace", [index], None] for index in range(100)])
    assert new == [None] * 100
    assert Counted.copies == 1


def test_a_value_from_an_edit_is_not_edited_in_place() -> None:
    edits = [["replace", ["a"], ["x"]], ["append", ["a", 0], "y"]]
    assert applied({"a": None}, edits) == {"a": ["xy"]}
    assert edits[0] == ["replace", ["a"], ["x"]]


@pytest.mark.parametrize(
    ("value", "edits"),
    [
        ([1], [["replace", [1], 2]]),
        ([1], [["replace", [-1], 2]]),
        ([1], [["replace", [True], 2]]),
        ([1], [["replace", ["9" * 30], 2]]),
        ([1], [["add", [3], 2]]),
        ([], [["delete", [0], None]]),
        ({}, [["delete", ["a"], None]]),
        ({}, [["append", ["a"], "x"]]),
        ({"a": 1}, [["append", ["a"], "x"]]),
        ({"a": 1}, [["replace", ["a", "b"], 2]]),
        ("abc", [["replace", [0], "x"]]),
        ("abc", [["append", [], 1]]),
        ("abc", [["delete", [], None]]),
        ("abc", [["add", [], "x"]]),
        ("abc", [["move", [], "x"]]),
        ({"a": 1}, [["move", ["a"], "x"]]),
        ("abc", "abc"),
        ("abc", ["abc"]),
        ("abc", [["append", []]]),
        ("abc", [["append", "path", "x"]]),
        ("abc", None),
        ("abc", {"op": "append"}),
    ],
)
def test_edits_that_do_not_fit_are_refused(value: Json, edits: Json) -> None:
    with pytest.raises(DiffError):
        applied(value, edits)
