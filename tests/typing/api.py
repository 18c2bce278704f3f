"""Examples of every public call, for the type checker: they are never run."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, assert_type

import gradio_client
from gradio_client import (
    AsyncClient,
    AsyncJob,
    AsyncRemoteFile,
    Client,
    Downloads,
    FileData,
    Job,
    Progress,
    RemoteFile,
    __version__,
    exceptions,
    file,
    handle_file,
    utils,
)
from gradio_client.client import DEFAULT_TEMP_DIR
from gradio_client.domain import events
from gradio_client.transport import (
    BytesBody,
    Headers,
    Request,
    Response,
    Timeouts,
    Transport,
    TransportOptions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradio_client.typing import AuthChoice, OnStatus, ProgressChoice, TransportChoice, Updates


def connected(
    auth: AuthChoice = None,
    transport: TransportChoice = "aiohttp",
    updates: Updates = "raw",
    progress: ProgressChoice = None,
    on_status: OnStatus | None = None,
) -> Client:
    """What a program has that makes its clients in one place."""
    return Client(
        "u", auth=auth, transport=transport, updates=updates, progress=progress, on_status=on_status
    )


class OwnTransport(Transport):
    """A transport of the caller's own: two methods are all it takes."""

    def __init__(self, options: TransportOptions) -> None:
        self._options = options

    async def send(self, request: Request) -> Response:
        raise NotImplementedError(
            request.method, request.url, request.headers["accept"], request.timeouts.read
        )

    async def aclose(self) -> None:
        return None


def show(status: gradio_client.SpaceStatus) -> None:
    assert_type((status.space_id, status.stage, status.message), tuple[str, str, str])
    assert_type((status.ready, status.seconds), tuple[bool, float])


def fail(error: exceptions.QuotaExceededError, other: exceptions.SpaceUnavailableError) -> None:
    assert_type((error.requested, error.left), tuple[float | None, float | None])
    assert_type((other.space_id, other.stage), tuple[str, str])


async def make_copies() -> None:
    AsyncClient("owner/name", connect_timeout=60, on_status=show, analytics_enabled=False)
    copy = await AsyncClient.duplicate("owner/name", to_id="copy", token="hf_token", headers={"X-A": "1"})
    assert_type(copy, AsyncClient)


def make_clients() -> Iterable[Client]:
    yield Client("owner/name")
    yield Client("http://h", "hf_token", 4, False, ("user", "password"), {"timeout": 5.0})  # noqa: FBT003
    yield Client("http://h", hf_token="hf_token")
    yield Client("http://h", token="hf_token", oauth_token="hf_token", verbose=False, max_workers=2)
    yield Client("http://h", headers={"X-A": "1"}, download_files=False, ssl_verify=False)
    yield Client("http://h", download_files=Path("folder"), ssl_verify=ssl.create_default_context())
    yield Client("http://h", download_files=DEFAULT_TEMP_DIR, ssl_verify="ca.pem", analytics_enabled=False)
    yield Client("http://h", transport="requests", plugins=[object()], updates="value")
    yield Client("http://h", retry=gradio_client.Retry(attempts=3, first=0.5, longest=8, joins=False))
    yield Client("http://h", retry=gradio_client.Retry.none)
    yield Client("http://h", timeouts=gradio_client.Timeouts(connect=5, read=None, transfer=30.0, silence=45))
    yield Client("owner/name", connect_timeout=60, on_status=show)
    yield Client("owner/name", connect_timeout=None, on_status=None)
    yield Client.duplicate("owner/name", "copy", "hf_token", True, "t4-small", {"KEY": "v"}, 5, 40, False)  # noqa: FBT003
    yield Client.duplicate("owner/name", token="hf_token", secrets={"KEY": "v"}, transport="requests")
    yield Client("http://h", transport=OwnTransport)
    yield Client("http://h", transport=OwnTransport(TransportOptions(pool_size=4)))
    yield Client("http://h", transport=lambda options: OwnTransport(options))  # noqa: PLW0108


