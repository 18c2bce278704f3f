"""What gradio_client 2.7.2 says: it is installed from PyPI, and asked in a process of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servers.environments import ServerError, call, find_uv, home

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
NAME = "incumbent-2.7.2"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the function returned, as JSON can say it; or the error it raised."""

    value: Any = None
    raised: str | None = None


def ask(function: str, cases: Sequence[Sequence[Any]]) -> list[Answer]:
    """The answers of a function to some lists of positional arguments, in order.

    The function is named below ``gradio_client``, as in ``"utils.apply_diff"``; ``"view_api"`` is
    the text for an API description: its arguments are the description and ``all_endpoints``.
    """
    question = json.dumps({"function": function, "cases": list(cases)})
    # isolated, or the folder and the variables of the tests would show it our own gradio_client
    command = [str(environment()), "-I", str(HERE / "answer.py")]
    done = subprocess.run(command, input=question, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"gradio_client 2.7.2 gave no answers about {function}:\n{done.stderr[-4000:]}")
    return [Answer(**answer) for answer in json.loads(done.stdout)]


def environment() -> Path:
    """The Python of an environment with gradio_client 2.7.2, which is made when there is none yet.

    It stays in the cache for later runs; processes that want it at once make it once.
    """
    folder = home() / NAME
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / ".complete"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_name(f"{NAME}.lock")):
        if not (python.exists() and mark.exists() and mark.read_text() == digest):
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, python)
            mark.write_text(digest)
    return python


def _install(folder: Path, python: Path) -> None:
    wanted = ["-q", "--no-deps", "-r", str(REQUIREMENTS)]  # they are all listed
    if uv := find_uv():
        with contextlib.suppress(ServerError):  # pip may know an index that uv does not
            call(uv, "venv", "-q", "--python", sys.executable, str(folder))
            call(uv, "pip", "install", "--python", str(python), *wanted)
            return
        shutil.rmtree(folder, ignore_errors=True)
    call(sys.executable, "-m", "venv", str(folder))
    call(str(python), "-m", "pip", "install", "--disable-pip-version-check", *wanted)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 - Windows has none

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
