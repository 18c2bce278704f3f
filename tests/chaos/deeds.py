"""What users of an app do, and how each of it must end: as it should, or with a typed error."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos.proxy import SPOILED

from gradio_client import AsyncClient, Client, handle_file
from gradio_client.exceptions import AppRestartedError, GradioClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client._calls import ClientSession

HANGS = 100.0  # seconds after which a job counts as one that never ends

PAUSE = 0.1  # seconds of thought after an error


class WrongError(AssertionError):
    """A result that is neither right nor an error."""


class User:
    """One user, who does something again and again on a thread.

    Attributes:
        ends: how often each kind of end came: ``"right"``, ``"cancelled"``, or the name of an error.
        wrong: everything that must not be.
    """

    def __init__(self, connect: Callable[[], Client], folder: Path, seed: int) -> None:
        self.ends: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._connect = connect
        self._folder = folder / str(seed)  # nobody else's: a file must not change while it goes up
        self._folder.mkdir()
        self._random = random.Random(seed)
        self._client: Client | None = None
        self._session: ClientSession | None = None
        self._totals: set[int] = set()

    def live(self, over: Callable[[], bool]) -> None:
        """Do one thing after another until it is over."""
        deeds = (self.say, self.say, self.add, self.count, self.cancel, self.remember, self.send_a_file)
        while not over():
            if self._random.random() < 0.05:
                self._leave()
            deed = self._random.choice((*deeds, self.hurry))
            try:
                deed(self._ready())
                self.ends["right"] += 1
            except GradioClientError as error:
                self.ends[type(error).__name__] += 1
                time.sleep(PAUSE)
            except CancelledError:
                self.ends["cancelled"] += 1
            except TimeoutError:
                self.wrong.append(f"{deed.__name__} hangs")
            except Exception as error:  # noqa: BLE001 - that is the question
                self.wrong.append(f"{deed.__name__}: {error!r}")
        self._leave(politely=True)

    def _ready(self) -> Client:
        if self._client is None:
            self._client = self._connect()
            self._session, self._totals = self._client.session(), {0}
        return self._client

    def _leave(self, *, politely: bool = False) -> None:
        """Drop the client, or close it first."""
        if self._client is not None and (politely or self._random.random() < 0.5):
            self._client.close()
        self._client = self._session = None

    def say(self, client: Client) -> None:
        text = f"{self._random.random()} ü"
        _same(client.submit(text, api_name="/echo").result(HANGS), text)

    def add(self, client: Client) -> None:
        jobs = [client.submit(at, 1, api_name="/add") for at in range(8)]
        errors = [job.exception(HANGS) for job in jobs]
        _same([job.result() for job, error in zip(jobs, errors, strict=True) if error is None], [
            at + 1 for at, error in enumerate(errors) if error is None
        ])  # fmt: skip
        _raise_first(errors)

    def count(self, client: Client) -> None:
        job = client.submit(10, 0.02, api_name="/count")
        seen: list[int] = []
        try:
            _in_time(lambda: seen.extend(job))
        finally:
            _same(seen, list(range(1, len(seen) + 1)))
        _same(seen[-1:], [10])

    def cancel(self, client: Client) -> None:
        job = client.submit(50, 0.05, api_name="/count")
        _in_time(lambda: next(job))
        job.cancel()
        job.result(HANGS)

    def remember(self, client: Client) -> None:
        assert self._session is not None
        try:
            total = self._session.submit(1, api_name="/state").result(HANGS)
        except AppRestartedError:
            self._totals = {0}
            raise
        except GradioClientError:
            self._totals |= {before + 1 for before in self._totals}  # it may have been done
            raise
        if total - 1 not in self._totals:
            raise WrongError(f"{total} after {self._totals}")
        self._totals = {total}

    def send_a_file(self, client: Client) -> None:
        path = self._folder / f"{self._random.randrange(4)}.txt"
        path.write_text(path.name * 5000)
        found = client.submit(handle_file(path), api_name="/file_in_out").result(HANGS)
        text, expected = Path(found).read_text(), path.read_text().upper()
        # Nothing tells a spoiled byte of a file from one that should be there.
        _same("".join(b if a == chr(SPOILED) else a for a, b in zip(text, expected, strict=False)), expected)
        _same(len(text), len(expected))

    def hurry(self, client: Client) -> None:
        seconds = self._random.random() * 2 + 0.1
        _in_time(lambda: client.predict(30, 0.1, api_name="/count", timeout=seconds))


def _in_time(act: Callable[[], object]) -> None:
    """Do something that knows no limit, or what should be one is on trial.

    Raises:
        TimeoutError: it hangs.
    """
    done: Future[object] = Future()

    def do() -> None:
        try:
            done.set_result(act())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    done.result(HANGS)


async def live_on_a_loop(connect: Callable[[], AsyncClient], over: Callable[[], bool], user: User) -> None:
    """What an asynchronous program does: ten calls at a time, until it is over."""
    while not over():
        async with connect() as client:
            for _ in range(5):
                jobs = [client.submit(at, 1, api_name="/add") for at in range(10)]
                found = await asyncio.gather(*(_limited(job) for job in jobs), return_exceptions=True)
                for at, value in enumerate(found):
                    _note(user, value, at + 1)


async def _limited(job: Any) -> Any:
    async with asyncio.timeout(HANGS):
        return await job


def _note(user: User, value: Any, expected: Any) -> None:
    if isinstance(value, GradioClientError):
        user.ends[type(value).__name__] += 1
    elif value != expected:
        user.wrong.append(f"{value!r} instead of {expected!r}")
    else:
        user.ends["right"] += 1


def _same(found: Any, expected: Any) -> None:
    if found != expected:
        raise WrongError(f"{found!r:.200} instead of {expected!r:.200}")


def _raise_first(errors: list[BaseException | None]) -> None:
    for error in errors:
        if error is not None:
            raise error
