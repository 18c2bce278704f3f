"""Hugging Face Spaces: their stages, what each means for a client, and how to speak of it.

Protocol sections 1, 1.1 and 1.2.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gradio_client.domain.errors import SourceError, SpaceUnavailableError, Where
from gradio_client.domain.source import AppSource, parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client.domain.values import Json

_DELAYS = (2.0, 2.0, 3.0, 4.0, 5.0)  # seconds between two questions; the last one again and again


class Outlook(StrEnum):
    """What a client does about a stage."""

    UP = "up"  # go on; a stage that says so may be a little ahead of the app
    COMING = "coming"  # wait
    ASLEEP = "asleep"  # send the app a request, which wakes it, and wait
    DOWN = "down"  # nothing a client does will change it


_OUTLOOKS = {
    "RUNNING": Outlook.UP,
    "RUNNING_BUILDING": Outlook.UP,
    "RUNNING_APP_STARTING": Outlook.UP,
    "BUILDING": Outlook.COMING,
    "APP_STARTING": Outlook.COMING,
    "SLEEPING": Outlook.ASLEEP,
    "STOPPED": Outlook.ASLEEP,
    "UNKNOWN": Outlook.UP,  # the Hub said nothing, so that only the app can tell
}
_SAID = {
    "BUILDING": "is still building",
    "APP_STARTING": "is starting its app",
    "SLEEPING": "was asleep and is being woken",
    "STOPPED": "was stopped and is being woken",
}
_OWNER = "Its owner can see why in the logs on its page, and fix it."
_DOWN = {
    "PAUSED": (
        "is paused",
        "Only its owner can restart it; a copy of your own can be made with Client.duplicate({space_id!r}).",
    ),
    "NO_APP_FILE": ("has no app file", "Its owner has to add one, such as app.py."),
    "CONFIG_ERROR": ("has an invalid configuration", _OWNER),
    "BUILD_ERROR": ("could not be built", _OWNER),
    "RUNTIME_ERROR": ("has crashed", _OWNER),
    "DELETING": ("is being deleted", "Connect to another one."),
}


@dataclass(frozen=True, slots=True)
class Space:
    """A Space, as the Hub knows it.

    Attributes:
        space_id: ``owner/name``.
        url: the address of its app, without a slash at its end.
        stage: the stage that it is in, in the Hub's words.
        hub: the address of the Hub that knows it.
    """

    space_id: str
    url: str
    stage: str
    hub: str = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class SpaceStatus:
    """What is known of a Space while a client connects; ``on_status`` is called with it.

    Attributes:
        space_id: ``owner/name``.
        stage: the stage in the Hub's words, such as ``"SLEEPING"``, ``"BUILDING"`` or ``"RUNNING"``;
            ``"UNKNOWN"`` when it says none.
        ready: whether its app answered: connecting is done. Always so in the last status of a success.
        message: the same for people.
        seconds: since connecting began.
    """

    space_id: str
    stage: str
    ready: bool
    message: str
    seconds: float


def outlook(stage: str) -> Outlook:
    """What a client does about a stage; stages of the future are taken for trouble."""
    return _OUTLOOKS.get(stage, Outlook.DOWN)


def status_text(space: Space, trouble: str | None = None) -> str:
    """What ``SpaceStatus.message`` says.

    Args:
        space: a Space whose stage is no trouble.
        trouble: why the app of a Space that is said to run cannot be used yet.
    """
    if trouble is not None:
        return f"The Space {space.space_id} is {space.stage}, but its app does not answer yet: {trouble}"
    return f"The Space {space.space_id} {_SAID.get(space.stage, 'is up')} ({space.stage})."


def unavailable(space: Space) -> SpaceUnavailableError:
    """The error for a stage that waiting does not change."""
    said, remedy = _DOWN.get(space.stage, ("is in a stage that this client does not know", _OWNER))
    return SpaceUnavailableError(
        f"The Space {space.space_id} {said} (stage {space.stage}). "
        f"{remedy.format(space_id=space.space_id)} See {page_url(space.hub, space.space_id)}",
        space_id=space.space_id,
        stage=space.stage,
        where=Where(app=space.url or None),
    )


def page_url(hub: str, space_id: str) -> str:
    """The page of a Space for people, on the Hub at that address."""
    return f"{hub}/spaces/{space_id}"


def delays() -> Iterator[float]:
    """Seconds to wait before each further question to the Hub or the app, for ever."""
    return itertools.chain(_DELAYS, itertools.repeat(_DELAYS[-1]))


def subdomain_of(url: str) -> str | None:
    """The name of a Space's own host, ``name`` of ``https://name.hf.space``; None for other hosts.

    Only ``https`` counts: what is not encrypted may be anybody.
    """
    parts = urlsplit(url)
    name, _, rest = (parts.hostname or "").partition(".")
    return name if parts.scheme == "https" and rest == "hf.space" and name else None


def space_of(record: Mapping[str, Json], space_id: str, hub: str) -> Space:
    """The Space that the Hub's record describes.

    Args:
        record: the answer of ``/api/spaces/...`` (section 1.1).
        space_id: what was asked for; a Space that was renamed has another name in the record.
        hub: the Hub's address. From an encrypted one no unencrypted address is accepted, since tokens go
            there.

    Raises:
        SourceError: the Space has no app, or none at an address that can be trusted.
        SpaceUnavailableError: it has none because of its stage.
    """
    named = record.get("id")
    found = Space(named if isinstance(named, str) else space_id, "", stage_of(record.get("runtime")), hub)
    host = record.get("host")
    if not isinstance(host, str) or not host:
        if outlook(found.stage) is Outlook.DOWN:
            raise unavailable(found)
        raise SourceError(f"The Space {found.space_id!r} has no app; is it still without files?")
    source = parse_source(host)
    if not isinstance(source, AppSource) or (hub.startswith("https:") and not host.startswith("https:")):
        raise SourceError(
            f"The Hub names no https:// address for the Space {found.space_id!r}. Pass the app's own URL."
        )
    return replace(found, url=source.url)


def stage_of(runtime: Json) -> str:
    """The stage in the Hub's record of a runtime; ``"UNKNOWN"`` when it says nothing."""
    stage = runtime.get("stage") if isinstance(runtime, Mapping) else None
    return stage if isinstance(stage, str) and stage else "UNKNOWN"
