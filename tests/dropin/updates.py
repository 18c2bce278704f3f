"""What ``async for update in job`` gives with this environment's gradio_client; printed as JSON.

It runs in two environments: in this package's and, as a script, in that of gradio_client 2.7.2.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from gradio_client import Client
from gradio_client.utils import OutputUpdate

CALLS: dict[str, tuple[Any, ...]] = {
    "/count": (3, 0.1),
    "/echo": ("hello",),
    "/echo_fast": ("hello",),
    "/multi": ("abc", 2),
    "/raise_error": ("no", "Oh"),
    "/error_after_yield": (2,),
    "/crash_fast": ("x",),
}
END = "end"  # of a job that failed: an update there, an error here


def told(update: Any) -> list[Any]:
    if isinstance(update, OutputUpdate) and update.final:
        return ["result"] if update.success else [END]
    if isinstance(update, OutputUpdate):
        return ["output", update.outputs, update.success, update.type]
    return ["status", update.code.name, update.success, update.rank, update.type]


async def followed(job: Any) -> list[Any]:
    found: list[Any] = []
    try:
        async for update in job:
            if not found or found[-1] != told(update):  # how often a place is told is the server's choice
                found.append(told(update))
    except Exception:  # noqa: BLE001 - whatever it is, it is the end
        found.append([END])
    return found


def found(url: str) -> dict[str, Any]:
    client = Client(url, verbose=False)
    answers = {
        name: asyncio.run(asyncio.wait_for(followed(client.submit(*args, api_name=name)), 60))
        for name, args in CALLS.items()
    }
    client.close()
    answers_as_json: dict[str, Any] = json.loads(json.dumps(answers))
    return answers_as_json


if __name__ == "__main__":
    sys.stdout.write(json.dumps(found(sys.argv[1])))
