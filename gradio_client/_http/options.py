"""All that a caller may say about HTTP: one dataclass for the core, made of ``httpx_kwargs`` and its kin.

``httpx_kwargs`` has the keys of httpx, which ``gradio_client`` 2.7.2 handed on to it; here they work with
every transport, and what cannot be honoured is refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradio_client._http import httpx_values as values
from gradio_client.domain.proxies import PROXY_VARIABLES, Proxies
from gradio_client.timeouts import Timeouts
from gradio_client.transport.tls import CA_VARIABLES, TLS, lazy_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from gradio_client._http.httpx_values import Pairs

SUPPORTED = (
    "auth", "cert", "cookies", "default_encoding", "follow_redirects", "headers", "http1", "http2", "limits",
    "max_redirects", "params", "proxies", "proxy", "timeout", "trust_env", "verify",
)  # fmt: skip

_OWN_TRANSPORT = "Pass an adapter with a client of your own as transport= instead."
_REFUSED = {
    "app": _OWN_TRANSPORT,
    "base_url": "The source that the client is made with says where the app is.",
    "event_hooks": "Pass plugins= to watch requests and add headers.",
    "mounts": "Pass 'proxies' by scheme and host for proxies, or a transport of your own with transport=.",
    "transport": _OWN_TRANSPORT,
}
_VARIABLES = frozenset(name for low in (*PROXY_VARIABLES, *CA_VARIABLES) for name in (low, low.upper()))
_POOL_SIZE = 100
_MAX_REDIRECTS = 10

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = ("content-length", "host", "transfer-encoding")  # they follow from the request


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Checked settings. What may be secret is not in the ``repr``.

    Attributes:
        timeouts: how patient the client is.
        proxies: which URL goes through which proxy.
        tls: gives the context of TLS connections when it is needed.
        headers: additional fields for the app's origin, each name once.
        cookies: the caller's own cookies for the app.
        params: query parameters for the app's origin.
        basic_auth: user and password for HTTP's Basic scheme.
        follow_redirects: whether redirects are followed.
        max_redirects: how many in a row.
        pool_size: how many idle connections are kept.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    proxies: Proxies = field(default_factory=Proxies)
    tls: Callable[[], ssl.SSLContext] = field(default_factory=lambda: TLS(verify=True))
    headers: Pairs = field(default=(), repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Pairs = field(default=(), repr=False)
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    follow_redirects: bool = True
    max_redirects: int = _MAX_REDIRECTS
    pool_size: int = _POOL_SIZE


def http_options(
    httpx_kwargs: Mapping[str, Any] | None,
    *,
    ssl_verify: Any = True,
    headers: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
    environ: Mapping[str, str],
) -> HttpOptions:
    """Check and translate what the caller said. Nothing is sent, opened or changed.

    Args:
        httpx_kwargs: settings by their names in httpx.
        ssl_verify: as ``verify`` there; only one of the two may differ from True.
        headers: fields that win over those in ``httpx_kwargs``.
        timeouts: how patient to be; not beside ``timeout`` in ``httpx_kwargs``.
        environ: the environment; what matters of it is copied.

    Raises:
        TypeError: a key is unknown or cannot be honoured, or a value has the wrong type.
        ValueError: a value makes no sense.
        OSError: a file with certificates does not exist.
    """
    given = _known(httpx_kwargs)
    trusts = values.flag(_name("trust_env"), given.get("trust_env", True))
    environment = {key: environ[key] for key in _VARIABLES & environ.keys()} if trusts else {}
    fields, cookies = _headers_and_cookies(given, headers)
    _check_protocol(given)
    return HttpOptions(
        timeouts=_timeouts(given, timeouts),
        proxies=Proxies(_proxies(given), environment),
        tls=_tls(given, ssl_verify, environment),
        headers=fields,
        cookies=cookies,
        params=values.params(_name("params"), given.get("params")),
        basic_auth=values.basic_auth(_name("auth"), given.get("auth")),
        follow_redirects=values.flag(_name("follow_redirects"), given.get("follow_redirects", True)),
        max_redirects=values.count(_name("max_redirects"), given.get("max_redirects", _MAX_REDIRECTS)),
        pool_size=values.pool_size(_name("limits"), given.get("limits"), _POOL_SIZE),
    )


def header_pairs(headers: Any, source: str = "headers=") -> Pairs:
    """Header fields of a mapping or a list of pairs, checked; of a repeated name the last.

    Args:
        headers: the fields; values may have spaces around them, which are dropped.
        source: the argument's name, for errors; they never repeat a value.

    Raises:
        TypeError: a name or a value is not text.
        ValueError: a name or a value cannot be sent, or a field is not the caller's to set.
    """
    found = {}
    for name, value in values.items(source, headers):
        if not isinstance(name, str):
            raise TypeError(f"{source} takes texts as names of headers, not {type(name).__name__}.")
        if name.lower() in _FRAMING:
            raise ValueError(f"{source}: the header {name!r} follows from the request and cannot be set.")
        found[name.lower()] = name, header_value(source, name, value)
    return tuple(found.values())


def header_value(source: str, name: str, value: Any) -> str:
    """The value of a header without the spaces around it, when it and the name can be sent.

    Raises:
        TypeError, ValueError: as ``header_pairs`` does.
    """
    shown = repr(name[:80])
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{source}: {shown} cannot be the name of a header.")
    if not isinstance(value, str):
        raise TypeError(
            f"{source}: the value of the header {shown} must be text, not {type(value).__name__}."
        )
    text = value.strip(" \t")
    if _CONTROL.search(text):
        raise ValueError(
            f"{source}: the value of the header {shown} holds a line break or another control character. "
            "If it was read from a file, strip() it."
        )
    if not text.isascii():
        raise ValueError(
            f"{source}: the value of the header {shown} holds characters outside ASCII, which HTTP "
            "libraries encode differently. Percent-encode it."
        )
    return text


def _known(httpx_kwargs: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if httpx_kwargs is None:
        return {}
    if not isinstance(httpx_kwargs, Mapping):
        raise TypeError(f"httpx_kwargs= takes a dictionary, not {type(httpx_kwargs).__name__}.")
    for key, value in httpx_kwargs.items():
        if key in SUPPORTED:
            continue
        if key not in _REFUSED:
            raise TypeError(_unknown(str(key)))
        if value:
            raise TypeError(f"{_name(key)} cannot be honoured. {_REFUSED[key]} {_supported()}")
    return httpx_kwargs


def _unknown(key: str) -> str:
    nearest = difflib.get_close_matches(key, SUPPORTED, n=1)
    meant = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return f"httpx_kwargs= has no key {key[:80]!r}.{meant} {_supported()}"


def _supported() -> str:
    return f"Supported: {', '.join(SUPPORTED)}."


def _name(key: str) -> str:
    return f"httpx_kwargs[{key!r}]"


def _timeouts(given: Mapping[str, Any], timeouts: Timeouts | None) -> Timeouts:
    if timeouts is not None and not isinstance(timeouts, Timeouts):
        raise TypeError(f"timeouts= takes gradio_client.Timeouts(...), not {_named(type(timeouts))}.")
    if "timeout" not in given:
        return timeouts or Timeouts()
    if timeouts is not None:
        raise TypeError(f"timeouts= and {_name('timeout')} contradict each other; pass one of them.")
    return values.timeouts(_name("timeout"), given["timeout"])


def _proxies(given: Mapping[str, Any]) -> Mapping[str, str | None]:
    both = [key for key in ("proxy", "proxies") if given.get(key) is not None]
    if len(both) > 1:
        raise TypeError("httpx_kwargs= has both 'proxy' and 'proxies'; pass one of them.")
    return values.proxies(_name(both[0]), given[both[0]]) if both else {}


def _tls(
    given: Mapping[str, Any], ssl_verify: Any, environ: Mapping[str, str]
) -> Callable[[], ssl.SSLContext]:
    verify, name = ssl_verify, "ssl_verify="
    if "verify" in given and given["verify"] is not ssl_verify:
        if ssl_verify is not True:
            raise TypeError(f"ssl_verify= and {_name('verify')} contradict each other; pass one of them.")
        verify, name = given["verify"], _name("verify")
    return lazy_context(verify, given.get("cert"), environ, names=(name, _name("cert")))


def _headers_and_cookies(given: Mapping[str, Any], headers: Any) -> tuple[Pairs, dict[str, str]]:
    """The fields, without ``Cookie``: what that says is kept with the cookies that the app sets."""
    fields: dict[str, tuple[str, str]] = {}
    for source, value in ((_name("headers"), given.get("headers")), ("headers=", headers)):
        if value is not None:
            fields |= {name.lower(): (name, text) for name, text in header_pairs(value, source)}
    _, line = fields.pop("cookie", ("", ""))
    pairs = (part.partition("=") for part in line.split(";") if part.strip())
    from_header = {name.strip(): text.strip() for name, _, text in pairs}
    cookies = values.cookies("headers= with Cookie", from_header)
    return tuple(fields.values()), cookies | values.cookies(_name("cookies"), given.get("cookies"))


def _check_protocol(given: Mapping[str, Any]) -> None:
    if values.flag(_name("http2"), given.get("http2", False)):
        raise TypeError(f"{_name('http2')} cannot be True: the transports speak HTTP/1.1. Leave it out.")
    if not values.flag(_name("http1"), given.get("http1", True)):
        raise TypeError(f"{_name('http1')} cannot be False: the transports speak HTTP/1.1. Leave it out.")


def _named(kind: type) -> str:
    """A class with its module, for there are two called ``Timeouts``."""
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
