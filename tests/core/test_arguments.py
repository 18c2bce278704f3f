from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed
from unit.endpoint_examples import component, endpoint, required, state

from gradio_client import handle_file
from gradio_client._jobs.arguments import Arguments, marked_files
from gradio_client.domain.errors import ArgumentError

if TYPE_CHECKING:
    from gradio_client import Client

TWO = endpoint([required("first"), required("second")], "/two")


class Array:
    """Looks like an array of numpy: it has a text form, ``tolist``, and no truth value."""

    def tolist(self) -> list[int]:
        return [1, 2]

    def __eq__(self, other: object) -> Any:
        return Array()

    def __bool__(self) -> bool:
        raise ValueError("The truth value of an array is ambiguous.")

    __hash__ = None  # type: ignore[assignment]  # as with numpy


def circle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


NO_JSON = {
    "an object": object(),
    "a set": {1},
    "bytes": b"x",
    "a path": Path("x.txt"),
    "an array": Array(),
    "NaN": float("nan"),
    "infinity": float("inf"),
    "a decimal": Decimal(1),
    "a complex number": 1j,
    "a generator": (x for x in "ab"),
    "a circle": circle(),
    "half a character": "\ud800",
    "too deep": nested(100_000),
    "a tuple as key": {(1, 2): 3},
    "inside a list": [1, [object()]],
    "inside a dictionary": {"a": {"b": float("nan")}},
}


@pytest.mark.parametrize("what", NO_JSON)
@pytest.mark.parametrize("at", [0, 1])
def test_what_is_no_json_is_an_error_that_names_the_parameter(what: str, at: int) -> None:
    data = ["fine", "fine"]
    data[at] = NO_JSON[what]
    with pytest.raises(ArgumentError) as caught:
        Arguments(TWO, data)
    assert repr(["first", "second"][at]) in caught.value.message
    assert caught.value.endpoint == "/two"


@pytest.mark.parametrize("value", [object(), float("nan")])
@pytest.mark.parametrize("kind", [TypeError, ValueError])
def test_an_unfit_value_is_an_error_of_either_kind(value: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Arguments(TWO, [value, 1])


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (float("nan"), "None"),
        (Array(), ".tolist()"),
        (Path("x"), "handle_file"),
        (b"x", "handle_file"),
        (object(), "lists"),
    ],
)
def test_the_error_says_what_to_do_instead(value: Any, remedy: str) -> None:
    with pytest.raises(
        ArgumentError, match=remedy.replace(".", r"\.").replace("(", r"\(").replace(")", r"\)")
    ):
        Arguments(TWO, [value, 1])


def test_the_error_does_not_show_the_value() -> None:
    with pytest.raises(ArgumentError) as caught:
        Arguments(TWO, [{"password": "secret", "x": object()}, 1])
    assert "secret" not in str(caught.value)


def test_skipped_inputs_do_not_shift_the_names() -> None:
    inputs = (state(0), component(1), component(2, "button", skipped=True), component(3))
    shifted = endpoint([required("first"), required("second")], inputs=inputs)
    with pytest.raises(ArgumentError, match="'second'"):
        Arguments(shifted, [None, 1, None, object()])


def test_one_component_as_two_inputs_has_two_names() -> None:
    twice = endpoint([required("first"), required("second")], inputs=(component(1), component(1)))
    with pytest.raises(ArgumentError, match="'first'"):
        Arguments(twice, [object(), 1])


def test_a_parameter_without_a_name_is_called_by_its_label() -> None:
    unnamed = endpoint([required(None)])
    with pytest.raises(ArgumentError, match="'Value'"):
        Arguments(unnamed, [object()])


def test_nothing_is_sent_for_an_unfit_argument(client: Client, app: FakeApp) -> None:
    with pytest.raises(ArgumentError, match="'value'"):
        client.submit(object(), api_name="/echo")
    assert app.bodies == []


@pytest.mark.parametrize(
    "value",
    [None, True, 0, 1.5, "", "text", [], {}, [1, "a", None], {"a": [1]}, "\x00\u2028", 10**400],
    ids=repr,
)
def test_json_arrives_as_it_was_given(client: Client, value: Any) -> None:
    assert client.predict(value, api_name="/echo") == value


def test_a_tuple_arrives_as_a_list(client: Client) -> None:
    assert client.predict((1, (2,)), api_name="/echo") == [1, [2]]


def test_numbers_as_keys_arrive_as_text(client: Client) -> None:
    assert client.predict({1: "a"}, api_name="/echo") == {"1": "a"}


def test_a_change_after_submit_is_not_sent(client: Client, app: FakeApp) -> None:
    value = {"list": [1]}
    job = client.submit(value, api_name="/echo")
    value["list"].append(2)
    job.result()
    assert app.bodies[0]["data"] == [{"list": [1]}]


def test_a_change_after_submit_is_not_sent_either_when_a_file_goes_first(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    value: dict[str, Any] = {"file": handle_file(tmp_path / "a.txt"), "list": [1]}

    def upload(connection: Any, seen: Any) -> None:
        value["list"].append(2)  # while the file is under way
        value["file"] = "gone"
        app.upload(connection, seen)

    app.route("upload", upload)
    app.on_join = lambda event, _: [completed(event, "done")]
    client.predict(value, api_name="/echo")
    sent = app.bodies[0]["data"][0]
    assert sent["list"] == [1]
    assert sent["file"]["orig_name"] == "a.txt"


def test_files_are_found_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    marked = handle_file(tmp_path / "a")
    assert list(marked_files([{"x": [(marked, 1)]}, marked])) == [marked, marked]


def test_a_plain_dictionary_with_a_path_is_no_local_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    plain = {"path": str(tmp_path / "a"), "meta": {"_type": "gradio.FileData"}}
    assert list(marked_files([plain, [plain]])) == []


@pytest.mark.parametrize("depth", range(100, 1000, 50))
def test_deep_values_are_sent_or_refused_but_never_a_recursion_error(depth: int) -> None:
    try:
        Arguments(TWO, [nested(depth), 1])
    except ArgumentError as error:
        assert "'first'" in error.message  # noqa: PT017 - either outcome will do


def test_the_body_is_made_of_what_was_encoded(client: Client, app: FakeApp) -> None:
    client.predict("x", api_name="/other")
    body = app.bodies[0]
    assert (body["data"], body["fn_index"], body["session_hash"]) == (["x"], 1, client.session_hash)
    assert set(body) == {"data", "fn_index", "session_hash"}


def test_an_oauth_token_is_sent_to_endpoints_that_ask_for_it_alone(app: FakeApp) -> None:
    from gradio_client import Client  # noqa: PLC0415

    app.info["named_endpoints"]["/other"] = app.info["named_endpoints"]["/other"] | {
        "oauth_token": "required"
    }
    with Client(app.url, verbose=False, oauth_token="hf_secret") as client:
        client.predict(1, api_name="/echo")
        client.predict(1, api_name="/other")
    assert [body.get("oauth_token") for body in app.bodies] == [None, "hf_secret"]
    assert json.dumps(app.bodies[0]).find("hf_secret") < 0
