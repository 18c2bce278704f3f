"""Virtual environments with a pinned Gradio each, made when first asked for and kept in a cache.

The cache is ``$GRADIO_SERVERS_HOME``, else ``gradio-client/servers`` in ``$XDG_CACHE_HOME`` or
``~/.cache``. uv makes them where there is one; else, or where uv fails, venv and pip do.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements"
PYTHON = "3.11"  # what the lists of requirements were compiled for


class ServerError(RuntimeError):
    """The environment could not be made, or the server did not come up."""


def versions() -> list[str]:
    """The versions there is a list of requirements for, oldest first."""
    found = [path.stem.removeprefix("gradio-") for path in REQUIREMENTS.glob("gradio-*.txt")]
    return sorted(found, key=release)


def release(version: str) -> tuple[int, ...]:
    """``(5, 50, 0)`` for ``"5.50.0"``: what orders versions."""
    return tuple(int(part) for part in version.split("."))


def home() -> Path:
    """The folder that holds the environments."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return Path(os.environ.get("GRADIO_SERVERS_HOME") or cache / "gradio-client" / "servers").absolute()


def environment(version: str, *, rebuild: bool = False) -> Path:
    """The Python of the environment of a version of Gradio; ServerError says what failed."""
    wanted = REQUIREMENTS / f"gradio-{version}.txt"
    if not wanted.exists():
        raise ServerError(f"no requirements for gradio {version}; there are: {', '.join(versions())}")
    return environment_of(f"gradio-{version}", wanted, rebuild=rebuild)


def environment_of(name: str, wanted: Path, *, rebuild: bool = False) -> Path:
    """The Python of the environment of this name with what a file lists, made first where needed.

    The list must be complete: what it does not name is not installed. Processes that want the same
    environment at once make it once. ServerError says what failed.
    """
    folder = home() / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / ".complete"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()

    def complete() -> bool:
        return mark.exists() and mark.read_text() == digest and python.exists()

    if complete() and not rebuild:
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent / f"{name}.lock"):
        if rebuild or not complete():  # else somebody made it while the lock was awaited
            _make(folder, python, wanted)
            mark.write_text(digest)
    return python


def find_uv() -> str | None:
    """The uv beside this Python, or else the one on PATH; None with ``GRADIO_SERVERS_NO_UV``."""
    if os.environ.get("GRADIO_SERVERS_NO_UV"):
        return None
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def call(*command: str) -> None:
    """Run a command; ServerError with the end of its output when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise ServerError(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout[-4000:]}")


def _make(folder: Path, python: Path, wanted: Path) -> None:
    uv = find_uv()
    if uv:
        # Indexes may be set for pip alone, which uv does not read: pip has the second try.
        with contextlib.suppress(ServerError):
            shutil.rmtree(folder, ignore_errors=True)
            call(uv, "venv", "-q", "--python", _base_python() or PYTHON, str(folder))
            call(uv, "pip", "install", "-q", "--no-deps", "--python", str(python), "-r", str(wanted))
            return
    shutil.rmtree(folder, ignore_errors=True)
    call(_base_python() or sys.executable, "-m", "venv", str(folder))
    quiet = ["-q", "--disable-pip-version-check"]
    call(str(python), "-m", "pip", "install", *quiet, "--no-deps", "-r", str(wanted))


def _base_python() -> str | None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return sys.executable if here == PYTHON else shutil.which(f"python{PYTHON}")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a file stands for; other processes wait for it."""
    with path.open("w") as handle:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 - Windows has none

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
