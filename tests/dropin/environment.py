"""An environment with Gradio 6.31.0 in which this package has taken the place of gradio_client.

It is kept in the cache beside the others; the wheel in it is built anew when the sources change.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.environments import call, environment, environment_of, find_uv, locked

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
GRADIO = "6.31.0"
NAME = f"gradio-{GRADIO}-ours"
SOURCES = ("gradio_client", "adapters", "plugins", "contract_tests")


def ours() -> Path:
    """The Python of the environment with our package; made or brought up to date where needed."""
    python = environment_of(NAME, REQUIREMENTS)
    folder = python.parents[1]
    mark, digest = folder / ".wheel", _digest()
    with locked(folder.with_name(f"{NAME}-wheel.lock")):
        if not (mark.exists() and mark.read_text() == digest):
            mark.unlink(missing_ok=True)
            _install(python)
            mark.write_text(digest)
    return python


def theirs() -> Path:
    """The Python of the environment with the same Gradio on gradio_client 2.7.2."""
    return environment(GRADIO)


def packages(python: Path) -> Path:
    """The folder with an environment's installed packages."""
    command = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def build_wheel(into: Path) -> Path:
    """A wheel of the tree, built with what is installed here."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into), "-t", "wheel"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(into.glob("*.whl"))


def _install(python: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheel = str(build_wheel(Path(folder)))
        if uv := find_uv():
            call(uv, "pip", "install", "-q", "--no-deps", "--reinstall", "--python", str(python), wheel)
        else:
            quiet = ["-q", "--disable-pip-version-check", "--no-deps", "--force-reinstall"]
            call(str(python), "-m", "pip", "install", *quiet, wheel)


def _digest() -> str:
    inside = [path for name in SOURCES for path in (ROOT / name).rglob("*")]
    read = [path for path in inside if path.is_file() and "__pycache__" not in path.parts]
    found = hashlib.sha256()
    for path in [ROOT / "pyproject.toml", *sorted(read)]:
        found.update(f"{path.relative_to(ROOT)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()
