"""The foreign project is data: its tests run in an environment of its own."""

from __future__ import annotations

collect_ignore = ["enterprise", "stranger"]
