"""Whom the benchmarks measure, and how to ask each of them for its figures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from oracle.incumbent import environment  # noqa: E402 - the folder of tests is no package
from servers.environments import home  # noqa: E402

NAMES = ("floor", "ours:aiohttp", "ours:requests", "ours:httpx", "async:aiohttp", "incumbent", "javascript")
JAVASCRIPT = "2.7.0"  # the version of @gradio/client
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # as in any program that runs a second time


class Clients:
    """The clients of one run, each in an environment that is made when there is none.

    Args:
        url: the null server's.
        wanted: names of those to measure. The JavaScript client is left out where there is no npm.
    """

    def __init__(self, url: str, wanted: tuple[str, ...]) -> None:
        self._url = url
        own = [sys.executable, str(HERE / "measures.py")]
        self._commands = {name: [*own, name] for name in wanted}
        if "incumbent" in wanted:
            self._commands["incumbent"] = [str(environment()), str(HERE / "measures.py"), "incumbent"]
        if "javascript" in wanted:
            self._commands |= _javascript()

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are measured."""
        return tuple(self._commands)

    def pythons(self) -> dict[str, Path]:
        """The interpreters that have a ``gradio_client``, by one of the clients."""
        makers = {"ours:aiohttp": lambda: Path(sys.executable), "incumbent": environment}
        return {name: make() for name, make in makers.items() if name in self.names}

    def figures(self, name: str, measure: str, number: int) -> dict[str, float]:
        """What a client's process says of one measure."""
        command = [*self._commands[name], measure, self._url, str(number)]
        done = subprocess.run(
            command,
            env=os.environ | OFFLINE | COMPILED,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode and not done.stdout:  # node tells lost calls by its status
            raise SystemExit(f"{name} failed at {measure}:\n{done.stderr[-3000:]}")
        found: dict[str, float] = json.loads(done.stdout)
        return found


def _javascript() -> dict[str, list[str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    folder = home() / f"javascript-{JAVASCRIPT}"
    if node is None or npm is None:
        print("The JavaScript client is not measured: there is no npm.")
        return {}
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = f"@gradio/client@{JAVASCRIPT}"
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), wanted]
        if subprocess.run(install, check=False).returncode:
            print("The JavaScript client is not measured: npm cannot install it.")
            return {}
    return {"javascript": [node, str(HERE / "javascript.mjs"), str(folder)]}
