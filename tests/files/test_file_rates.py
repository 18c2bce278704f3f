"""The benchmark of files measures what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
