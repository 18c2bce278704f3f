"""With a plain URL huggingface_hub is never imported, and no request goes to any other host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Gradio
    from spaces.world import World

GRADIO = "6.31.0"
PROGRAM = """
import json, sys
reached = set()
def audit(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        reached.add(f"{args[1][0]}:{args[1][1]}")
    elif event == "socket.getaddrinfo":
        reached.add(f"{args[0]}:{args[1]}")
sys.addaudithook(audit)
url, transport, face, folder = sys.argv[1:]
kwargs = {"transport": transport, "download_files": folder, "analytics_enabled": True}
if face == "Client":
    from gradio_client import Client
    with Client(url, **kwargs) as client:
        told = client.predict("Ada", api_name="/greet")
else:
    import asyncio
    from gradio_client import AsyncClient
    async def main():
        async with AsyncClient(url, **kwargs) as client:
            return await client.predict("Ada", api_name="/greet")
    told = asyncio.run(main())
loaded = [name for name in sys.modules if name.partition(".")[0] == "huggingface_hub"]
print(json.dumps([told, sorted(reached), loaded]))
"""
#: What the program is made of for a Space that does not exist.
IGNORING = """
    import contextlib, gradio_client, gradio_client.exceptions
    told = None
    @contextlib.contextmanager
    def Client(*args, **kwargs):
        with contextlib.suppress(gradio_client.exceptions.SourceError):
            gradio_client.Client(*args, **kwargs)
        yield type("Nobody", (), {"predict": lambda *args, **kwargs: None})()
"""


@pytest.mark.parametrize("face", ["Client", "AsyncClient"])
def test_a_plain_url_is_all_that_is_called(gradio: Gradio, tmp_path: Path, transport: str, face: str) -> None:
    url = gradio(GRADIO).url
    environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    for name in ("HF_HUB_DISABLE_TELEMETRY", "GRADIO_ANALYTICS_ENABLED", "HF_HUB_OFFLINE", "DO_NOT_TRACK"):
        environ.pop(name, None)
    environ |= {"HF_TOKEN": "hf_secret", "HF_ENDPOINT": "http://127.0.0.1:9"}
    command = [sys.executable, "-c", PROGRAM, url, transport, face, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=60)
    assert done.returncode == 0, done.stderr
    told, reached, loaded = json.loads(done.stdout.splitlines()[-1])
    assert told == "Hello, Ada!"
    assert reached == [url.split("/")[2]]
    assert loaded == []


def test_the_program_would_notice_a_space(spaces: World, tmp_path: Path) -> None:
    environ = {**os.environ, "HF_ENDPOINT": spaces.urls["hub"], "HF_HOME": str(tmp_path)}
    source = PROGRAM.replace("from gradio_client import Client\n", IGNORING)
    command = [sys.executable, "-c", source, "ada/nothing", "aiohttp", "Client", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=60)
    assert done.returncode == 0, done.stderr
    _, reached, loaded = json.loads(done.stdout.splitlines()[-1])
    assert reached == [spaces.urls["hub"].split("/")[2]]
    assert "huggingface_hub" in loaded
