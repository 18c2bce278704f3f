"""Files of any size go up and down in little memory, on every transport."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path  # noqa: TC003 - an app reads its annotations
from typing import TYPE_CHECKING

import pytest

from gradio_client.testing import App, AppServer

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 500 << 20
MOST = 32 << 10  # KiB

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measured by /proc"),
]

# The highest resident memory since it was last forgotten, over what was resident then.
PROGRAM = """
import re, sys
from pathlib import Path
from gradio_client import Client, handle_file

def kept(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

url, transport, small, large, folder = sys.argv[1:]
with Client(url, transport=transport, download_files=folder, verbose=False) as client:
    client.predict(handle_file(small), api_name="/give_back")
    for up in (True, False):
        Path("/proc/self/clear_refs").write_text("5")
        before = kept("VmRSS")
        if up:
            assert client.predict(handle_file(large), api_name="/measure") == Path(large).stat().st_size
        else:
            got = client.predict(api_name="/give")
            assert Path(got).stat().st_size == Path(large).stat().st_size
        print(kept("VmHWM") - before)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.bin"
    with path.open("wb") as file:
        file.truncate(SIZE)  # it takes no room on the disk
    return path


@pytest.fixture(scope="module")
def server(large: Path) -> Iterator[AppServer]:
    app = App("Large files")

    @app.endpoint()
    def give_back(file: Path) -> Path:
        return file

    @app.endpoint()
    def measure(file: Path) -> int:
        return file.stat().st_size

    @app.endpoint()
    def give() -> Path:
        return large

    with AppServer(app) as server:
        yield server


def test_large_files_take_little_memory(
    server: AppServer, transport: str, large: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small.txt"
    small.write_text("small")
    command = [sys.executable, "-c", PROGRAM, server.url, transport, str(small), str(large), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    up, down = (int(line) for line in done.stdout.split())
    assert max(up, down) < MOST, f"{up} KiB more for the upload, {down} KiB for the download"
    (tmp_path / "large.bin").unlink(missing_ok=True)
