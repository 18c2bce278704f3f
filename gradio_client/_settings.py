"""What a client was told when it was made, checked once for both faces."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from gradio_client._callables import check_plain
from gradio_client._http.options import HttpOptions, http_options
from gradio_client._spaces.telemetry import allowed
from gradio_client.auth import Auth, FormLogin, Prepared
from gradio_client.domain.retry import Retry
from gradio_client.domain.source import AppSource, SpaceSource, parse_source
from gradio_client.domain.spaces import SpaceStatus
from gradio_client.downloads import Downloads
from gradio_client.timeouts import CONNECT_SECONDS, seconds_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client._http.transports import TransportChoice
    from gradio_client.auth import Prepare
    from gradio_client.domain.results import Updates
    from gradio_client.progress import ProgressChoice
    from gradio_client.timeouts import Timeouts

#: What ``auth=`` may be: user and password, an ``Auth``, or what ``Auth.prepare`` does as a function.
AuthChoice: TypeAlias = "tuple[str, str] | Auth | Prepare | None"
#: What ``on_status=`` may be: it is called with each new status of a Space while the client connects.
OnStatus: TypeAlias = Callable[[SpaceStatus], object]
#: The environment variable with the names of plugins that no client loads, separated by commas.
DISABLED_PLUGINS = "GRADIO_CLIENT_DISABLED_PLUGINS"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one client. Secrets are not in its ``repr``."""

    source: AppSource | SpaceSource
    token: str | None = field(repr=False)
    oauth_token: str | None = field(repr=False)
    max_workers: int
    auth: Auth | None = field(repr=False)
    http: HttpOptions
    downloads: Downloads | None
    transport: TransportChoice
    plugins: tuple[object, ...]
    updates: Updates
    skip_components: bool = True
    disabled_plugins: frozenset[str] = frozenset()
    retry: Retry = Retry.none
    progress: ProgressChoice = None
    connect_timeout: float | None = None
    on_status: OnStatus | None = None
    analytics_enabled: bool = False

    @property
    def token_header(self) -> dict[str, str]:
        """What shows the Hub's token to the app, in the field that Spaces take out; empty without one."""
        return {"X-HF-Authorization": f"Bearer {self.token}"} if self.token else {}


def make_settings(  # noqa: PLR0913 - these are the arguments of Client, by name
    src: str,
    *,
    hf_token: str | None,
    token: str | None,
    oauth_token: str | None,
    max_workers: int,
    auth: AuthChoice,
    httpx_kwargs: Mapping[str, Any] | None,
    headers: Mapping[str, str] | None,
    download_files: str | os.PathLike[str] | bool | Downloads | None,
    ssl_verify: Any,
    transport: TransportChoice,
    plugins: Iterable[object],
    updates: Updates,
    skip_components: bool = True,
    disabled_plugins: Iterable[str] = (),
    timeouts: Timeouts | None = None,
    retry: Retry | None = None,
    progress: ProgressChoice = None,
    connect_timeout: float | None = CONNECT_SECONDS,
    on_status: OnStatus | None = None,
    analytics_enabled: bool = False,
) -> Settings:
    """Check the arguments of a client.

    Raises:
        SourceError: ``src`` is neither a URL nor the name of a Space.
        TypeError: an argument is of the wrong type, or two contradict each other.
        ValueError: an argument is of the right type but makes no sense.
        OSError: a file with certificates does not exist.
    """
    return Settings(
        source=parse_source(src),
        token=one_token(hf_token, token),
        oauth_token=_text_or_none("oauth_token", oauth_token),
        max_workers=_max_workers(max_workers),
        auth=_auth(auth),
        http=http_options(
            httpx_kwargs, ssl_verify=ssl_verify, headers=headers, timeouts=timeouts, environ=os.environ
        ),
        downloads=_downloads(download_files),
        transport=transport,
        plugins=_plugins(plugins),
        updates=_updates(updates),
        skip_components=skip_components,
        disabled_plugins=_disabled(disabled_plugins, os.environ),
        retry=_retry(retry),
        progress=_progress(progress),
        connect_timeout=seconds_or_none("connect_timeout=", connect_timeout),
        on_status=_on_status(on_status),
        analytics_enabled=allowed(os.environ, analytics_enabled=bool(analytics_enabled)),
    )


