"""Real servers that are restarted behind a proxy that loses, delays and spoils what passes.

Every job ends, its result is right or its error typed, and no thread, task or socket is left.
``make chaos`` does it for ten minutes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from chaos.deeds import User, live_on_a_loop
from chaos.proxy import ChaosProxy, chaos_proxy
from chaos.restarts import restarting

from gradio_client import AsyncClient, Client, Timeouts
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

USERS = 4
ENOUGH = 20  # results without which nothing would be shown
SLOW = 120.0  # seconds more that they may take on a busy machine, where servers start slowly
# A server's own sign of life comes every 15 s; everything else is faster here than it is patient.
TIMEOUTS = Timeouts(connect=5, read=10, transfer=10, silence=20)
SEEDS = {"aiohttp": 1, "requests": 2, "httpx": 3}

pytestmark = pytest.mark.leaks


@pytest.mark.parametrize("version", ["6.31.0"])
@pytest.mark.parametrize("library", SEEDS)
@pytest.mark.parametrize("seconds", [40, pytest.param(200, marks=pytest.mark.long)])
def test_every_job_ends_whatever_happens(library: str, seconds: int, version: str, tmp_path: Path) -> None:
    seed = SEEDS[library] * seconds
    with restarting(version, seed) as server, chaos_proxy(server.port, seed) as proxy:
        users = make_users(proxy, library, seed, tmp_path)
        proxy.calm = False
        everybody(users, proxy, library, time.monotonic() + seconds)
        ends = sum((user.ends for user in users), Counter())
        told = f"seed {seed}, {server.count} restarts, met {proxy.met}, ends {dict(ends)}"
        wrong = [what for user in users for what in user.wrong]
        assert not wrong, f"{wrong[:20]}; {told}"
        assert ends["right"] >= ENOUGH, told
        assert len(ends) > 1, told
        assert proxy.met, told
        proxy.calm = True
        server.calm()
        with Client(proxy.url, transport=library, verbose=False) as client:
            assert client.predict("calm", api_name="/echo") == "calm"
    print(told)  # noqa: T201 - for who runs it by hand


def make_users(proxy: ChaosProxy, library: Any, seed: int, folder: Path) -> list[User]:
    def connect() -> Client:
        return Client(
            proxy.url, transport=library, timeouts=TIMEOUTS, verbose=False, download_files=folder / "down"
        )

    return [User(connect, folder, seed + at) for at in range(USERS + 1)]


def everybody(users: list[User], proxy: ChaosProxy, library: Any, end: float) -> None:
    def over() -> bool:
        now, right = time.monotonic(), sum(user.ends["right"] for user in users)
        return now > end and (right >= ENOUGH or now > end + SLOW)

    threads = [threading.Thread(target=user.live, args=(over,)) for user in users[1:]]
    threads.append(threading.Thread(target=live_on_loops, args=(proxy, library, over, users[0])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def live_on_loops(proxy: ChaosProxy, library: Any, over: Callable[[], bool], user: User) -> None:
    def connect() -> AsyncClient:
        return AsyncClient(proxy.url, transport=library, timeouts=TIMEOUTS)

    async def live() -> None:
        with suppress(GradioClientError):  # connecting failed
            await live_on_a_loop(connect, over, user)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            user.wrong.append(f"tasks are left: {left}")

    while not over():
        asyncio.run(live())
