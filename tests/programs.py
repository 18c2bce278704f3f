"""Programs that the documents show, run as a reader would run them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def output(*arguments: str, folder: Path, seconds: float = 60) -> str:
    """What Python prints when it runs with some arguments in a folder, without a warning or an error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
