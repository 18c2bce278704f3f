"""A transport that answers from a script, for tests that look at single requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeAlias
from urllib.parse import urlsplit

from gradio_client.testing.exchanges import InMemoryTransport, PlayedResponse, Reply, SeenRequest, played
from gradio_client.transport import Headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json
    from gradio_client.transport import Request

#: What answers a request: a reply, an error that sending meets, or a function that makes one of them.
Answer: TypeAlias = "Reply | Exception | Callable[[SeenRequest], Reply | Exception]"


class UnexpectedRequestError(AssertionError):
    """A request that no script foresaw. An ``AssertionError``: the test is at fault, or what it tests."""


class _Unset:
    """The class of ``_UNSET``, for ``None`` is JSON too."""


_UNSET = _Unset()


@dataclass(slots=True)
class _Expected:
    method: str
    path: str
    answer: Answer
    when: Callable[[SeenRequest], bool] | None
    json: Json | _Unset
    left: int | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def refuses(self, seen: SeenRequest) -> str | None:
        """Why this is not the answer to a request; None when it is, and ``""`` when it is nothing like it."""
        if seen.method != self.method or self._asked(seen) != self.path:
            return ""
        if self.left == 0:
            return "was given already; times=None gives it always"
        if not isinstance(self.json, _Unset) and _json_of(seen) != self.json:
            return "takes another body"
        if self.when is not None and not self.when(seen):
            return "has a when= that says no"
        return None

    def _asked(self, seen: SeenRequest) -> str:
        query = urlsplit(seen.url).query
        return f"{seen.path}?{query}" if "?" in self.path else seen.path


class ScriptedTransport(InMemoryTransport):
    """Answers requests as it was told to.

        transport = ScriptedTransport()
        transport.on("GET", "/config", Reply.json(config))
        transport.on("GET", "/gradio_api/info", Reply(status=404))
        client = Client("http://app.test", transport=transport)

    The first answer that fits a request is given to it. A request that none fits raises
    ``UnexpectedRequestError`` where it was sent, and once more in ``check``: a client reads streams in
    the background, where errors are seen only by their consequences.

    Args:
        in_order: whether requests must come in the order in which they were announced.

    Attributes:
        requests: all requests, answered or not, in their order.
    """

    def __init__(self, *, in_order: bool = False) -> None:
        super().__init__()
        self.requests: list[SeenRequest] = []
        self._in_order = in_order
        self._script: list[_Expected] = []
        self._unexpected: UnexpectedRequestError | None = None

    def on(
        self,
        method: str,
        path: str,
        answer: Answer,
        *,
        json: Json | _Unset = _UNSET,
        when: Callable[[SeenRequest], bool] | None = None,
        times: int | None = 1,
    ) -> Self:
        """Announce a request and its answer.

        Args:
            method: in upper case.
            path: the URL's path; with a query in it, the query has to be the same too.
            answer: a reply, an error to raise, or a function of the request that gives either.
            json: the body that the request has to have.
            when: says whether this is the request that is meant.
            times: how many requests are answered so; None for any number.
        """
        self._script.append(_Expected(method, path, answer, when, json, times))
        return self

    def check(self) -> None:
        """Fail if a request came that was not expected, or an expected one did not.

        Raises:
            AssertionError: either.
        """
        if self._unexpected is not None:
            raise self._unexpected
        missing = [str(one) for one in self._script if one.left]
        if missing:
            raise AssertionError(f"These requests never came: {', '.join(missing)}. {self._came()}")

    async def answer(self, seen: SeenRequest, request: Request) -> PlayedResponse:
        """Give the answer that the script has for a request."""
        self.requests.append(seen)
        answer = self._take(seen)
        given = answer(seen) if callable(answer) else answer
        if isinstance(given, Exception):
            raise given
        if given.gate is not None:
            await self.wait_for(given.gate, request)
        silence = request.timeouts.read
        return PlayedResponse(given.status, Headers(given.headers), played(given.chunks), silence=silence)

    def _take(self, seen: SeenRequest) -> Answer:
        for expected in self._script:
            if expected.refuses(seen) is None:
                if expected.left is not None:
                    expected.left -= 1
                return expected.answer
            if self._in_order and expected.left:
                break
        error = UnexpectedRequestError(self._complaint(seen))
        self._unexpected = self._unexpected or error
        raise error

    def _complaint(self, seen: SeenRequest) -> str:
        reasons = ((expected, expected.refuses(seen)) for expected in self._script)
        near = "".join(f" The answer to {expected} {reason}." for expected, reason in reasons if reason)
        left = [str(expected) for expected in self._script if expected.left != 0]
        then = f", then {', '.join(left[1:])}" if left[1:] else ""
        next_one = f"Expected next: {left[0]}{then}." if left else "Nothing more was expected."
        return f"{seen.label} was not expected.{near} {next_one} {self._came()}"

    def _came(self) -> str:
        return f"Seen: {', '.join(seen.label for seen in self.requests) or 'nothing'}."


def _json_of(seen: SeenRequest) -> Json:
    try:
        return seen.json
    except ValueError:
        return _UNSET
