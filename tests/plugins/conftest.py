"""An app on a raw socket, and clients of it with plugins."""

from __future__ import annotations

from core.conftest import app, client, connect, running

__all__ = ["app", "client", "connect", "running"]
