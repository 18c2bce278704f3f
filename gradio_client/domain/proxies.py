"""Which proxy a URL goes through: the caller's choice, or the environment's."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

from gradio_client.domain.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The variables that matter, in lower case; all but the last also count in upper case.
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method")

_SUPPORTED = "http:// and https:// proxies are supported; socks5:// and others are not"
_KEYS = "'http://', 'https://', 'all://', or one of these with a host and port"
_KEY = re.compile(
    r"(?P<scheme>http|https|all)(?:://(?P<host>[\w.*~-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?)?/?",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CACHED = 256  # origins whose answer is remembered

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy of each URL. Immutable, and silent about credentials.

    Proxies that the caller chose replace those of the environment altogether, as they do in httpx.

    Args:
        explicit: proxy URLs by what they are for: ``"http"``, ``"https"`` or ``"all"``, with or without
            ``"://"``, a host and a port behind that (``"https://example.com"``, ``"all://*.local:8080"``).
            The most specific key wins; None means no proxy.
        environment: variables, of which the usual ones count (``HTTP_PROXY``, ``HTTPS_PROXY``,
            ``ALL_PROXY``, ``NO_PROXY``); in lower case they win. Empty to ignore the environment.

    Raises:
        ValueError: an explicit key or proxy is unusable; so is one with a user or password outside ASCII.
    """

    explicit: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    _rules: tuple[_Rule, ...] = field(init=False, repr=False, compare=False)
    _exempt: tuple[_Exemption, ...] = field(init=False, repr=False, compare=False)
    _known: dict[str, str | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = _explicit_rules(self.explicit) or _environment_rules(self.environment)
        exempt = () if self.explicit else _exemptions(_variable(self.environment, "no_proxy"))
        object.__setattr__(self, "_rules", rules)
        object.__setattr__(self, "_exempt", exempt)
        object.__setattr__(self, "_known", {})

    def __repr__(self) -> str:
        names = [name for name in PROXY_VARIABLES if _variable(self.environment, name)]
        return f"Proxies(explicit={sorted(self.explicit)}, environment={names})"

    def proxy_for(self, url: str) -> str | None:
        """The URL of the proxy for a URL, credentials included; None for a direct connection.

        Text that is no http(s) URL has no proxy.

        Raises:
            UnreachableError: the environment names a proxy that cannot be used.
        """
        if not self._rules:
            return None
        end = url.find("/", 8)  # behind the authority; one answer does for all URLs of an origin
        key = url if end < 0 else url[:end]
        try:
            return self._known[key]
        except KeyError:
            return self._look_up(key)

    def _look_up(self, key: str) -> str | None:
        target = _parse_target(key)
        rule = None if target is None else self._rule_for(target)
        if rule is not None and rule.problem:
            raise UnreachableError(rule.problem)
        if len(self._known) >= _CACHED:
            self._known.clear()
        return self._known.setdefault(key, rule.proxy if rule else None)

    def _rule_for(self, target: _Target) -> _Rule | None:
        rule = next((rule for rule in self._rules if rule.covers(target)), None)
        if rule is None or any(exemption.covers(target) for exemption in self._exempt):
            return None
        return rule


@dataclass(frozen=True, slots=True)
class _Target:
    """What of a URL decides about its proxy."""

    scheme: str
    host: str
    port: int
    address: ipaddress.IPv4Address | ipaddress.IPv6Address | None


@dataclass(frozen=True, slots=True)
class _Rule:
    scheme: str  # or "all"
    host: str  # "" for any; "*.x" for what is below x, "*x" for x too
    port: int | None
    proxy: str | None = field(repr=False)
    problem: str = ""  # why the environment's proxy cannot be used

    @property
    def weight(self) -> tuple[bool, int, bool]:
        """The more specific, the greater."""
        return self.port is not None, len(self.host), self.scheme != "all"

    def covers(self, target: _Target) -> bool:
        if self.scheme not in ("all", target.scheme) or self.port not in (None, target.port):
            return False
        if self.host.startswith("*."):
            return target.host.endswith(self.host[1:])
        if self.host.startswith("*"):
            return target.host == self.host[1:] or target.host.endswith("." + self.host[1:].lstrip("."))
        return self.host in ("", target.host)


@dataclass(frozen=True, slots=True)
class _Exemption:
    """One entry of ``NO_PROXY``: a domain with all below it, or a network; for one port or all."""

    domain: str
    network: _Network | None
    port: int | None

    def covers(self, target: _Target) -> bool:
        if self.port not in (None, target.port):
            return False
        if self.network is not None:
            return target.address is not None and target.address in self.network
        if self.domain in ("*", target.host):
            return True
        return target.address is None and target.host.endswith("." + self.domain)


def _parse_target(url: str) -> _Target | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in _DEFAULT_PORTS:
        return None
    host = host.removesuffix(".")
    return _Target(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], _address(host))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])  # without the zone of fe80::1%eth0
    except ValueError:
        return None


