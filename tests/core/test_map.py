"""Many calls of one endpoint: lazily, a few at a time, and nothing is lost."""

from __future__ import annotations

import io
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, failing
from core.loops import on_a_loop
from gradio_client_contract_tests.server import until
from tqdm import tqdm  # type: ignore[import-untyped]

from gradio_client import AsyncClient, Client, handle_file
from gradio_client._jobs.mapping import Bulk, arguments
from gradio_client.exceptions import (
    AppError,
    ArgumentError,
    ClientClosedError,
    DeadlineError,
    EndpointNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.leaks

tqdm.get_lock()  # a process has one, with a pipe of its own on newer Pythons


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_results_come_in_the_order_of_the_inputs(client: Client) -> None:
    assert list(client.map("/echo", range(50), concurrency=7)) == list(range(50))


@pytest.mark.parametrize("endpoint", ["/echo", "echo", 0])
def test_an_endpoint_is_a_name_or_a_number(client: Client, endpoint: str | int) -> None:
    assert list(client.map(endpoint, [1, 2])) == [1, 2]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (1, ((1,), {})),
        ("text", (("text",), {})),
        ([1, 2], (([1, 2],), {})),
        ((1, 2), ((1, 2), {})),
        ((), ((), {})),
        ({"a": 1}, ((), {"a": 1})),
        (({"a": 1},), (({"a": 1},), {})),
        (((1, 2),), (((1, 2),), {})),
        (handle_file("http://h/a.png"), ((handle_file("http://h/a.png"),), {})),
    ],
)
def test_an_input_stands_for_arguments(item: Any, expected: Any) -> None:
    assert arguments(item) == expected


def test_inputs_are_taken_only_as_they_are_needed(client: Client, app: FakeApp) -> None:
    taken: list[int] = []

    def inputs() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    results = client.map("/echo", inputs(), concurrency=5)
    assert taken == []
    for at in range(20):
        assert next(results) == at
        assert len(taken) <= at + 1 + 5
    results.close()


