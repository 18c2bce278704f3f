"""Calls the tools of an MCP server and prints what they say; runs in an environment with `mcp`.

Arguments: the server's address, and calls as JSON: [[tool, {argument: value}, with progress], ...].
Output: {"tools": [name, ...], "answers": [{"text", "error", "progress"}, ...], "resource": text}
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from mcp import ClientSession  # type: ignore[import-not-found] # of the other environment
from mcp.client.streamable_http import streamablehttp_client  # type: ignore[import-not-found] # likewise


async def call(session: Any, name: str, arguments: dict[str, Any], *, watched: bool) -> dict[str, Any]:
    progress: list[str] = []

    async def note(at: float, total: float | None, message: str | None) -> None:
        progress.append(message or "")

    answer = await session.call_tool(name, arguments, progress_callback=note if watched else None)
    text = " ".join(part.text for part in answer.content if part.type == "text")
    return {"text": text, "error": answer.isError, "progress": progress}


async def main(url: str, calls: list[tuple[str, dict[str, Any], bool]]) -> None:
    async with (
        streamablehttp_client(f"{url}gradio_api/mcp/") as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        answers = [await call(session, name, given, watched=watched) for name, given, watched in calls]
        resource = await session.read_resource("greeting://Ada")
        found = {"tools": tools, "answers": answers, "resource": resource.contents[0].text}
        sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
