"""The fronts stand in the way: nothing goes past them, and nobody gets through who is not told how."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from fronts.front import HOST

from gradio_client import Client
from gradio_client.domain.proxies import PROXY_VARIABLES
from gradio_client.exceptions import GradioClientError, UnreachableError
from gradio_client.transport.tls import CA_VARIABLES

if TYPE_CHECKING:
    from fronts.front import Behind, Fronts


def test_every_request_goes_through_the_front(kitchen_sink: Behind, transport: str) -> None:
    before = [relay.passed for relay in kitchen_sink.relays]
    with Client(kitchen_sink.url, transport=transport, verbose=False) as client:
        assert client.predict("x", api_name="/echo") == "x"
    went = [relay.passed - old for relay, old in zip(kitchen_sink.relays, before, strict=True)]
    assert all(went)
    assert went[-1] >= 4  # the configuration, the description, the call, its stream


def test_what_would_go_past_a_front_is_noticed(kitchen_sink: Behind, fronts: Fronts) -> None:
    with Client(kitchen_sink.server.url, verbose=False) as client:
        assert client.predict("x", api_name="/echo") == "x"
    assert kitchen_sink.server.port in fronts.past
    fronts.past.clear()


WRONG: dict[str, dict[str, Any]] = {
    "nothing": {"httpx_kwargs": {}, "ssl_verify": True},
    "no certificate": {"httpx_kwargs": {"cert": None}},
    "no authority": {"ssl_verify": True},
    "no password": {"httpx_kwargs": {}},
}
NEEDED = {
    "proxy": ("nothing", "no password"),
    "tls": ("nothing", "no certificate", "no authority"),
    "tls through a proxy": tuple(WRONG),
}


def test_nobody_else_gets_through(kitchen_sink: Behind, front: str, transport: str) -> None:
    for wrong in NEEDED[front]:
        given = kitchen_sink.arguments | WRONG[wrong]
        if wrong != "nothing":
            given["httpx_kwargs"] = kitchen_sink.arguments["httpx_kwargs"] | given["httpx_kwargs"]
        if wrong == "no password":
            given["httpx_kwargs"]["proxy"] = f"http://127.0.0.1:{kitchen_sink.relays[0].port}"
        handed_on = kitchen_sink.relays[-1].passed
        with pytest.raises(GradioClientError) as refusal:
            Client(kitchen_sink.url, transport=transport, verbose=False, **given)
        assert kitchen_sink.relays[-1].passed == handed_on
        if HOST in kitchen_sink.url and wrong in ("nothing", "no authority"):
            assert isinstance(refusal.value, UnreachableError)


PROGRAM = """
import sys
from gradio_client import Client
url, transport = sys.argv[1:3]
given = {"httpx_kwargs": {"cert": sys.argv[3]}} if sys.argv[3:] else {}
with Client(url, transport=transport, verbose=False, **given) as client:
    print(client.predict("through", api_name="/echo"))
"""


def test_the_environment_may_say_how_to_get_through(kitchen_sink: Behind, transport: str) -> None:
    others = {*PROXY_VARIABLES, *(name.lower() for name in CA_VARIABLES)}
    clean = {name: value for name, value in os.environ.items() if name.lower() not in others}
    cert = kitchen_sink.arguments["httpx_kwargs"].get("cert")  # no variable names it
    command = [sys.executable, "-c", PROGRAM, kitchen_sink.url, transport, *([cert] if cert else [])]
    environ = clean | kitchen_sink.environ
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("through\n", "")
