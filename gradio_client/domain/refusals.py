"""What an HTTP answer other than success means, by the request it answers.

Protocol sections 2 (configuration), 3.1 (login), 5.4 (join), 7.1 (upload) and 7.4 (download).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from gradio_client.domain.errors import (
    AuthenticationError,
    DownloadError,
    FileTooLargeError,
    GradioClientError,
    QueueError,
    ServerError,
    TooManyRequestsError,
    ValidationError,
    Where,
)
from gradio_client.domain.http import body_head, detail_of
from gradio_client.domain.json_text import parsed
from gradio_client.domain.retry import BUSY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradio_client.domain.values import Json

#: What a request is for; hooks and errors name it.
Purpose: TypeAlias = Literal[
    "login", "config", "info", "join", "stream", "heartbeat", "upload", "download", "cancel"
]

_DOING = {
    "login": "logging in",
    "config": "reading the app's configuration",
    "info": "reading the API description",
    "join": "submitting the job",
    "stream": "opening the job's stream",
    "heartbeat": "opening the heartbeat",
    "upload": "uploading a file",
    "download": "downloading a file",
    "cancel": "cancelling the job",
}

#: What a caller can do who gave nothing to log in with.
LOG_IN = (
    "Pass auth=(user, password) for the app's own login; for a token, auth=BearerToken(...) of "
    "gradio_client.auth; for single sign-on, install the plugin that knows it."
)


def refusal(
    purpose: Purpose,
    status: int,
    body: bytes,
    *,
    content_type: str | None = None,
    app: str | None = None,
    tried: Sequence[str] = (),
) -> GradioClientError:
    """The error that an unsuccessful answer stands for; ``tried`` is what the client logged in with."""
    where = Where(app=app, status=status, body=body_head(body, content_type) or None)
    if status == 401 or (purpose == "login" and status == 400):
        return AuthenticationError(_login_text(purpose, status, body, tried), where=where)
    if status == 429:
        return TooManyRequestsError(
            f"The server refused {_DOING[purpose]}: too many requests (status 429). Try again later.",
            where=where,
        )
    if status == 413:
        return FileTooLargeError(
            f"The server refused {_DOING[purpose]}: that was too much (status 413){_because(body)}.",
            where=where,
        )
    if purpose == "join":
        return _join_refusal(status, body, where)
    if status == 403 and purpose in ("upload", "download"):
        return _forbidden_file(purpose, body, where)
    kind = DownloadError if purpose == "download" else ServerError
    error = kind(f"The server answered {status} to {_DOING[purpose]}{_because(body)}.", where=where)
    error.retryable = status in BUSY and purpose != "download"  # then the job has run
    return error


def login_elsewhere(host: str, app: str) -> DownloadError:
    """The error for a 401 of another host than the app's, to which nothing of the caller's is sent."""
    return DownloadError(
        f"{host}, where the app keeps the file, wants a login (status 401), and the client logs in to the "
        "app alone. With download_files=False you get the file's address, to fetch it yourself.",
        where=Where(app=app, status=401),
    )


def _forbidden_file(purpose: Purpose, body: bytes, where: Where) -> GradioClientError:
    if purpose == "download":
        return DownloadError(
            f"The server does not give the file out (status 403){_because(body)}. "
            "It is gone, or the app does not offer it.",
            where=where,
        )
    return AuthenticationError(
        f"The server forbids {_DOING[purpose]} (status 403){_because(body)}. "
        "Pass the credentials it wants by token=, auth= or headers=.",
        where=where,
    )


def _login_text(purpose: Purpose, status: int, body: bytes, tried: Sequence[str]) -> str:
    if purpose == "login":
        return f"The app refused the user name and password{_because(body)}. Check auth=(user, password)."
    because = _because(body) if _is_json(body) else ""
    if tried:
        return (
            f"The server refused {_DOING[purpose]} (status {status}){because}, although the client used "
            f"{' and '.join(tried)}. Check that it is still valid, and meant for this app."
        )
    if _is_json(body):
        return f"The app wants a login before {_DOING[purpose]} (status {status}){because}. {LOG_IN}"
    return (
        f"A proxy in front of the app refused {_DOING[purpose]} (status {status}). A private Space needs "
        "token=...; other gateways need headers={...}, auth=BearerToken(...) or a plugin."
    )


def _join_refusal(status: int, body: bytes, where: Where) -> GradioClientError:
    if status == 503:
        return QueueError(
            f"The app's queue did not take the job{_because(body)}. Try again later.", where=where
        )
    if status == 422 and (refused := _refused_parameters(body)):
        lines = "\n".join(f"- {name}: {text}" for name, text in refused)
        return ValidationError(f"{len(refused)} parameter(s) failed validation:\n{lines}", where=where)
    if status == 422:
        return ValidationError(f"The server did not accept the request{_because(body)}.", where=where)
    return ServerError(
        f"The server answered {status} to submitting the job{_because(body)}. "
        "It may have been restarted with other endpoints, or this may be another replica of it.",
        where=where,
    )


def _refused_parameters(body: bytes) -> list[tuple[str, str]]:
    detail = _loads(body)
    entries = detail.get("detail") if isinstance(detail, dict) else None
    if not isinstance(entries, list):
        return []
    return [
        (str(entry.get("parameter_name") or f"parameter_{index}"), str(entry.get("message", "")))
        for index, entry in enumerate(entries)
        if isinstance(entry, dict) and entry.get("__type__") == "validate" and entry.get("is_valid") is False
    ]


def _because(body: bytes) -> str:
    said = _said(body)
    return f": {said}" if said else ""


def _said(body: bytes) -> str:
    return (detail_of(body) or body_head(body, None)).rstrip(". ")


def _is_json(body: bytes) -> bool:
    return isinstance(_loads(body), dict)


def _loads(body: bytes) -> Json:
    try:
        return parsed(body)
    except ValueError:
        return None
