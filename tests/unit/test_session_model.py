"""The session against a model of server, network and driver, in any order they allow."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradio_client.domain import messages as wire
from gradio_client.domain.config import Dialect
from gradio_client.domain.session import Deliver, EndStream, Fail, OpenStream, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.session import Action

CLEAN_END, CUT = "end of body", "connection broke"
UNKNOWN = wire.UnexpectedError("404: Not Found", session_not_found=True)
STOPPED = wire.UnexpectedError("Server stopped unexpectedly.", session_not_found=False)


@dataclass
class Server:
    """What a server knows of one session, and what it has put on the wire (protocol 5.9, 5.10)."""

    announces_end: bool
    known: bool = False
    reader: bool = False
    pending: list[str] = field(default_factory=list)
    queue: deque[wire.Message] = field(default_factory=deque)
    line: deque[wire.Message | str] = field(default_factory=deque)
    said: dict[str, list[wire.Message]] = field(default_factory=dict)

    def accept(self, event_id: str) -> None:
        self.known = True
        self.pending.append(event_id)
        self.said[event_id] = []
        self.say(wire.Estimation(event_id, 0, 1, None))

    def say(self, message: wire.Estimation | wire.Generating | wire.Completed) -> None:
        assert message.event_id
        self.said[message.event_id].append(message)
        self.queue.append(message)

    def open(self) -> None:
        assert not self.reader, "two readers share the messages between them"
        self.reader = True
        if not self.known:
            self.line.extend([UNKNOWN, UNKNOWN, CUT])
            self.reader = False

    def send(self) -> None:
        message = self.queue.popleft()
        self.line.append(message)
        if not isinstance(message, wire.Completed):
            return
        if message.event_id in self.pending:
            self.pending.remove(message.event_id)
        if not self.pending:
            self.line.extend([wire.CloseStream(), CLEAN_END] if self.announces_end else [CLEAN_END])
            self.reader = False

    def forget_session(self) -> None:
        self.known = self.reader = False
        self.pending.clear()
        self.queue.clear()


class World:
    """One session, its server, and a driver that does what the session says."""

    def __init__(self, dialect: Dialect, seed: int) -> None:
        self.random = Random(seed)
        self.session = Session(dialect)
        self.server = Server(dialect.closes_stream)
        self.unsent = 0  # submissions on their way
        self.unanswered: list[str] = []  # answers on their way
        self.joined: list[str] = []
        self.ended: dict[str, str] = {}
        self.got: dict[str, list[wire.Message]] = {}
        self.stream_open = False

    def do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case OpenStream():
                    assert not self.stream_open, "never two streams"
                    assert self.session._waiting, "no stream without a job"
                    self.stream_open = True
                    self.server.open()
                case EndStream():
                    assert self.stream_open
                case Deliver(event_id, message):
                    assert event_id not in self.ended, "nothing after the end"
                    self.got.setdefault(event_id, []).append(message)
                    if isinstance(message, wire.Completed):
                        self.ended[event_id] = "completed"
                case Fail(event_id, _):
                    assert event_id not in self.ended, "nothing after the end"
                    self.ended[event_id] = "failed"

    def submit(self) -> None:
        self.session.joining()
        self.unsent += 1

    def submission_arrives(self) -> None:
        self.unsent -= 1
        event_id = f"job{len(self.server.said)}"
        self.server.accept(event_id)
        self.unanswered.append(event_id)

    def submission_is_refused(self) -> None:
        self.unsent -= 1
        self.do(self.session.join_failed())

    def answer_arrives(self) -> None:
        event_id = self.unanswered.pop(self.random.randrange(len(self.unanswered)))
        self.joined.append(event_id)
        self.do(self.session.joined(event_id))

    def answer_is_lost(self) -> None:
        self.unanswered.pop()
        self.do(self.session.join_failed())

    def job_goes_on(self) -> None:
        event_id = self.random.choice(self.running())
        self.server.say(wire.Generating(event_id, [len(self.server.said[event_id])], success=True))

    def job_ends(self) -> None:
        event_id = self.random.choice(self.running())
        self.server.say(wire.Completed(event_id, {"data": [1]}, success=True, title=None))

    def running(self) -> list[str]:
        said = self.server.said
        return [job for job in self.server.pending if not isinstance(said[job][-1], wire.Completed)]

    def heartbeat(self) -> None:
        self.server.line.append(wire.Heartbeat())

    def driver_reads(self) -> None:
        item = self.server.line.popleft()
        if isinstance(item, str):
            self.stream_open = False
            self.do(self.session.stream_ended(clean=item == CLEAN_END, reason=item))
        else:
            self.do(self.session.received(item))

    def connection_breaks(self) -> None:
        if self.random.random() < 0.5:  # what was on the way is lost too
            self.server.line.clear()
        self.server.line.append(CUT)
        self.server.forget_session()

    def server_stops(self) -> None:
        self.server.line.extend([STOPPED, STOPPED, CUT])
        self.server.forget_session()

    def job_is_forgotten(self) -> None:
        event_id = self.random.choice(self.waiting())
        self.ended[event_id] = "forgotten"
        self.do(self.session.forgotten(event_id))
        if event_id in self.running() and self.random.random() < 0.5:
            self.server.say(wire.Completed(event_id, {}, success=True, title=None))

    def waiting(self) -> list[str]:
        return [event_id for event_id in self.joined if event_id not in self.ended]

    def possible(self) -> list[Callable[[], None]]:
        """What may happen next; what is listed twice happens more often."""
        server = self.server
        steps = [self.submit] * 2
        steps += [self.submission_arrives] * 2 + [self.submission_is_refused] if self.unsent else []
        steps += [self.answer_arrives] * 2 + [self.answer_is_lost] if self.unanswered else []
        steps += [self.job_goes_on, self.job_ends, self.job_ends] if self.running() else []
        steps += [server.send] * 6 if server.reader and server.queue else []
        steps += [self.heartbeat, self.connection_breaks] if server.reader else []
        steps += [self.server_stops] if server.reader and self.random.random() < 0.3 else []
        steps += [self.driver_reads] * 6 if server.line and self.stream_open else []
        steps += [self.job_is_forgotten] if self.waiting() and self.random.random() < 0.3 else []
        return steps

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.random.choice(self.possible())()
            self.check()

    def check(self) -> None:
        assert set(self.session._waiting) == set(self.waiting())
        for event_id, got in self.got.items():
            assert got == self.server.said[event_id][: len(got)], "each message once, in order"

    def end(self) -> None:
        """What must happen happens: answers arrive, jobs end, streams are read."""
        while self.unsent:
            self.submission_arrives()
        while self.unanswered:
            self.answer_arrives()
        while self.running():
            self.job_ends()
        for _ in range(1000):
            if self.server.line and self.stream_open:
                self.driver_reads()
            elif self.server.reader and self.server.queue:
                self.server.send()
            elif self.server.reader and self.session._waiting:
                self.heartbeat()
        assert not self.waiting(), "every job ends"
        self.check()


@pytest.mark.parametrize("dialect", [Dialect.V1, Dialect.V3])
@settings(max_examples=1000, deadline=None)
@given(seed=st.integers(0, 2**32), steps=st.integers(10, 120))
def test_every_job_ends_after_all_its_messages_on_one_stream(dialect: Dialect, seed: int, steps: int) -> None:
    world = World(dialect, seed)
    world.live(steps)
    world.end()
    for event_id, how in world.ended.items():
        if how == "completed":
            assert world.got[event_id] == world.server.said[event_id]


IDS = st.sampled_from(["a", "b", "c"])
MESSAGES = st.one_of(
    IDS.map(lambda event_id: wire.ProcessStarts(event_id, None)),
    IDS.map(lambda event_id: wire.Completed(event_id, {}, success=True, title=None)),
    st.sampled_from([wire.Heartbeat(), wire.CloseStream(), UNKNOWN, STOPPED, wire.QueueFull()]),
)
CALLS = st.one_of(
    st.tuples(st.just("joined"), IDS),
    st.tuples(st.just("forgotten"), IDS),
    st.tuples(st.just("received"), MESSAGES),
    st.tuples(st.just("stream_ended"), st.booleans()),
    st.tuples(st.sampled_from(["joining", "join_failed"])),
)


@given(st.sampled_from([Dialect.V1, Dialect.V3]), st.lists(CALLS, max_size=40))
def test_calls_in_an_order_that_makes_no_sense_do_no_harm(
    dialect: Dialect, calls: list[tuple[str, object]]
) -> None:
    session, streams = Session(dialect), 0
    for name, *arguments in calls:
        streams -= name == "stream_ended" and streams > 0
        actions = getattr(session, name)(*arguments) or []
        streams += actions.count(OpenStream())
        assert streams in {0, 1}
