"""An app on a raw socket, and clients of it with plugins; and Gradio serving a visitor."""

from __future__ import annotations

import contextvars
import sys
import types
from typing import Any

import pytest
from core.conftest import app, client, connect, running

__all__ = ["app", "client", "connect", "running"]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> contextvars.ContextVar[Any]:
    """What Gradio keeps the request in that is being served."""
    request: contextvars.ContextVar[Any] = contextvars.ContextVar("request", default=None)
    module = types.ModuleType("gradio.context")
    module.LocalContext = types.SimpleNamespace(request=request)  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "gradio.context", module)
    return request


def visitor(token: str) -> types.SimpleNamespace:
    """The request of a visitor who has this token."""
    return types.SimpleNamespace(headers={"x-ip-token": token})
