"""What attacks with files have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.fake_app import completed

if TYPE_CHECKING:
    from core.fake_app import FakeApp

CONTENT = b"content"


def file(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}} | more


def returning(app: FakeApp, *values: Any) -> None:
    """Let every job have these values; any file that is asked for is there."""
    app.on_join = lambda event, _: [completed(event, *values)]
    app.otherwise = lambda connection, _: connection.reply(CONTENT)
