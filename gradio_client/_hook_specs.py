"""What plugins may implement, and what they are told. Everything here is public by ``gradio_client.hooks``.

A hook's arguments are only ever added to: an implementation takes those that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pluggy

from gradio_client.transport import Transport, TransportOptions

if TYPE_CHECKING:
    from gradio_client.auth import Auth
    from gradio_client.domain.events import JobEvent
    from gradio_client.domain.refusals import Purpose

PROJECT = "gradio_client"

TransportFactory: TypeAlias = Callable[[TransportOptions], Transport]

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The client that asks.

    Attributes:
        source: what it was made with: a URL, or a Space as ``owner/name``.
        url: the app's address, without a slash at its end.
        space_id: ``owner/name`` when the source is a Space, else None.
    """

    source: str
    url: str
    space_id: str | None = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RequestContext:
    """One request that is about to be sent; every try and every redirect has a context of its own.

    Contexts are compared by identity, so they can be keys.

    Attributes:
        client: whose request it is.
        purpose: what it is for: ``"login"``, ``"config"``, ``"info"``, ``"join"`` (submits a job),
            ``"stream"``, ``"heartbeat"``, ``"upload"``, ``"download"`` or ``"cancel"``.
        method: in upper case.
        url: where it goes, without its query, which may hold secrets.
        same_origin: whether that is the app's own origin, and no other host has redirected the request
            there. What a plugin returns for others is not sent.
        api_name: the endpoint of the call it belongs to, as ``"/name"`` or ``"fn_index=N"``; None for
            requests that serve no single call: config, info, login, heartbeat and a shared stream.
        attempt: 1, and one more each time that it is sent again: after a login that a 401 asked for, an
            answer such as 503, a refused connection, or a kept one that had been dropped. Where a
            redirect leads, the number stays.
    """

    client: ClientInfo
    purpose: Purpose
    method: str
    url: str
    same_origin: bool
    api_name: str | None
    attempt: int


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Exchange:
    """A request and its response, for observers. Compared by identity.

    Attributes:
        context: the same object that the request's header hooks get.
    """

    context: RequestContext


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an exchange ended.

    Attributes:
        status: of the response; None when there was none.
        error: what happened instead of a response, or broke it off; None when all went well.
        seconds: from the decision to send until the response was read and released.
        sent: bytes of the request's body; None when that was not known beforehand.
        received: bytes of the response's body as they came.
    """

    status: int | None
    error: BaseException | None
    seconds: float
    sent: int | None
    received: int


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class JobInfo:
    """One job, for observers. Every event of a job comes with the same object; compared by identity.

    Attributes:
        client: whose job it is.
        api_name: the endpoint as ``"/name"``, or ``"fn_index=N"`` when it has none.
    """

    client: ClientInfo
    api_name: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The call was accepted by the client; nothing was sent yet."""


@hookspec
def gradio_client_register_transports(register: Callable[[str, TransportFactory], None]) -> None:
    """Offer transports by name: ``register("mine", factory)``; import the library inside the factory."""


@hookspec
def gradio_client_request_headers(context: RequestContext) -> Mapping[str, str] | None:
    """Headers for one request, or None for none. They override the defaults, and not the caller's.

    Called on the event loop for every request, in the context (``contextvars``) of the call that it
    belongs to; must not block. What is returned for another origin than the app's is not sent; a
    ``Cookie`` is sent with those of the app. An error stops the request: the caller gets a
    ``PluginError``.
    """


@hookspec
def gradio_client_auth(client: ClientInfo) -> Auth | None:
    """How to log in to this app, or None to leave it to the next plugin.

    Asked once per client, when it connects, unless it was made with ``auth=``. An error stops it.
    """


@hookspec
def gradio_client_exchange_started(exchange: Exchange) -> None:
    """A request is about to be sent; its header hooks are asked next. Must not block.

    An error is logged once for each plugin, and the request goes on.
    """


@hookspec
def gradio_client_exchange_finished(exchange: Exchange, outcome: Outcome) -> None:
    """An exchange is over: the same object as in ``gradio_client_exchange_started``. Must not block.

    A redirect is an exchange of its own. An error is logged once for each plugin.
    """


@hookspec
def gradio_client_job_event(client: ClientInfo, job: JobInfo, event: Submitted | JobEvent) -> None:
    """Something happened to a job: first ``Submitted``, last ``Completed``, ``Failed`` or ``Cancelled``.

    Called in that job's order, on the event loop; must not block. The values in events are the
    caller's: do not change them. What is set in ``contextvars`` for ``Submitted`` is seen by the
    job's requests. An error is logged once for each plugin, and the job goes on.
    """
