"""The commands of Gradio and hf-gradio that use a client work on this package."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from dropin.environment import GRADIO, ROOT
from servers.environments import find_uv

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Gradio
    from servers.process import Server

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def app(gradio: Gradio) -> Server:
    return gradio(GRADIO)


def run(python: Path, name: str, *arguments: str) -> Any:
    command = [str(python.with_name(name)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("words", [("hf-gradio",), ("gradio",)])
def test_info_describes_the_endpoints(our_python: Path, app: Server, words: tuple[str]) -> None:
    described = run(our_python, words[0], "info", app.url)
    assert described["/echo"]["parameters"][0]["name"] == "text"


def test_info_is_the_same_on_both_clients(our_python: Path, their_python: Path, app: Server) -> None:
    ours, theirs = (run(python, "hf-gradio", "info", app.url) for python in (our_python, their_python))
    assert ours == theirs


def test_gradio_predicts_as_hf_gradio_does(our_python: Path, app: Server) -> None:
    words = ("predict", app.url, "/multi", '{"text": "abc", "number": 2}')
    found = run(our_python, "gradio", *words)
    assert "cba" in found.values()
    assert found == run(our_python, "hf-gradio", *words)


@pytest.mark.parametrize(
    ("endpoint", "payload"),
    [("/echo", {"text": "hello"}), ("/multi", {"text": "abc", "number": 2}), ("/count", {"n": 3})],
)
def test_predict_answers_the_same_on_both_clients(
    our_python: Path, their_python: Path, app: Server, endpoint: str, payload: dict[str, Any]
) -> None:
    words = ("hf-gradio", "predict", app.url, endpoint, json.dumps(payload))
    assert run(our_python, *words) == run(their_python, *words)


def test_predict_downloads_files(our_python: Path, app: Server, tmp_path: Path) -> None:
    words = ("predict", app.url, "/big_file", '{"n": 100}', "--download-files", str(tmp_path))
    (path,) = run(our_python, "hf-gradio", *words).values()
    assert path.startswith(str(tmp_path))


@pytest.mark.long
def test_pip_finds_versions_that_go_together(our_python: Path) -> None:
    command = [sys.executable if _has_pip() else str(our_python), "-m", "pip", "install", "--dry-run", "-q"]
    words = [*command, "--disable-pip-version-check", "--ignore-installed", str(ROOT), f"gradio=={GRADIO}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


def test_uv_finds_versions_that_go_together(our_python: Path) -> None:
    uv = find_uv()
    if uv is None:
        pytest.skip("there is no uv")
    command = [uv, "pip", "install", "--dry-run", "-q", "--python", str(our_python), str(ROOT)]
    words = [*command, f"gradio=={GRADIO}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


def _has_pip() -> bool:
    done = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    return done.returncode == 0
