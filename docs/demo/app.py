"""The demonstration's app for ``gradio_client.testing``: no Gradio needed."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.testing import App, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

app = App("Demonstration")


@app.endpoint()
def greet(name: str, greeting: str = "Hello") -> str:
    """Greet somebody."""
    return f"{greeting}, {name}!"


@app.endpoint()
def tell(words: int = 12, delay: float = 0.05) -> Iterator[str]:
    """Tell a story, word by word."""
    story = ["once", "upon", "a", "time", "there", "was", "a", "client", "that", "nobody", "waited", "for"]
    text = ""
    for number in range(int(words)):
        progress((number, int(words)), desc="telling")
        time.sleep(delay)
        text += story[number % len(story)] + " "
        yield text


@app.endpoint()
def shout(file: Path) -> Path:
    """The text of a file in capitals."""
    capitals = Path(tempfile.mkdtemp()) / f"loud-{Path(file).name}"
    capitals.write_text(Path(file).read_text(encoding="utf-8").upper(), encoding="utf-8")
    return capitals


@app.endpoint()
def wait(seconds: float = 60) -> Iterator[int]:
    """Count the tenths of a second, for somebody to cancel."""
    for tenth in range(int(seconds * 10)):
        time.sleep(0.1)
        yield tenth