def _explicit_rules(explicit: Mapping[str, str | None]) -> tuple[_Rule, ...]:
    rules = [_explicit_rule(key, proxy) for key, proxy in explicit.items()]
    return tuple(sorted(rules, key=lambda rule: rule.weight, reverse=True))


def _explicit_rule(key: str, proxy: str | None) -> _Rule:
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(f"A proxy is given for {key[:80]!r}, which is no key for proxies. Use {_KEYS}.")
    host = (found["host"] or "").lower().strip("[]")
    port = int(found["port"]) if found["port"] else None
    url, problem = _checked(proxy) if proxy is not None else (None, "")
    if problem:
        raise ValueError(f"The proxy for {key!r} {problem}.")
    return _Rule(found["scheme"].lower(), "" if host == "*" else host, port, url)


def _environment_rules(environment: Mapping[str, str]) -> tuple[_Rule, ...]:
    rules = []
    for scheme in ("http", "https", "all"):
        name = f"{scheme}_proxy"
        if text := _variable(environment, name).strip():
            url, problem = _checked(text)
            if problem:
                problem = (
                    f"The environment variable {name.upper()} {problem}. Set another proxy with proxy=, "
                    "list the host in NO_PROXY, or ignore the environment with trust_env=False."
                )
            rules.append(_Rule(scheme, "", None, url, problem))
    return tuple(rules)


def _variable(environment: Mapping[str, str], name: str) -> str:
    """A variable, in lower case if there is one; what is set to nothing in lower case is unset."""
    upper = name.upper()
    # A CGI server puts the request's "Proxy:" header into HTTP_PROXY, so it is a stranger's text.
    forged = upper == "HTTP_PROXY" and "REQUEST_METHOD" in environment
    return environment.get(name, "" if forged else environment.get(upper, ""))


def _checked(proxy: str) -> tuple[str | None, str]:
    """A proxy's URL with its scheme; or what is wrong with it, without repeating it."""
    url = proxy if "://" in proxy else f"http://{proxy.removeprefix('//')}"
    scheme = url.partition("://")[0].lower()
    if scheme not in _DEFAULT_PORTS:
        return None, f"is a {scheme[:20]}:// proxy; {_SUPPORTED}"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or any(not character.isprintable() or character in " \\" for character in url):
        return None, "is not a URL such as http://proxy.example.com:8080"
    if not unquote(parts.netloc.rpartition("@")[0]).isascii():
        return None, "has a user or a password outside ASCII, which HTTP libraries encode differently"
    return f"{scheme}{url[len(scheme) :]}", ""


def _exemptions(text: str) -> tuple[_Exemption, ...]:
    entries = (_exemption(entry) for entry in re.split(r"[,\s]+", text) if entry)
    return tuple(entry for entry in entries if entry)


def _exemption(entry: str) -> _Exemption | None:
    text = entry.rpartition("://")[2].lower()
    host, port = _split_port(text)
    network = _network(host)
    domain = host.partition("/")[0].strip("[]").removeprefix("*.").strip(".")
    return _Exemption(domain, network, port) if domain else None


def _split_port(text: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d{1,5})", text)
    return (found[1], int(found[2])) if found else (text, None)


def _network(host: str) -> _Network | None:
    text = host.replace("[", "").replace("]", "").partition("%")[0]
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
