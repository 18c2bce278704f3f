"""When requests are sent again: the schedule alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.retry import Retry


def waits(policy: Retry, chance: float = 0.0, asked: float | None = None) -> list[float]:
    """The waits of a request that always fails at once."""
    found: list[float] = []
    while (wait := policy.wait(len(found) + 1, sum(found), chance, asked)) is not None:
        found.append(wait)
    return found


def test_the_wait_doubles_up_to_the_longest() -> None:
    assert waits(Retry(attempts=6, first=1, longest=5, budget=100)) == [1, 2, 4, 5, 5]


def test_chance_takes_away_up_to_a_half() -> None:
    assert waits(Retry(attempts=3, first=1), chance=1.0) == [0.5, 1.0]


def test_the_default_sends_four_times() -> None:
    assert waits(Retry()) == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("policy", [Retry.none, Retry(attempts=1)])
def test_nothing_may_be_repeated(policy: Retry) -> None:
    assert waits(policy) == []


def test_no_attempt_begins_after_the_budget() -> None:
    assert waits(Retry(attempts=100, first=1, longest=4, budget=10)) == [1, 2, 4]


def test_the_time_that_attempts_take_counts() -> None:
    assert Retry(budget=10).wait(1, 9.9, 0.0) is None


def test_the_server_may_ask_for_more_time_but_not_for_less() -> None:
    assert Retry().wait(1, 0.0, 0.0, asked=20) == 20
    assert Retry().wait(3, 0.0, 0.0, asked=0) == 1.0


def test_more_than_the_budget_is_not_waited_for() -> None:
    assert Retry().wait(1, 0.0, 0.0, asked=31) is None


def test_no_number_of_attempts_is_too_high() -> None:
    assert Retry(attempts=10_000, budget=1e9).wait(5000, 0.0, 0.0) == 8.0


@pytest.mark.parametrize("first", [1e308, 10**400, float("inf")])
def test_no_wait_is_too_long_to_be_doubled(first: float) -> None:
    assert waits(Retry(first=first, longest=2), chance=0.0) == [2, 2, 2]
    assert waits(Retry(first=first, longest=first), chance=0.0) == []


@given(
    attempts=st.integers(1, 50),
    first=st.floats(0, 100),
    longest=st.floats(0, 100),
    budget=st.floats(0, 1000),
    chance=st.floats(0, 1),
    asked=st.none() | st.floats(0, 1000),
)
def test_every_schedule_ends_within_its_budget(
    attempts: int, first: float, longest: float, budget: float, chance: float, asked: float | None
) -> None:
    found = waits(Retry(attempts, first, longest, budget), chance, asked)
    assert len(found) < attempts
    assert sum(found) <= budget + 1e-6
    assert all(wait >= 0 for wait in found)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"attempts": 0}, ValueError, "1 or more"),
        ({"attempts": True}, TypeError, "whole number"),
        ({"attempts": 2.0}, TypeError, "whole number"),
        ({"first": -1}, ValueError, r"Retry\(first=\) takes 0 seconds or more"),
        ({"longest": float("nan")}, ValueError, r"Retry\(longest=\)"),
        ({"budget": "1"}, TypeError, r"Retry\(budget=\) takes a number of seconds"),
        ({"joins": 1}, TypeError, "True or False"),
    ],
)
def test_bad_settings_are_refused(given: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        Retry(**given)
