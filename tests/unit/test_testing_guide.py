"""The examples of the guide to testing work as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from gradio_client.testing import App, AppServer

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "testing-your-application.md"
EXAMPLES = re.findall(
    r"^```python\n# (\w+\.py)\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def write(folder: Path, url: str) -> None:
    for name, text in EXAMPLES:
        (folder / name).write_text(text.replace("http://127.0.0.1:7860", url.rstrip("/")), "utf-8")


def run(folder: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_every_example_is_run() -> None:
    assert GUIDE.read_text("utf-8").count("```python") == len(EXAMPLES)


def test_the_tests_of_the_guide_pass_with_the_app_and_without_it(tmp_path: Path) -> None:
    app = App()
    app.endpoint("greet")(lambda name: f"Hello, {name}!")
    with AppServer(app) as server:
        write(tmp_path, server.url)
        assert "6 passed" in run(tmp_path)
    assert (tmp_path / "cassettes" / "test_with_a_cassette" / "test_the_app_greets.json").exists()
    assert "6 passed" in run(tmp_path, "--gradio-cassettes=replay")
