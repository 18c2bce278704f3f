from __future__ import annotations

from typing import Any

import pytest
from unit.endpoint_examples import component, endpoint, state

from gradio_client.domain.results import settled, shape

ONE = endpoint(outputs=[component(1)])
TWO = endpoint(outputs=[component(1), component(2)])
NONE = endpoint()
WITH_STATE = endpoint(outputs=[component(1), state(2)])

SKIP = {"__type__": "update"}


def update(value: Any) -> dict[str, Any]:
    return {"__type__": "update", "value": value, "label": "L"}


@pytest.mark.parametrize("value", ["text", None, [], [1, 2], {"a": 1}])
def test_one_output_is_the_bare_value(value: Any) -> None:
    assert shape(ONE, [value]) == value


def test_several_outputs_are_a_tuple() -> None:
    assert shape(TWO, ["a", None]) == ("a", None)


def test_no_output_is_an_empty_tuple() -> None:
    assert shape(NONE, []) == ()


def test_a_state_is_left_out() -> None:
    assert shape(WITH_STATE, ["a", None]) == "a"


def test_states_alone_are_an_empty_tuple() -> None:
    assert shape(endpoint(outputs=[state(1)]), [None]) == ()


def test_values_without_an_output_are_dropped() -> None:
    assert shape(ONE, ["a", "b"]) == "a"
    assert shape(NONE, [None]) == ()


def test_a_value_that_did_not_come_is_none_where_one_is_due() -> None:
    assert shape(ONE, []) is None


def test_missing_values_make_a_shorter_tuple() -> None:
    assert shape(TWO, ["a"]) == ("a",)


def test_raw_updates_are_handed_out_as_they_are() -> None:
    assert shape(TWO, [update("a"), SKIP], previous=["x", "y"]) == (update("a"), SKIP)


def test_an_update_becomes_its_value() -> None:
    assert shape(ONE, [update(None)], updates="value", previous=["x"]) is None
    assert shape(ONE, [update("a")], updates="value") == "a"


def test_an_update_without_a_value_keeps_the_previous_one() -> None:
    assert shape(TWO, [SKIP, "b"], updates="value", previous=["a", "x"]) == ("a", "b")


def test_an_update_without_a_value_and_with_none_before_is_none() -> None:
    assert shape(TWO, [SKIP, SKIP], updates="value", previous=["a"]) == ("a", None)
    assert shape(ONE, [SKIP], updates="value") is None


def test_a_previous_value_may_be_an_update_itself() -> None:
    assert shape(ONE, [SKIP], updates="value", previous=[update("a")]) == "a"


def test_previous_values_are_matched_before_states_are_left_out() -> None:
    both = endpoint(outputs=[state(1), component(2)])
    assert shape(both, [None, SKIP], updates="value", previous=[None, "a"]) == "a"


def test_settled_values_carry_on_through_several_skips() -> None:
    values = settled([update("a"), "b"])
    values = settled([SKIP, SKIP], values)
    assert settled([SKIP, "c"], values) == ["a", "c"]


def test_objects_of_the_app_are_no_updates() -> None:
    assert settled([{"__type__": "other", "value": 1}, {"value": 2}]) == [
        {"__type__": "other", "value": 1},
        {"value": 2},
    ]
