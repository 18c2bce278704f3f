"""Measure this client against the incumbent from PyPI and against the floor, in one run.

    python benchmarks/run.py [--quick] [--only MEASURE] [--json FILE] [--check]

Rounds alternate between the clients, so that a busy machine slows them all alike: trust the ratios.
The incumbent lives in an environment of its own, made at the first run and kept.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from oracle.incumbent import environment  # noqa: E402 - the folder of tests is no package

OURS = ("ours:aiohttp", "ours:requests", "ours:httpx")
CLIENTS = ("floor", *OURS, "async:aiohttp", "incumbent")
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}

# measure: (argument, argument of the incumbent where that would take minutes, who has it)
SYNC = (*OURS, "incumbent")
PLAN: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "latency": (500, 20, CLIENTS),
    "connect": (10, 5, SYNC),
    "throughput": (0, 0, (*SYNC, "async:aiohttp")),
    "stream": (5000, 200, ("floor", *SYNC)),
    "big": (20, 20, ("floor", *SYNC)),
    "sleepers": (2000, 40, SYNC),
    "idle": (3, 3, SYNC),
    "cancel": (10, 3, SYNC),
    "first": (0, 0, SYNC),
}
IN_FLIGHT = (1, 10, 40, 200)

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
    "big": ("one result of 20 MB", "ms", 1e3),
    "sleepers": ("2,000 jobs of 2 s at once (incumbent: 40)", "s", 1),
    "threads": ("  threads meanwhile", "", 1),
    "memory": ("  memory more", "MiB", 1),
    "idle": ("processor time of a waiting job in 5 s", "ms", 1e3),
    "cancel": ("cancel, until the job is done", "ms", 1e3),
}

# What must hold, as ratios of one run: (figure, client, at most this multiple, of this client's)
BARS = (
    ("latency", "ours:aiohttp", 1 / 20, "incumbent"),
    ("latency", "ours:requests", 1 / 20, "incumbent"),
    ("latency", "ours:httpx", 1 / 20, "incumbent"),
    ("cpu", "ours:aiohttp", 1 / 10, "incumbent"),
    ("cpu", "ours:requests", 1 / 10, "incumbent"),
    ("cpu", "ours:httpx", 1 / 10, "incumbent"),
)
LIMITS = (
    *((f"failed_{n}", client, 0) for n in IN_FLIGHT for client in (*OURS, "async:aiohttp")),
    ("import", "ours:aiohttp", 0.060),
    ("connections_500", "ours:aiohttp", 3),
    ("connections_500", "ours:requests", 3),
    ("connections_500", "ours:httpx", 3),
    ("sleepers", "ours:aiohttp", 4),
    ("threads", "ours:aiohttp", 6),
)

Results = dict[str, dict[str, list[float]]]  # figure -> client -> one value a round


class Run:
    """The rounds of one run, and what they gave."""

    def __init__(self, url: str, pythons: dict[str, Path], wanted: tuple[str, ...]) -> None:
        self.results: Results = defaultdict(lambda: defaultdict(list))
        self._wanted = wanted
        self._url = url
        self._pythons = pythons

    def measure(self, name: str) -> None:
        """One round of one measure, client by client."""
        number, incumbents, clients = PLAN[name]
        for client in (client for client in clients if client in self._wanted):
            for argument in IN_FLIGHT if name == "throughput" else (number,):
                start = time.perf_counter()
                given = incumbents if client == "incumbent" and incumbents else argument
                figures = self._in_process(client, name, given)
                if name == "first":
                    figures = {"first": time.perf_counter() - start}
                for figure, value in figures.items():
                    self.results[figure][client].append(value)

    def measure_imports(self) -> None:
        """Seconds that the import takes, over a bare interpreter."""
        for client in ("ours:aiohttp", "incumbent"):
            python = self._pythons[client.partition(":")[0]]
            bare, full = (
                min(_seconds([str(python), "-I", "-c", code]) for _ in range(5))
                for code in ("pass", "import gradio_client")
            )
            self.results["import"][client].append(full - bare)

    def _in_process(self, client: str, measure: str, number: int) -> dict[str, float]:
        python = self._pythons[client.partition(":")[0]]
        command = [str(python), str(HERE / "measures.py"), client, measure, self._url, str(number)]
        done = subprocess.run(
            command, env=os.environ | OFFLINE, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            raise SystemExit(f"{client} failed at {measure}:\n{done.stderr[-3000:]}")
        figures: dict[str, float] = json.loads(done.stdout)
        return figures


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def show(results: Results) -> None:
    """Print a table: each client's median, and how often it goes into the incumbent's."""
    clients = [client for client in CLIENTS if any(client in row for row in results.values())]
    print(f"\n{'':<48}" + "".join(f"{client:>16}" for client in clients))
    for figure, (what, unit, factor) in FIGURES.items():
        row = results.get(figure)
        if row is None:
            continue
        cells = [f"{statistics.median(row[c]) * factor:,.4g}" if c in row else "" for c in clients]
        print(f"{what + (f' [{unit}]' if unit else ''):<48}" + "".join(f"{cell:>16}" for cell in cells))
        if "incumbent" in row and unit:
            ratios = [_ratio(row, client, unit) for client in clients]
            print(f"{'':<48}" + "".join(f"{ratio:>16}" for ratio in ratios))


def _ratio(row: dict[str, list[float]], client: str, unit: str) -> str:
    if client not in row or client == "incumbent":
        return ""
    ours, theirs = statistics.median(row[client]), statistics.median(row["incumbent"])
    better = ours / theirs if unit == "/s" else theirs / max(ours, 1e-9)
    return f"x {better:.3g}"


def misses(results: Results) -> list[str]:
    """The bars that this run does not reach."""
    found = []
    for figure, client, factor, other in BARS:
        row = results.get(figure, {})
        if client in row and other in row:
            ours, theirs = statistics.median(row[client]), statistics.median(row[other])
            if ours > theirs * factor:
                found.append(f"{figure} of {client} is {ours / theirs:.3f} of {other}'s; bar {factor:.3f}")
    for figure, client, most in LIMITS:
        row = results.get(figure, {})
        if client in row and (value := statistics.median(row[client])) > most:
            found.append(f"{figure} of {client} is {value:.3g}; at most {most:.3g}")
    return found


def main() -> int:
    """Measure, show, and check if asked to."""
    parser = argparse.ArgumentParser(description="Measure this client against the incumbent and the floor.")
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    parser.add_argument("--only", choices=["import", *PLAN], help="one measure alone")
    parser.add_argument("--clients", default=",".join(CLIENTS), help="whom (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write all values of all rounds to this file")
    parser.add_argument("--check", action="store_true", help="fail when a bar is missed")
    args = parser.parse_args()
    own = Path(sys.executable)
    pythons = {"floor": own, "ours": own, "async": own, "incumbent": environment()}
    command = [sys.executable, str(HERE / "null_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        run = Run(url, pythons, tuple(args.clients.split(",")))
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
    missed = misses(run.results)
    print("\n" + ("\n".join(missed) if missed else "Every bar is reached."))
    return 1 if args.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
