"""Plays scenarios with whichever ``gradio_client`` is installed, by its public API alone.

What must differ between two runs is replaced: paths of downloads by name and digest, the session's hash,
an exception's class by the nearest one that both clients have.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import uuid
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integration.scenarios import SCENARIOS, Call, File, Fresh, Scenario

from gradio_client import Client, handle_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradio_client.client import Job

PATIENCE = 60  # seconds after which a call counts as hung
AT_ONCE = 4  # scenarios played at one time; servers answer one call every 50 ms, for they poll

COMMON_ERRORS = (
    "AppError",
    "AuthenticationError",
    "ValidationError",
    "QueueError",
    "TooManyRequestsError",
    "CancelledError",
    "TimeoutError",
    "ConnectionError",
    "KeyError",
    "ValueError",
    "TypeError",
)
ERRORS_OF_THE_APP = ("AppError", "ValidationError")  # their texts are the server's
HIDDEN = "show_error=True in launch()"  # in a client's own words for an error without a text
ASIDE = "about"
OWN_HEADERS = (
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "user-agent",
)
TEMPORARY = re.compile(r"/tmp[a-z0-9_]{8}/")


def _submitted(job: Job) -> Any:
    iterated = list(job)
    result = job.result(timeout=PATIENCE)
    status = job.status()
    told = {"result": result, "outputs": job.outputs(), "status": [status.code.name, status.success]}
    # The incumbent skips the outputs of a job that ends before it looks: not to be compared.
    return told | {ASIDE: {"iterated": iterated}}


def _iterated(job: Job) -> Any:
    outputs: list[Any] = []
    end = _attempt(lambda: outputs.extend(output for output in job))
    return {"iterated": outputs, "end": end and end["raised"]}


def _cancelled(job: Job) -> Any:
    first = next(job)
    cancelled = job.cancel()
    status = job.status()
    return {
        "first": first,
        "cancel": [cancelled, job.cancel()],
        "is": [job.cancelled(), job.done()],
        "status": [status.code.name, status.success],
        "end": _iterated(job)["end"],
        "result": _attempt(lambda: job.result(timeout=PATIENCE)),
    }


OUTCOMES = {"submit": _submitted, "iterate": _iterated, "cancel": _cancelled}


class Player:
    """Plays scenarios against one server.

    Args:
        url: the server's.
        folder: where the files to upload and the downloads go; must exist.
        options: keywords for every client.
    """

    def __init__(self, url: str, folder: Path, **options: Any) -> None:
        self._url = url
        self._folder = folder.resolve()
        self._downloads = self._folder / "downloads"
        self._options = options
        self._clients: dict[str, Client] = {}
        self._fresh = uuid.uuid4().hex

    def play(self, scenario: Scenario) -> list[Any]:
        """What each call of a scenario came to."""
        client = self.client(scenario.client)
        client.reset_session()
        return [self._call(client, call) for call in scenario.calls]

    def descriptions(self) -> dict[str, Any]:
        """What ``view_api`` returns, and ``str(client)``."""
        client = self.client({})
        return {
            "dict": client.view_api(return_format="dict", print_info=False),
            "text": client.view_api(return_format="str", print_info=False),
            "all": client.view_api(all_endpoints=True, return_format="str", print_info=False),
            "named": client.view_api(all_endpoints=False, return_format="str", print_info=False),
            "str": str(client),
        }

    def client(self, options: Mapping[str, Any]) -> Client:
        """The client with these options, the same one every time."""
        key = repr(sorted(options.items()))
        if key not in self._clients:
            given = {"download_files": str(self._downloads), "verbose": False, **self._options, **options}
            self._clients[key] = Client(self._url, **given)
        return self._clients[key]

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            client.close()

    def _call(self, client: Client, call: Call) -> Any:
        came = _attempt(lambda: self._outcome(client, call))
        return self._normal(came, client.session_hash)

    def _outcome(self, client: Client, call: Call) -> Any:
        which = {"fn_index": index_of(client, call.api)} if call.by_index else {"api_name": call.api}
        args, kwargs = self._given(call.args), self._given(call.kwargs)
        options = {**which, **call.options}
        if call.manner == "predict":
            return {"result": client.predict(*args, **options, **kwargs)}
        return OUTCOMES[call.manner](client.submit(*args, **options, **kwargs))

    def _given(self, value: Any) -> Any:
        if isinstance(value, File):
            return self._local(value)
        if isinstance(value, Fresh):
            return self._fresh
        if isinstance(value, dict):
            return {key: self._given(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._given(item) for item in value)
        return value

    def _local(self, file: File) -> Any:
        path = self._folder / file.name
        path.write_bytes(file.content)
        return handle_file(str(path))

    def _normal(self, value: Any, session_hash: str) -> Any:
        if isinstance(value, dict):
            kept = {k: v for k, v in value.items() if str(k).lower() not in OWN_HEADERS}
            return {key: self._normal(item, session_hash) for key, item in kept.items()}
        if isinstance(value, list | tuple):
            kind = "tuple" if isinstance(value, tuple) else "list"
            return {kind: [self._normal(item, session_hash) for item in value]}
        if isinstance(value, str):
            return self._normal_text(value, session_hash)
        return value

    def _normal_text(self, text: str, session_hash: str) -> Any:
        if text.startswith(str(self._downloads)):
            path = Path(text)
            return {"downloaded": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        text = text.replace(session_hash, "<session>").replace(self._fresh, "<fresh>")
        return TEMPORARY.sub("/<temporary>/", text)


def index_of(client: Client, api: str | None) -> int:
    """The number of the endpoint of this name."""
    name = (api or "").removeprefix("/")
    for place, dependency in enumerate(client.config["dependencies"]):
        if dependency["api_name"] == name:
            index: int = dependency.get("id", place)
            return index
    raise LookupError(f"the app has no {api}")


def _attempt(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (Exception, CancelledError) as error:  # noqa: BLE001 - which error it is, is the outcome
        return _error(error)


def _error(error: BaseException) -> dict[str, Any]:
    ancestors = [kind.__name__ for kind in type(error).__mro__]
    common = next((name for name in ancestors if name in COMMON_ERRORS), "Exception")
    told: dict[str, Any] = {"raised": common}
    if common in ERRORS_OF_THE_APP:
        told["text"] = "<hidden>" if HIDDEN in str(error) else str(error)
        told |= {name: getattr(error, name, None) for name in ("title", "duration", "visible")}
    else:
        told[ASIDE] = f"{type(error).__name__}: {error}"[:300]
    return told


def without_asides(value: Any) -> Any:
    """An outcome without what is there for people who read it, and differs between clients."""
    if isinstance(value, dict):
        return {key: without_asides(item) for key, item in value.items() if key != ASIDE}
    return [without_asides(item) for item in value] if isinstance(value, list) else value


class Troupe:
    """Players that share the scenarios, each on a thread of its own, all of them on their way at once.

    Args:
        url: the server's.
        folder: where their files go; must exist.
        left_out: names of scenarios that nobody plays.
        options: keywords for every client.
    """

    def __init__(self, url: str, folder: Path, left_out: Sequence[str] = (), **options: Any) -> None:
        self._players = [Player(url, Path(tempfile.mkdtemp(dir=folder)), **options) for _ in range(AT_ONCE)]
        self._threads = [ThreadPoolExecutor(1) for _ in self._players]
        # All calls of an endpoint by one player: calls of /batch that meet would be answered together.
        endpoints = list(dict.fromkeys(scenario.calls[0].api for scenario in SCENARIOS))
        self._outcomes: dict[str, Future[list[Any]]] = {}
        for scenario in SCENARIOS:
            if scenario.name not in left_out:
                place = endpoints.index(scenario.calls[0].api) % AT_ONCE
                played = self._threads[place].submit(self._players[place].play, scenario)
                self._outcomes[scenario.name] = played

    def outcome(self, name: str) -> list[Any]:
        """What each call of a scenario came to, as soon as it is known."""
        return self._outcomes[name].result(PATIENCE)

    def outcomes(self) -> dict[str, list[Any]]:
        """All of them, by name."""
        return {name: self.outcome(name) for name in self._outcomes}

    def descriptions(self) -> dict[str, Any]:
        """See ``Player.descriptions``."""
        return self._threads[0].submit(self._players[0].descriptions).result(PATIENCE)

    def close(self) -> None:
        """Close the clients, which also ends calls that hang."""
        for thread in self._threads:
            thread.shutdown(wait=False, cancel_futures=True)
        for player in self._players:
            player.close()
        for thread in self._threads:
            thread.shutdown()


def main(url: str, left_out: Sequence[str]) -> None:
    """Write what the scenarios came to to standard output, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        troupe = Troupe(url, Path(folder), left_out)
        json.dump({"scenarios": troupe.outcomes(), "descriptions": troupe.descriptions()}, sys.stdout)
        troupe.close()