def test_never_more_are_under_way_than_allowed(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    found: list[Any] = []
    calls = client.map("/echo", range(9), concurrency=3, ordered=False)
    thread = threading.Thread(target=lambda: found.extend(calls))
    thread.start()
    for at in range(9):
        assert until(lambda at=at: len(app.bodies) >= min(at + 3, 9))  # type: ignore[misc]
        assert len(app.bodies) <= at + 3
        app.say(completed(f"e{at + 1}", "done"))
    thread.join(10)
    assert found == ["done"] * 9


def test_results_may_come_as_they_arrive(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    results = client.map("/echo", ["slow", "fast"], ordered=False)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(results))
    thread.start()
    assert until(lambda: len(app.bodies) == 2)
    names = {body["data"][0]: f"e{at}" for at, body in enumerate(app.bodies, 1)}
    app.say(completed(names["fast"], "fast"))
    assert until(lambda: found == ["fast"])
    app.say(completed(names["slow"], "slow"))
    thread.join(10)
    assert found == ["fast", "slow"]


def odd_fail(event: str, body: Any) -> list[Any]:
    value = body["data"][0]
    return [failing(event, f"no {value}") if value % 2 else completed(event, value)]


def test_an_error_is_raised_in_the_place_of_its_result(client: Client, app: FakeApp) -> None:
    app.on_join = odd_fail
    results = client.map("/echo", itertools.count(), concurrency=4)
    assert next(results) == 0
    with pytest.raises(AppError, match="no 1"):
        next(results)
    assert list(results) == []


def test_errors_may_be_results(client: Client, app: FakeApp) -> None:
    app.on_join = odd_fail
    found = list(client.map("/echo", range(6), on_error="return"))
    assert found[::2] == [0, 2, 4]
    assert [str(error) for error in found[1::2]] == ["no 1", "no 3", "no 5"]


def test_arguments_that_do_not_fit_are_errors_of_their_call(client: Client) -> None:
    found = list(client.map("/echo", [1, (1, 2), {"nothing": 1}, 2], on_error="return"))
    assert (found[0], found[3]) == (1, 2)
    assert all(isinstance(error, ArgumentError) for error in found[1:3])


def test_an_error_of_the_inputs_comes_after_the_results_before_it(client: Client) -> None:
    def inputs() -> Iterator[int]:
        yield from range(3)
        raise ZeroDivisionError

    results = client.map("/echo", inputs(), on_error="return")
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_leaving_the_loop_cancels_what_is_under_way(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: [completed(event, 1)] if body["data"] == [0] else []
    for result in client.map("/echo", range(4), concurrency=4):
        assert result == 1
        assert until(lambda: len(app.bodies) == 4)
        break
    assert until(lambda: not client._engine.main._runs)


def test_a_job_that_is_cancelled_elsewhere_is_an_error(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    results = client.map("/echo", [1], on_error="return")
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(results))
    thread.start()
    assert until(lambda: app.bodies)
    client._portal.ask(lambda: [run.cancel() for run in tuple(client._engine.main._runs)])
    thread.join(10)
    assert [type(error).__name__ for error in found] == ["CancelledError"]


def test_results_that_were_handed_out_in_order_leave_nothing_behind() -> None:
    bulk = Bulk([1, 2], concurrency=2, ordered=True, on_error="raise", progress=None)
    for at in range(2):
        number, _ = bulk.begin(lambda _: None, at)
        bulk.end(number, at, None)
        assert bulk.take() == at
    assert not bulk._arrived


def test_progress_is_told(client: Client) -> None:
    told: list[tuple[int, int | None]] = []
    list(client.map("/echo", [1, 2, 3], progress=lambda done, total: told.append((done, total))))
    assert told == [(1, 3), (2, 3), (3, 3)]
    told.clear()
    list(client.map("/echo", iter([1, 2]), progress=lambda done, total: told.append((done, total))))
    assert told == [(1, None), (2, None)]
    assert list(client.map("/echo", [1], progress=True)) == [1]


@pytest.mark.parametrize(
    "inputs", [[1, 2], iter([1, 2]), itertools.count()], ids=["list", "iterator", "break"]
)
def test_a_bar_ends_with_the_iteration(client: Client, monkeypatch: pytest.MonkeyPatch, inputs: Any) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("tqdm.std.tqdm.monitor_interval", 0)  # else tqdm leaves a thread of its own behind
    for _, result in zip(range(2), client.map("/echo", inputs, progress=True), strict=False):
        assert "call" in screen.getvalue(), result
    assert screen.getvalue().endswith("\n")


def test_there_is_no_bar_before_there_is_something_to_show(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    with pytest.raises(EndpointNotFoundError):
        client.map("/nothing", [1], progress=True)
    assert list(client.map("/echo", [], progress=True)) == []
    assert screen.getvalue() == ""


def test_a_text_is_not_taken_for_many_inputs(client: Client) -> None:
    with pytest.raises(TypeError, match=r"pass a list: \['Ada'\]"):
        client.map("/echo", "Ada")


def test_names_of_arguments_are_texts(client: Client) -> None:
    (error,) = client.map("/echo", [{1: "Ada"}], on_error="return")
    assert isinstance(error, ArgumentError)
    assert "names that are text, not 1" in str(error)


def test_each_call_may_have_a_deadline(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: []
    (error,) = client.map("/echo", [1], timeout=0.05, on_error="return")
    assert isinstance(error, DeadlineError)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"concurrency": 0}, ValueError),
        ({"concurrency": 2.5}, TypeError),
        ({"concurrency": True}, TypeError),
        ({"on_error": "ignore"}, ValueError),
        ({"progress": "yes"}, TypeError),
        ({"inputs": 5}, TypeError),
        ({"endpoint": 1.5}, TypeError),
        ({"endpoint": "/nothing"}, EndpointNotFoundError),
        ({"timeout": -1}, ValueError),
        ({"timeout": -1, "on_error": "return"}, ValueError),
        ({"timeout": True, "on_error": "return"}, TypeError),
        ({"inputs": "Ada"}, TypeError),
        ({"inputs": b"Ada"}, TypeError),
    ],
)
def test_misuse_is_refused_before_anything_is_sent(
    client: Client, app: FakeApp, wrong: dict[str, Any], kind: type[Exception]
) -> None:
    before = len(app.server.seen)
    with pytest.raises(kind):
        list(client.map(**{"endpoint": "/echo", "inputs": [1], **wrong}))
    assert len(app.server.seen) == before


def test_a_closed_client_ends_the_iteration_whatever_errors_are(client: Client) -> None:
    results = client.map("/echo", itertools.count(), on_error="return")
    next(results)
    client.close()
    with pytest.raises(ClientClosedError):
        for _ in results:
            pass
    with pytest.raises(ClientClosedError):
        client.map("/echo", [1])


