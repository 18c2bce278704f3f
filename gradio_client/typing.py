"""The types of what clients take, for the annotations of programs that pass it on.

from gradio_client.typing import AuthChoice, TransportChoice


def connect(auth: AuthChoice = None, transport: TransportChoice = "aiohttp") -> Client: ...
"""

from __future__ import annotations

from gradio_client._http.transports import TransportChoice
from gradio_client._jobs.mapping import MapProgress, OnError
from gradio_client._settings import AuthChoice, OnStatus
from gradio_client.domain.results import Updates
from gradio_client.downloads import When
from gradio_client.progress import ProgressChoice

__all__ = [
    "AuthChoice",
    "MapProgress",
    "OnError",
    "OnStatus",
    "ProgressChoice",
    "TransportChoice",
    "Updates",
    "When",
]
