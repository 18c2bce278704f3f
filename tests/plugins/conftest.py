"""An app on a raw socket, and clients of it with plugins; and Gradio serving a visitor."""

from __future__ import annotations

import contextvars
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import app, client, connect, running

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["app", "client", "connect", "running"]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets Gradio serve a visitor who has this token, in the context of the caller."""
    request: contextvars.ContextVar[Any] = contextvars.ContextVar("request", default=None)
    module = types.ModuleType("gradio.context")
    module.LocalContext = types.SimpleNamespace(request=request)  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "gradio.context", module)

    def serve(token: str) -> None:
        request.set(types.SimpleNamespace(headers={"x-ip-token": token}))

    return serve
