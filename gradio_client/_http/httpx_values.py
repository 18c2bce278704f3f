"""What single values of ``httpx_kwargs`` mean, without importing any HTTP library.

Objects of httpx, requests and aiohttp are known by their attributes. Every function raises TypeError
for what it does not know and ValueError for what makes no sense, naming the setting; none repeats
a value that may be secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote

from gradio_client.timeouts import Timeouts, seconds_or_none

_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PARTS_OF_TIMEOUT = ("connect", "read", "write", "pool")

Pairs = tuple[tuple[str, str], ...]


def timeouts(name: str, value: Any) -> Timeouts:
    """The client's limits; that on the silence of streams is not httpx's to say.

    A pool has no limit here, so nothing waits for it; httpx's ``write`` counts for files only, since
    everything else is sent at once.
    """
    connect, read, write = (seconds_or_none(name, part) for part in _timeout_parts(name, value))
    transfer = None if read is None or write is None else max(read, write)
    return Timeouts(connect, read, transfer)


def _timeout_parts(name: str, value: Any) -> tuple[Any, Any, Any]:
    if value is None or _is_number(value):
        return value, value, value
    if isinstance(value, tuple | list) and len(value) in (2, 4):
        return value[0], value[1], value[2] if len(value) == 4 else value[1]
    if hasattr(value, "connect") and hasattr(value, "read"):
        return value.connect, value.read, getattr(value, "write", value.read)
    raise TypeError(
        f"{name} takes seconds, None for no limit, (connect, read), {_PARTS_OF_TIMEOUT} or an object with "
        f"these attributes such as httpx.Timeout, not {type(value).__name__}."
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def proxies(name: str, value: Any) -> Mapping[str, str | None]:
    """Proxy URLs by what they are for; one URL is for all."""
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"{name} takes texts such as 'http://' as keys.")
        return {key: _proxy_url(name, proxy) for key, proxy in value.items()}
    return {"all://": _proxy_url(name, value)}


def _proxy_url(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if hasattr(value, "scheme") and hasattr(value, "host"):  # httpx.URL, yarl.URL
        return str(value)
    if not hasattr(value, "url"):
        raise TypeError(f"{name} takes the URL of a proxy or an httpx.Proxy, not {type(value).__name__}.")
    if getattr(value, "headers", None) or getattr(value, "ssl_context", None):
        raise TypeError(f"{name} has a proxy with headers or a context of its own, which is not supported.")
    scheme, separator, rest = str(value.url).partition("://")
    auth = getattr(value, "auth", None)
    login = f"{quote(auth[0], safe='')}:{quote(auth[1], safe='')}@" if auth else ""
    return f"{scheme}{separator}{login}{rest}"


def items(name: str, value: Any) -> list[tuple[Any, Any]]:
    """The pairs of a mapping, of httpx's kinds of mapping with repeated keys, or of a list of pairs."""
    multiple = getattr(value, "multi_items", None)
    if callable(multiple):
        return list(multiple())
    if isinstance(value, Mapping):
        return list(value.items())
    if not isinstance(value, list | tuple) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in value
    ):
        raise TypeError(f"{name} takes a mapping or a list of pairs, not {type(value).__name__}.")
    return [(key, item) for key, item in value]


def cookies(name: str, value: Any) -> dict[str, str]:
    """Cookies by name."""
    if value is None:
        return {}
    jar = getattr(value, "jar", value)
    found = _of_jar(name, jar) if hasattr(jar, "set_cookie_if_ok") else items(name, value)
    for key, text in found:
        _check_cookie(name, key, text)
    return dict(found)


def _of_jar(name: str, jar: Iterable[Any]) -> list[tuple[Any, Any]]:
    kept = list(jar)
    if bound := sorted({cookie.domain for cookie in kept if cookie.domain}):
        raise TypeError(
            f"{name} holds cookies of certain hosts ({', '.join(bound)[:100]}), which the app may not be "
            "meant to see. Pass those for the app as {name: value}."
        )
    return [(cookie.name, cookie.value or "") for cookie in kept]


def _check_cookie(name: str, key: Any, text: Any) -> None:
    if not isinstance(key, str) or not isinstance(text, str):
        raise TypeError(f"{name}: the cookie {str(key)[:80]!r} must have text as its name and value.")
    if not _COOKIE_NAME.fullmatch(key):
        raise ValueError(f"{name}: {key[:80]!r} cannot be the name of a cookie.")
    if not text.isascii() or (text and not text.isprintable()) or ";" in text:
        raise ValueError(
            f"{name}: the value of the cookie {key!r} holds what no cookie can. Percent-encode it."
        )


def params(name: str, value: Any) -> Pairs:
    """Query parameters; of a list each element is one."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(parse_qsl(value.removeprefix("?"), keep_blank_values=True))
    return tuple(
        (_param_text(name, key), _param_text(name, one))
        for key, several in items(name, value)
        for one in (several if isinstance(several, list | tuple) else [several])
    )


def _param_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"{name} takes texts, numbers, booleans and None, not {type(value).__name__}.")


def basic_auth(name: str, value: Any) -> tuple[str, str] | None:
    """User and password for HTTP's Basic scheme."""
    if value is None:
        return None
    pair = _login(value)
    if pair is None:
        raise TypeError(
            f"{name} takes (user, password) for Basic authentication, or a library's BasicAuth, not "
            f"{type(value).__name__}. For other schemes pass headers=, or a transport of your own."
        )
    if ":" in pair[0]:
        raise ValueError(f"{name}: the user name holds a colon, which Basic authentication cannot say.")
    return pair


def _login(value: Any) -> tuple[str, str] | None:
    kind = type(value).__name__
    if kind == "HTTPBasicAuth":  # of requests; its digest class has the same attributes, but another name
        pair = (value.username, value.password)
    elif kind == "BasicAuth" and hasattr(value, "login"):  # of aiohttp
        pair = (value.login, value.password)
    elif kind == "BasicAuth" and hasattr(value, "auth_flow"):  # of httpx
        return _login_of_flow(value.auth_flow)
    else:
        pair = tuple(value) if isinstance(value, tuple | list) else ()
    return pair if len(pair) == 2 and all(isinstance(part, str) for part in pair) else None


def _login_of_flow(flow: Callable[[Any], Iterable[Any]]) -> tuple[str, str] | None:
    """What an httpx.BasicAuth writes into a request, which is the only way to ask it."""
    request = SimpleNamespace(headers={})
    next(iter(flow(request)), None)
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if scheme == "Basic" and colon else None


def pool_size(name: str, value: Any, default: int) -> int:
    """How many idle connections to keep.

    ``max_connections`` counts only where ``max_keepalive_connections`` is not given: nothing limits
    connections in use, since streams hold theirs for hours.
    """
    if value is None:
        return default
    if not hasattr(value, "max_connections"):
        raise TypeError(f"{name} takes an httpx.Limits, not {type(value).__name__}.")
    kept = getattr(value, "max_keepalive_connections", None)
    size = value.max_connections if kept is None else kept
    return default if size is None else count(name, size)


def flag(name: str, value: Any) -> bool:
    """True or False, and nothing that merely counts as one."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} takes True or False, not {type(value).__name__}.")
    return value


def count(name: str, value: Any) -> int:
    """A whole number, 0 or more."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} takes a whole number, not {type(value).__name__}.")
    if value < 0:
        raise ValueError(f"{name} takes 0 or more, not {value!r}.")
    return value
