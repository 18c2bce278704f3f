"""JSON that parsers choke on, in the configuration, the description and the messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed, replying
from malicious.victim import MIB, Peak
from malicious.wire import QUESTIONS, replace

from gradio_client.domain import bounds
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from malicious.victim import Victim

DEEP = 100_000
TEXTS = {
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and open": b"[" * DEEP,
    "deeper than is allowed": b"[" * (bounds.DEPTH + 1) + b"]" * (bounds.DEPTH + 1),
    "a long integer": b'{"version":' + b"9" * 100_000 + b"}",
    "a large number": b'{"version":1e999999}',
    "not a number": b'{"version":NaN,"dependencies":[NaN,Infinity,-Infinity]}',
    "the same name twice": b'{"dependencies":[],"dependencies":1}',
    "half of a character": b'{"version":"\\ud800","dependencies":[{"api_name":"\\udfff"}]}',
    "NUL": b'{"version":"\\u0000"}\x00',
    "no UTF-8": b'{"version":"\xff\xfe"}',
    "UTF-16": '{"version":"6"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a number": b"1",
    "text": b'"text"',
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a page": b"<html>" + b"<script>" * 100_000,
    "a page with a configuration": b"<script>window.gradio_config = {" + b'"a":{' * DEEP,
    "two values": b"{}{}",
}
#: Values of every kind, where another is expected.
ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, "", "\x1b[31m", [], {}, [[]], {"a": {}}, "a" * 10_000, [None] * 1000,
)  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("case", TEXTS)
def test_an_odd_answer_is_an_error(victim: Victim, name: str, case: str) -> None:
    replace(victim.app, name, replying(TEXTS[case]))
    outcome = victim.calls()
    assert isinstance(outcome, GradioClientError) or (name == "info" and outcome == 1)


@pytest.mark.parametrize("case", TEXTS)
def test_an_odd_event_is_an_error_or_nothing(victim: Victim, case: str) -> None:
    victim.app.on_join = lambda event, _: [b"data: " + TEXTS[case] + b"\n\n", completed(event, "right")]  # type: ignore[list-item]
    outcome = victim.calls()
    assert outcome == "right" or isinstance(outcome, GradioClientError)


@pytest.mark.parametrize("at", range(len(ODD)))
def test_odd_values_in_a_configuration_do_no_harm(victim: Victim, at: int) -> None:
    for key in ("version", "root", "app_id", "space_id", "max_file_size", "api_prefix", "connect_heartbeat"):
        victim.app.config[key] = ODD[at]
    for key in ("inputs", "targets", "cancels", "connection", "queue", "api_visibility", "types"):
        victim.app.config["dependencies"][0][key] = ODD[at]
    victim.app.config["components"][0] = {"id": 1, "type": ODD[at], "props": ODD[at], "api_info": ODD[at]}
    outcome = victim.calls()
    assert outcome == 1 or isinstance(outcome, GradioClientError)


@pytest.mark.parametrize("at", range(len(ODD)))
def test_odd_values_in_a_description_do_no_harm(victim: Victim, at: int) -> None:
    entry = victim.app.info["named_endpoints"]["/echo"]
    keys = ("label", "type", "python_type", "component", "parameter_name", "parameter_default")
    entry["parameters"] = [dict.fromkeys(keys, ODD[at])]
    entry["returns"] = [dict.fromkeys(keys, ODD[at])]
    victim.app.info["named_endpoints"]["/other"] = ODD[at]
    outcome = victim.calls()
    assert outcome == 1 or isinstance(outcome, GradioClientError)


@pytest.mark.parametrize("at", range(len(ODD)))
def test_odd_values_in_messages_do_no_harm(victim: Victim, at: int) -> None:
    odd = ODD[at]

    def messages(event: str, _: Any) -> list[Any]:
        common = {"event_id": event, "output": odd, "success": odd, "rank": odd, "queue_size": odd}
        common |= {
            "rank_eta": odd,
            "eta": odd,
            "progress_data": odd,
            "log": odd,
            "level": odd,
            "duration": odd,
        }
        kinds = ("estimation", "process_starts", "progress", "log", "process_generating", "process_streaming")
        odd_ones = [{"msg": kind} | common for kind in kinds] + [
            {"msg": odd},
            {"msg": "heartbeat", "event_id": odd},
        ]
        return [
            *odd_ones,
            {"msg": "progress", "event_id": event, "progress_data": [odd]},
            completed(event, "right"),
        ]

    victim.app.on_join = messages
    outcome = victim.calls()
    assert outcome == "right" or isinstance(outcome, GradioClientError)


@pytest.mark.parametrize("at", range(len(ODD)))
def test_odd_edits_of_values_do_no_harm(victim: Victim, at: int) -> None:
    odd = ODD[at]
    edits = [
        [["append", [], odd]],
        [["replace", [odd], odd]],
        [["add", ["a", odd], odd]],
        [["delete", [], odd]],
        odd,
    ]

    def messages(event: str, _: Any) -> list[Any]:
        def step(value: Any) -> dict[str, Any]:
            output = {"data": [value], "is_generating": True}
            return {"msg": "process_generating", "event_id": event, "output": output, "success": True}

        return [step({"a": "b"}), *map(step, edits), completed(event, "right")]

    victim.app.on_join = messages
    assert victim.calls() == "right"


def test_schemas_that_refer_to_themselves_do_no_harm(victim: Victim) -> None:
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}
    victim.app.info["named_endpoints"]["/echo"]["parameters"][0] |= {"type": loop, "python_type": {}}
    assert victim.calls() == 1


def test_schemas_that_double_themselves_do_no_harm(victim: Victim) -> None:
    defs: dict[str, Any] = {
        f"a{at}": {"anyOf": [{"$ref": f"#/$defs/a{at + 1}"}, {"$ref": f"#/$defs/a{at + 1}"}]}
        for at in range(40)
    }
    bomb = {"$ref": "#/$defs/a0", "$defs": defs | {"a40": {"type": "string"}}}
    entry = victim.app.info["named_endpoints"]["/echo"]
    entry["parameters"] = [{"label": str(at), "type": bomb, "python_type": {}} for at in range(200)]
    with Peak() as peak:
        outcome = victim.suffers(lambda: str(victim.client()))
    assert isinstance(outcome, str | GradioClientError)
    assert peak.grown < 128 * MIB


def test_a_description_of_many_functions_does_no_harm(victim: Victim) -> None:
    dependency = victim.app.config["dependencies"][0]
    victim.app.config["dependencies"] = [
        dependency | {"id": at, "api_name": f"f{at}", "cancels": list(range(50))} for at in range(1000)
    ]
    outcome = victim.suffers(lambda: len(str(victim.client())))
    assert isinstance(outcome, int | GradioClientError)


@pytest.mark.parametrize("key", ["inputs", "outputs", "cancels"])
def test_a_function_of_endless_parts_is_not_made(victim: Victim, key: str) -> None:
    victim.app.config["dependencies"][0][key] = [1] * (2 * bounds.PARTS)
    with Peak() as peak:
        assert isinstance(victim.connects(), GradioClientError)
    assert peak.grown < 64 * MIB


def test_names_without_end_do_no_harm(victim: Victim) -> None:
    name = "a" * MIB
    victim.app.config["dependencies"][0]["api_name"] = name
    victim.app.info["named_endpoints"][f"/{name}"] = victim.app.info["named_endpoints"].pop("/echo")
    outcome = victim.suffers(lambda: victim.client().predict(1, api_name="/ech"))
    assert isinstance(outcome, GradioClientError)
    assert len(str(outcome)) < 10_000
    assert json.dumps(str(outcome))
