"""The benchmarks measure what they say, and notice a bar that is missed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import gradio_import
import hook_cost
import pytest
from bars import BARS, Limit, Ratio, misses, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def null_server() -> Iterator[str]:
    command = [sys.executable, str(BENCHMARKS / "null_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        server.stdin.close()


def figures(client: str, measure: str, url: str, number: int) -> dict[str, float]:
    command = [sys.executable, str(BENCHMARKS / "measures.py"), client, measure, url, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


# Each of these measures fails when a result is not the right one.
@pytest.mark.parametrize(
    ("client", "measure", "number", "told"),
    [
        ("floor", "latency", 3, {"latency", "cpu", "connections_500"}),
        ("floor", "stream", 50, {"stream", "stream_cpu"}),
        ("floor", "arrival", 3, {"arrival"}),
        ("floor", "big", 1, {"big"}),
        ("ours:aiohttp", "crowd", 3, {"crowd", "crowd_memory", "crowd_failed"}),
        ("ours:aiohttp", "stream", 50, {"stream", "stream_cpu"}),
    ],
)
def test_a_client_is_measured(
    null_server: str, client: str, measure: str, number: int, told: set[str]
) -> None:
    assert figures(client, measure, null_server, number).keys() == told


@pytest.mark.parametrize("client", ["floor", "ours:aiohttp"])
def test_one_connection_serves_all_calls(null_server: str, client: str) -> None:
    assert figures(client, "latency", null_server, 10)["connections_500"] == 0


def test_a_client_that_takes_too_long_beside_another_misses_a_bar() -> None:
    bar = Ratio("latency", "ours:aiohttp", 4, "floor")
    assert bar.miss({"latency": {"ours:aiohttp": [2.0], "floor": [0.5]}}) is None
    assert bar.miss({"latency": {"ours:aiohttp": [2.1], "floor": [0.5]}}) is not None


def test_one_bad_round_misses_no_bar() -> None:
    bar = Ratio("latency", "ours:aiohttp", 4, "floor")
    assert bar.miss({"latency": {"ours:aiohttp": [1.0, 2.0, 9.0], "floor": [0.5, 0.5, 0.5]}}) is None


def test_a_client_that_is_too_slow_beside_another_misses_a_bar() -> None:
    bar = Ratio("stream", "ours:aiohttp", 0.4, "floor", least=True)
    assert bar.miss({"stream": {"ours:aiohttp": [4.0], "floor": [10.0]}}) is None
    assert (
        bar.miss({"stream": {"ours:aiohttp": [3.9], "floor": [10.0]}})
        == "stream of ours:aiohttp is 0.39 times floor's; bar: at least 0.4"
    )


def test_a_figure_above_its_limit_misses_a_bar() -> None:
    bar = Limit("threads", "ours:aiohttp", 4)
    assert bar.miss({"threads": {"ours:aiohttp": [4.0]}}) is None
    assert bar.miss({"threads": {"ours:aiohttp": [5.0]}}) == "threads of ours:aiohttp is 5; bar: at most 4"


def test_what_was_not_measured_misses_no_bar() -> None:
    assert Limit("threads", "ours:aiohttp", 4).miss({}) is None
    assert Ratio("latency", "ours:aiohttp", 4, "floor").miss({"latency": {"ours:aiohttp": [1.0]}}) is None


def test_what_was_not_measured_is_named() -> None:
    assert len(unmeasured({})) == len(BARS)
    latency = {"ours:aiohttp": [1.0], "floor": [1.0]}
    told = unmeasured({"latency": latency, "threads": {"ours:aiohttp": [4.0]}})
    assert "latency of ours:aiohttp beside floor: not measured" not in told
    assert "latency of ours:aiohttp beside incumbent: not measured" in told
    assert "threads of ours:aiohttp: not measured" not in told
    assert "memory of ours:aiohttp: not measured" in told


def test_a_job_of_the_crowd_that_fails_misses_a_bar() -> None:
    assert misses({"crowd_failed": {"ours:aiohttp": [0]}}) == []
    missed = ["crowd_failed of ours:aiohttp is 1; bar: at most 0"]
    assert misses({"crowd_failed": {"ours:aiohttp": [1]}}) == missed


def test_the_hooks_are_timed_for_each_request_of_a_call(
    null_server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, number in {"CALLS": 20, "ROUNDS": 100, "REPEATS": 2}.items():
        monkeypatch.setattr(hook_cost, name, number)
    share = hook_cost.share(null_server, hook_cost.OURS)
    assert share < 1
    assert "hooks 2.0 x" in capsys.readouterr().out


def test_either_time_of_an_import_may_miss_its_bar() -> None:
    even = [((1.0, 1.0), (1.0, 1.0))] * 4
    assert not gradio_import.is_missed(even)
    noise = [((1.05, 1.05), (1.0, 1.0)), ((1.0, 1.0), (1.0, 1.0))]
    assert not gradio_import.is_missed(noise)
    assert gradio_import.is_missed([((1.03, 1.0), (1.0, 1.0))] * 4)
    assert gradio_import.is_missed([((1.0, 1.03), (1.0, 1.0))] * 4)
