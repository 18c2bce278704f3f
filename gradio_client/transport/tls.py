"""How TLS connections are verified: the settings, checked at once, and the contexts made of them.

A context costs some 40 ms, so it is made on first use and shared by all clients with the same settings.
"""

from __future__ import annotations

import os
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Verify: TypeAlias = "bool | str | os.PathLike[str] | ssl.SSLContext"
Cert: TypeAlias = "str | os.PathLike[str] | tuple[str | os.PathLike[str] | None, ...] | None"

#: Variables that name authorities, the first that is set wins; as in requests, curl and OpenSSL.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")

_CACHED = 32  # contexts that are kept
_contexts: dict[object, ssl.SSLContext] = {}


def lazy_context(
    verify: Verify = True,  # noqa: FBT002 - the name and form it has in every HTTP library
    cert: Cert = None,
    environ: Mapping[str, str] | None = None,
    *,
    names: tuple[str, str] = ("verify=", "cert="),
) -> Callable[[], ssl.SSLContext]:
    """Check settings now; make the context when it is first asked for.

    Args:
        verify: True for the system's authorities, a file or folder of others, False for none at all,
            or a context that is used as it is.
        cert: the client's certificate: a file, or a pair of certificate and key, or these and a password.
        environ: where to look for ``CA_VARIABLES``; None for nowhere.
        names: what errors call the first two.

    Returns:
        A function for any thread. What it raises names the setting to blame: OSError for a file that
        cannot be read, ValueError for one that holds no usable certificate.

    Raises:
        TypeError: a setting is of the wrong type.
        OSError: a file does not exist.
    """
    if isinstance(verify, ssl.SSLContext):
        if cert is not None:
            raise TypeError(
                f"{names[1]} and a context for {names[0]} contradict each other; load it into the context."
            )
        return _Given(verify)
    chain = _chain(names[1], cert)
    if isinstance(verify, bool):
        named = next(((name, environ[name]) for name in CA_VARIABLES if environ and environ.get(name)), None)
        source, authorities = named if verify and named else ("", "")
        return TLS(verify, source, authorities, chain, names[1])
    if not isinstance(verify, str | os.PathLike):
        raise TypeError(
            f"{names[0]} takes True, False, the path of a certificate file or folder, or an ssl.SSLContext, "
            f"not {type(verify).__name__}."
        )
    return TLS(True, names[0], _existing(names[0], verify), chain, names[1])  # noqa: FBT003 - its first field


@dataclass(frozen=True, slots=True)
class _Given:
    """A context of the caller's own."""

    context: ssl.SSLContext

    def __call__(self) -> ssl.SSLContext:
        return self.context


@dataclass(frozen=True, slots=True)
class TLS:
    """Settings that have been checked; calling them gives the context.

    Attributes:
        verify: whether servers must prove who they are.
        source: what named the authorities, for errors: an argument or a variable.
        authorities: a file or folder; ``""`` for the system's.
        chain: certificate, key and password of the client; the last two may be missing.
        chain_source: what named them.
    """

    verify: bool
    source: str = ""
    authorities: str = ""
    chain: tuple[str, ...] = field(default=(), repr=False)
    chain_source: str = field(default="cert=", compare=False)

    def __call__(self) -> ssl.SSLContext:
        """The context for these settings, the same one until a file changes.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file holds no usable certificate.
        """
        stamps = tuple(_stamp(path) for path in (self.authorities, *self.chain[:2]))
        key = (self, stamps)
        context = _contexts.get(key)
        if context is None:
            if len(_contexts) >= _CACHED:
                _contexts.clear()
            context = _contexts.setdefault(key, self._make())  # threads that race for it agree on one
        return context

    def _make(self) -> ssl.SSLContext:
        context = _unverified() if not self.verify else self._verifying()
        context.set_alpn_protocols(["http/1.1"])
        if self.chain:
            _load_chain(context, self.chain, self.chain_source)
        return context

    def _verifying(self) -> ssl.SSLContext:
        if not self.authorities:
            return _system()
        path = _existing(self.source, self.authorities)
        folder = self.source == "SSL_CERT_DIR" or Path(path).is_dir()
        with _blaming(self.source, path, "it must hold certificates in PEM form"):
            return ssl.create_default_context(
                cafile=None if folder else path, capath=path if folder else None
            )


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _system() -> ssl.SSLContext:
    """The system's authorities; where it has none, as on some Pythons for macOS, those of certifi."""
    context = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath  # read as needed, so that it does not count below
    if not context.cert_store_stats()["x509_ca"] and not (folder and any(Path(folder).iterdir())):
        try:
            import certifi  # noqa: PLC0415 - rarely needed
        except ImportError:
            return context
        context.load_verify_locations(certifi.where())
    return context


def _chain(source: str, cert: Cert) -> tuple[str, ...]:
    parts = tuple(cert) if isinstance(cert, tuple | list) else (cert,)
    while parts and parts[-1] is None:
        parts = parts[:-1]
    texts = tuple(os.fspath(part) for part in parts if isinstance(part, str | os.PathLike))
    if len(texts) != len(parts) or len(parts) > 3:
        raise TypeError(
            f"{source} takes the path of a file with certificate and key, or a tuple of certificate and key "
            "and, if the key has one, its password."
        )
    return (*(_existing(source, path) for path in texts[:2]), *texts[2:])


def _load_chain(context: ssl.SSLContext, chain: tuple[str, ...], source: str) -> None:
    key = chain[1] if len(chain) > 1 else None
    password = chain[2] if len(chain) > 2 else ""
    remedy = "it must hold a certificate and its key in PEM form, or the key be in a second file"
    with _blaming(source, chain[0], f"{remedy}; the key's password, if it has one, comes third"):
        # Were there no function for the password, OpenSSL would ask for one at the terminal.
        context.load_cert_chain(chain[0], key, lambda: password)


@contextmanager
def _blaming(source: str, path: str, remedy: str) -> Iterator[None]:
    """Name what OpenSSL's errors leave out: which setting, and which file."""
    try:
        yield
    except ssl.SSLError as error:
        raise ValueError(f"{source} names {path!r}, which cannot be used: {remedy}.") from error
    except OSError as error:
        raise OSError(f"{source} names {path!r}, which cannot be read: {error.strerror}.") from error


def _existing(source: str, path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    # OpenSSL takes several folders in its variable, and no harm comes from those that are missing.
    parts = text.split(os.pathsep) if source == "SSL_CERT_DIR" else [text]
    if not any(Path(part).exists() for part in parts):
        raise FileNotFoundError(
            f"{source} names {text!r}, which does not exist. Pass the path of what holds the certificates."
        )
    return text


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        state = Path(path).stat() if path else None
    except OSError:
        return None
    return (state.st_mtime_ns, state.st_size) if state else None
