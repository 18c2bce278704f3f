"""What a client that relays calls is told to leave out or in; no server needed."""

from __future__ import annotations

import pytest
from unit import endpoint_examples as examples

from gradio_client._relaying import as_body, forwarded
from gradio_client.domain.endpoints import bind_arguments
from gradio_client.domain.results import shape
from gradio_client.domain.unskipped import unskipped

TEXT, STATE = examples.component(0), examples.state(1)
ENDPOINT = examples.endpoint(
    [examples.required("a"), examples.optional("b", 5)],
    inputs=[TEXT, STATE, examples.component(2)],
    outputs=[STATE, TEXT],
)


def test_every_input_can_be_passed() -> None:
    assert bind_arguments(unskipped(ENDPOINT), ["x", [1], "y"], {}) == ["x", [1], "y"]


def test_what_is_not_passed_has_its_default() -> None:
    assert bind_arguments(unskipped(ENDPOINT), [], {"a": "x"}) == ["x", None, 5]


def test_every_output_is_handed_out() -> None:
    assert shape(unskipped(ENDPOINT), [None, "x"]) == (None, "x")
    assert shape(ENDPOINT, [None, "x"]) == "x"


def test_an_endpoint_that_skips_nothing_stays_the_same() -> None:
    plain = examples.endpoint([examples.required("a")], outputs=[TEXT])
    assert unskipped(plain) == plain


def test_headers_of_one_connection_are_not_forwarded() -> None:
    received = {"Host": "a", "connection": "close", "Accept-Encoding": "br", "X-Mine": "1"}
    assert forwarded(received, {}) == {"X-Mine": "1"}
    assert forwarded(None, {}) == {}


def test_who_calls_is_what_the_client_says() -> None:
    own = {"x-gradio-user": "mcp", "authorization": "secret"}
    assert forwarded({"X-Gradio-User": "api", "x": "1"}, own) == {"x-gradio-user": "mcp", "x": "1"}
    assert forwarded({"X-Gradio-User": "api"}, {}) == {"X-Gradio-User": "api"}


@pytest.mark.parametrize(
    ("value", "data"), [("x", ["x"]), (("x", None), ["x", None]), ((), []), ([1], [[1]])]
)
def test_a_result_is_a_list_of_outputs(value: object, data: list[object]) -> None:
    assert as_body(value) == {"data": data}
