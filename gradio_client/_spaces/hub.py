"""Asks the Hugging Face Hub, by way of huggingface_hub: its address, its session, its idea of the token.

huggingface_hub is imported only when the Hub is asked something.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from gradio_client._version import __version__
from gradio_client.domain.errors import AuthenticationError, ServerError, UnreachableError, Where
from gradio_client.domain.http import redirect, retry_after
from gradio_client.domain.hub import HubAnswer, hub_refusal
from gradio_client.domain.source import origin
from gradio_client.domain.spaces import delays
from gradio_client.transport.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from gradio_client.domain.values import JsonObject

logger = logging.getLogger("gradio_client.spaces")

T = TypeVar("T")

ANSWER_SECONDS = 30.0  # the longest that the Hub is given for one answer
TRIES = 4  # of a question that the Hub is too busy for
LONGEST_WAIT = 60.0  # seconds; a Hub that asks for more is not waited for
_REDIRECTS = 5

pause = asyncio.sleep  # between two questions; a name of its own, so that tests need not wait


class Hub:
    """The Hub, for one client. Leave its ``with`` block to let its threads end.

    Questions are asked on daemon threads: one that is never answered holds nothing up.

    Args:
        token: a Hugging Face token; None for the saved one or the environment's, if there is any.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token or None
        self._workers = Workers()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the threads end, each when it is done."""
        self._workers.close()

    async def address(self) -> str:
        """Where the Hub is: ``HF_ENDPOINT``, or https://huggingface.co."""
        return await self.run(_endpoint)

    async def get(self, path: str, doing: str, space_id: str) -> JsonObject:
        """Ask for an object; more than once where the Hub is busy or cannot be reached.

        Args:
            path: below ``/api``.
            doing: what it is for, such as ``"finding the Space"``; errors say so.
            space_id: the Space it is about.

        Raises:
            SourceError: there is no such Space, or none that the token gives access to.
            AuthenticationError: the token is refused.
            TooManyRequestsError: the Hub was asked too often.
            UnreachableError: the Hub could not be reached.
            ServerError: it answered something else.
        """
        answer = await self.answer(path, doing)
        if not answer.ok:
            raise hub_refusal(answer, doing, space_id)
        return answer.object()

    async def answer(self, path: str, doing: str) -> HubAnswer:
        """As ``get``, whatever the answer's status.

        Raises:
            UnreachableError: the Hub could not be reached.
        """
        waits = delays()
        for _ in range(TRIES - 1):
            try:
                answer = await self.once("GET", path)
            except UnreachableError as error:
                if not error.retryable:
                    raise
                wait, trouble = next(waits), str(error)
            else:
                if not answer.busy:
                    return answer
                asked = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
                wait, trouble = max(asked or 0.0, next(waits)), f"status {answer.status}"
                if wait > LONGEST_WAIT:
                    return answer
            logger.info("%s: the Hub does not answer (%s); asking again in %s s", doing, trouble, wait)
            await pause(wait)
        return await self.once("GET", path)

    async def once(self, method: str, path: str, body: JsonObject | None = None) -> HubAnswer:
        """Ask once.

        Raises:
            AuthenticationError: huggingface_hub cannot read the saved token.
            UnreachableError: the Hub could not be reached.
            ServerError: it redirects to another host.
        """
        return await self.run(lambda: _ask(self._token, method, path, body))

    def start(self, work: Callable[[], None]) -> None:
        """Let something that blocks, and does not raise, run on a thread."""
        self._workers.run(work)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of something that blocks, from a thread."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def act() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                tell(done.set_exception, error)
            else:
                tell(done.set_result, result)

        def tell(setter: Callable[..., None], value: object) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(lambda: None if done.done() else setter(value))

        self._workers.run(act)
        return await done


def space_path(space_id: str, *rest: str) -> str:
    """The path of a Space below ``/api``."""
    return "/".join(("spaces", *(quote(part, safe="") for part in space_id.split("/")), *rest))


