"""What the hooks cost a call when nobody has implemented them, as a share of the whole call.

    python benchmarks/hook_cost.py [--check]

Two figures are made in one process: the processor time of a call on the null server, and what the places
where hooks are asked add to it. The latter is too small to be seen in the former, so each place is timed
by itself, against the same code without the question, and counted as often as one call passes it.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client._http.outgoing import Outgoing
    from gradio_client._http.pipeline import Pipeline

BAR = 0.01  # of a call
CALLS = 2000
ROUNDS = 20_000
REPEATS = 15
OURS = ("hub_token", "zero_gpu")  # plugins that come with the client


def processor_time_of_a_call(client: Client) -> float:
    """The least of several blocks of calls: whatever else runs only adds."""
    found = []
    for _ in range(10):
        start = time.process_time()
        for _ in range(CALLS // 10):
            client.predict("x", api_name="/echo")
        found.append((time.process_time() - start) / (CALLS // 10))
    return min(found)


class Counting:
    """Notes the requests of calls, and how many there were."""

    def __init__(self, pipeline: Any) -> None:
        self.count = 0
        self.last: Outgoing | None = None
        self._exchange = pipeline._exchange
        pipeline._exchange = self

    async def __call__(self, outgoing: Outgoing, attempt: int) -> Any:
        self.count += 1
        self.last = outgoing
        return await self._exchange(outgoing, attempt)


async def cost_of_an_exchange(pipeline: Any, outgoing: Outgoing) -> float:
    """Seconds that the hooks add to one exchange: with them, less without."""
    exchange = type(pipeline)._exchange

    async def send(outgoing: Outgoing, request: object) -> object:  # noqa: ARG001 - as the real one
        return request

    async def without(pipeline: Any, outgoing: Outgoing, attempt: int) -> object:  # noqa: ARG001 - as the other
        request = pipeline._request(outgoing, pipeline.is_own(outgoing.url), ())
        return await pipeline._send(outgoing, request)

    pipeline._send = send
    with_hooks, bare = [], []
    for _ in range(REPEATS):  # in turns, so that a busy machine slows both alike
        with_hooks.append(await seconds(exchange, pipeline, outgoing))
        bare.append(await seconds(without, pipeline, outgoing))
    return min(with_hooks) - min(bare)


async def seconds(
    exchange: Callable[..., Awaitable[object]], pipeline: Pipeline, outgoing: Outgoing
) -> float:
    start = time.process_time()
    for _ in range(ROUNDS):
        await exchange(pipeline, outgoing, 1)
    return (time.process_time() - start) / ROUNDS


def cost_of_a_question(hooks: Any) -> float:
    """Seconds for asking whether anybody observes jobs, which every job does once."""

    def timed(ask: Callable[[], object]) -> float:
        start = time.process_time()
        for _ in range(ROUNDS):
            ask()
        return (time.process_time() - start) / ROUNDS

    pairs = [(timed(lambda: hooks.observes_jobs), timed(lambda: None)) for _ in range(REPEATS)]
    return min(asked for asked, _ in pairs) - min(bare for _, bare in pairs)


def share(url: str, disabled: tuple[str, ...]) -> float:
    """The hooks' share of a call, and the figures that it is made of, printed."""
    with Client(url, verbose=False, disabled_plugins=disabled) as client:
        processor_time_of_a_call(client)  # warms up
        whole = processor_time_of_a_call(client)
        pipeline = client._engine._pipeline
        counting = Counting(pipeline)
        for _ in range(100):
            client.predict("x", api_name="/echo")
        exchanges = counting.count / 100
        assert counting.last is not None
        del pipeline.__dict__["_exchange"]
        each = asyncio.run(cost_of_an_exchange(pipeline, counting.last))
        del pipeline.__dict__["_send"]
        once = cost_of_a_question(client._engine.hooks)
    added = exchanges * each + once
    print(
        f"a call {whole * 1e6:.0f} us; hooks {exchanges:.1f} x {each * 1e9:.0f} ns + {once * 1e9:.0f} ns: "
        f"{added / whole:.3%}"
    )
    return added / whole


def main() -> int:
    """Measure, and check if asked to."""
    parser = argparse.ArgumentParser(description="Measure what hooks cost that nobody implements.")
    parser.add_argument("--check", action="store_true", help=f"fail above {BAR:.0%} of a call")
    args = parser.parse_args()
    command = [sys.executable, str(Path(__file__).with_name("null_server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        print("with no plugin:           ", end="", flush=True)
        found = share(url, OURS)
        print("with those that come along:", end=" ", flush=True)
        share(url, ())
        server.stdin.close()
    return 1 if args.check and found > BAR else 0


if __name__ == "__main__":
    sys.exit(main())
