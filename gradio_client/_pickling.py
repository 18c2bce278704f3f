"""What of a client goes into a pickle: how it was configured, and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradio_client.domain.source import SpaceSource
from gradio_client.transport import Transport

if TYPE_CHECKING:
    from gradio_client._settings import Settings

#: Arguments of a client that are secret, or may be.
_SECRET = ("hf_token", "token", "oauth_token", "auth", "headers")
#: Those of ``httpx_kwargs`` that are; ``cert``, ``proxies`` and ``proxy`` are where they hold a password.
SECRET_OPTIONS = frozenset({"auth", "cookies", "headers", "params"})


def kept(given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The arguments of a client as it keeps them; ``make_settings`` takes them again."""
    source = settings.source
    src = source.space_id if isinstance(source, SpaceSource) else source.url  # without its query
    return {**given, "src": src, "plugins": settings.plugins}


def portable(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a client was made with, as they may be pickled.

    Raises:
        TypeError: some may be secret, or the transport is an object with connections of this process;
            the message says which, and what to do.
    """
    if isinstance(given.get("transport"), Transport):
        raise TypeError(
            "A client with a transport object cannot be pickled: its connections belong to this process. "
            "Pass the transport's name as transport=, or a class or function that makes one."
        )
    secret = [name for name in _SECRET if given.get(name)]
    secret += ["plugins" for plugin in given.get("plugins") or () if _has_state(plugin)][:1]
    options = given.get("httpx_kwargs") or {}
    secret += [f"httpx_kwargs[{name!r}]" for name in _secret_options(options)]
    if secret:
        raise TypeError(
            f"A client with {', '.join(secret)} cannot be pickled: a pickle is no place for secrets. "
            "Make the client in the process that uses it, from what that finds in its own environment; a "
            "Hugging Face token in HF_TOKEN, or of `hf auth login`, is found there without being passed, and "
            "so are plugins that are installed."
        )
    return dict(given)


def _has_state(plugin: object) -> bool:
    return bool(getattr(plugin, "__dict__", None) or getattr(plugin, "__slots__", None))


def _secret_options(options: Mapping[str, Any]) -> list[str]:
    return [name for name, value in options.items() if name in SECRET_OPTIONS or _has_password(name, value)]


def _has_password(option: str, value: object) -> bool:
    if option == "cert":  # a path, or several, and then the password of the key
        return isinstance(value, tuple | list) and len(value) > 2
    return option in ("proxies", "proxy") and "@" in _texts(value)


def _texts(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(_texts(item) for item in value.values())
    if isinstance(value, str) or hasattr(value, "host"):  # a URL of httpx or yarl
        return str(value)
    return "@" if getattr(value, "auth", None) else ""  # an httpx.Proxy with a login
