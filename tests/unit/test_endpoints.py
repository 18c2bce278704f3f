from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.endpoint_examples import by_id, endpoint, optional, required

from gradio_client.domain.endpoints import select_endpoint
from gradio_client.domain.errors import EndpointNotFoundError, InvalidAPIEndpointError

GREET = endpoint(api_name="/greet", number=3)
COUNT = endpoint(api_name="/count", number=4)
HIDDEN = endpoint(api_name="/hidden", number=5, visibility="undocumented")
PRIVATE = endpoint(api_name="/private", number=6, visibility="private")
SCRIPT = endpoint(api_name="/script", number=7, callable=False)
UNNAMED = endpoint(api_name=None, number=8)
ALL = by_id(GREET, COUNT, HIDDEN, PRIVATE, SCRIPT, UNNAMED)


def refusal(api_name: Any = None, fn_index: Any = None, endpoints: Any = ALL) -> str:
    with pytest.raises(EndpointNotFoundError) as caught:
        select_endpoint(endpoints, api_name, fn_index)
    assert isinstance(caught.value, ValueError)
    return caught.value.message


@pytest.mark.parametrize("name", ["/greet", "greet"])
def test_a_name_is_taken_with_and_without_slash(name: str) -> None:
    assert select_endpoint(ALL, name, None) is GREET


def test_a_number_is_an_id_and_not_a_place() -> None:
    assert select_endpoint(ALL, None, 3) is GREET


def test_a_name_goes_before_a_number() -> None:
    assert select_endpoint(ALL, "/greet", 4) is GREET


def test_an_undocumented_endpoint_can_be_called() -> None:
    assert select_endpoint(ALL, "/hidden", None) is HIDDEN


def test_an_endpoint_without_a_name_can_be_called_by_number() -> None:
    assert select_endpoint(ALL, None, 8) is UNNAMED


def test_zero_is_a_number() -> None:
    first = endpoint(api_name="/first", number=0)
    assert select_endpoint(by_id(first, COUNT), None, 0) is first


def test_of_endpoints_with_one_name_that_which_can_be_called_is_meant() -> None:
    script = endpoint(api_name="/greet", number=1, callable=False)
    assert select_endpoint(by_id(script, GREET), "/greet", None) is GREET


def test_the_only_public_endpoint_need_not_be_named() -> None:
    alone = by_id(HIDDEN, GREET, PRIVATE, SCRIPT, UNNAMED)
    assert select_endpoint(alone, None, None) is GREET


def test_one_of_several_endpoints_must_be_named() -> None:
    message = refusal()
    assert "api_name=" in message
    assert "2 endpoints to choose from: /count, /greet." in message


def test_an_app_without_named_endpoints_is_said_to_have_none() -> None:
    assert "offers no endpoint by name" in refusal(endpoints=by_id(UNNAMED, PRIVATE))
    assert "offers no endpoint by name" in refusal(endpoints={})


def test_an_unknown_name_is_told_the_nearest_one_first() -> None:
    assert refusal("/gret").endswith("Did you mean '/greet'? Available: /greet, /count.")


def test_an_unknown_name_like_no_other_is_told_all() -> None:
    assert refusal("zzz") == "The app has no endpoint 'zzz'. Available: /count, /greet."


def test_private_names_are_not_given_away() -> None:
    assert "/private" not in refusal("/privat")


def test_an_unknown_number_is_told_the_names() -> None:
    message = refusal(None, 99)
    assert "fn_index=99" in message
    assert "/count, /greet" in message


def test_many_names_are_counted() -> None:
    many = by_id(*(endpoint(api_name=f"/e{number:03}", number=number) for number in range(500)))
    message = refusal("nothing like it", None, many)
    assert "and 480 more" in message
    assert len(message) < 500


@pytest.mark.parametrize(("api_name", "fn_index"), [("/private", None), (None, 6)])
def test_a_private_endpoint_is_refused(api_name: str | None, fn_index: int | None) -> None:
    with pytest.raises(InvalidAPIEndpointError, match="private") as caught:
        select_endpoint(ALL, api_name, fn_index)
    assert caught.value.endpoint == "/private"


@pytest.mark.parametrize(("api_name", "fn_index"), [("/script", None), (None, 7)])
def test_an_endpoint_of_the_browser_is_refused(api_name: str | None, fn_index: int | None) -> None:
    with pytest.raises(InvalidAPIEndpointError, match="in the browser only"):
        select_endpoint(ALL, api_name, fn_index)


@pytest.mark.parametrize("name", [3, False, b"/greet", ["/greet"]])
def test_a_name_that_is_no_text_is_refused_by_its_type(name: Any) -> None:
    assert f"not {type(name).__name__}" in refusal(name)


@pytest.mark.parametrize("number", [True, "3", 3.0])
def test_a_number_that_is_no_integer_is_refused_by_its_type(number: Any) -> None:
    assert f"not {type(number).__name__}" in refusal(None, number)


@given(st.text(max_size=200))
def test_any_name_gives_an_endpoint_or_a_short_refusal(name: str) -> None:
    try:
        found = select_endpoint(ALL, name, None)
    except EndpointNotFoundError as error:
        assert len(error.message) < 500  # noqa: PT017 - finding one is right as well
    else:
        assert found.api_name in (name, f"/{name}")


def test_a_label_is_the_name_or_the_number() -> None:
    assert GREET.label == "/greet"
    assert UNNAMED.label == "fn_index=8"


def test_a_signature_reads_as_a_python_function() -> None:
    parameters = [
        required("name"),
        optional("greeting", "Hello"),
        optional("times", 1.0, "float"),
        optional("shout", default=False, kind="bool"),
        optional("seed", None, "int"),
        optional("size", None, "int | None"),
    ]
    assert endpoint(parameters, "/greet").signature() == (
        "/greet(name: str, greeting: str = 'Hello', times: float = 1.0, shout: bool = False, "
        "seed: int | None = None, size: int | None = None)"
    )


def test_a_signature_marks_parameters_without_names() -> None:
    assert endpoint([required(None), required(None)], None).signature() == (
        "fn_index=0(value: str, value: str, /)"
    )


def test_a_signature_of_nothing_is_empty() -> None:
    assert endpoint().signature() == "/run()"


def test_a_signature_cuts_what_is_long() -> None:
    table = {"data": [[float(n)] * 1000 for n in range(1000)], "text": "x" * 100_000}
    parameters = [optional(f"p{n}", table, "Literal[" + "'choice', " * 10_000) for n in range(200)]
    signature = endpoint(parameters).signature()
    assert signature.endswith(", ...)")
    assert len(signature) < 8000


def test_a_signature_takes_words_from_labels_of_any_kind() -> None:
    odd = [required(None)]
    for label, word in [("Your Näme!", "your_näme"), ("1st", "value_1"), ("???", "value_1"), ("a\nb", "a_b")]:
        shown = endpoint([type(odd[0])(None, label, "str", required=True)]).signature()
        assert shown == f"/run({word}: str, /)"