def user_agent(version: str) -> str:
    """How the client names itself to servers."""
    return f"gradio_client/{version}; python/{platform.python_version()}"


def one_token(hf_token: str | None, token: str | None) -> str | None:
    """The token that two arguments name, without what is around it; None where neither holds one.

    Raises:
        TypeError: one is no text, or they contradict each other.
        ValueError: it holds characters that no token has; they are not shown.
    """
    for name, value in (("hf_token", hf_token), ("token", token)):
        _text_or_none(name, value)
    if hf_token is not None and token is not None and hf_token != token:
        raise TypeError("hf_token= and token= are two names of one argument; pass only one of them.")
    name, given = ("token", token) if token is not None else ("hf_token", hf_token)
    found = (given or "").strip()  # tokens come from files, with a line break, and from empty variables
    if not (found.isascii() and found.isprintable()):
        raise ValueError(f"{name}= holds characters that no token has.")
    return found or None


def _text_or_none(name: str, value: str | None) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name}= takes text or None, not {type(value).__name__}.")
    return value


def _max_workers(value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"max_workers= takes a whole number, not {type(value).__name__}.")
    if value < 1:
        raise ValueError(f"max_workers={value!r}: at least 1 is needed.")
    return value


def _on_status(value: OnStatus | None) -> OnStatus | None:
    if value is not None:
        check_plain(value, "on_status= takes a plain function of one SpaceStatus, or None")
    return value


def _auth(auth: AuthChoice) -> Auth | None:
    # The value itself is never shown: it is a password.
    if auth is None or isinstance(auth, Auth):
        return auth
    if isinstance(auth, tuple | list) and len(auth) == 2 and all(isinstance(item, str) for item in auth):
        return FormLogin(*auth)
    if isinstance(auth, type) and issubclass(auth, Auth):
        raise TypeError(f"auth={auth.__name__}: pass an object of it, auth={auth.__name__}(...).")
    if callable(auth) and not isinstance(auth, type):
        return Prepared(auth)
    raise TypeError(
        "auth= takes a pair of texts (user, password), an object of gradio_client.auth.Auth, or a function "
        "that is given each Request and returns it with what it needs."
    )


def _retry(value: Retry | None) -> Retry:
    if value is not None and not isinstance(value, Retry):
        raise TypeError(f"retry= takes gradio_client.Retry(...) or None, not {type(value).__name__}.")
    return Retry.none if value is None else value


def _plugins(value: Iterable[object]) -> tuple[object, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError(f"plugins= takes a list of plugins, not {type(value).__name__}.")
    return tuple(value)


def _disabled(value: Iterable[str], environ: Mapping[str, str]) -> frozenset[str]:
    names = () if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    if (value and not names) or not all(isinstance(name, str) for name in names):
        raise TypeError("disabled_plugins= takes a list of names of plugins.")
    from_environment = environ.get(DISABLED_PLUGINS, "").split(",")
    return frozenset(name.strip() for name in (*names, *from_environment) if name.strip())


def _updates(value: Updates) -> Updates:
    if value not in ("raw", "value"):
        raise ValueError(f"updates= must be 'raw' or 'value', not {value!r}.")
    return value


def _downloads(download_files: object) -> Downloads | None:
    if download_files is None or download_files is False:
        return None
    if download_files is True:
        return Downloads()
    if download_files == "":
        raise ValueError("download_files='' is no folder; leave it out for the default one, or pass False.")
    if isinstance(download_files, str | os.PathLike):
        download_files = Downloads(download_files)
    if not isinstance(download_files, Downloads):
        raise TypeError(
            "download_files= takes a folder, Downloads(...), or False for no downloads, "
            f"not {type(download_files).__name__}."
        )
    folder = Path(download_files.folder or ".")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"download_files={str(folder)!r} is not a folder.")
    return download_files


def _progress(value: ProgressChoice) -> ProgressChoice:
    if not isinstance(value, bool | None):
        check_plain(value, "progress= takes True, a plain function, or None")
    return value
