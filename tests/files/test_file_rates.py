"""The benchmark of files measures what it says."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from file_rates import CLIENTS, OURS, peak, show

if TYPE_CHECKING:
    from bars import Results

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MEBIBYTE = 1 << 20


@pytest.mark.parametrize("client", ["raw", "ours:aiohttp"])
def test_a_client_sends_and_saves_whole_files(client: str, tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(bytes(1000))
    (tmp_path / "large").write_bytes(bytes(2 * MEBIBYTE))
    command = [sys.executable, str(BENCHMARKS / "file_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        command = [sys.executable, str(BENCHMARKS / "file_rates.py"), "--client", client, "--url", url]
        done = subprocess.run(
            [*command, "--folder", str(tmp_path), "--megabytes", "2"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        server.stdin.close()
    found = json.loads(done.stdout)
    assert {"up", "up_busy", "up_memory", "down", "down_busy", "down_memory"} == set(found)
    assert found["up"] > 0 < found["down"]
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"small", "large"}


@pytest.fixture
def results() -> Results:
    """Three rounds in which every client is just good enough."""
    found = {}
    for way in ("up", "down"):
        rates = dict.fromkeys(OURS, 0.6e9) | {"raw": 1e9, "incumbent": 0.59e9}
        found[way] = {client: [rate] * 3 for client, rate in rates.items()}
        found[f"{way}_busy"] = {client: [1.0] * 3 for client in CLIENTS}
        found[f"{way}_memory"] = {client: [31.9] * 3 for client in CLIENTS}
    return found


def test_clients_that_are_just_good_enough_miss_no_bar(results: Results) -> None:
    results["up"]["ours:aiohttp"][0] = 1.0  # one bad round
    assert show(results) == []


@pytest.mark.parametrize("client", OURS)
@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("figure", "value"), [("", 0.595e9), ("_memory", 32.0)])
def test_a_client_that_is_too_slow_or_too_large_misses_a_bar(
    results: Results, client: str, way: str, figure: str, value: float
) -> None:
    results[way + figure][client] = [value] * 3
    (missed,) = show(results)
    assert missed.startswith(f"{client} {way}: ")


@pytest.mark.parametrize("way", ["up", "down"])
def test_clients_that_are_no_faster_than_the_incumbent_miss_a_bar(results: Results, way: str) -> None:
    results[way]["incumbent"] = [0.6e9] * 3
    assert [missed.partition(":")[0] for missed in show(results)] == ["ours"] * 3
    assert all(f" {way}: " in missed for missed in show(results))


def test_memory_is_told_in_megabytes() -> None:
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert peak() == pytest.approx(held / 1e6, rel=0.02)
