"""Programs that run Python and asyncio in their debug modes: they work, and nothing complains."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.fake_app import FakeApp

SYNC = """
import sys
from gradio_client import Client

with Client(sys.argv[1], verbose=False) as client:
    job = client.submit("a", api_name="/echo")
    print(list(job), job.result(), [type(event).__name__ for event in job.events()])
"""
ASYNC = """
import asyncio, sys
from gradio_client import AsyncClient, Client

async def main():
    async with AsyncClient(sys.argv[1]) as client:
        job = client.submit("a", api_name="/echo")
        print([output async for output in job], await job, end=" ")
        print([type(event).__name__ async for event in job.events()])

def on_a_running_loop():
    async def main():  # as in a notebook's cell
        with Client(sys.argv[1], verbose=False) as client:
            assert client.predict("a", api_name="/echo") == await client.submit("a", api_name="/echo") == "a"
    asyncio.run(main())

asyncio.run(main())
on_a_running_loop()
"""


@pytest.mark.parametrize("program", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_program_in_debug_mode_works_without_complaint(app: FakeApp, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program, app.url],
        env={**os.environ, "PYTHONASYNCIODEBUG": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    complaints = [line for line in done.stderr.splitlines() if "took" not in line or "seconds" not in line]
    assert (done.returncode, complaints) == (0, [])
    assert done.stdout.strip() == "['a'] a ['Output', 'Completed']"
