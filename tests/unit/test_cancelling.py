"""How a server is told to stop a job: every line of servers, every stage, alone and not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradio_client.domain.cancelling import (
    CallCanceller,
    Cancel,
    CancelMethod,
    NoMethod,
    Reset,
    Stage,
    cancel_method,
)
from gradio_client.domain.config import parse_config

if TYPE_CHECKING:
    from collections.abc import Collection

QUEUED, STARTED, YIELDED, OVER = Stage
UNDER_WAY = (QUEUED, STARTED, YIELDED)
OTHER, STOP, STOP_ALL = 1, 2, 3


def chosen(
    version: str,
    stage: Stage,
    busy: Collection[int] = (),
    cancels: dict[int, list[int]] | None = None,
    protocol: str = "sse_v3",
) -> CancelMethod:
    found = cancels or {}
    dependencies: list[dict[str, Any]] = [
        {"id": number, "inputs": [], "outputs": [], "backend_fn": True, "cancels": found.get(number, [])}
        for number in range(4)
    ]
    raw = {"version": version, "protocol": protocol, "components": [], "dependencies": dependencies}
    config = parse_config(raw, None)
    return cancel_method(config, config.endpoints[0], stage, busy)


@pytest.mark.parametrize("stage", UNDER_WAY)
@pytest.mark.parametrize("version", ["6.14.0", "6.31.0"])
def test_a_new_server_can_be_told_at_any_time(version: str, stage: Stage) -> None:
    assert chosen(version, stage) == Cancel(0)
    assert chosen(version, stage, {OTHER}) == Cancel(0)


def test_a_new_server_is_told_of_a_queued_job_with_siblings_by_its_name_alone() -> None:
    assert chosen("6.31.0", QUEUED, {0}) == Cancel(-1)


@pytest.mark.parametrize("stage", [STARTED, YIELDED])
def test_a_new_server_is_told_of_a_running_job_when_its_siblings_have_ended(stage: Stage) -> None:
    assert chosen("6.31.0", stage, {0}) is NoMethod.YET
    assert chosen("6.31.0", stage) == Cancel(0)


@pytest.mark.parametrize("version", ["4.31.0", "4.44.1", "5.50.0", "6.13.0"])
def test_a_server_with_cancel_is_told_of_a_job_that_runs_alone(version: str) -> None:
    assert chosen(version, QUEUED) is NoMethod.YET
    assert chosen(version, STARTED) == chosen(version, YIELDED, {OTHER}) == Cancel(0)
    assert chosen(version, STARTED, {0}) is chosen(version, YIELDED, {0}) is NoMethod.YET


@pytest.mark.parametrize("version", ["4.9.0", "4.16.0", "4.29.0"])
def test_an_old_server_can_reset_what_has_yielded(version: str) -> None:
    assert [chosen(version, stage) for stage in UNDER_WAY] == [NoMethod.YET, NoMethod.YET, Reset()]
    assert chosen(version, YIELDED, {0}) == Reset()


def test_a_function_that_cancels_the_job_goes_before_a_reset() -> None:
    stops = {STOP: [0]}
    assert chosen("4.29.0", QUEUED, (), stops) is NoMethod.YET
    assert chosen("4.29.0", YIELDED, (), stops) == CallCanceller(STOP)
    assert chosen("4.29.0", YIELDED, {OTHER}, stops) == CallCanceller(STOP)


def test_a_function_that_cancels_the_job_is_not_called_before_the_server_has_surely_begun() -> None:
    assert chosen("4.29.0", STARTED, (), {STOP: [0]}) is NoMethod.YET


def test_a_function_that_would_cancel_others_too_is_not_called() -> None:
    stops = {STOP_ALL: [0, OTHER]}
    assert chosen("4.29.0", YIELDED, {OTHER}, stops) == Reset()
    assert chosen("4.29.0", YIELDED, {0}, stops) == Reset()
    assert chosen("4.29.0", YIELDED, (), stops) == CallCanceller(STOP_ALL)


def test_the_one_that_cancels_least_is_found() -> None:
    stops = {STOP_ALL: [0, OTHER], STOP: [0]}
    assert chosen("4.29.0", YIELDED, {OTHER}, stops) == CallCanceller(STOP)


@pytest.mark.parametrize("version", ["4.16.0", "4.44.1", "6.31.0"])
def test_no_server_is_told_of_a_job_that_is_over(version: str) -> None:
    assert chosen(version, OVER) is chosen(version, OVER, {0}) is NoMethod.EVER


@pytest.mark.parametrize("stage", UNDER_WAY)
def test_a_server_with_a_stream_for_each_job_is_told_at_once(stage: Stage) -> None:
    assert chosen("4.0.2", stage, {0}, protocol="sse") == Reset()
