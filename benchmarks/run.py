"""Measure this client against the incumbent from PyPI, the one of JavaScript, and the floor, in one run.

    python benchmarks/run.py [--quick] [--only MEASURE] [--clients NAME,...] [--json FILE] [--check]

Rounds alternate between the clients, so that a busy machine slows them all alike: trust the ratios.
The other clients live in environments of their own, made at the first run and kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from bars import IN_FLIGHT, OURS, misses, unmeasured
from clients import HERE, NAMES, Clients

if TYPE_CHECKING:
    from bars import Results

SYNC = (*OURS, "incumbent")
STARTS = 4  # of a process, of which the fastest counts: the first one of all compiles what it imports
# measure: (argument, argument of the incumbent where that would take minutes, who has it)
PLAN: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "latency": (500, 20, NAMES),
    "connect": (10, 5, SYNC),
    "throughput": (0, 0, (*SYNC, "async:aiohttp", "javascript")),
    "stream": (5000, 200, ("floor", *SYNC)),
    "arrival": (100, 100, ("floor", *SYNC)),
    "big": (20, 20, ("floor", *SYNC)),
    "sleepers": (2000, 40, SYNC),
    "crowd": (10_000, 0, ("ours:aiohttp",)),
    "idle": (3, 3, SYNC),
    "cancel": (10, 3, SYNC),
    "first": (0, 0, (*SYNC, "javascript")),
}

# figure: (what it is, unit, factor for showing)
FIGURES = {
    "import": ("import gradio_client, over a bare interpreter", "ms", 1e3),
    "first": ("process start to first result", "ms", 1e3),
    "connect": ("make a Client", "ms", 1e3),
    "latency": ("one call, median", "ms", 1e3),
    "cpu": ("processor time of one call", "ms", 1e3),
    "connections_500": ("connections for 500 calls", "", 1),
    **{f"calls_{n}": (f"results a second, {n} in flight", "/s", 1) for n in IN_FLIGHT},
    **{f"failed_{n}": (f"calls that failed, {n} in flight", "", 1) for n in IN_FLIGHT},
    "stream": ("outputs a second, text growing to 20 KB", "/s", 1),
    "stream_cpu": ("processor time of one output", "us", 1e6),
    "arrival": ("an output, from the server to the user", "ms", 1e3),
    "big": ("one result of 20 MB", "ms", 1e3),
    "sleepers": ("2,000 jobs of 2 s at once (incumbent: 40)", "s", 1),
    "threads": ("  threads meanwhile", "", 1),
    "memory": ("  memory more", "MiB", 1),
    "crowd": ("10,000 jobs of 5 s at once", "s", 1),
    "crowd_memory": ("  memory more", "MiB", 1),
    "crowd_failed": ("  jobs that failed", "", 1),
    "idle": ("processor time of a waiting job in 5 s", "ms", 1e3),
    "cancel": ("cancel, until the job is done", "ms", 1e3),
}


class Run:
    """The rounds of one run, and what they gave."""

    def __init__(self, clients: Clients) -> None:
        self.results: Results = defaultdict(lambda: defaultdict(list))
        self._clients = clients

    def measure(self, name: str) -> None:
        """One round of one measure, client by client."""
        number, incumbents, measured = PLAN[name]
        for client in (client for client in measured if client in self._clients.names):
            for argument in IN_FLIGHT if name == "throughput" else (number,):
                given = incumbents if client == "incumbent" and incumbents else argument
                if name == "first":
                    figures = {"first": min(self._start(client) for _ in range(STARTS))}
                else:
                    figures = self._clients.figures(client, name, given)
                for figure, value in figures.items():
                    self.results[figure][client].append(value)

    def _start(self, client: str) -> float:
        start = time.perf_counter()
        self._clients.figures(client, "first", 0)
        return time.perf_counter() - start

    def measure_imports(self) -> None:
        """Seconds that the import takes, over a bare interpreter."""
        for client, python in self._clients.pythons().items():
            bare, full = (
                min(_seconds([str(python), "-I", "-c", code]) for _ in range(5))
                for code in ("pass", "import gradio_client")
            )
            self.results["import"][client].append(full - bare)


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def show(results: Results) -> None:
    """Print a table: each client's median, and how often it goes into the incumbent's and the floor's."""
    clients = [client for client in NAMES if any(client in row for row in results.values())]
    print(f"\n{'':<48}" + "".join(f"{client:>15}" for client in clients))
    for figure, (what, unit, factor) in FIGURES.items():
        row = results.get(figure)
        if row is None:
            continue
        cells = [f"{statistics.median(row[c]) * factor:,.4g}" if c in row else "" for c in clients]
        print(f"{what + (f' [{unit}]' if unit else ''):<48}" + "".join(f"{cell:>15}" for cell in cells))
        for other in ("incumbent", "floor"):
            if other in row and unit:
                ratios = [_ratio(row, client, other, unit) for client in clients]
                name = f"    better than the {other} by"
                print(f"{name:<48}" + "".join(f"{ratio:>15}" for ratio in ratios))


def _ratio(row: dict[str, list[float]], client: str, other: str, unit: str) -> str:
    if client not in row or client == other:
        return ""
    ours, theirs = statistics.median(row[client]), statistics.median(row[other])
    better = ours / theirs if unit == "/s" else theirs / max(ours, 1e-9)
    return f"x {better:.3g}"


def main() -> int:
    """Measure, show, and check if asked to."""
    parser = argparse.ArgumentParser(description="Measure this client against others and the floor.")
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    parser.add_argument("--only", choices=["import", *PLAN], help="one measure alone")
    parser.add_argument("--clients", default=",".join(NAMES), help="whom (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write all values of all rounds to this file")
    parser.add_argument("--check", action="store_true", help="fail when a bar is missed")
    args = parser.parse_args()
    command = [sys.executable, str(HERE / "null_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        run = Run(Clients(url, tuple(args.clients.split(","))))
        for number in range(1 if args.quick else 3):
            print(f"round {number + 1}", end=" ", flush=True)
            if args.only in (None, "import"):
                run.measure_imports()
            for name in [args.only] if args.only in PLAN else [] if args.only else PLAN:
                print(name, end=" ", flush=True)
                run.measure(name)
            print()
        server.stdin.close()  # type: ignore[union-attr]  # it was asked for
    show(run.results)
    if args.json:
        args.json.write_text(json.dumps(run.results, indent=1))
    missed, unknown = misses(run.results), unmeasured(run.results)
    said = missed or ["Every bar is reached" + (" of what was measured." if unknown else ".")]
    print("", *unknown, *said, sep="\n")
    return 1 if args.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