def call(client: Client) -> None:
    with client as entered:
        assert_type(entered, Client)
    assert_type(client.predict("text", 1, None, [1], {"a": 1}, api_name="/run"), Any)
    client.predict(text="text", times=2, fn_index=0, headers={"X-A": "1"})
    client.predict("text", api_name="/run", timeout=2.5)
    assert_type(client.submit("text", api_name="/run"), Job)
    client.submit("text", result_callbacks=print)
    client.submit("text", result_callbacks=[print, lambda value: None])
    client.predict(handle_file("a.png"), [handle_file(Path("b.png"))], {"file": file("c.png")})
    client.reset_session()
    with client.session() as session:
        assert_type(session, gradio_client.ClientSession)
        assert_type(session.predict("text", timeout=2.5), Any)
        assert_type(session.submit("text", result_callbacks=print), Job)
        assert_type(session.session_hash, str)
        session.reset()
    for result in client.map("/run", ["a", "b"], concurrency=5, ordered=False, on_error="return"):
        assert_type(result, Any)
    client.map(0, iter([(1, 2), {"a": 1}]), progress=lambda done, total: None, timeout=5).close()
    assert_type(client.add_zero_gpu_headers({}), dict[str, str])
    client.close()


def look(client: Client) -> None:
    assert_type(client.view_api(print_info=False, return_format="str"), str)
    assert_type(client.view_api(return_format="dict"), dict[str, Any])
    assert_type(client.view_api(), dict[str, Any] | str | None)
    client.view_api(True, False)  # noqa: FBT003 - as in 2.7.2
    assert_type(client.src, str)
    assert_type(client.space_id, str | None)
    assert_type(client.session_hash, str)
    assert_type(client.config, dict[str, Any])


def follow(job: Job) -> None:
    assert_type(job.result(), Any)
    assert_type(job.result(timeout=1.5), Any)
    assert_type(job.exception(timeout=None), BaseException | None)
    assert_type(job.outputs(), list[Any])
    assert_type(job.status(), utils.StatusUpdate)
    assert_type(job.cancel(), bool)
    assert_type([job.done(), job.running(), job.cancelled()], list[bool])
    job.add_done_callback(lambda ended: print(ended.result()))  # noqa: T201
    for output in job:
        assert_type(output, Any)
    for event in job.events():
        tell(event)
    assert_type(next(job), Any)
    concurrent.futures.wait([job], timeout=1)
    for ended in concurrent.futures.as_completed([job]):
        assert_type(ended.result(), Any)


async def follow_on_a_loop(job: Job) -> None:
    assert_type(await job, Any)
    await asyncio.wait_for(job, 1)
    async for update in job:
        assert_type(update, utils.StatusUpdate | utils.OutputUpdate)
        if update.type == "output" and isinstance(update, utils.OutputUpdate):
            assert_type(update.final, bool)


def make_async_clients() -> Iterable[AsyncClient]:
    yield AsyncClient("owner/name", token="hf_token", oauth_token="hf_token")
    yield AsyncClient("http://h", auth=("user", "password"), headers={"X-A": "1"}, download_files=False)
    yield AsyncClient("http://h", ssl_verify="ca.pem", transport="httpx", httpx_kwargs={"timeout": 5.0})
    yield AsyncClient("http://h", transport=OwnTransport, max_workers=2, plugins=[], updates="raw")
    yield AsyncClient("http://h", timeouts=gradio_client.Timeouts(), retry=None)


async def call_on_a_loop(client: AsyncClient) -> None:
    async with client as entered:
        assert_type(entered, AsyncClient)
    await client.connect()
    assert_type(await client.predict("text", api_name="/run", headers={"X-A": "1"}), Any)
    await client.predict("text", timeout=2.5)
    async for result in client.map("/run", ["a", "b"], concurrency=5, progress=True):
        assert_type(result, Any)
    async with client.session() as session:
        assert_type(session, gradio_client.AsyncClientSession)
        assert_type(await session.predict("text", timeout=2.5), Any)
        assert_type(session.submit("text"), AsyncJob)
        assert_type(session.session_hash, str)
        session.reset()
    assert_type(client.submit(text="text", fn_index=0), AsyncJob)
    assert_type(await client.view_api(), str)
    assert_type(await client.view_api(True, return_format="dict"), dict[str, Any])  # noqa: FBT003
    assert_type(client.session_hash, str)
    client.reset_session()
    await client.aclose()


