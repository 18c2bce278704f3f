from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import WAIT
from core.fake_app import completed, replying
from files.conftest import remote

from gradio_client import AsyncClient, Progress, _bars, handle_file
from gradio_client import progress as progress_module
from gradio_client.domain.events import Completed, Progressed
from gradio_client.domain.progress import ProgressUnit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import FakeApp

SIZE = 2_000_000


class Listener:
    """Keeps what it is told, and knows when the last thing has ended."""

    def __init__(self) -> None:
        self.told: list[Progress] = []
        self._changed = threading.Condition()

    def __call__(self, progress: Progress) -> None:
        with self._changed:
            self.told.append(progress)
            self._changed.notify_all()

    def of(self, kind: str, number: int = 1) -> list[Progress]:
        """All reports of one kind, when so many things have ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._ended(kind) >= number, 10)
            return [one for one in self.told if one.kind == kind]

    def _ended(self, kind: str) -> int:
        return sum(one.ended for one in self.told if one.kind == kind)


@pytest.fixture(autouse=True)
def _each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "INTERVAL", 0.0)


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_an_upload_is_counted_until_its_last_byte(
    app: FakeApp, connect: Connect, listener: Listener, returns: Callable[[Any], None]
) -> None:
    returns("done")
    connect(progress=listener).predict(handle_file(bytes(SIZE), name="a.bin"), api_name="/echo")
    told = listener.of("upload")
    assert {(one.name, one.endpoint, one.total, one.unit) for one in told} == {("a.bin", "/echo", SIZE, "B")}
    assert [one.done for one in told] == sorted(one.done or 0 for one in told)
    assert (told[-1].done, told[-1].ended, len(told) > 3) == (SIZE, True, True)
    assert len({one.number for one in told}) == 1


def test_a_download_is_counted_until_its_last_byte(
    app: FakeApp, connect: Connect, listener: Listener, returns: Callable[[Any], None]
) -> None:
    app.route("file=/tmp/x.bin", replying(bytes(SIZE)))
    returns(remote())
    connect(progress=listener).predict(1, api_name="/echo")
    told = listener.of("download")
    assert (told[-1].name, told[-1].done, told[-1].total, told[-1].ended) == ("x.bin", SIZE, SIZE, True)


def test_two_files_are_told_apart(
    app: FakeApp, connect: Connect, listener: Listener, returns: Callable[[Any], None]
) -> None:
    returns("done")
    files = [handle_file(b"1", name="a"), handle_file(b"22", name="b")]
    connect(progress=listener).predict(files, api_name="/echo")
    ended = {one.number: (one.name, one.done) for one in listener.of("upload", 2) if one.ended}
    assert sorted(ended.values()) == [("a", 1), ("b", 2)]


def test_what_the_app_reports_comes_the_same_way(app: FakeApp, connect: Connect, listener: Listener) -> None:
    def units(*values: Any) -> dict[str, Any]:
        keys = ("index", "length", "unit", "progress", "desc")
        data = [dict(zip(keys, value, strict=True)) for value in values]
        return {"msg": "progress", "event_id": "e1", "progress_data": data}

    app.on_join = lambda event, _: [
        units((1, 4, "rounds", None, "outer"), (None, None, "steps", 0.5, None)),
        units((2, 4, "rounds", None, "outer")),
        completed(event, "done"),
    ]
    connect(progress=listener).predict(1, api_name="/echo")
    told = listener.of("job", 2)
    assert [(one.name, one.done, one.total, one.unit, one.ended) for one in told] == [
        ("outer", 1, 4, "rounds", False),
        (None, 0.5, 1, "steps", False),
        ("outer", 2, 4, "rounds", False),
        ("outer", 2, 4, "rounds", True),
        (None, 0.5, 1, "steps", True),
    ]


def progressed(*done: int) -> Progressed:
    return Progressed(tuple(ProgressUnit(at, 1000, None, None, None) for at in done))


def test_of_a_storm_of_progress_the_first_and_the_last_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "INTERVAL", 1000.0)
    told: list[Progress] = []

    async def storm() -> None:
        meter = progress_module.Reporter(told.append).job("/echo")
        assert meter is not None
        for at in range(1, 1001):
            meter.take(progressed(at, 5))
        meter.take(Completed("done"))

    asyncio.run(storm())
    assert [(one.done, one.ended) for one in told] == [(1, False), (5, False), (1000, True), (5, True)]


def test_what_an_app_said_last_is_told_before_it_says_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "INTERVAL", 0.01)
    told: asyncio.Queue[Progress] = asyncio.Queue()

    async def follow() -> list[float | None]:
        meter = progress_module.Reporter(told.put_nowait).job("/echo")
        assert meter is not None
        for at in (1, 2, 3):
            meter.take(progressed(at))
        return [(await asyncio.wait_for(told.get(), WAIT)).done for _ in range(2)]

    assert asyncio.run(follow()) == [1, 3]


def test_a_listener_may_call_the_client(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None]
) -> None:
    returns("done")
    answers: list[Any] = []
    called = threading.Event()

    def listen(progress: Progress) -> None:
        if progress.ended:
            answers.append(client.predict("x", api_name="/other"))
            called.set()

    client = connect(progress=listen)
    client.predict(handle_file(b"1"), api_name="/echo")
    assert called.wait(10)
    assert answers == ["done"]


def test_a_listener_that_fails_stops_nothing(
    connect: Connect, returns: Callable[[Any], None], caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    def listen(_: Progress) -> None:
        failed.set()
        raise RuntimeError("odd")

    returns("done")
    assert connect(progress=listen).predict(handle_file(b"1"), api_name="/echo") == "done"
    assert failed.wait(10)


def test_asynchronous_programs_are_told_on_their_loop(app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event, "done")]
    told: list[Progress] = []

    async def use() -> None:
        loop = asyncio.get_running_loop()

        def listen(progress: Progress) -> None:
            assert asyncio.get_running_loop() is loop
            told.append(progress)

        async with AsyncClient(app.url, progress=listen) as client:
            await client.predict(handle_file(bytes(SIZE)), api_name="/echo")
        await asyncio.sleep(0)

    asyncio.run(use())
    assert told[-1].done == SIZE


@pytest.mark.parametrize("wrong", ["bars", 1, object()])
def test_what_cannot_listen_is_an_error_at_once(connect: Connect, wrong: Any) -> None:
    with pytest.raises(TypeError, match="progress="):
        connect(progress=wrong)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bars_are_shown_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    show = _bars.bars()
    assert show is not None
    for done, ended in ((0, False), (SIZE, False), (SIZE, True)):
        show(Progress("upload", 1, "/echo", "a.bin", done, SIZE, "B", ended))
    show(Progress("job", 2, "/echo", "step", 3, 4, "rounds"))
    assert "upload a.bin: 100%" in screen.getvalue()
    assert "step:  75%" in screen.getvalue()


def test_bars_are_shown_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel:
        config: dict[str, Any] = {"IPKernelApp": {}}  # noqa: RUF012 - as IPython has it

    class IPython:
        get_ipython = staticmethod(Kernel)

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert _bars.bars() is not None


def test_elsewhere_nothing_is_shown_nor_loaded(app: FakeApp, tmp_path: Path) -> None:
    app.on_join = lambda event, _: [completed(event, "done")]
    program = (
        "import sys\n"
        "from gradio_client import Client, handle_file\n"
        "with Client(sys.argv[1], progress=True, verbose=False) as client:\n"
        "    client.predict(handle_file(b'x'), api_name='/echo')\n"
        "print([name for name in sys.modules if name.startswith('tqdm')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, app.url], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
