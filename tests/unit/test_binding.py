from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.endpoint_examples import component, endpoint, optional, required, state

from gradio_client.domain.endpoints import Endpoint, bind_arguments
from gradio_client.domain.errors import ArgumentError

META = {"_type": "gradio.FileData"}
GREET = endpoint([required("name"), optional("greeting", "Hello"), optional("times", 1)], "/greet")
POSITIONAL = endpoint([required(None), required(None)], "/old")
SENTINEL = object()

parameter_names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


class Uncomparable:
    """As numpy arrays are: neither equal to anything nor true or false."""

    __hash__ = None  # type: ignore[assignment] # arrays have none either

    def __eq__(self, other: object) -> bool:
        raise ValueError("ambiguous")

    def __bool__(self) -> bool:
        raise ValueError("ambiguous")


def refusal(called: Endpoint, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        bind_arguments(called, args, kwargs)
    assert isinstance(caught.value, TypeError)
    assert caught.value.endpoint == called.label
    assert caught.value.message.endswith(f"Signature: {called.signature()}")
    return caught.value.message


def test_values_fill_from_the_left_and_defaults_the_rest() -> None:
    assert bind_arguments(GREET, ["Ann"], {}) == ["Ann", "Hello", 1]
    assert bind_arguments(GREET, ["Ann", "Hi"], {}) == ["Ann", "Hi", 1]


def test_values_go_by_name_in_any_order() -> None:
    assert bind_arguments(GREET, [], {"times": 3, "name": "Ann"}) == ["Ann", "Hello", 3]


def test_a_required_value_may_follow_a_default() -> None:
    mixed = endpoint([optional("a", 1), required("b")])
    assert bind_arguments(mixed, [], {"b": 2}) == [1, 2]


@pytest.mark.parametrize("value", [None, False, 0, "", []])
def test_a_value_that_is_false_is_a_value(value: Any) -> None:
    assert bind_arguments(GREET, [value], {"greeting": value}) == [value, value, 1]


def test_values_are_passed_on_as_they_are() -> None:
    data = bind_arguments(GREET, [SENTINEL], {"times": SENTINEL})
    assert data[0] is SENTINEL
    assert data[2] is SENTINEL


def test_values_are_never_compared() -> None:
    array = Uncomparable()
    assert bind_arguments(GREET, [array], {"times": array})[2] is array


def test_a_default_of_null_is_a_default() -> None:
    assert bind_arguments(endpoint([optional("a", None)]), [], {}) == [None]


def test_a_state_is_null_wherever_it_stands() -> None:
    called = endpoint([required("a"), required("b")], inputs=[state(1), component(2), state(3), component(4)])
    assert bind_arguments(called, ["x", "y"], {}) == [None, "x", None, "y"]


def test_every_skipped_input_is_null() -> None:
    called = endpoint([required("a")], inputs=[component(1, "button", skipped=True), component(2)])
    assert bind_arguments(called, ["x"], {}) == [None, "x"]


def test_a_component_given_twice_takes_two_values() -> None:
    called = endpoint([required("a"), required("b")], inputs=[component(1), component(1)])
    assert bind_arguments(called, ["x", "y"], {}) == ["x", "y"]


def test_an_endpoint_without_inputs_takes_nothing() -> None:
    assert bind_arguments(endpoint(), [], {}) == []


def test_inputs_without_a_parameter_are_null() -> None:
    called = endpoint([required("a")], inputs=[component(1), component(2)])
    assert bind_arguments(called, ["x"], {}) == ["x", None]


def test_parameters_without_an_input_are_sent_all_the_same() -> None:
    called = endpoint([required("a"), required("b")], inputs=[component(1)])
    assert bind_arguments(called, ["x", "y"], {}) == ["x", "y"]


def test_a_default_is_a_copy() -> None:
    table = {"data": [[1]]}
    called = endpoint([optional("table", table)])
    bind_arguments(called, [], {})[0]["data"][0].append(2)
    assert bind_arguments(called, [], {}) == [{"data": [[1]]}]


def test_a_file_in_a_default_loses_its_url() -> None:
    file = {"path": "/srv/x.txt", "url": "http://elsewhere/x.txt", "orig_name": "x.txt", "meta": META}
    called = endpoint([optional("files", [{"image": file, "caption": None}])])
    kept = {"path": "/srv/x.txt", "orig_name": "x.txt", "meta": META}
    assert bind_arguments(called, [], {}) == [[{"image": kept, "caption": None}]]
    assert file["url"]


def test_a_url_in_other_defaults_stays() -> None:
    link = {"path": "/docs", "url": "http://elsewhere"}
    assert bind_arguments(endpoint([optional("link", link)]), [], {}) == [link]


def test_a_file_that_the_caller_gives_keeps_its_url() -> None:
    file = {"path": "https://h/x", "url": "https://h/x", "meta": META}
    assert bind_arguments(endpoint([required("a")]), [file], {})[0] is file


def test_too_many_values_are_counted() -> None:
    assert "/greet takes at most 3 arguments, not 4." in refusal(GREET, 1, 2, 3, 4)
    assert "/run takes no arguments, not 1." in refusal(endpoint(), 1)


def test_an_unknown_name_is_told_the_nearest_one_first() -> None:
    message = refusal(GREET, "Ann", greetin="Hi")
    assert "no parameter 'greetin'. Did you mean 'greeting'? Available: greeting, name, times." in message


def test_an_unknown_name_where_there_is_none() -> None:
    assert "There is none to choose from." in refusal(endpoint(), x=1)


def test_a_value_given_twice_is_refused() -> None:
    assert "got 'name' twice: as argument 1 and by name" in refusal(GREET, "Ann", name="Bob")


def test_missing_values_are_named() -> None:
    called = endpoint([required("a"), optional("b", 1), required("c")])
    assert "lacks 2 arguments: a, c." in refusal(called)
    assert "lacks 1 argument: c." in refusal(called, 1)


def test_missing_values_without_a_name_go_by_their_label() -> None:
    assert "lacks 1 argument: 'Value'." in refusal(POSITIONAL, 1)


def test_names_are_refused_where_the_server_does_not_tell_them() -> None:
    message = refusal(POSITIONAL, 1, value=2)
    assert "does not tell the names" in message
    assert "by position" in message


def test_a_refusal_shows_no_values() -> None:
    assert "hunter2" not in refusal(GREET, "hunter2", "hunter2", "hunter2", "hunter2")
    assert "hunter2" not in refusal(GREET, "Ann", nope="hunter2")


@given(parameter_names, st.data())
def test_arguments_bind_as_those_of_a_python_function(names: list[str], data: st.DataObject) -> None:
    defaults = data.draw(st.lists(st.booleans(), min_size=len(names), max_size=len(names)).map(sorted))
    args = data.draw(st.lists(st.integers(), max_size=6))
    kwargs = data.draw(st.dictionaries(st.sampled_from("abcdefg"), st.integers(), max_size=3))
    pairs = list(zip(names, defaults, strict=True))
    called = endpoint([optional(name, 0) if default else required(name) for name, default in pairs])
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function = inspect.Signature(
        [
            inspect.Parameter(name, kind, default=0 if default else inspect.Parameter.empty)
            for name, default in pairs
        ]
    )
    try:
        bound = function.bind(*args, **kwargs)
    except TypeError:
        refusal(called, *args, **kwargs)
    else:
        bound.apply_defaults()
        assert bind_arguments(called, args, kwargs) == list(bound.arguments.values())
