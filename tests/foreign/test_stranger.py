"""A foreign project's transport: built, installed beside ours, chosen by name, and held to the contract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from servers.environments import ServerError, call, find_uv

if TYPE_CHECKING:
    from conftest import Gradio

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: A second foreign distribution, which cannot be imported.
BROKEN = {
    "broken.py": "raise RuntimeError('out of order')",
    "broken-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: gradio-client-broken\nVersion: 1.0\n",
    "broken-1.0.dist-info/entry_points.txt": "[gradio_client]\nbroken = broken\n",
}


class Abroad(NamedTuple):
    """The stranger's world: a copy of the project, and a Python that has both distributions installed."""

    project: Path
    python: Path

    def run(self, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        if path is not None:
            environ["PYTHONPATH"] = str(path)
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.project,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Abroad:
    folder = tmp_path_factory.mktemp("abroad")
    project = folder / "project"
    shutil.copytree(HERE / "stranger", project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    ours, theirs = build(ROOT, folder / "ours"), build(project, folder / "theirs")
    # So that what is imported is what was installed.
    shutil.rmtree(project / "stranger_urllib3")
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    call(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    install(python, f"{ours}[contract-tests]", str(theirs))
    return Abroad(project, python)


@pytest.fixture(scope="module")
def answers(abroad: Abroad, gradio: Gradio) -> dict[str, Any]:
    file = abroad.project / "größe.txt"
    file.write_text("up and down again", "utf-8")  # the app returns it in capitals
    done = abroad.run("-W", "error", str(HERE / "probe.py"), gradio("6.31.0").url, str(file))
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def build(source: Path, into: Path) -> Path:
    """Build a wheel in this environment: nothing is fetched."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(into.glob("*.whl"))


def install(python: Path, *what: str) -> None:
    """Install with uv, or with pip where there is none or it has no index."""
    if uv := find_uv():
        try:
            return call(uv, "pip", "install", "-q", "--python", str(python), *what)
        except ServerError:
            pass
    return call(sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *what)


def test_the_foreign_transport_passes_the_contract(abroad: Abroad) -> None:
    done = abroad.run("-m", "pytest", "-q", "-W", "error", "--strict-markers", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout[-8000:]
    assert "passed" in done.stdout
    assert "xfailed" not in done.stdout  # it lacks nothing


def test_the_project_lists_nothing_that_its_transport_lacks() -> None:
    assert "lacks" not in (HERE / "stranger/tests/test_contract.py").read_text("utf-8")


def test_a_client_calls_an_app_over_it(answers: dict[str, Any]) -> None:
    assert answers["greeting"] == "Hello, Ada!"


def test_a_client_streams_over_it(answers: dict[str, Any]) -> None:
    assert answers["counted"] == [1, 2, 3]


def test_a_client_sends_and_fetches_files_over_it(answers: dict[str, Any]) -> None:
    assert answers["file"] == "UP AND DOWN AGAIN"


def test_it_is_the_only_http_library_of_the_process(answers: dict[str, Any]) -> None:
    assert answers["libraries"] == ["urllib3"]


def test_an_unknown_name_lists_it_among_the_others(abroad: Abroad) -> None:
    program = "from gradio_client import Client; Client('http://127.0.0.1:9', transport='urllib')"
    done = abroad.run("-c", program)
    assert "ValueError: There is no transport 'urllib'. Did you mean 'urllib3'?" in done.stderr
    assert "Installed: aiohttp, httpx, requests, urllib3." in done.stderr


def test_a_broken_neighbour_is_named_and_disturbs_nobody(
    abroad: Abroad, gradio: Gradio, tmp_path: Path
) -> None:
    for name, text in BROKEN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    program = (
        "import sys; from gradio_client import Client\n"
        "for name in ('aiohttp', 'urllib3'):\n"
        "    with Client(sys.argv[1], transport=name, verbose=False) as client:\n"
        "        print(client.predict('Ada', api_name='/greet'))\n"
    )
    done = abroad.run("-c", program, gradio("6.31.0").url, path=tmp_path)
    assert done.stdout.split("\n") == ["Hello, Ada!", "Hello, Ada!", ""]
    assert done.stderr.count("PluginWarning") == 1
    assert "'broken' of 'gradio-client-broken' (RuntimeError: out of order)" in done.stderr