async def follow_async_job(job: AsyncJob) -> None:
    assert_type(await job, Any)
    assert_type(await job.result(), Any)
    async for output in job:
        assert_type(output, Any)
    async for event in job.events():
        tell(event)
    assert_type(job.outputs(), list[Any])
    assert_type(job.status(), utils.StatusUpdate | None)
    assert_type([job.done(), job.cancelled(), job.cancel()], list[bool])
    assert_type(job.exception(), BaseException | None)
    job.add_done_callback(print)


def tell(event: events.JobEvent) -> str:  # noqa: PLR0911 - one for each kind
    match event:
        case events.Queued(rank, queue_size, eta):
            return f"{rank} of {queue_size}, {eta} s"
        case events.Started(eta):
            return f"started, {eta} s"
        case events.Progressed(units):
            return ", ".join(str(unit.progress) for unit in units)
        case events.Logged(text, level):
            return f"{level}: {text}"
        case events.Output(value) | events.Completed(value):
            return str(value)
        case events.Failed(error):
            return str(error)
        case events.Cancelled():
            return "cancelled"


def handle(client: Client) -> None:
    try:
        client.predict("text")
    except exceptions.AppError as error:
        assert_type(error.message, str)
        assert_type(error.duration, float | None)
        assert_type((error.title, error.visible, error.print_exception), tuple[str, bool, bool])
    except exceptions.ConnectionLost as error:
        assert_type((error.app, error.endpoint, error.event_id), tuple[str | None, str | None, str | None])
    except (exceptions.QueueError, exceptions.TooManyRequestsError) as error:
        assert_type(error.retryable, bool)
    except exceptions.GradioClientError as error:
        assert_type(error.status, int | None)
        assert_type(error.body, str | None)


def know(status: utils.StatusUpdate) -> None:
    assert_type(status.code, utils.Status)
    assert_type(status.rank, int | None)
    assert_type(status.progress_data, list[utils.ProgressUnit] | None)
    assert_type(status.log, tuple[str, str] | None)
    assert_type(utils.Status.STARTING < utils.Status.FINISHED, bool)


def marked() -> None:
    assert_type(handle_file("a.png"), dict[str, Any])
    assert_type(file(Path("a.png")), dict[str, Any])
    assert_type(__version__, str)
    value: FileData = {"name": "a.png", "data": None}
    assert_type(value["name"], str | None)


def port() -> None:
    headers = Headers({"X-A": "1"})
    request = Request("POST", "http://h/x", headers, BytesBody(b"body"), Timeouts(connect=1.0, read=None))
    assert_type(request.headers.get("x-a"), str | None)
    assert_type(headers.get_all("set-cookie"), list[str])
    assert_type(headers["x-a"], str)


def listen(progress: Progress) -> None:
    assert_type(progress.kind, Literal["upload", "download", "job"])
    assert_type([progress.name, progress.done, progress.total], list[str | float | None])
    assert_type(progress.ended, bool)


def send_and_keep_files(client: Client, file: RemoteFile) -> None:
    client.predict(handle_file(b"x", name="a.txt"), handle_file(io.BytesIO()), handle_file(file))
    with Path("a").open("rb") as opened:
        assert_type(handle_file(opened), dict[str, Any])
    Client("http://h", download_files=Downloads("folder", when="final", max_files=None), progress=True)
    AsyncClient("http://h", download_files=Downloads(when="lazy", remove_on_close=True), progress=listen)
    assert_type([file.url, file.name, file.size, file.mime_type], list[str | int | None])
    assert_type(file.read(), bytes)
    assert_type([file.save("a"), file.save(), file.fetch()], list[Path])
    for piece in file.stream():
        assert_type(piece, bytes)
    assert_type(Path(file), Path)


async def keep_files(file: AsyncRemoteFile) -> None:
    assert_type(await file.read(), bytes)
    assert_type([await file.save(Path("a")), await file.fetch()], list[Path])
    async for piece in file.stream():
        assert_type(piece, bytes)
