"""Stages, records and answers of the Hub: what each means, without asking anybody."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.duplication import Duplication, duplication, hardware_of, is_paid, sleep_of
from gradio_client.domain.hub import HubAnswer, hub_refusal
from gradio_client.domain.spaces import (
    Outlook,
    Space,
    delays,
    outlook,
    space_of,
    stage_of,
    status_text,
    subdomain_of,
    unavailable,
)
from gradio_client.exceptions import (
    AuthenticationError,
    ServerError,
    SourceError,
    SpaceUnavailableError,
    TooManyRequestsError,
)

HUB = "https://huggingface.co"
HOST = "https://o-n.hf.space"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
)


def answer(status: int, body: Any = None, *, with_token: bool = False, **headers: str) -> HubAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HubAnswer(status, named, json.dumps(body).encode(), with_token)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("RUNNING", Outlook.UP),
        ("RUNNING_BUILDING", Outlook.UP),
        ("RUNNING_APP_STARTING", Outlook.UP),
        ("BUILDING", Outlook.COMING),
        ("APP_STARTING", Outlook.COMING),
        ("SLEEPING", Outlook.ASLEEP),
        ("STOPPED", Outlook.ASLEEP),
        ("PAUSED", Outlook.DOWN),
        ("A_STAGE_OF_THE_FUTURE", Outlook.DOWN),
    ],
)
def test_each_stage_has_its_outlook(stage: str, expected: Outlook) -> None:
    assert outlook(stage) is expected


@pytest.mark.parametrize("stage", ["PAUSED", "BUILD_ERROR", "A_STAGE_OF_THE_FUTURE"])
def test_an_error_of_a_stage_has_what_programs_need(stage: str) -> None:
    error = unavailable(Space("o/n", HOST, stage))
    assert (error.space_id, error.stage, error.app) == ("o/n", stage, HOST)
    assert "{" not in error.message
    assert "https://huggingface.co/spaces/o/n" in error.message
    other = unavailable(Space("o/n", HOST, stage, "https://hub.example.com"))
    assert "https://hub.example.com/spaces/o/n" in other.message
    assert "huggingface.co" not in other.message


def test_a_status_says_the_stage_and_the_trouble() -> None:
    assert status_text(Space("o/n", HOST, "SLEEPING")) == (
        "The Space o/n was asleep and is being woken (SLEEPING)."
    )
    assert "status 503" in status_text(Space("o/n", HOST, "RUNNING"), "status 503")


def test_the_hub_is_asked_every_few_seconds_for_ever() -> None:
    assert list(itertools.islice(delays(), 7)) == [2, 2, 3, 4, 5, 5, 5]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://o-n.hf.space", "o-n"),
        ("https://O-N.HF.Space/sub", "o-n"),
        ("https://o-n.hf.space:443", "o-n"),
        ("http://o-n.hf.space", None),
        ("https://hf.space", None),
        ("https://.hf.space", None),
        ("https://o-n.hf.space.evil.test", None),
        ("https://evilhf.space", None),
        ("http://localhost:7860", None),
    ],
)
def test_the_address_of_a_space_is_recognised(url: str, name: str | None) -> None:
    assert subdomain_of(url) == name


def test_a_record_tells_name_address_and_stage() -> None:
    record = {"id": "o/new", "host": f"{HOST}/", "runtime": {"stage": "BUILDING"}}
    assert space_of(record, "o/n", HUB) == Space("o/new", HOST, "BUILDING")
    assert space_of({"host": HOST}, "o/n", HUB) == Space("o/n", HOST, "UNKNOWN")
    assert outlook("UNKNOWN") is Outlook.UP


@pytest.mark.parametrize("host", [None, "", 5, "o/n", "http://o-n.hf.space", "ftp://h", "https://u:p@h"])
def test_an_address_that_cannot_be_trusted_is_refused(host: Any) -> None:
    with pytest.raises(SourceError):
        space_of({"id": "o/n", "host": host, "runtime": {"stage": "RUNNING"}}, "o/n", HUB)


def test_a_hub_without_encryption_may_name_hosts_without() -> None:
    assert space_of({"host": "http://127.0.0.1:5"}, "o/n", "http://127.0.0.1:4").url == "http://127.0.0.1:5"


def test_a_space_without_address_may_have_a_stage_that_explains_it() -> None:
    with pytest.raises(SpaceUnavailableError, match="NO_APP_FILE"):
        space_of({"id": "o/n", "runtime": {"stage": "NO_APP_FILE"}}, "o/n", HUB)


@given(JSON)
def test_any_runtime_is_read(runtime: Any) -> None:
    assert isinstance(stage_of(runtime), str)
    assert hardware_of(runtime) is None or isinstance(hardware_of(runtime), str)
    sleep_of(runtime)


# Answers


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(404), SourceError),
        (answer(401, {"error": "Invalid username or password."}), SourceError),
        (answer(401, {"error": "Invalid username or password."}, with_token=True), SourceError),
        (answer(401, x_error_message="Invalid credentials in Authorization header"), SourceError),
        (
            answer(401, x_error_message="Invalid credentials in Authorization header", with_token=True),
            AuthenticationError,
        ),
        (answer(401, {"error": "User Access Token is expired"}, with_token=True), AuthenticationError),
        (answer(403, {"error": "no"}), AuthenticationError),
        (answer(429), TooManyRequestsError),
        (answer(500), ServerError),
        (answer(418), ServerError),
    ],
)
def test_each_refusal_is_an_error_of_its_kind(given: HubAnswer, kind: type[Exception]) -> None:
    error = hub_refusal(given, "finding the Space", "o/n")
    assert type(error) is kind
    assert error.status == given.status
    assert error.retryable == (given.status in (429, 500))


def test_the_hubs_words_are_told_without_control_characters() -> None:
    error = hub_refusal(answer(403, {"error": "not\n\x1b[31myou" + "!" * 5000}), "finding it", "o/n")
    assert "\x1b" not in str(error)
    assert len(str(error)) < 1000


@given(st.integers(100, 599), st.binary())
def test_any_answer_is_understood(status: int, body: bytes) -> None:
    given = HubAnswer(status, {}, body, with_token=True)
    assert isinstance(given.object(), dict)
    hub_refusal(given, "finding it", "o/n")


# Copies


def plan(**kwargs: Any) -> Duplication:
    asked: dict[str, Any] = {
        "to_id": None,
        "private": True,
        "hardware": None,
        "secrets": None,
        "sleep_timeout": 5,
        **kwargs,
    }
    return duplication("o/n", asked.pop("to_id"), **asked)


def test_a_copy_is_asked_for_in_one_piece() -> None:
    body = plan(secrets={"KEY": "v"}, sleep_timeout=2.5).body("me/n", "t4-small")
    assert body == {
        "repository": "me/n",
        "private": True,
        "hardware": "t4-small",
        "sleepTimeSeconds": 150,
        "secrets": [{"key": "KEY", "value": "v"}],
    }
    assert plan(private=False).body("me/n", "cpu-basic") == {"repository": "me/n", "private": False}
    assert plan().body("me/n", "zero-a10g") == {
        "repository": "me/n",
        "private": True,
        "hardware": "zero-a10g",
    }


def test_secrets_are_not_shown() -> None:
    assert "v4lue" not in repr(plan(secrets={"KEY": "v4lue"}))


@pytest.mark.parametrize(
    ("hardware", "paid"), [("cpu-basic", False), ("zero-a10g", False), ("cpu-upgrade", True), ("h100", True)]
)
def test_what_is_paid_is_known(hardware: str, paid: bool) -> None:  # noqa: FBT001 - a parameter
    assert is_paid(hardware) is paid


@pytest.mark.parametrize(("to_id", "name"), [(None, "me/n"), ("copy", "me/copy"), ("you/copy", "you/copy")])
def test_a_copy_has_its_name(to_id: str | None, name: str) -> None:
    assert plan(to_id=to_id).named("me") == name


@pytest.mark.parametrize("to_id", ["", "a/b/c", "a b", "..", "https://h/x", "a/"])
def test_a_name_that_no_space_can_have_is_refused(to_id: str) -> None:
    with pytest.raises(SourceError, match="to_id="):
        plan(to_id=to_id)
