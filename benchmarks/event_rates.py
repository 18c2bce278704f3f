"""How fast each transport hands on a busy event stream: ``python benchmarks/event_rates.py [--check]``.

A server in a process of its own sends events as chunks of their own, as fast as it can. Rounds alternate
between the transports, so that a busy machine slows them all alike: trust the ratios. ``--check`` fails when
a transport falls below its share of aiohttp's rate.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
import statistics
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

from gradio_client.transport import Request, TransportOptions

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

EVENTS = 200_000
EVENT = b'data: {"msg":"process_generating","event_id":"6c43","output":{"data":[[["append",[],"w "]]]}}\n\n'
BARS = {"aiohttp": 1.0, "requests": 1 / 4, "httpx": 0.0}  # at least, of aiohttp's rate


def serve(port: Connection) -> None:
    """Send the stream to whoever asks, one after the other."""
    chunk = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
    batch = chunk * 500
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port.send(listener.getsockname()[1])
        while True:
            wire, _ = listener.accept()
            with wire:
                wire.recv(1 << 16)
                wire.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(EVENTS // 500):
                    wire.sendall(batch)
                wire.sendall(b"0\r\n\r\n")


async def rate(name: str, url: str) -> float:
    """Events a second."""
    transport = import_module(f"gradio_client_adapters.{name}").make_transport(TransportOptions())
    start = time.perf_counter()
    response = await transport.send(Request("GET", url))
    seen = 0
    while piece := await response.read():
        seen += len(piece)
    took = time.perf_counter() - start
    await response.aclose()
    await transport.aclose()
    if seen != EVENTS * len(EVENT):
        raise SystemExit(f"{name}: {seen} bytes instead of {EVENTS * len(EVENT)}")
    return EVENTS / took


def main() -> int:
    """Measure, show, and check if asked to."""
    parser = argparse.ArgumentParser(description="How fast each transport hands on a busy event stream.")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--check", action="store_true", help="fail when a bar is missed")
    args = parser.parse_args()
    told, tells = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(tells,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{told.recv()}/"
    rates: dict[str, list[float]] = {name: [] for name in BARS}
    for _ in range(args.rounds):
        for name, found in rates.items():
            found.append(asyncio.run(rate(name, url)))
    server.terminate()
    medians = {name: statistics.median(found) for name, found in rates.items()}
    missed = False
    for name, median in medians.items():
        share = median / medians["aiohttp"]
        missed |= share < BARS[name]
        print(f"{name:10} {median:>12,.0f} events/s   {share:5.2f} of aiohttp's, at least {BARS[name]:.2f}")
    return 1 if args.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
