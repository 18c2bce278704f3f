"""For tests of programs that call Gradio apps: an app in memory, an app on a port, scripts and cassettes.

Nothing here is used by the client itself. ``gradio_client.testing.fixtures`` offers it as pytest fixtures.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client.testing.app import App, State, StateSlot
    from gradio_client.testing.cassettes import Cassette, CassetteError, cassette
    from gradio_client.testing.context import Caller, caller, log, progress
    from gradio_client.testing.exchanges import Gate, Reply, SeenRequest
    from gradio_client.testing.recording import Recording, RecordingTransport
    from gradio_client.testing.replaying import ReplayingTransport, Tape
    from gradio_client.testing.scripted import ScriptedTransport, UnexpectedRequestError
    from gradio_client.testing.scripted_app import Called, ScriptedApp
    from gradio_client.testing.server import AppServer

__all__ = [
    "App",
    "AppServer",
    "Called",
    "Caller",
    "Cassette",
    "CassetteError",
    "Gate",
    "Recording",
    "RecordingTransport",
    "ReplayingTransport",
    "Reply",
    "ScriptedApp",
    "ScriptedTransport",
    "SeenRequest",
    "State",
    "StateSlot",
    "Tape",
    "UnexpectedRequestError",
    "caller",
    "cassette",
    "log",
    "progress",
]

_HOME = {
    "App": "app",
    "AppServer": "server",
    "Called": "scripted_app",
    "Caller": "context",
    "Cassette": "cassettes",
    "CassetteError": "cassettes",
    "Gate": "exchanges",
    "Recording": "recording",
    "RecordingTransport": "recording",
    "ReplayingTransport": "replaying",
    "Reply": "exchanges",
    "ScriptedApp": "scripted_app",
    "ScriptedTransport": "scripted",
    "SeenRequest": "exchanges",
    "State": "app",
    "StateSlot": "app",
    "Tape": "replaying",
    "UnexpectedRequestError": "scripted",
    "caller": "context",
    "cassette": "cassettes",
    "log": "context",
    "progress": "context",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