def test_closing_the_client_ends_the_iteration_while_calls_are_under_way(
    client: Client, app: FakeApp
) -> None:
    app.on_join = lambda event, body: []
    results = client.map("/echo", [1, 2], on_error="return")

    def close() -> None:
        until(lambda: len(app.bodies) == 2)
        client.close()

    thread = threading.Thread(target=close)
    thread.start()
    with pytest.raises(ClientClosedError):
        next(results)
    thread.join(10)


def test_an_error_of_the_reporter_ends_the_iteration(client: Client) -> None:
    told: list[int] = []
    with pytest.raises(ZeroDivisionError):
        list(client.map("/echo", [1], on_error="return", progress=failing_reporter(told)))
    assert told == [1]


def test_a_session_has_it_too(client: Client, app: FakeApp) -> None:
    with client.session() as session:
        assert list(session.map("/echo", [1, 2])) == [1, 2]
        assert {body["session_hash"] for body in app.bodies} == {session.session_hash}


@on_a_loop
async def test_an_asynchronous_program_has_it_too(app: FakeApp) -> None:
    async with AsyncClient(app.url) as client:
        assert [at async for at in client.map("/echo", range(50), concurrency=7)] == list(range(50))


@on_a_loop
async def test_asynchronous_inputs_are_waited_for_beside_results(app: FakeApp) -> None:
    async def inputs() -> AsyncIterator[int]:
        yield 1
        await handed.get()  # the second input comes after the first result
        yield 2

    import asyncio  # noqa: PLC0415 - for this one queue

    handed: asyncio.Queue[int] = asyncio.Queue()
    found = []
    async with AsyncClient(app.url) as client:
        async for result in client.map("/echo", inputs()):
            found.append(result)
            handed.put_nowait(result)
    assert found == [1, 2]


@on_a_loop
async def test_leaving_an_asynchronous_loop_cancels_what_is_under_way(app: FakeApp) -> None:
    import asyncio  # noqa: PLC0415 - for waiting

    app.on_join = lambda event, body: [completed(event, 1)] if body["data"] == [0] else []
    async with AsyncClient(app.url) as client:
        told: list[int] = []
        results = client.map("/echo", range(4), concurrency=4, progress=lambda done, _: told.append(done))
        assert await anext(results) == 1
        await results.aclose()
        assert told == [1]
        for _ in range(100):
            if not client._engine.main._runs:
                break
            await asyncio.sleep(0.02)
        assert not client._engine.main._runs


@on_a_loop
async def test_closing_ends_an_asynchronous_iteration_while_calls_are_under_way(app: FakeApp) -> None:
    import asyncio  # noqa: PLC0415 - for waiting

    app.on_join = lambda event, body: []
    async with AsyncClient(app.url) as client:
        results = client.map("/echo", [1, 2], on_error="return")
        first = asyncio.ensure_future(anext(results))
        assert await asyncio.to_thread(until, lambda: len(app.bodies) == 2)
        await client.aclose()
        with pytest.raises(ClientClosedError):
            await asyncio.wait_for(first, 10)


@on_a_loop
async def test_an_endpoint_that_turns_out_to_be_missing_ends_the_iteration(app: FakeApp) -> None:
    client = AsyncClient(app.url)  # which connects within the first call
    with pytest.raises(EndpointNotFoundError):
        _ = [value async for value in client.map("/nothing", [1], on_error="return")]
    await client.aclose()


@on_a_loop
async def test_an_error_of_the_reporter_ends_an_asynchronous_iteration(app: FakeApp) -> None:
    told: list[int] = []
    async with AsyncClient(app.url) as client:
        calls = client.map("/echo", [1], on_error="return", progress=failing_reporter(told))
        with pytest.raises(ZeroDivisionError):
            _ = [value async for value in calls]
    assert told == [1]


def failing_reporter(told: list[int]) -> Callable[[int, int | None], object]:
    def report(done: int, total: int | None) -> None:
        told.append(done)
        raise ZeroDivisionError

    return report


@on_a_loop
async def test_errors_of_asynchronous_calls_are_raised_or_returned(app: FakeApp) -> None:
    app.on_join = odd_fail
    async with AsyncClient(app.url) as client:
        found = [value async for value in client.map("/echo", range(4), on_error="return")]
        assert [found[0], found[2], str(found[1]), str(found[3])] == [0, 2, "no 1", "no 3"]
        with pytest.raises(AppError, match="no 1"):
            _ = [value async for value in client.map("/echo", range(4))]
        with pytest.raises(EndpointNotFoundError):
            _ = [value async for value in client.map("/nothing", range(4), on_error="return")]
