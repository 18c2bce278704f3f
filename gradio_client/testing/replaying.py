"""Plays cassettes: the recorded answers for the recorded requests, with nothing sent."""

from __future__ import annotations

import difflib
import json
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.testing import cassette_file
from gradio_client.testing.exchanges import Gate, InMemoryTransport, PlayedResponse, SeenRequest
from gradio_client.testing.scripted import UnexpectedRequestError
from gradio_client.testing.scrubbing import SCRUBBED, Scrubber, session_of
from gradio_client.transport import Headers

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Callable, Iterator

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.cassette_file import Recorded
    from gradio_client.transport import Request

_SESSION = re.compile(r"\bsession-\d+\b")
_ANY_TEXT = r'(?:[^"\\]|\\.)*'  # within a string of JSON
_SHOWN = 60  # characters of a value in a message


class Tape:
    """A cassette that is being played, by one or more transports, on one or more threads.

    A request gets the answer of the first recorded one that is like it and was not played yet: method, URL
    and body must be the same but for secrets and the names of sessions; where the recording says that a
    secret was taken out, any text will do, for another exchange may have shown that it is one. Each session
    of the client stands for one of the recording. Heartbeats alone are played again and again.

    Args:
        path: of the cassette.
        scrub: what was given when it was recorded.

    Raises:
        CassetteError: there is no cassette, or it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], *, scrub: Callable[[str], str] | None = None) -> None:
        self.path = Path(path)
        self._scrub = scrub
        self._exchanges = cassette_file.load(self.path)
        self._keys = [_key(one.request.method, one.request.url, one.body) for one in self._exchanges]
        self._begun = [Gate() for _ in self._exchanges]
        self._unexpected: UnexpectedRequestError | None = None
        self._lock = threading.Lock()
        # Guarded by _lock:
        self._played: set[int] = set()
        self._sessions: dict[str, str] = {}

    def take(self, seen: SeenRequest) -> Recorded:
        """The recorded exchange for a request.

        Raises:
            UnexpectedRequestError: there is none; the message names the nearest.
        """
        scrubber = Scrubber(self._scrub)
        scrubber.learn(seen)
        body = scrubber.body(seen)
        key = _key(seen.method, scrubber.url(seen.url), body)
        with self._lock:
            for exchange in self._like(key, session_of(seen)):
                self._played.add(exchange.number)
                self._begun[exchange.number].open()
                return exchange
        error = UnexpectedRequestError(self._complaint(seen, key, body))
        self._unexpected = self._unexpected or error
        raise error

    async def body(self, exchange: Recorded) -> AsyncGenerator[bytes]:
        """The body of a recorded response, as it came.

        What came after a POST had been sent comes after that request here too: messages of a job never
        before its submission, and the end of a cancelled one not before it was cancelled.
        """
        passed = 0
        for chunk, after in exchange.chunks:
            for earlier in self._exchanges[passed:after]:
                if earlier.request.method == "POST":
                    await self._begun[earlier.number].passed()
            passed = max(passed, after)
            yield chunk
        if exchange.error is not None:
            raise exchange.error
        if not exchange.complete:
            await Gate().passed()  # here the recorded client stopped reading

    def check(self) -> None:
        """Fail if a request came that is not on the tape.

        Raises:
            UnexpectedRequestError: the first one's.
        """
        if self._unexpected is not None:
            raise self._unexpected

    def _like(self, key: str, session: str | None) -> Iterator[Recorded]:
        exact = [exchange for exchange in self._exchanges if self._keys[exchange.number] == key]
        alike = [exchange for exchange in self._exchanges if _alike(self._keys[exchange.number], key)]
        for exchange in exact + alike:
            again = "/heartbeat/" in exchange.request.path
            if again or exchange.number not in self._played:
                named = _SESSION.search(exchange.request.url + json.dumps(exchange.body))
                if session is None or named is None or self._is_session(session, named[0]):
                    yield exchange

    def _is_session(self, session: str, named: str) -> bool:
        if session not in self._sessions and named not in self._sessions.values():
            self._sessions[session] = named
        return self._sessions.get(session) == named

    def _complaint(self, seen: SeenRequest, key: str, body: JsonObject | None) -> str:
        text = f"{str(self.path)!r} has no {seen.label} to play"
        if count := sum(_alike(recorded, key) for recorded in self._keys):
            times = "once" if count == 1 else f"{count} times"
            return f"{text} once more: it was recorded {times}. {_REMEDY}"
        nearest = self._nearest(seen, key)
        if nearest is None:
            return f"{text}; it is empty. {_REMEDY}"
        place = f"The nearest is exchange {nearest.number}, {nearest.request.label}"
        return f"{text}. {place}{_difference(nearest, seen, body)}. {_REMEDY}"

    def _nearest(self, seen: SeenRequest, key: str) -> Recorded | None:
        def likeness(exchange: Recorded) -> tuple[bool, bool, float]:
            same = exchange.request.label == seen.label
            ratio = difflib.SequenceMatcher(None, self._keys[exchange.number][:500], key[:500]).quick_ratio()
            return same, same and exchange.number not in self._played, ratio

        return max(self._exchanges, key=likeness, default=None)


_REMEDY = "If the program is right, record the cassette again: delete it, or pass mode='record'."


class ReplayingTransport(InMemoryTransport):
    """Answers from a cassette; sends nothing.

    A request that the cassette does not have raises ``UnexpectedRequestError``, an ``AssertionError``, where
    it was sent.

    Args:
        source: the cassette's file, or a tape that several transports play together.
        scrub: what was given when it was recorded.

    Raises:
        CassetteError: there is no cassette, or it cannot be read.
    """

    def __init__(
        self, source: str | os.PathLike[str] | Tape, *, scrub: Callable[[str], str] | None = None
    ) -> None:
        super().__init__()
        self._tape = source if isinstance(source, Tape) else Tape(source, scrub=scrub)

    async def answer(self, seen: SeenRequest, request: Request) -> PlayedResponse:
        """Give the recorded response."""
        exchange = self._tape.take(seen)
        if not exchange.status:
            if exchange.error is not None:
                raise exchange.error
            await self.wait_for(Gate(), request)  # nobody waited for this answer when it was recorded
        body = self._tape.body(exchange)
        headers = Headers(exchange.headers)
        return PlayedResponse(exchange.status, headers, body, silence=request.timeouts.read)


def _key(method: str, url: str, body: JsonObject | None) -> str:
    return _SESSION.sub("session", json.dumps([method, url, body], sort_keys=True))


def _alike(recorded: str, given: str) -> bool:
    """Whether two JSON texts are the same but for what was taken out of the recorded one."""
    if SCRUBBED not in recorded:
        return recorded == given
    known = (re.escape(part) for part in recorded.split(SCRUBBED))
    return re.fullmatch(_ANY_TEXT.join(known), given) is not None


def _difference(recorded: Recorded, seen: SeenRequest, body: JsonObject | None) -> str:
    if recorded.request.label != seen.label:
        return ""
    found = next(_changes(recorded.body, body, "body"), None)
    if found is None:
        return ", which has another host or query"
    where, was, now = found
    return f", whose {where} is {_shown(was)}, not {_shown(now)}"


def _changes(was: Json, now: Json, where: str) -> Iterator[tuple[str, Json, Json]]:
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        for name in was:
            yield from _changes(was[name], now[name], name if where == "body" else f"{where}[{name!r}]")
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _changes(one, other, f"{where}[{index}]")
    elif not _alike(_SESSION.sub("", json.dumps(was)), _SESSION.sub("", json.dumps(now))):
        yield where, was, now


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
