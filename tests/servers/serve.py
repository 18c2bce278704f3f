#!/usr/bin/env python3
"""Start a real Gradio server of a given version.

    python tests/servers/serve.py --version 5.50.0 --app kitchen_sink

makes the virtual environment if it is missing, boots the app, prints one line
``READY <url> ...`` and runs until SIGTERM, SIGINT or the end of standard input.

From Python (standard library alone):

    from servers.serve import gradio_server
    with gradio_server("5.50.0", "echo") as server:
        print(server.url)
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    # A script has its own folder on the path, not the one that holds the package.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from servers.environments import HERE, ServerError, environment, versions
from servers.process import Launch, Server, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

APPS = HERE / "apps"
PORTS = range(10_000, 32_000)


def apps() -> list[str]:
    """The names of the apps."""
    return sorted(path.stem for path in APPS.glob("*.py") if not path.name.startswith("_"))


def free_port() -> int:
    """A port of the loopback interface that nobody listens on.

    It is below those that systems give to whoever asks for any: while a server restarts, its port does not
    become, say, the near end of a connection.
    """
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerError("no port can be had")


@contextlib.contextmanager
def gradio_server(
    version: str,
    app: str = "echo",
    *,
    port: int = 0,
    wait: Word | None = "READY",
    timeout: float = 180,
    env: Mapping[str, str] | None = None,
    files: str | None = None,
    python: Path | None = None,
    **options: Any,
) -> Iterator[Server]:
    """A running server of this version; stopped when the block ends.

    Args:
        version: of gradio, one of ``versions()``.
        app: a name in apps/, or the path of a script which takes the same options.
        port: 0 for a free one.
        wait: the word to wait for; None yields at once, when the url is not known.
        timeout: seconds to wait.
        env: more environment variables of the server.
        files: its GRADIO_TEMP_DIR; without it a temporary folder.
        python: of another environment than the one for the version.
        options: ``auth`` ("user:pass", a pair, or a list of these), ``host``, ``root_path``, ``max_size``,
            ``concurrency``, ``max_file_size``, ``show_error``, ``api_closed``, ``ssl_keyfile``,
            ``ssl_certfile``; the words of ``extra=[...]`` go to the app as they are.
    """
    python = python or environment(version)
    # -B: no __pycache__ beside the apps; _common.py takes it back for the packages
    port = port or free_port()
    words = [str(python), "-u", "-B", *command_line(app, port=port, **options)]
    with tempfile.TemporaryDirectory(prefix="gradio-server-", ignore_cleanup_errors=True) as scratch:
        server = Server(Launch(version, app, port, words, _variables(scratch, files, env or {}), scratch))
        try:
            if wait:
                server.wait_for(wait, timeout)
            yield server
        finally:
            server.stop()


def command_line(app: str, **options: Any) -> list[str]:
    """The arguments of an app for the options of ``gradio_server``; apps/_common.py has them all."""
    path = Path(app) if app.endswith(".py") else APPS / f"{app}.py"
    if not path.exists():
        raise ServerError(f"no app {app!r}; there are: {', '.join(apps())}")
    words = [str(path.resolve()), "--stop-on-eof", *_logins(options.pop("auth", None))]
    extra = options.pop("extra", ())
    for name, value in options.items():
        words += _option(name, value)
    return [*words, *map(str, extra)]


def _option(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag] * value
    return [] if value is None else [flag, str(value)]


def _logins(auth: Any) -> Iterator[str]:
    pairs = auth if isinstance(auth, list) else [auth] if auth else []
    for pair in pairs:
        yield "--auth"
        yield pair if isinstance(pair, str) else ":".join(pair)


def _variables(scratch: str, files: str | None, more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without what would change the server's behaviour."""
    ours = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SPACE_ID")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GRADIO_", "HF_")) and k not in ours}
    return {
        **kept,
        "GRADIO_TEMP_DIR": files or str(Path(scratch, "files")),
        "MPLCONFIGDIR": str(Path(scratch, "mpl")),
        "HF_HOME": str(Path(scratch, "hf")),
        "PYTHONWARNINGS": "ignore",
        **more,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    version, rebuild = given.pop("version"), given.pop("rebuild")
    listing, env_only, every = given.pop("list"), given.pop("env_only"), given.pop("all")
    if listing:
        return _say(*versions())
    if not (version or (env_only and every)):
        parser.error("--version is needed" + (", or --all" if env_only else ""))
    try:
        if env_only:
            return _environments(versions() if every else [version], rebuild=rebuild)
        environment(version, rebuild=rebuild)
        return _serve(version, given.pop("app"), until_eof=not given.pop("no_eof"), **given)
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Start a real Gradio server of a given version.")
    parser.add_argument("--version", help="; ".join(versions()))
    parser.add_argument("--app", default="echo", help=", ".join(apps()) + ", or the path of a script")
    parser.add_argument("--port", type=int, default=0, help="0 (the default): a free one")
    parser.add_argument("--host")
    parser.add_argument("--auth", action="append", metavar="USER:PASS", help="repeatable")
    parser.add_argument("--root-path")
    parser.add_argument("--max-size", type=int)
    parser.add_argument("--concurrency", type=int)
    parser.add_argument("--max-file-size")
    parser.add_argument("--show-error", action="store_true")
    parser.add_argument("--api-closed", action="store_true")
    parser.add_argument("--ssl-keyfile", type=os.path.abspath)
    parser.add_argument("--ssl-certfile", type=os.path.abspath)
    parser.add_argument("--timeout", type=float, default=180, help="seconds to wait for the server")
    parser.add_argument("--wait", choices=["READY", "LISTENING"], default="READY", help="LISTENING: slowboot")
    parser.add_argument("--env-only", action="store_true", help="make the environment, print its Python, end")
    parser.add_argument("--all", action="store_true", help="with --env-only: every version")
    parser.add_argument("--rebuild", action="store_true", help="make the environment anew")
    parser.add_argument("--list", action="store_true", help="print the versions, end")
    parser.add_argument("--no-eof", action="store_true", help="do not stop at the end of standard input")
    parser.add_argument("extra", nargs="*", help="after --: more arguments of the app")
    return parser


def _say(*lines: str) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
    return 0


def _environments(wanted: Sequence[str], *, rebuild: bool) -> int:
    for version in wanted:
        begin = time.monotonic()
        python = environment(version, rebuild=rebuild)
        _say(f"{version} {python} {time.monotonic() - begin:.1f} s")
    return 0


def _serve(version: str, app: str, *, until_eof: bool, wait: Word, timeout: float, **options: Any) -> int:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with gradio_server(version, app, wait=wait, timeout=timeout, **options) as server:
        boot = f"pid={server.pid} boot={server.boot_seconds:.1f}s"
        _say(f"{wait} {server.url} app={app} gradio={version} {boot}")
        if until_eof:
            threading.Thread(target=_until_eof, args=(over,), daemon=True).start()
        while server.running and not over.wait(0.2):
            pass
        if over.is_set():
            return 0
        sys.stderr.write(server.log[-4000:])
    return 1


def _until_eof(over: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):  # sys.stdin would hold a lock when python ends
            pass
    over.set()


if __name__ == "__main__":
    sys.exit(main())