def _endpoint() -> str:
    from huggingface_hub import constants  # noqa: PLC0415 - slow to import, and plain URLs never need it

    return constants.ENDPOINT.rstrip("/")


def _ask(token: str | None, method: str, path: str, body: JsonObject | None) -> HubAnswer:
    """Ask, and follow the redirects that stay on the Hub: token and body are for nobody else."""
    headers = _headers(token)
    url = f"{_endpoint()}/api/{path}"
    for _ in range(_REDIRECTS + 1):
        answer = _sent(method, url, headers, body)
        leads = redirect(method, url, answer.status, answer.headers.get("location"))
        if leads is None:
            return answer
        if not leads.same_origin:
            raise ServerError(
                f"The Hub at {origin(url)} redirects to another host, {origin(leads.url)}, which is not "
                "followed. If the Hub is there, set HF_ENDPOINT to it.",
                where=Where(status=answer.status),
            )
        method, url, body = leads.method, leads.url, body if leads.keeps_body else None
    raise ServerError(f"The Hub answered with more than {_REDIRECTS} redirects in a row. Check HF_ENDPOINT.")


def _headers(token: str | None) -> dict[str, str]:
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined] # noqa: PLC0415 - public

    try:
        headers: dict[str, str] = build_hf_headers(
            token=token, library_name="gradio_client", library_version=__version__
        )
    except Exception as error:  # noqa: BLE001 - looking for a token may read files, and ask servers
        failure = _no_token(error)
    else:
        return headers
    raise failure  # here, so that it has no context


def _no_token(error: Exception) -> AuthenticationError:
    cites = isinstance(error, ValueError)  # what is in the token's file, if that is no text
    said = type(error).__name__ if cites else f"{type(error).__name__}: {error}"
    failure = AuthenticationError(
        f"huggingface_hub could not read the saved token ({said}). Pass one as token='hf_...', or log in "
        "anew with `hf auth login`."
    )
    failure.__cause__ = None if cites else error
    return failure


def _sent(method: str, url: str, headers: dict[str, str], body: JsonObject | None) -> HubAnswer:
    from huggingface_hub import get_session  # noqa: PLC0415
    from huggingface_hub.errors import OfflineModeIsEnabled  # noqa: PLC0415

    try:
        response = get_session().request(
            method, url, headers=headers, json=body, timeout=ANSWER_SECONDS, follow_redirects=False
        )
    except OfflineModeIsEnabled as error:
        offline = UnreachableError(
            "HF_HUB_OFFLINE is set, so the Hub is not asked where the Space is. Unset it, or connect to the "
            "app's own URL."
        )
        offline.retryable = False
        raise offline from error
    except Exception as error:  # noqa: BLE001 - of httpx or httpx2, whichever huggingface_hub has
        failure = _unasked(url, error)
    else:
        found = {name.lower(): value for name, value in response.headers.items()}
        return HubAnswer(response.status_code, found, response.content, with_token="authorization" in headers)
    raise failure  # here, so that it has no context either


def _unasked(url: str, error: Exception) -> UnreachableError:
    """The error for a question that was not answered.

    Errors that cite what could not be sent or read, a token perhaps, are neither quoted nor kept.
    """
    kind, kinds = type(error).__name__, {base.__name__ for base in type(error).__mro__}
    start = f"The Hub at {origin(url)} could not be asked ({kind}"
    unsendable = isinstance(error, ValueError) and not isinstance(error, OSError)
    if unsendable or "LocalProtocolError" in kinds:
        failure = UnreachableError(
            f"{start}): something to be sent, such as the saved token, has characters that cannot be. "
            "Check HF_TOKEN, or the file of `hf auth login`."
        )
        failure.retryable = False
    elif "ProtocolError" in kinds:
        failure = UnreachableError(f"{start}).")
    else:
        failure = UnreachableError(f"{start}: {error}).")
        failure.__cause__ = error
    return failure
