"""A user with many secrets, a folder that is watched, and no luck with their apps."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gradio_client import Client
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.fake_app import FakeApp
    from malicious.elsewhere import Elsewhere

MARK = "MARKED"  # in every secret
LIMIT = 20.0  # seconds that anything may take; a client that takes longer hangs
MIB = 1 << 20
_SECRETS: dict[str, Any] = {
    "token": f"hf_{MARK}-token",
    "oauth_token": f"hf_{MARK}-oauth",
    "headers": {"X-Mine": f"{MARK}-header", "Authorization": f"{MARK}-authorization"},
    "httpx_kwargs": {
        "cookies": {"mine": f"{MARK}-cookie"},
        "params": {"key": f"{MARK}-key"},
        "headers": {"X-Also": f"{MARK}-also"},
    },
}


class Victim:
    """Makes clients with every secret, and looks after the attack at what has become of them.

    Args:
        app: the app that attacks.
        elsewhere: the host that wants the secrets.
        transport: which one the clients use.
        folder: is watched; only ``downloads`` within it may change.
    """

    def __init__(self, app: FakeApp, elsewhere: Elsewhere, transport: str, folder: Path) -> None:
        self.app = app
        self.elsewhere = elsewhere
        self.folder = folder
        self.downloads = folder / "downloads"
        self.transport = transport
        self._clients: list[Client] = []
        self.secret_file = folder / "private.txt"
        self.secret_file.write_text(f"{MARK}-file")
        self.downloads.mkdir()
        self._before = self._outside()

    def client(self, **kwargs: Any) -> Client:
        own = dict(kwargs.pop("httpx_kwargs", {}))
        given: dict[str, Any] = {**_SECRETS, "httpx_kwargs": _SECRETS["httpx_kwargs"] | own}
        given |= {"verbose": False, "transport": self.transport, "download_files": self.downloads} | kwargs
        client = Client(given.pop("src", self.app.url), **given)
        self._clients.append(client)
        return client

    def suffers(self, act: Callable[[], Any]) -> Any:
        """What an act returns, or the typed error that it raises; whatever else happens is a failure."""
        outcome: list[Any] = []

        def run() -> None:
            try:
                outcome.append(act())
            except BaseException as error:  # noqa: BLE001 - it is looked at below
                outcome.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(LIMIT)
        assert outcome, f"nothing has come of it in {LIMIT} seconds"
        if isinstance(outcome[0], BaseException) and not isinstance(outcome[0], GradioClientError):
            raise outcome[0]
        return outcome[0]

    def connects(self, **kwargs: Any) -> Any:
        return self.suffers(lambda: self.client(**kwargs))

    def calls(self, value: Any = 1, **kwargs: Any) -> Any:
        """What a call returns, or its error; the client is connected within."""
        return self.suffers(lambda: self._call(value, kwargs))

    def _call(self, value: Any, kwargs: dict[str, Any]) -> Any:
        client = self.client(**kwargs)
        return client.predict(value, api_name="/echo", headers={"X-Call": f"{MARK}-call"})

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def check(self) -> None:
        """Nothing secret has gone elsewhere, and nothing outside of the folder has changed."""
        assert MARK.encode() not in self.elsewhere.received
        for seen in self.app.requests:
            if seen.header("Host") and not self.app.url.endswith(seen.header("Host")[0]):
                assert MARK not in repr(seen)
        assert self._outside() == self._before
        files = [path for path in self.downloads.rglob("*") if path.is_symlink() or path.is_file()]
        assert not [path.name for path in files if path.name.endswith(".part")]

    def _outside(self) -> dict[str, bytes | None]:
        return {
            str(path): path.read_bytes() if path.is_file() else None
            for path in self.folder.rglob("*")
            if self.downloads not in path.parents
        }


class Peak:
    """How much the process has grown while something was done, at most; Linux alone tells."""

    def __enter__(self) -> Self:
        self.grown = 0
        self._start = _memory("VmRSS")
        if self._start:
            Path("/proc/self/clear_refs").write_text("5")  # forget the peak there was
        return self

    def __exit__(self, *_: object) -> None:
        self.grown = _memory("VmHWM") - self._start


def _memory(name: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(name)), 0)
