from __future__ import annotations

import concurrent.futures
import copy
import pickle
from typing import Any

import pytest

from gradio_client import exceptions, utils
from gradio_client.domain import errors
from gradio_client.domain.errors import AppError, GradioClientError, ServerError, Where

NAMES = exceptions.__all__
ALL: list[type[GradioClientError]] = [getattr(exceptions, name) for name in NAMES]

WHERE = Where(app="http://h", endpoint="/run", event_id="e1", status=503, body="busy")

#: Bases in gradio_client 2.7.2, and those that Python programs expect.
BASES = {
    "AppError": ValueError,
    "ArgumentError": TypeError,
    "AuthenticationError": ValueError,
    "ClientClosedError": RuntimeError,
    "ConnectionLost": ConnectionError,
    "DeadlineError": TimeoutError,
    "DownloadError": ValueError,
    "EndpointNotFoundError": ValueError,
    "FileTooLargeError": ValueError,
    "InvalidAPIEndpointError": Exception,
    "PluginError": RuntimeError,
    "QueueError": Exception,
    "AppRestartedError": ConnectionError,
    "QuotaExceededError": ValueError,
    "SerializationSetupError": ValueError,
    "ServerError": ValueError,
    "SourceError": ValueError,
    "SpaceDuplicationError": Exception,
    "SpaceUnavailableError": ValueError,
    "TooManyRequestsError": Exception,
    "UnreachableError": ConnectionError,
    "UnsendableArgumentError": ValueError,
    "UnsupportedServer": ValueError,
    "ValidationError": ValueError,
}


def test_every_error_of_the_package_is_exported() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, GradioClientError)
    }
    assert defined == set(NAMES)


def test_the_exported_names_are_sorted() -> None:
    assert sorted(NAMES) == NAMES


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_one_base_in_common(kind: type[Exception]) -> None:
    assert issubclass(kind, GradioClientError)


@pytest.mark.parametrize(("name", "base"), BASES.items())
def test_programs_that_catch_the_old_base_still_do(name: str, base: type[Exception]) -> None:
    assert issubclass(getattr(exceptions, name), base)


def test_the_table_of_bases_is_complete() -> None:
    assert set(BASES) | {"GradioClientError"} >= set(NAMES)


@pytest.mark.parametrize(
    "name", ["InvalidAPIEndpointError", "QueueError", "SpaceDuplicationError", "TooManyRequestsError"]
)
def test_utils_gives_the_same_classes(name: str) -> None:
    assert getattr(utils, name) is getattr(exceptions, name)


def test_a_lost_connection_is_no_timeout() -> None:
    assert not issubclass(exceptions.ConnectionLost, TimeoutError)


def test_a_deadline_is_what_result_raises_for_a_timeout() -> None:
    assert issubclass(exceptions.DeadlineError, concurrent.futures.TimeoutError)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_pickling(kind: type[GradioClientError], protocol: int) -> None:
    error = kind("what happened", where=WHERE)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind
    assert (again.message, again.where, str(again)) == (error.message, WHERE, str(error))


@pytest.mark.parametrize("kind", ALL)
def test_every_error_can_be_copied(kind: type[GradioClientError]) -> None:
    again = copy.copy(kind("what happened", where=WHERE))
    assert (again.message, again.where) == ("what happened", WHERE)


def test_an_app_error_keeps_its_display_hints_when_pickled() -> None:
    error = AppError("bad", 3, False, "Oops", False, where=WHERE)  # noqa: FBT003 - as in 2.7.2
    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == vars(error)
    assert (again.duration, again.visible, again.title, again.print_exception) == (3, False, "Oops", False)


def test_an_app_error_has_the_defaults_of_the_incumbent() -> None:
    error = AppError()
    found = (error.message, error.duration, error.visible, error.title, error.print_exception)
    assert found == ("Error raised.", 10, True, "Error", True)


@pytest.mark.parametrize("kind", [exceptions.AppError, exceptions.ValidationError])
def test_the_apps_own_words_are_all_that_str_gives(kind: type[GradioClientError]) -> None:
    assert str(kind("too short", where=WHERE)) == "too short"


def test_other_errors_say_what_they_are_about() -> None:
    assert str(ServerError("It failed.", where=WHERE)) == "It failed. [app http://h, endpoint /run, event e1]"


def test_an_error_that_knows_nothing_says_its_message_alone() -> None:
    assert str(ServerError("It failed.")) == "It failed."


@pytest.mark.parametrize("text", [str, repr])
def test_neither_str_nor_repr_shows_the_body(text: Any) -> None:
    error = ServerError("It failed.", where=Where(body="token=secret", status=500))
    assert "secret" not in text(error)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_can_be_made_without_arguments(kind: type[GradioClientError]) -> None:
    error = kind()
    assert (error.app, error.endpoint, error.event_id, error.status, error.body) == (None,) * 5


def test_the_fields_of_where_are_attributes() -> None:
    error = ServerError("", where=WHERE)
    found = Where(error.app, error.endpoint, error.event_id, error.status, error.body)
    assert found == WHERE


def test_at_fills_in_what_is_unknown() -> None:
    error = ServerError("").locate(app="http://h", endpoint="/run", event_id="e1")
    assert error.where == Where("http://h", "/run", "e1")


def test_at_never_changes_what_is_known() -> None:
    error = ServerError("", where=WHERE).locate(app="http://other", endpoint="/other", event_id="e2")
    assert error.where == WHERE


def test_at_keeps_status_and_body() -> None:
    error = ServerError("", where=Where(status=500, body="b")).locate(app="http://h")
    assert (error.status, error.body) == (500, "b")


def test_at_gives_the_error_itself_to_raise() -> None:
    error = ServerError("")
    assert error.locate(app="http://h") is error


def test_two_errors_do_not_share_where() -> None:
    one, other = ServerError(""), ServerError("")
    one.locate(app="http://h")
    assert other.app is None


RETRYABLE = {"AppRestartedError", "QueueError", "TooManyRequestsError", "UnreachableError"}


@pytest.mark.parametrize("kind", ALL)
def test_only_what_did_nothing_on_the_server_is_retryable(kind: type[GradioClientError]) -> None:
    assert kind("").retryable is (kind.__name__ in RETRYABLE)


def test_a_lost_connection_is_not_retryable_since_the_job_may_have_run() -> None:
    assert not exceptions.ConnectionLost("").retryable


def test_an_unreachable_app_is_retryable_since_nothing_was_sent() -> None:
    assert exceptions.UnreachableError("").retryable
