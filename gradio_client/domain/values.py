"""JSON as it is held in memory."""

from __future__ import annotations

from typing import Any, TypeAlias

#: What ``json.loads`` returns: the shape is the server's choice, so it is checked where it is read.
Json: TypeAlias = Any
JsonObject: TypeAlias = dict[str, Any]
