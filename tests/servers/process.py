"""One running server process: its address, its output, and the ways to end or freeze it."""

from __future__ import annotations

import collections
import contextlib
import json
import queue
import signal
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from servers.environments import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Word: TypeAlias = Literal["READY", "LISTENING"]  # what an app prints; LISTENING: slowboot alone


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: a version's app on a port, by a command in a folder."""

    version: str
    app: str
    port: int
    command: Sequence[str]
    env: Mapping[str, str]
    folder: str


class Server:
    """A Gradio server of some version, started by this process; it goes when this process goes.

    Attributes:
        version: of gradio.
        app: name or path of the app it runs.
        port: the one it listens on.
        url: where Gradio is, with a slash at the end; empty until the server said so.
        boot_seconds: from the start of the process to the word that was waited for.
        process: its process.
    """

    def __init__(self, launch: Launch) -> None:
        self.version, self.app, self.port = launch.version, launch.app, launch.port
        self.url = ""
        self.boot_seconds = 0.0
        self._lines: collections.deque[str] = collections.deque(maxlen=5000)
        self._words: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            launch.command,
            stdin=subprocess.PIPE,  # the app stops when this closes: no orphans
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=launch.env,
            cwd=launch.folder,
            start_new_session=True,  # ^C in a terminal is for the caller only
        )
        self._reader = threading.Thread(target=self._read, name=f"gradio {self.version} output", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        """The last 5,000 lines of its output."""
        return "\n".join(self._lines)

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def wait_for(self, word: Word = "READY", timeout: float = 180) -> str:
        """The url, as soon as the app has printed it; ServerError after ``timeout`` seconds or its end."""
        end = time.monotonic() + timeout
        while True:
            try:
                got, rest = self._words.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise ServerError(f"not {word} after {timeout} s:\n{self.log[-4000:]}") from None
            if got == "END":
                self._words.put(("END", ""))
                code = self.process.wait()
                raise ServerError(f"gradio {self.version} {self.app} ended with {code}:\n{self.log[-4000:]}")
            self.url = rest.split()[0]
            if got in (word, "READY"):
                self.boot_seconds = time.monotonic() - self._started
                return self.url

    def get(self, path: str = "", timeout: float = 10, **headers: str) -> tuple[int, bytes]:
        """Status and body of a plain GET below the url; certificates are not checked."""
        request = urllib.request.Request(self.url + path, headers=headers)
        insecure = ssl.create_default_context()
        insecure.check_hostname, insecure.verify_mode = False, ssl.CERT_NONE
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=insecure)
        )
        try:
            with opener.open(request, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def config(self) -> Any:
        """What /config says, parsed."""
        status, body = self.get("config")
        if status != 200:
            raise ServerError(f"/config answered {status}: {body[:500]!r}")
        return json.loads(body)

    def memory(self) -> int:
        """Resident memory in MiB; Linux only."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))

    def pause(self) -> None:
        """Freeze it: connections stay open, nothing answers."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after pause()."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a crash would: connections break off."""
        self.process.kill()
        self._end()

    def stop(self, timeout: float = 10) -> None:
        """End it as SIGTERM does; kill it when that takes longer than ``timeout`` seconds."""
        if self.running:
            with contextlib.suppress(OSError):
                self.process.send_signal(signal.SIGCONT)
                self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._end()

    def _end(self) -> None:
        self.process.wait()
        self._reader.join(timeout=2)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            for raw in self.process.stdout:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                self._lines.append(line)
                word, _, rest = line.partition(" ")
                if word in ("READY", "LISTENING"):
                    self._words.put((word, rest))
        self._words.put(("END", ""))
