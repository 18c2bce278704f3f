"""Each test has a Hub and a Space of its own; after each it is checked where its secrets went."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Protocol

import huggingface_hub.constants
import pytest
from spaces.world import Seen, World, world

from gradio_client import Client
from gradio_client._spaces import hub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Gradio

GRADIO = "6.31.0"
TOKEN = "hf_secretOfAda"
SAVED = "hf_savedByAda"
WRONG = "hf_expiredOfAda"
OAUTH = "hf_oauthOfAda"
VALUE = "valueOfASecret"
SECRETS = (TOKEN, SAVED, WRONG, OAUTH, VALUE)
#: Where a token may be, by server.
PLACES = {"hub": {"authorization"}, "space": {"x-hf-authorization"}}

_listeners: list[set[str]] = []  # the hosts that are connected to, while a test listens


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _listeners:
        return
    if event == "socket.connect" and isinstance(args[1], tuple):
        _listeners[-1].add(str(args[1][0]))
    elif event == "socket.getaddrinfo":
        _listeners[-1].add(str(args[0]))


sys.addaudithook(_audit)


class Connect(Protocol):
    """Makes a client; arguments are those of ``Client``."""

    def __call__(self, src: str = "ada/demo", **kwargs: Any) -> Client: ...


@pytest.fixture(autouse=True)
def _hub_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No token of whoever runs the tests, and no telemetry."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    constants = huggingface_hub.constants
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(tmp_path / "stored"), raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def spaces(
    gradio: Gradio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[World]:
    """The world, in front of a real server; afterwards nobody else has seen a secret."""
    caplog.set_level("DEBUG")
    hosts: set[str] = set()
    with world(gradio(GRADIO).url) as made:
        made.hub.users = {TOKEN: "ada", SAVED: "ada"}
        monkeypatch.setenv("HF_ENDPOINT", made.urls["hub"])
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", made.urls["hub"])
        _listeners.append(hosts)
        yield made
        _listeners.pop()
    assert hosts <= {"127.0.0.1"}
    for secret in SECRETS:
        assert secret not in caplog.text
        for seen in made.seen:
            assert set(seen.names_of(secret)) <= allowed(secret, seen), (seen.server, seen.path)


def allowed(secret: str, seen: Seen) -> set[str]:
    """Where a secret may be in a request."""
    if secret == OAUTH:
        return {"body"} if seen.server == "space" and seen.path.endswith("/queue/join") else set()
    if secret == VALUE:
        return {"body"} if seen.server == "hub" and seen.path.endswith("/duplicate") else set()
    return PLACES.get(seen.server, set())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting takes no time; how long it would have taken."""
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0.01)

    monkeypatch.setattr(hub, "pause", pause)
    return waits


@pytest.fixture
def connect(spaces: World, tmp_path: Path) -> Iterator[Connect]:
    made: list[Client] = []

    def connected(src: str = "ada/demo", **kwargs: Any) -> Client:
        client = Client(
            src,
            **{
                "verbose": False,
                "retry": None,
                "connect_timeout": 30,
                "download_files": tmp_path / "files",
                **kwargs,
            },
        )
        made.append(client)
        return client

    yield connected
    for client in made:
        client.close()
