"""Secrets in every place where one can enter, each with a mark of its own, and a search for them."""

from __future__ import annotations

import base64
import gc
import pickle
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gradio_client_plugins.oauth import ClientCredentials

from gradio_client.auth import FormLogin
from gradio_client.hooks import RequestContext, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PLACES = (
    "token", "oauth", "password", "header", "call", "kwargs_header", "cookie", "param", "basic", "proxy",
    "environment", "query", "userinfo", "plugin", "client_secret", "session", "bearer", "certificate",
)  # fmt: skip
#: The secrets by their places. Made up when it runs, so that no line of source in a traceback has one.
SECRETS = {place: f"{place}-{'x'.join('SECRET')}-{len(place)}" for place in _PLACES}


class AddingPlugin:
    """A plugin that adds a secret header."""

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> dict[str, str] | None:
        return {"X-Plugin": SECRETS["plugin"]} if context.same_origin else None


def given() -> dict[str, Any]:
    """Arguments of a client, with a secret wherever one fits."""
    return {
        "token": SECRETS["token"],
        "oauth_token": SECRETS["oauth"],
        "auth": ("ada", SECRETS["password"]),
        "headers": {"X-Mine": SECRETS["header"], "Authorization": f"Bearer {SECRETS['bearer']}"},
        "httpx_kwargs": {
            "headers": {"X-Also": SECRETS["kwargs_header"]},
            "cookies": {"mine": SECRETS["cookie"]},
            "params": {"key": SECRETS["param"]},
            "auth": ("bob", SECRETS["basic"]),
        },
        "plugins": [AddingPlugin()],
        "verbose": False,
    }


def with_proxy(url: str) -> str:
    """The URL of a proxy that wants a password."""
    return url.replace("://", f"://carol:{SECRETS['proxy']}@")


def other_auths() -> list[Any]:
    """Ways to log in, which hold secrets."""
    secret = SECRETS["client_secret"]
    return [
        FormLogin("ada", SECRETS["password"]),
        ClientCredentials("https://login.example/token", "me", secret),
    ]


def found(*texts: str | bytes) -> list[str]:
    """The places whose secrets are in some texts, as they are or encoded."""
    everything = b"\n".join(
        text if isinstance(text, bytes) else text.encode("utf-8", "replace") for text in texts
    )
    return [place for place, secret in SECRETS.items() if any(form in everything for form in _forms(secret))]


def texts_of(error: BaseException) -> Iterator[str]:
    """All that can be seen of an error: its text, its parts, its traceback, and those of what caused it."""
    yield "".join(traceback.format_exception(error))
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        one = chain.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield f"{one!r} {one} {one.args!r} {vars(one)!r}"
        chain += [one.__cause__, one.__context__]


def not_pickled(value: object) -> Iterator[str]:
    """What can be seen of the refusal to pickle a value."""
    try:
        pickle.dumps(value)
    except TypeError as error:
        yield from texts_of(error)
    else:
        raise AssertionError(f"{type(value).__name__} was pickled")


def ours_within(*roots: object) -> list[object]:
    """Every object of this project's classes reachable from some objects, but for the test's app."""
    seen: dict[int, object] = {}
    todo: list[Any] = list(roots)
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type) or type(one).__name__ in ("module", "function", "frame"):
            continue
        seen[id(one)] = one
        todo += gc.get_referents(one)
    return [one for one in seen.values() if _is_ours(type(one).__module__)]


def _is_ours(module: str) -> bool:
    # The task that runs a test leads to the test's app, which has seen every secret.
    return module.startswith("gradio_client") and not module.startswith("gradio_client_contract_tests")


def reprs(objects: Iterable[object]) -> Iterator[str]:
    for one in objects:
        yield f"{one!r} {one}"


def _forms(secret: str) -> list[bytes]:
    """A secret as it is, and within Basic credentials, whose bytes depend on what is before it."""
    encoded = [base64.b64encode(f"{user}:{secret}".encode())[4:-4] for user in ("ada", "bob", "carol", "me")]
    return [secret.encode(), quote(secret).encode(), *encoded]
