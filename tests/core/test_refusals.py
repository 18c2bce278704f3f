from __future__ import annotations

import json
from typing import get_args

import pytest

from gradio_client.domain.errors import (
    AuthenticationError,
    DownloadError,
    FileTooLargeError,
    GradioClientError,
    QueueError,
    ServerError,
    TooManyRequestsError,
    ValidationError,
)
from gradio_client.domain.refusals import Purpose, refusal

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
BODIES = {
    "json": (b'{"detail":"because of this"}', "application/json"),
    "text": (b"because of this", "text/plain; charset=utf-8"),
    "html": (b"<html><head><title>because of this</title></head><body></body></html>", "text/html"),
    "html without a type": (b"<!DOCTYPE html><html><body>because of this</body></html>", None),
    "empty": (b"", None),
    "latin-1": ("because of this \xe9".encode("latin-1"), "text/plain"),
    "null": (b"null", "application/json"),
    "a list": (b"[1, 2]", "application/json"),
    "deep": (b"[" * 100_000, "application/json"),
}
STATUSES = (300, 302, 400, 401, 402, 403, 404, 405, 409, 413, 418, 422, 429, 451, 500, 501, 502, 503, 599)

KIND = {401: AuthenticationError, 413: FileTooLargeError, 429: TooManyRequestsError}
JOIN = {422: ValidationError, 503: QueueError}


def expected(purpose: Purpose, status: int) -> type[GradioClientError]:
    if status in KIND:
        return KIND[status]
    if (purpose, status) in (("login", 400), ("upload", 403)):
        return AuthenticationError
    if purpose == "join":
        return JOIN.get(status, ServerError)
    return DownloadError if purpose == "download" else ServerError


@pytest.mark.parametrize("shape", BODIES)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_status_has_an_error_whatever_the_body(purpose: Purpose, shape: str) -> None:
    body, kind = BODIES[shape]
    for status in STATUSES:
        error = refusal(purpose, status, body, content_type=kind, app="http://h")
        assert type(error) is expected(purpose, status)
        assert (error.status, error.app) == (status, "http://h")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_the_server_says_is_told(purpose: Purpose) -> None:
    error = refusal(purpose, 500, b'{"detail":"because of this"}', content_type="application/json")
    assert "because of this" in error.message


@pytest.mark.parametrize("shape", ["text", "html", "html without a type"])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_a_body_without_json_says_is_told_in_one_line(purpose: Purpose, shape: str) -> None:
    body, kind = BODIES[shape]
    error = refusal(purpose, 502, body, content_type=kind)
    assert "because of this" in error.message
    assert "<" not in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("status", STATUSES)
def test_an_empty_body_leaves_a_whole_sentence(purpose: Purpose, status: int) -> None:
    message = refusal(purpose, status, b"").message
    assert message.endswith(".")
    assert ": ." not in message
    assert ".." not in message.replace("(...)", "").replace("token=...", "").replace("={...}", "")


def test_a_huge_body_makes_a_short_message() -> None:
    error = refusal("join", 500, b"x" * 10_000_000)
    assert len(error.message) < 1000
    assert error.body is not None
    assert len(error.body) <= 300


def test_control_characters_of_a_body_do_not_reach_a_terminal() -> None:
    error = refusal("join", 500, b"a\x1b[31mred\x00\r\nb")
    assert error.message.isprintable()


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_password_says_what_to_check(status: int) -> None:
    error = refusal("login", status, b'{"detail":"Incorrect credentials."}', content_type="application/json")
    assert isinstance(error, AuthenticationError)
    assert "Incorrect credentials" in error.message
    assert "auth=" in error.message


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "Not authenticated"},
        {"detail": {"error": "Not authenticated", "auth_message": "Ask Ada"}},
    ],
)
def test_a_missing_login_asks_for_a_user_in_both_shapes(body: object) -> None:
    error = refusal("config", 401, json.dumps(body).encode(), content_type="application/json")
    assert "Not authenticated" in error.message
    assert "auth=(user, password)" in error.message


def test_the_apps_own_words_on_its_login_are_shown() -> None:
    body = {"detail": {"error": "Not authenticated", "auth_message": "Ask Ada"}}
    assert "Ask Ada" in refusal("config", 401, json.dumps(body).encode()).message


