"""How fast the pure part reads a stream: ``python benchmarks/wire_rates.py``."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from gradio_client.domain.config import Dialect
from gradio_client.domain.job import JobState
from gradio_client.domain.messages import Generating, parse_message
from gradio_client.domain.session import Session
from gradio_client.domain.sse import SSEDecoder

if TYPE_CHECKING:
    from collections.abc import Callable

EVENT_ID = "6c43" * 8
EVENTS = 100_000
CHUNK = 64 * 1024
BIG = 40_000_000


def a_message() -> bytes:
    output = {"data": [[["append", [], "w "]]], "is_generating": True, "duration": 0.05}
    message = {"msg": "process_generating", "event_id": EVENT_ID, "output": output, "success": True}
    return json.dumps(message, separators=(",", ":")).encode()


def fed(stream: bytes) -> list[str]:
    decoder = SSEDecoder()
    pieces = (stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK))
    return [text for piece in pieces for text in decoder.feed(piece)]


def routed(messages: list[Generating]) -> None:
    session = Session(Dialect.V3)
    session.joining()
    session.joined(EVENT_ID)
    for message in messages:
        session.received(message)


def folded(messages: list[Generating]) -> None:
    job = JobState(Dialect.V3)
    job.received(Generating(EVENT_ID, [""], success=True))
    for message in messages:
        job.received(message)


def seconds(work: Callable[[], object]) -> float:
    """The shortest of five runs."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    event = b"data: " + a_message() + b"\n\n"
    stream, text = event * EVENTS, event[6:-2].decode()
    message = parse_message(text)
    assert isinstance(message, Generating)
    growing = [message] * 20_000
    rates = {
        "decode, LF": EVENTS / seconds(lambda: fed(stream)),
        "decode, CRLF": EVENTS / seconds(lambda: fed(stream.replace(b"\n", b"\r\n"))),
        "parse": EVENTS / seconds(lambda: [parse_message(text) for _ in range(EVENTS)]),
        "json.loads alone": EVENTS / seconds(lambda: [json.loads(text) for _ in range(EVENTS)]),
        "route": EVENTS / seconds(lambda: routed([message] * EVENTS)),
        "fold a growing text": len(growing) / seconds(lambda: folded(growing)),
    }
    for name, rate in rates.items():
        print(f"{name:20} {rate:>12,.0f} events/s")
    whole = b"data: " + b"x" * BIG + b"\n\n"
    for size in (BIG // 4, BIG):
        part = whole[:size] + b"\n\n"
        print(f"one event of {size // 1_000_000:>2} MB {seconds(lambda part=part: fed(part)):>10.3f} s")  # type: ignore[misc]  # mypy does not infer defaults


if __name__ == "__main__":
    main()
