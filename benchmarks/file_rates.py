"""How fast files go up and come down, and in how much memory: this client, the incumbent, and a raw socket.

    python benchmarks/file_rates.py [--megabytes N] [--rounds N] [--check]

Rounds alternate between the clients, so that a busy machine slows them all alike: trust the ratios. The
raw socket reads a file and sends it, or receives one and writes it, by the mebibyte, and has the disk
keep what it wrote, as this client does; it hashes nothing and checks nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OURS = ("ours:aiohttp", "ours:requests", "ours:httpx")
CLIENTS = ("raw", *OURS, "incumbent")
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}
MEBIBYTE = 1 << 20
LEAST = 0.6  # of the raw socket's rate
MOST_MEMORY = 32.0  # MB more than before


class Raw:
    """A client by hand: as little as sends and saves a file."""

    def __init__(self, url: str, folder: Path) -> None:
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._folder = folder

    def up(self, path: Path) -> None:
        """Send a file."""
        before = b'--x\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\n'
        after = b"\r\n--x--\r\n"
        length = len(before) + path.stat().st_size + len(after)
        head = b"POST /gradio_api/upload HTTP/1.1\r\nHost: raw\r\nContent-Length: %d\r\n" % length
        self._socket.sendall(head + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + before)
        with path.open("rb", buffering=0) as file:
            while piece := file.read(MEBIBYTE):
                self._socket.sendall(piece)
        self._socket.sendall(after)
        self._socket.recv(MEBIBYTE)

    def down(self, size: int) -> None:
        """Save a file."""
        path = self._folder / "raw"
        self._socket.sendall(b"GET /gradio_api/file=/%d.bin HTTP/1.1\r\nHost: raw\r\n\r\n" % size)
        buffer = memoryview(bytearray(MEBIBYTE))
        got = self._socket.recv_into(buffer)
        start = bytes(buffer[:got]).index(b"\r\n\r\n") + 4
        with path.open("wb", buffering=0) as file:
            size -= file.write(buffer[start:got])
            while size:
                size -= file.write(buffer[: self._socket.recv_into(buffer)])
            os.fsync(file.fileno())
        path.unlink()


class Library:
    """A client of either package."""

    def __init__(self, client: str, url: str, folder: Path) -> None:
        from gradio_client import Client, handle_file  # noqa: PLC0415 - of the environment it runs in

        transport = client.partition(":")[2]
        options: Any = {"transport": transport} if transport else {}
        patience = {"timeout": 300.0}
        self._client = Client(url, verbose=False, download_files=folder, httpx_kwargs=patience, **options)
        self._handle_file = handle_file

    def up(self, path: Path) -> None:
        """Send a file."""
        self._client.predict(self._handle_file(path), api_name="/up")

    def down(self, size: int) -> None:
        """Save a file."""
        path = Path(self._client.predict(size, api_name="/down"))
        if path.stat().st_size != size:
            raise SystemExit(f"{path} has not {size} bytes")
        path.unlink()


def measure(client: str, url: str, folder: Path, size: int) -> dict[str, float]:
    """Bytes a second each way, processor seconds for a billion of them, and MB more than before."""
    made = Raw(url, folder) if client == "raw" else Library(client, url, folder)
    made.up(folder / "small")
    made.down(MEBIBYTE)
    found: dict[str, float] = {}
    for way, argument in (("up", folder / "large"), ("down", size)):
        before = peak()
        start, busy = time.perf_counter(), time.process_time()
        getattr(made, way)(argument)
        found[way] = size / (time.perf_counter() - start)
        found[f"{way}_busy"] = (time.process_time() - busy) / size * 1e9
        found[f"{way}_memory"] = peak() - before
    return found


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def rounds(url: str, folder: Path, megabytes: int, number: int) -> dict[str, dict[str, list[float]]]:
    """What each round gave: figure -> client -> values."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from oracle.incumbent import environment  # noqa: PLC0415 - the folder of tests is no package

    pythons = defaultdict(lambda: Path(sys.executable), incumbent=environment())
    results: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for turn in range(number):
        for client in CLIENTS[turn % len(CLIENTS) :] + CLIENTS[: turn % len(CLIENTS)]:
            command = [str(pythons[client]), __file__, "--client", client, "--url", url]
            command += ["--folder", str(folder), "--megabytes", str(megabytes)]
            done = subprocess.run(
                command, env=os.environ | OFFLINE, capture_output=True, text=True, timeout=600, check=False
            )
            if done.returncode:
                raise SystemExit(f"{client} failed:\n{done.stderr[-3000:]}")
            for figure, value in json.loads(done.stdout).items():
                results[figure][client].append(value)
            print(".", end="", flush=True)
    print()
    return results


def show(results: dict[str, dict[str, list[float]]]) -> list[str]:
    """Print the medians; what misses its bar."""
    missed = []
    ways = "".join(f"{way + ' MB/s':>12}{'of raw':>8}{'s/GB':>7}{'MB more':>10}" for way in ("up", "down"))
    print(f"{'':<16}{ways}")
    for client in CLIENTS:
        cells = []
        for way in ("up", "down"):
            names = (way, f"{way}_busy", f"{way}_memory")
            rate, busy, memory = (statistics.median(results[name][client]) for name in names)
            share = rate / statistics.median(results[way]["raw"])
            cells.append(f"{rate / 1e6:>12,.0f}{share:>8.2f}{busy:>7.2f}{memory:>10.1f}")
            if client in OURS:
                above = rate > statistics.median(results[way]["incumbent"])
                right = share >= LEAST and above and memory < MOST_MEMORY
                missed += [] if right else [f"{client} {way}: {share:.2f} of raw, {memory:.1f} MB"]
        print(f"{client:<16}" + "".join(cells))
    return missed


def main() -> int:
    """Measure and show; or, in a process of its own, measure one client."""
    parser = argparse.ArgumentParser(description="How fast files go up and come down.")
    parser.add_argument("--megabytes", type=int, default=128, help="of the file (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="fail when a bar is missed")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    size = args.megabytes * MEBIBYTE
    if args.client:
        print(json.dumps(measure(args.client, args.url, args.folder, size)))
        return 0
    command = [sys.executable, str(HERE / "file_server.py")]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        Path(folder, "small").write_bytes(bytes(1000))
        with Path(folder, "large").open("wb") as file:
            file.writelines(os.urandom(MEBIBYTE) for _ in range(args.megabytes))
        results = rounds(url, Path(folder), args.megabytes, args.rounds)
        server.stdin.close()  # type: ignore[union-attr]  # it was asked for
    missed = show(results)
    print("\n".join(missed) if missed else "Every bar is reached.")
    return 1 if args.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