@pytest.mark.parametrize("body", [b"Unauthorized", b"<html>Unauthorized</html>", b""])
def test_a_401_without_json_comes_from_a_proxy_and_asks_for_a_token(body: bytes) -> None:
    assert "token=" in refusal("config", 401, body).message


VALIDATORS = [
    {"__type__": "validate", "is_valid": False, "message": "too short", "parameter_name": "a"},
    {"__type__": "validate", "is_valid": True, "message": "", "parameter_name": "b"},
    {"__type__": "validate", "is_valid": False, "message": "too big"},
]


def test_validators_are_listed_with_their_parameters() -> None:
    error = refusal("join", 422, json.dumps({"detail": VALIDATORS}).encode())
    assert error.message == "2 parameter(s) failed validation:\n- a: too short\n- parameter_2: too big"


def test_a_validator_without_a_message_is_listed_too() -> None:
    entry = {"__type__": "validate", "is_valid": False, "parameter_name": "a"}
    assert "- a: " in refusal("join", 422, json.dumps({"detail": [entry]}).encode()).message


def test_framework_errors_say_where_the_request_was_wrong() -> None:
    entry = {"type": "missing", "loc": ["body", "data"], "msg": "Field required"}
    error = refusal("join", 422, json.dumps({"detail": [entry]}).encode())
    assert isinstance(error, ValidationError)
    assert "body.data: Field required" in error.message


@pytest.mark.parametrize(
    "detail", [[], ["text"], [None], [{"__type__": "validate", "is_valid": True}], {"a": 1}, 5, None, "said"]
)
def test_an_odd_422_is_still_a_validation_error(detail: object) -> None:
    assert isinstance(refusal("join", 422, json.dumps({"detail": detail}).encode()), ValidationError)


def test_a_422_of_another_request_is_no_validation_error() -> None:
    assert isinstance(refusal("upload", 422, b'{"detail":[]}'), ServerError)


@pytest.mark.parametrize("said", ["Queue is full. Max size is 2 and size is 2.", "Queue is stopped."])
def test_a_full_or_stopped_queue_can_be_tried_again(said: str) -> None:
    error = refusal("join", 503, json.dumps({"detail": said}).encode())
    assert isinstance(error, QueueError)
    assert error.retryable
    assert said.rstrip(".") in error.message


def test_a_503_of_another_request_is_not_about_the_queue() -> None:
    assert isinstance(refusal("config", 503, b"<html>Service Unavailable</html>"), ServerError)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_too_many_requests_can_be_tried_again(purpose: Purpose) -> None:
    assert refusal(purpose, 429, b"slow down").retryable


def test_a_file_that_is_too_large_says_so() -> None:
    error = refusal("upload", 413, b"File size exceeded maximum allowed size of 1024 bytes.")
    assert "1024 bytes" in error.message


def test_a_join_that_is_too_large_is_not_called_an_upload() -> None:
    assert "upload" not in refusal("join", 413, b"").message


def test_an_unknown_function_may_be_another_replica() -> None:
    error = refusal("join", 500, b"Internal Server Error", content_type="text/plain")
    assert "Internal Server Error" in error.message
    assert "restarted" in error.message


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_message_says_what_was_being_done(purpose: Purpose) -> None:
    words = {"login": "password", "config": "config", "info": "API", "join": "job", "stream": "stream"}
    words |= {"heartbeat": "heartbeat", "upload": "upload", "download": "download", "cancel": "cancel"}
    assert words[purpose] in refusal(purpose, 418 if purpose != "login" else 400, b"").message


def test_a_401_says_what_was_tried() -> None:
    tried = ["the login of 'BearerToken'", "a Hugging Face token"]
    error = refusal("join", 401, b'{"detail":"expired"}', tried=tried)
    assert isinstance(error, AuthenticationError)
    assert error.message == (
        "The server refused submitting the job (status 401): expired, although the client used the login of "
        "'BearerToken' and a Hugging Face token. Check that it is still valid, and meant for this app."
    )


@pytest.mark.parametrize("body", [b'{"detail":"Not authenticated"}', b"<html>Unauthorized</html>"])
def test_a_401_with_nothing_tried_names_every_way_to_log_in(body: bytes) -> None:
    message = refusal("config", 401, body).message
    assert "BearerToken" in message
    assert "plugin" in message
