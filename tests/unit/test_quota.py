"""Errors of ZeroGPU are told from an app's others, and their numbers are read."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.config import Dialect
from gradio_client.domain.events import Failed
from gradio_client.domain.job import JobState
from gradio_client.domain.messages import Completed
from gradio_client.domain.quota import Quota, quota_in
from gradio_client.exceptions import AppError, GradioClientError, QuotaExceededError

TITLE = "ZeroGPU quota exceeded"


REFUSALS = {
    "You have exceeded your GPU quota (60s requested vs. 42s left). Try again in 0:11:40": (60, 42, 700),
    "exceeded your GPU quota (46s left vs. 60s requested). Or retry in 0:09:48.": (60, 46, 588),
    "exceeded your GPU quota (60s requested vs. 56s left). <a href='https://h'>Create</a>": (60, 56, None),
    "exceeded your ZeroGPU quota (120s requested vs. 44s left). Try again in 23:14:07.": (120, 44, 83_647),
    "exceeded your Pro GPU quota (1.5s requested vs. 0s left). Try again in 1 day, 1:00:01": (1.5, 0, 90_001),
    "exceeded your GPU quota (60s requested vs. 0s left). Try again in 2 days, 0:00:00.": (60, 0, 172_800),
    "You have exceeded your GPU quota. Try again in 12:30": (None, None, 750),
    "YOU HAVE EXCEEDED YOUR GPU QUOTA": (None, None, None),
    "Space app has reached its GPU limit.": (None, None, None),
}


@pytest.mark.parametrize(("text", "numbers"), REFUSALS.items())
def test_the_numbers_of_a_refusal_are_read(text: str, numbers: tuple[float | None, ...]) -> None:
    assert quota_in("Error", text) == Quota(*numbers)


def test_the_heading_alone_tells_of_the_quota() -> None:
    assert quota_in(TITLE, "Unlogged user is running out of daily ZeroGPU quotas") == Quota()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Error", "You have exceeded your monthly quota (60s requested vs. 42s left)."),
        ("Error", "The GPU is on fire."),
        ("Error", "60s requested, 42s left: try again in 0:11:40"),
        (TITLE, "No GPU was available after 60 seconds."),
        (None, ""),
    ],
)
def test_other_errors_are_not_about_a_quota(title: str | None, text: str) -> None:
    assert quota_in(title, text) is None


@given(st.none() | st.text(), st.text())
def test_any_text_is_read(title: str | None, text: str) -> None:
    quota_in(title, text)


def test_a_very_long_text_is_read_quickly() -> None:
    assert quota_in("Error", "exceeded your " * 100_000 + "GPU") is None


def failure(title: str | None, error: str | None) -> GradioClientError:
    message = Completed("e", {"error": error, "duration": 5}, success=False, title=title)
    (failed,) = JobState(Dialect("sse_v3")).received(message)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, GradioClientError)
    return failed.error


def test_a_job_that_exceeds_the_quota_fails_with_the_numbers() -> None:
    text = "You have exceeded your GPU quota (60s requested vs. 42s left). Try again in 0:11:40"
    error = failure(TITLE, text)
    assert isinstance(error, QuotaExceededError)
    assert (error.requested, error.left, error.retry_after) == (60, 42, 700)
    assert (error.title, error.duration, error.event_id) == (TITLE, 5, "e")
    assert str(error) == text
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.left, copy.message) == (QuotaExceededError, 42, text)


def test_any_other_failure_is_no_matter_of_quota() -> None:
    assert type(failure(None, "The model is asleep.")) is AppError
    assert type(failure(None, None)) is AppError
