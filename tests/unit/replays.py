"""Recorded traffic, sent once more through decoder, messages, session and jobs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, urlsplit

from servers import wire as recordings

from gradio_client.domain.config import Dialect
from gradio_client.domain.job import JobState, Values
from gradio_client.domain.job_loss import connection_lost
from gradio_client.domain.messages import SendData, parse_message
from gradio_client.domain.session import Action, Deliver, EndStream, Fail, OpenStream, Session
from gradio_client.domain.sse import SSEDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradio_client.domain.job import News
    from gradio_client.domain.messages import Message
    from gradio_client.domain.values import Json

    Cut: TypeAlias = Callable[[bytes], Iterator[bytes]]


def as_recorded(piece: bytes) -> Iterator[bytes]:
    yield piece


def byte_by_byte(piece: bytes) -> Iterator[bytes]:
    for at in range(len(piece)):
        yield piece[at : at + 1]


def at_random(piece: bytes) -> Iterator[bytes]:
    random, at = Random(len(piece)), 0
    while at < len(piece):
        size = random.choice([1, 2, 7, 50, 300])
        yield piece[at : at + size]
        at += size


@dataclass
class Job:
    """A recorded job: what it was called, what was told of it, and how it was lost if it was."""

    label: str
    event_id: str | None
    news: list[News] = field(default_factory=list)
    lost: Exception | None = None

    @property
    def yields(self) -> list[list[Json]]:
        return [news.data for news in self.news if isinstance(news, Values) and not news.final]

    @property
    def end(self) -> News | Exception | None:
        """The last news if it is the end, else the loss."""
        return self.lost or (self.news[-1] if self.news else None)

    def kinds(self) -> list[str]:
        return [type(news).__name__ for news in self.news]


def versions(*, dialects: set[Dialect] | None = None) -> list[str]:
    """The recorded versions with an event stream, oldest first."""
    return [
        version
        for version in recordings.versions()
        if (protocol := recordings.index(version).get("protocol")) and (not dialects or protocol in dialects)
    ]


def with_scenario(name: str) -> list[str]:
    return [version for version in versions() if name in recordings.scenarios(version)]


def dialect_of(version: str) -> Dialect:
    return Dialect(recordings.index(version)["protocol"])


def streams(version: str, scenario: str) -> list[recordings.Exchange]:
    found = [each for each in recordings.load(version, scenario) if "stream" in each.get("response", {})]
    return [each for each in found if each["response"]["status"] == 200]


def decoded(version: str, exchange: recordings.Exchange, cut: Cut = as_recorded) -> list[str]:
    """The events of one recorded stream."""
    decoder = SSEDecoder()
    pieces = [small for _, piece in recordings.pieces(version, exchange) for small in cut(piece)]
    texts = [text for piece in pieces for text in decoder.feed(piece)]
    assert not decoder.pending
    return texts


@cache
def jobs(version: str, scenario: str, cut: Cut = as_recorded) -> list[Job]:
    """The jobs of a scenario, in the order in which they were submitted."""
    if dialect_of(version).one_stream_per_job:
        return [_alone(version, each, cut) for each in streams(version, scenario) if _is_join(each)]
    return _Replay(version, scenario, cut).run()


def job(version: str, scenario: str, label: str) -> Job:
    (found,) = [each for each in jobs(version, scenario) if each.label == label]
    return found


def _is_join(exchange: recordings.Exchange) -> bool:
    return bool(urlsplit(exchange["request"]["path"]).path.endswith("/queue/join"))


def _label(exchange: recordings.Exchange) -> str:
    label: str = exchange["label"]
    return label.removesuffix(": join").removesuffix(": open")


def _alone(version: str, exchange: recordings.Exchange, cut: Cut) -> Job:
    """A job of the ``sse`` dialect, which has its stream to itself."""
    job, state = Job(_label(exchange), None), JobState(dialect_of(version))
    for text in decoded(version, exchange, cut):
        if (message := parse_message(text)) is None:
            continue
        if isinstance(message, SendData):
            job.event_id = message.event_id
        job.news += state.received(message)
    if not state.done:
        job.lost = connection_lost(job.event_id, exchange["response"]["end"])
    return job


class _Replay:
    """All that happened in a scenario, in the order of its times, told to one session for each hash."""

    def __init__(self, version: str, scenario: str, cut: Cut) -> None:
        self.version, self.cut = version, cut
        self.dialect = dialect_of(version)
        self.exchanges = [each for each in recordings.load(version, scenario) if "response" in each]
        self.sessions: dict[str, Session] = {}
        self.wanted: Counter[str] = Counter()  # streams that the session asked for, now 0 or 1
        self.open: Counter[str] = Counter()  # streams that the recorder had open
        self.jobs: dict[str, Job] = {}
        self.states: dict[str, JobState] = {}
        self.steps: list[tuple[float, Callable[[], None]]] = []

    def run(self) -> list[Job]:
        for exchange in self.exchanges:
            if _is_join(exchange) and exchange["request"]["method"] == "POST":
                self.plan_join(exchange)
            elif "/queue/data?" in exchange["request"]["path"] and "stream" in exchange["response"]:
                self.plan_stream(exchange)
        for _, step in sorted(self.steps, key=lambda step: step[0]):
            step()
        return list(self.jobs.values())

    def session(self, name: str) -> Session:
        return self.sessions.setdefault(name, Session(self.dialect))

    def plan_join(self, exchange: recordings.Exchange) -> None:
        if exchange["response"]["status"] == 200:
            name = json.loads(exchange["request"]["body"])["session_hash"]
            event_id = json.loads(exchange["response"]["body"])["event_id"]
            self.jobs[event_id] = Job(_label(exchange), event_id)
            self.states[event_id] = JobState(self.dialect)
            self.steps.append((exchange["t"], self.session(name).joining))
            answer = exchange["response"]["ended"]
            self.steps.append((answer, lambda: self.do(name, self.session(name).joined(event_id))))

    def plan_stream(self, exchange: recordings.Exchange) -> None:
        (name,) = parse_qs(urlsplit(exchange["request"]["path"]).query)["session_hash"]
        decoder, response = SSEDecoder(), exchange["response"]
        self.steps.append((exchange["t"], lambda: self.open.update([name])))
        for seconds, piece in recordings.pieces(self.version, exchange):
            self.steps.append((seconds, partial(self.read, name, decoder, piece)))
        self.steps.append((response["ended"], lambda: self.ended(name, response["end"])))

    def read(self, name: str, decoder: SSEDecoder, piece: bytes) -> None:
        for small in self.cut(piece):
            for text in decoder.feed(small):
                if (message := parse_message(text)) is not None:
                    self.do(name, self.session(name).received(message))

    def ended(self, name: str, end: str) -> None:
        self.open[name] -= 1
        if not self.open[name]:
            self.wanted[name] = 0
            self.do(name, self.session(name).stream_ended(clean=end == "end of body", reason=end))

    def do(self, name: str, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case OpenStream():
                    self.wanted[name] += 1
                    assert self.wanted[name] == 1
                case EndStream():
                    assert self.wanted[name] == 1
                case Deliver(event_id, message):
                    self.deliver(event_id, message)
                case Fail(event_id, error):
                    self.jobs[event_id].lost = error

    def deliver(self, event_id: str, message: Message) -> None:
        self.jobs[event_id].news += self.states[event_id].received(message)
