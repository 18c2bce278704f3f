"""What is measured of one client, in a process of its own.

    python benchmarks/measures.py CLIENT MEASURE URL [NUMBER]

prints a JSON object of figures. CLIENT is ``floor``, ``incumbent``, ``ours:TRANSPORT`` or
``async:TRANSPORT``. Runs on any ``gradio_client``: only its public API is used.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import threading
import time
import urllib.request
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Figures = dict[str, float]
WARM_UP = 20  # calls before the clock runs
STREAMS = 3  # streams, or large results, one after another


def make(client: str, url: str) -> Any:
    """A synchronous client."""
    kind, _, transport = client.partition(":")
    if kind == "floor":
        from floor import Floor  # noqa: PLC0415 - nothing else may load what another client needs

        return Floor(url)
    from gradio_client import Client  # noqa: PLC0415

    options: Any = {"transport": transport} if transport else {}
    return Client(url, verbose=False, **options)


def latency(client: str, url: str, calls: int) -> Figures:
    """Seconds and processor seconds of one call, and the connections that all calls took."""
    if client.startswith("async:"):
        return asyncio.run(latency_async(client, url, calls))
    made = make(client, url)
    return _latency(made, url, calls)


def _latency(made: Any, url: str, calls: int) -> Figures:
    for _ in range(WARM_UP):
        made.predict("x", api_name="/echo")
    before, took = connections(url), []
    busy = time.process_time()
    for _ in range(calls):
        start = time.perf_counter()
        made.predict("x", api_name="/echo")
        took.append(time.perf_counter() - start)
    busy = time.process_time() - busy
    made.close()
    return {
        "latency": statistics.median(took),
        "cpu": busy / calls,
        "connections_500": (connections(url) - before - 1) / calls * 500,
    }


async def latency_async(client: str, url: str, calls: int) -> Figures:
    """The same with ``AsyncClient``."""
    from gradio_client import AsyncClient  # noqa: PLC0415

    async with AsyncClient(url, transport=client.partition(":")[2]) as made:
        for _ in range(WARM_UP):
            await made.predict("x", api_name="/echo")
        took = []
        busy = time.process_time()
        for _ in range(calls):
            start = time.perf_counter()
            await made.predict("x", api_name="/echo")
            took.append(time.perf_counter() - start)
        return {"latency": statistics.median(took), "cpu": (time.process_time() - busy) / calls}


def connect(client: str, url: str, times: int) -> Figures:
    """Seconds to make a client, the first one apart."""
    make(client, url)
    took = []
    for _ in range(times):
        start = time.perf_counter()
        made = make(client, url)
        took.append(time.perf_counter() - start)
        made.close()
    return {"connect": statistics.median(took)}


def throughput(client: str, url: str, in_flight: int) -> Figures:
    """Right results a second with so many calls in flight, and how many calls failed."""
    if client.startswith("async:"):
        return asyncio.run(throughput_async(client, url, in_flight))
    made = make(client, url)
    slots = threading.Semaphore(in_flight)
    calls = 100 if client == "incumbent" else 2000
    jobs = []
    start = time.perf_counter()
    for _ in range(calls):
        slots.acquire()
        job = made.submit("x", api_name="/echo")
        job.add_done_callback(lambda _: slots.release())
        jobs.append(job)
    right = sum(is_right(job) for job in jobs)
    took = time.perf_counter() - start
    return {f"calls_{in_flight}": right / took, f"failed_{in_flight}": calls - right}


async def throughput_async(client: str, url: str, in_flight: int) -> Figures:
    """The same with ``AsyncClient``."""
    from gradio_client import AsyncClient  # noqa: PLC0415

    calls = 2000
    async with AsyncClient(url, transport=client.partition(":")[2]) as made:
        slots = asyncio.Semaphore(in_flight)

        async def call() -> Any:
            async with slots:
                return await made.predict("x", api_name="/echo")

        start = time.perf_counter()
        results = await asyncio.gather(*(call() for _ in range(calls)), return_exceptions=True)
        took = time.perf_counter() - start
    right = sum(result == "x" for result in results)
    return {f"calls_{in_flight}": right / took, f"failed_{in_flight}": calls - right}


def is_right(job: Any, expected: str = "x", seconds: float = 60) -> bool:
    """Whether a job ends with its result in time."""
    try:
        return bool(job.result(timeout=seconds) == expected)
    except (Exception, CancelledError):  # noqa: BLE001 - whatever it is, it is no result
        return False


def stream(client: str, url: str, events: int) -> Figures:
    """Outputs a second of a text that grows to 20 KB, and processor seconds of one."""
    made = make(client, url)
    took, busy = [], []
    for _ in range(STREAMS + 1):
        start, before = time.perf_counter(), time.process_time()
        count = sum(1 for _ in made.submit(events, 20_000, api_name="/stream"))
        took.append(time.perf_counter() - start)
        busy.append(time.process_time() - before)
        if count != events:
            raise SystemExit(f"{count} outputs instead of {events}")
    # The first one is to warm up: the server prepares what it will say.
    rate, cpu = events / statistics.median(took[1:]), statistics.median(busy[1:]) / events
    return {"stream": rate, "stream_cpu": cpu}


def arrival(client: str, url: str, items: int) -> Figures:
    """Seconds from the moment the server says something to the moment an iterating user has it."""
    made = make(client, url)
    late = [time.monotonic() - sent for sent in made.submit(items, 0.005, api_name="/ticks")]
    return {"arrival": statistics.median(late)}


def big(client: str, url: str, megabytes: int) -> Figures:
    """Seconds until one large result is there."""
    made = make(client, url)
    took = []
    for _ in range(STREAMS + 1):
        start = time.perf_counter()
        if len(made.predict(megabytes << 20, api_name="/big")) != megabytes << 20:
            raise SystemExit("the result is not whole")
        took.append(time.perf_counter() - start)
    return {"big": statistics.median(took[1:])}  # as above


def sleepers(client: str, url: str, jobs: int) -> Figures:
    """Seconds for so many jobs of 2 s at once, and what they hold meanwhile."""
    took, threads, memory, failed = _at_once(client, url, jobs, 2)
    if failed:
        raise SystemExit(f"{failed} jobs failed")
    return {"sleepers": took, "threads": threads, "memory": memory}


def crowd(client: str, url: str, jobs: int) -> Figures:
    """The same of jobs of 5 s."""
    took, _, memory, failed = _at_once(client, url, jobs, 5)
    return {"crowd": took, "crowd_memory": memory, "crowd_failed": failed}


def _at_once(client: str, url: str, jobs: int, seconds: int) -> tuple[float, int, float, int]:
    """Seconds for all the jobs, threads meanwhile, MiB more, and how many jobs failed."""
    made = make(client, url)
    made.predict("x", api_name="/echo")
    memory = peak_memory()
    start = time.perf_counter()
    waiting = [made.submit(seconds, api_name="/sleep") for _ in range(jobs)]
    threads = threading.active_count()
    failed = sum(not is_right(job, f"slept {seconds}", 200) for job in waiting)
    took = time.perf_counter() - start
    return took, threads, (peak_memory() - memory) / 1024, failed


def idle(client: str, url: str, seconds: int) -> Figures:
    """Processor seconds that a waiting job costs in 5 s."""
    made = make(client, url)
    job = made.submit(seconds + 1, api_name="/sleep")
    time.sleep(0.5)
    before = time.process_time()
    time.sleep(seconds)
    busy = time.process_time() - before
    job.result()
    return {"idle": busy / seconds * 5}


def cancel(client: str, url: str, times: int) -> Figures:
    """Seconds from ``cancel()`` to a finished job."""
    made = make(client, url)
    took = []
    for _ in range(times):
        job = made.submit(60, api_name="/sleep")
        time.sleep(0.1)
        start = time.perf_counter()
        job.cancel()
        while not job.done():
            time.sleep(0.0005)
        took.append(time.perf_counter() - start)
    return {"cancel": statistics.median(took)}


def first(client: str, url: str, _: int) -> Figures:
    """One call; the whole process is timed from outside."""
    make(client, url).predict("x", api_name="/echo")
    return {}


def peak_memory() -> float:
    """Resident memory at its highest, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def connections(url: str) -> int:
    """How many connections the null server has seen, this one included."""
    with urllib.request.urlopen(url + "connections") as answer:
        return int(answer.read())


MEASURES: dict[str, Callable[[str, str, int], Figures]] = {
    measure.__name__: measure
    for measure in (
        latency,
        connect,
        throughput,
        stream,
        arrival,
        big,
        sleepers,
        crowd,
        idle,
        cancel,
        first,
    )
}

if __name__ == "__main__":
    name, measure, address, *number = sys.argv[1:]
    print(json.dumps(MEASURES[measure](name, address, int(number[0]) if number else 0)))
