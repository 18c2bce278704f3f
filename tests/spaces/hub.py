"""A Hub for tests: the routes of protocol section 1.1, and Spaces whose stages change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

RUNNING = ("RUNNING",)
PAID = "t4-small"


@dataclass
class FakeSpace:
    """A Space.

    Attributes:
        space_id: ``owner/name``.
        host: where its app is; may be a lie.
        stages: through which it goes. It leaves the first one when its app is sent a request, if that is
            a sleeping one, and each further one with each question, or after ``seconds``.
        seconds: how long each stage after the first lasts; None for one question each.
        early: how many requests its host refuses though the stage says that it runs; or for how long.
        holds: for how many seconds its host holds a request before it refuses it.
    """

    space_id: str
    host: str
    stages: tuple[str, ...] = RUNNING
    private: bool = False
    seconds: float | None = None
    early: float = 0
    holds: float = 0
    hardware: str = "cpu-basic"
    sleep: int | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    woken: float | None = None
    asked: int = 0
    refused: int = 0

    @property
    def subdomain(self) -> str:
        return self.space_id.replace("/", "-")

    def sleeps(self) -> bool:
        return self.stages[0] in ("SLEEPING", "STOPPED") and self.woken is None

    def stage(self, *, asking: bool = False) -> str:
        if self.sleeps():
            return self.stages[0]
        if self.woken is None:
            self.woken = time.monotonic()
        past = self.asked if self.seconds is None else int((time.monotonic() - self.woken) / self.seconds) + 1
        self.asked += asking
        return self.stages[min(past, len(self.stages) - 1)]

    def up(self) -> bool:
        """Whether the host hands a request on; such a request wakes it."""
        self.woken = self.woken or time.monotonic()
        if self.stage() not in ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING"):
            return False
        if self.seconds is not None:
            over = (len(self.stages) - 1) * self.seconds + self.early
            return time.monotonic() - self.woken >= over
        self.refused += 1
        return self.refused > self.early

    def runtime(self, *, asking: bool = False) -> dict[str, Any]:
        hardware = {"current": self.hardware, "requested": self.hardware}
        return {"stage": self.stage(asking=asking), "hardware": hardware, "gcTimeout": self.sleep}

    def record(self) -> dict[str, Any]:
        return {
            "id": self.space_id,
            "author": self.space_id.partition("/")[0],
            "private": self.private,
            "host": self.host,
            "subdomain": self.subdomain,
            "sdk": "gradio",
            "siblings": [{"rfilename": "app.py"}],
            "runtime": self.runtime(asking=True),
        }


class FakeHub:
    """The Hub's answers.

    Attributes:
        spaces: by id.
        users: names by valid token.
        failures: what the next requests are answered instead: a status, or a whole response.
        refusals: statuses by the last part of a path that is answered so.
        moved: new ids of Spaces by their old ones.
        made_host: the host of Spaces that are made by duplicating.
        faster: a Space that somebody else makes just before the next is duplicated.
        posted: what was asked to be done, and with what.
        unfaithful: what a Space made by duplicating has otherwise than was asked for.
    """

    def __init__(self, made_host: str) -> None:
        self.spaces: dict[str, FakeSpace] = {}
        self.users: dict[str, str] = {}
        self.failures: list[int | Callable[[], web.Response]] = []
        self.refusals: dict[str, int] = {}
        self.moved: dict[str, str] = {}
        self.made_host = made_host
        self.unfaithful: dict[str, Any] = {}
        self.faster: FakeSpace | None = None
        self.posted: list[tuple[str, dict[str, Any]]] = []

    def add(self, space: FakeSpace) -> FakeSpace:
        self.spaces[space.space_id] = space
        return space

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.failures:
            failure = self.failures.pop(0)
            return _error(failure, "Try later") if isinstance(failure, int) else failure()
        parts = request.path.strip("/").split("/")
        if (refused := self.refusals.get(parts[-1])) is not None:
            return _error(refused, f"no {parts[-1]} for you")
        if parts[:2] == ["api", "telemetry"]:
            return web.Response()
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given and given not in self.users:
            return _error(401, "Invalid credentials in Authorization header")
        return await self._known(request, parts, self.users.get(given))

    async def _known(self, request: web.Request, parts: list[str], user: str | None) -> web.StreamResponse:
        if parts == ["api", "whoami-v2"]:
            return web.json_response({"name": user}) if user else _error(401, "Invalid username or password.")
        if parts[:3] == ["api", "spaces", "by-subdomain"] and len(parts) == 4:
            found = next((s for s in self.spaces.values() if s.subdomain == parts[3]), None)
            return self._seen(found, user, lambda space: space.record())
        if parts[:2] != ["api", "spaces"] or len(parts) not in (4, 5):
            return _error(404, "Sorry, we can't find the page you are looking for.")
        return await self._space(request, "/".join(parts[2:4]), "".join(parts[4:]), user)

    async def _space(
        self, request: web.Request, space_id: str, what: str, user: str | None
    ) -> web.StreamResponse:
        if space_id in self.moved:
            where = request.path.replace(space_id, self.moved[space_id])
            return web.Response(status=307, headers={"Location": where})
        space = self.spaces.get(space_id)
        if request.method == "GET":
            answers: dict[str, Callable[[FakeSpace], dict[str, Any]]] = {
                "": lambda space: space.record(),
                "host": lambda space: {"subdomain": space.subdomain, "host": space.host},
                "runtime": lambda space: space.runtime(asking=True),
                "jwt": lambda space: {"token": "short-lived"},
            }
            return self._seen(space, user, answers[what])
        if user is None or space is None or (what != "duplicate" and not space_id.startswith(f"{user}/")):
            return _error(403, "You don't have the required permissions")
        body = await request.json()
        self.posted.append((what, body))
        if what == "duplicate":
            return self._duplicate(space, body)
        if what == "secrets":
            space.secrets[body["key"]] = body["value"]
            return web.json_response({})
        if what == "hardware":
            space.hardware = body["flavor"]
        if what == "sleeptime" and "gcTimeout" not in self.unfaithful:
            space.sleep = body["seconds"]
        return web.json_response(space.runtime())

    def _duplicate(self, space: FakeSpace, body: dict[str, Any]) -> web.Response:
        name = body["repository"]
        if self.faster is not None:
            self.add(self.faster)
        if name in self.spaces:
            return _error(409, "This repository already exists")
        made = self.add(FakeSpace(name, self.made_host, ("BUILDING", "RUNNING"), private=_private(body)))
        made.hardware = body.get("hardware", "cpu-basic")
        made.sleep = body.get("sleepTimeSeconds")
        made.secrets = {entry["key"]: entry["value"] for entry in body.get("secrets", ())}
        for key, value in self.unfaithful.items():
            setattr(made, {"gcTimeout": "sleep"}.get(key, key), value)
        return web.json_response({"url": f"https://huggingface.co/spaces/{name}"})

    def _seen(
        self, space: FakeSpace | None, user: str | None, answer: Callable[[FakeSpace], dict[str, Any]]
    ) -> web.Response:
        if space is None or (space.private and not space.space_id.startswith(f"{user}/")):
            if user is None:
                return _error(401, "Invalid username or password.", "RepoNotFound")
            return _error(404, "Repository not found", "RepoNotFound")
        return web.json_response(answer(space))


def _private(body: dict[str, Any]) -> bool:
    """Old releases of huggingface_hub say ``private``, new ones ``visibility``."""
    return bool(body["private"] if "private" in body else body["visibility"] == "private")


def _error(status: int, text: str, code: str | None = None) -> web.Response:
    headers = {"X-Error-Message": text, **({"X-Error-Code": code} if code else {})}
    return web.json_response({"error": text}, status=status, headers=headers)
