"""What the client does, for a person to watch: the same on every transport.

    python docs/demo/demo.py                    # on a small server that is part of this package
    python docs/demo/demo.py --server 6.31.0    # on a real Gradio, in an environment of its own

``make demo`` runs it.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gradio_client import Client, handle_file
from gradio_client.utils import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
HERE = Path(__file__).parent
TRANSPORTS = ("aiohttp", "requests", "httpx")
CALLS = 100
BOOT_SECONDS = 120  # the first boot of a Gradio compiles it


def main() -> int:
    """Show everything once on each transport, then a table."""
    parser = argparse.ArgumentParser(description="Show the client at work.")
    parser.add_argument("--server", metavar="VERSION", help="a real Gradio of this version, such as 6.31.0")
    version = parser.parse_args().server
    print(f"Starting {f'Gradio {version}' if version else 'the embedded app server'} ...", flush=True)
    described: dict[str, str] = {}
    with gradio(version) if version else embedded() as url, tempfile.TemporaryDirectory() as folder:
        latencies = {name: show(url, name, Path(folder), described) for name in TRANSPORTS}
    print(f"\n{'transport':<12}{'calls':>8}{'median latency':>18}")
    for name, seconds in latencies.items():
        print(f"{name:<12}{CALLS:>8}{seconds * 1000:>15.2f} ms")
    return 0


def show(url: str, transport: str, folder: Path, described: dict[str, str]) -> float:
    """The whole job on one transport; seconds that a call takes, in the median."""
    print(f"\n--- transport={transport!r}")
    with Client(url, transport=transport, download_files=folder) as client:
        described[transport] = client.view_api(print_info=False, return_format="str")
        describe(described)
        said = expect(client.predict("Ada", api_name="/greet"), "Hello, Ada!")
        print(f"predict    {said}")
        stream(client)
        files(client, folder)
        cancel(client)
        return latency(client)


def describe(described: dict[str, str]) -> None:
    """Print what the app offers, as the first transport tells it; the others must tell the same."""
    first, *others = described
    if others:
        expect(described[others[-1]], described[first])
        print(f"view_api   the same description as by {first}")
    else:
        print(described[first])


def stream(client: Client) -> None:
    """Print what a generator yields, as it comes."""
    job = client.submit(api_name="/tell")
    print("stream     ", end="", flush=True)
    shown = ""
    for text in job:
        print(text.removeprefix(shown), end="", flush=True)
        shown = text
    print()
    expect(len(job.outputs()), 12)


def files(client: Client, folder: Path) -> None:
    """Send a file, and get another one back."""
    source = folder / "whisper.txt"
    source.write_text("quiet please", encoding="utf-8")
    result = Path(client.predict(handle_file(source), api_name="/shout"))
    text = expect(result.read_text(encoding="utf-8"), "QUIET PLEASE")
    print(f"files      sent {source.name}, got {result.name}: {text}")


def cancel(client: Client) -> None:
    """Stop a job that would take a minute."""
    job = client.submit(60, api_name="/wait")
    next(iter(job))
    expect(job.cancel(), wanted=True)
    expect(job.status().code, Status.CANCELLED)
    print(f"cancel     after {len(job.outputs())} outputs: {job.status().code.value}")


def latency(client: Client) -> float:
    """The median of some calls in a row."""
    took = []
    for _ in range(CALLS):
        start = time.perf_counter()
        client.predict("Ada", api_name="/greet")
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def expect(found: T, wanted: T) -> T:
    """What was found, if it is what it should be; else the demonstration fails."""
    if found != wanted:
        raise SystemExit(f"\nThis should have been {wanted!r}: {found!r}")
    return found


@contextlib.contextmanager
def embedded() -> Iterator[str]:
    """The app on the server for tests."""
    from app import app  # noqa: PLC0415 - not needed beside a real Gradio

    from gradio_client.testing import AppServer  # noqa: PLC0415

    with AppServer(app) as server:
        yield server.url


@contextlib.contextmanager
def gradio(version: str) -> Iterator[str]:
    """The app on a real Gradio, installed at the first time."""
    sys.path.insert(0, str(HERE.parents[1] / "tests"))
    from servers.environments import environment  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(environment(version)), str(HERE / "gradio_app.py"), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until something listens there."""
    end = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit("Gradio did not start.")


if __name__ == "__main__":
    sys.exit(main())
