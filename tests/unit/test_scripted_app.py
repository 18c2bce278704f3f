"""An app in memory: what programs get from it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock

import pytest

from gradio_client import AsyncClient, Client, handle_file
from gradio_client.exceptions import (
    AppError,
    ArgumentError,
    ClientClosedError,
    ConnectionLost,
    DeadlineError,
    UnreachableError,
)
from gradio_client.testing import App, Gate, ScriptedApp, State, caller, progress
from gradio_client.transport import BytesBody, ConnectError, ConnectionLostError, ReadTimeoutError, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "http://app.test"


def connected(app: ScriptedApp) -> Client:
    return Client(URL, transport=app.transport, verbose=False)


def test_a_function_is_called_with_the_arguments() -> None:
    app = ScriptedApp({"/greet": lambda name, mark="!": f"Hello, {name}{mark}"})
    with connected(app) as client:
        assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
        assert client.predict(mark="?", name="Bob", api_name="/greet") == "Hello, Bob?"
        with pytest.raises(ArgumentError):
            client.predict(api_name="/greet")
    assert [(call.api_name, call.arguments["name"]) for call in app.calls] == [
        ("/greet", "Ada"),
        ("/greet", "Bob"),
    ]
    assert app.requests[0].label == "GET /config"


@pytest.mark.parametrize(
    ("function", "arguments", "result"),
    [
        (str.upper, ["a"], "A"),
        (lambda *words: list(words), ["a", None, "b"], ["a", None, "b"]),
        (lambda *words: list(words), [], []),
        (lambda first, *words, last="z": [first, *words, last], ["a", "b"], ["a", "b", "z"]),
        (lambda **options: options, [], {}),
        (Mock(side_effect=lambda *words: list(words)), ["a", 1], ["a", 1]),
        (AsyncMock(return_value="hi"), ["a"], "hi"),
    ],
    ids=["positional-only", "several", "none-of-several", "mixed", "by-any-name", "mock", "async-mock"],
)
def test_functions_are_called_as_they_can_be(function: Any, arguments: list[Any], result: Any) -> None:
    app = ScriptedApp({"/call": function})
    with connected(app) as client:
        assert client.predict(*arguments, api_name="/call") == result
    given = [one for one in arguments if one is not None]
    assert list(app.calls[0].arguments.values())[: len(given)] == given


def test_a_function_that_does_not_say_what_it_takes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"type'> does not say what it takes\. Wrap it"):
        ScriptedApp({"/type": type})


def test_a_function_sees_the_cookies_of_its_caller() -> None:
    app = ScriptedApp({"/cookies": lambda: dict(caller().cookies)})
    cookies = {"a": "b", "c": "d"}
    with Client(URL, transport=app.transport, verbose=False, httpx_kwargs={"cookies": cookies}) as client:
        assert client.predict(api_name="/cookies") == cookies


@pytest.mark.parametrize("value", ["text", 3, 2.5, True, None, {"a": [1, {"b": None}]}])
def test_a_value_is_the_result_whatever_the_arguments(value: Any) -> None:
    with connected(ScriptedApp({"/give": value})) as client:
        assert client.predict(api_name="/give") == value
        assert client.predict(1, "two", api_name="/give") == value


def test_a_tuple_is_several_outputs() -> None:
    with connected(ScriptedApp({"/two": ("a", 2)})) as client:
        assert client.predict(api_name="/two") == ("a", 2)


def test_a_list_is_what_a_generator_yields() -> None:
    with connected(ScriptedApp({"/count": [1, 2, 3], "/words": ["a", "a b"]})) as client:
        assert list(client.submit(api_name="/count")) == [1, 2, 3]
        assert list(client.submit(api_name="/words")) == ["a", "a b"]


def test_an_exception_is_the_failure_of_the_app() -> None:
    with connected(
        ScriptedApp({"/fail": AppError("no", title="Sorry"), "/half": [1, ValueError("x")]})
    ) as client:
        with pytest.raises(AppError, match=r"^no$") as caught:
            client.predict(api_name="/fail")
        assert caught.value.title == "Sorry"
        job = client.submit(api_name="/half")
        with pytest.raises(AppError, match=r"^x$"):
            job.result()
        assert job.outputs() == [1]


@pytest.mark.parametrize(
    ("meets", "error"),
    [
        (ConnectError("refused"), UnreachableError),
        (ReadTimeoutError("silent"), DeadlineError),
        (ConnectionLostError("cut"), ConnectionLost),
    ],
)
def test_a_transport_error_is_what_submitting_meets(meets: Exception, error: type[Exception]) -> None:
    with connected(ScriptedApp({"/lost": meets})) as client, pytest.raises(error, match=str(meets)):
        client.predict(api_name="/lost")


def test_files_go_to_the_app_and_come_back(tmp_path: Path) -> None:
    def shout(file: Path) -> Path:
        out = tmp_path / "out.txt"
        out.write_bytes(file.read_bytes().upper())
        return out

    given = tmp_path / "a ü%2F.txt"
    given.write_bytes(b"one\r\ntwo\r\n")
    client = Client(
        URL, transport=ScriptedApp({"/shout": shout}).transport, download_files=tmp_path, verbose=False
    )
    with client:
        assert Path(client.predict(handle_file(given), api_name="/shout")).read_bytes() == b"ONE\r\nTWO\r\n"


def test_a_function_may_report_progress() -> None:
    def work() -> str:
        progress(0.5, "halfway")
        return "done"

    async def events() -> list[str]:
        async with AsyncClient(URL, transport=ScriptedApp({"/work": work}).transport) as client:
            return [type(event).__name__ async for event in client.submit(api_name="/work").events()]

    assert "Progressed" in asyncio.run(events())


def test_a_generator_that_waits_can_be_cancelled() -> None:
    gate = Gate()

    async def forever() -> Any:
        yield 1
        await gate.passed()

    with connected(ScriptedApp({"/forever": forever})) as client:
        job = client.submit(api_name="/forever")
        assert next(iter(job)) == 1
        assert gate.reached()
        assert job.cancel()


def test_state_belongs_to_a_session() -> None:
    app = App()

    @app.endpoint(state=0)
    def count(seen: State) -> int:
        seen.value += 1
        return int(seen.value)

    with connected(ScriptedApp(app)) as client:
        assert [client.predict(api_name="/count") for _ in range(2)] == [1, 2]
        client.reset_session()
        assert client.predict(api_name="/count") == 1


def test_an_async_client_calls_many_at_once_below_a_path() -> None:
    def words(count: int) -> Iterator[str]:
        for number in range(int(count)):
            yield f"word {number}"

    async def main() -> list[Any]:
        transport = ScriptedApp({"/words": words, "/same": lambda x: x}).transport
        async with AsyncClient(f"{URL}/sub/app", transport=transport) as client:
            jobs = [client.submit(number, api_name="/same") for number in range(20)]
            assert [word async for word in client.submit(2, api_name="/words")] == ["word 0", "word 1"]
            return [await job for job in jobs]

    assert asyncio.run(main()) == list(range(20))


@pytest.mark.leaks
def test_nothing_is_left_of_an_app_when_its_client_is_closed() -> None:
    with connected(ScriptedApp({"/one": lambda: 1})) as client:
        assert client.predict(api_name="/one") == 1


def test_a_client_can_be_closed_while_a_function_runs() -> None:
    gate = Gate()

    async def forever() -> None:
        await gate.passed()

    with connected(ScriptedApp({"/forever": forever})) as client:
        job = client.submit(api_name="/forever")
        assert gate.reached()
    with pytest.raises(ClientClosedError):
        job.result(timeout=5)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/gradio_api/nothing", 404),
        ("POST", "/gradio_api/nothing", 404),
        ("GET", "/gradio_api/file=/etc/passwd", 403),
        ("POST", "/gradio_api/queue/join", 500),
    ],
)
def test_what_no_app_has_is_refused_as_servers_do(method: str, path: str, status: int) -> None:
    body = BytesBody(b'{"fn_index": 99, "data": [], "session_hash": "x"}')

    async def run() -> int:
        transport = ScriptedApp({"/one": 1}).transport()
        response = await transport.send(Request(method, URL + path, body=body))
        await transport.aclose()
        return response.status

    assert asyncio.run(run()) == status


def test_a_stream_without_a_job_breaks_off() -> None:
    async def run() -> None:
        transport = ScriptedApp({"/one": 1}).transport()
        response = await transport.send(Request("GET", f"{URL}/gradio_api/queue/data?session_hash=x"))
        assert b"session_not_found" in await response.read()
        with pytest.raises(ConnectionLostError):
            await response.read()
        await transport.aclose()

    asyncio.run(run())


def test_a_heartbeat_beats() -> None:
    async def run() -> None:
        transport = ScriptedApp({"/one": 1}).transport()
        response = await transport.send(Request("GET", f"{URL}/gradio_api/heartbeat/x"))
        assert await response.read() == b"data: ALIVE\n\n"
        await transport.aclose()

    asyncio.run(run())
