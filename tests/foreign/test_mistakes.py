"""Mistakes that ``docs/writing-a-transport.md`` warns of, made in a copy of the stranger: each is caught."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from gradio_client_contract_tests import TransportContract
from gradio_client_contract_tests.server import hostile_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradio_client.transport import Transport, TransportOptions

PACKAGE = Path(__file__).resolve().parent / "stranger" / "stranger_urllib3"


class Mistake(NamedTuple):
    """What to replace in a file by what, and the test that notices, with its parameters."""

    file: str
    right: str
    wrong: str
    test: str
    parameters: Mapping[str, object] = MappingProxyType({})


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MISTAKES = {
    "redirects": Mistake(
        "transport", "retries=False,\n            redirect=False", "retries=3,\n            redirect=True",
        "test_does_not_follow_redirects", {"status": 302}),
    "retries": Mistake(
        "transport", "retries=False", "retries=urllib3.Retry(3, allowed_methods=None)",
        "test_does_not_send_again_what_may_have_been_acted_on", {"method": "POST"}),
    "decoding": Mistake(
        "transport", "read1(SIZE, decode_content=False)", "read1(SIZE, decode_content=True)",
        "test_does_not_decode_content"),
    "headers": Mistake(
        "transport", '("User-Agent", "Accept-Encoding")', "()", "test_sends_exactly_the_headers_it_is_given"),
    "joined": Mistake(
        "transport", "Headers(raw.headers.iteritems())", "Headers(dict(raw.headers))",
        "test_keeps_repeated_response_headers_apart"),
    "late": Mistake(
        "transport", "self._raw.read1(", "self._raw.read(",
        "test_each_event_arrives_before_the_next_is_sent"),
    "preloaded": Mistake(
        "transport", "preload_content=False", "preload_content=True",
        "test_returns_the_head_before_any_of_the_body"),
    "cut head": Mistake(
        "connections", 'if not line.endswith(b"\\n") and len(line) < limit:', "if not limit:",
        "test_a_response_that_ends_early", {"raw": b"HTTP/1.1 200 OK\r\nContent-Le"}),
    "cut body": Mistake(
        "transport", "raise fitting(error, sent=True) from error", 'return b""',
        "test_a_response_that_ends_early", {"raw": CHUNKED + b"5\r\n123"}),
    "informational": Mistake(
        "connections", " or 100 <= self.status < 200", "",
        "test_passes_over_informational_responses", {"status": "103 Early Hints"}),
    "always a ConnectError": Mistake(
        "transport", "sent=exchange.connected", "sent=False", "test_a_reset_at_any_stage", {"raw": b""}),
    "in memory": Mistake(
        "transport", "else BodyReader(request.body)", 'else BodyReader(__import__("gradio_client").transport'
        '.BytesBody(b"".join(request.body)))', "test_uploads_a_lot_without_holding_it"),
    "an error of the body": Mistake(
        "transport", "raise body.error from error", "pass",
        "test_an_error_in_the_body_reaches_the_caller_as_it_is", {"kind": FileNotFoundError}),
    "a cancelled request": Mistake(
        "connections", "        interrupt_with(", "        (lambda _: None)(",
        "test_the_server_sees_that_a_request_was_cancelled"),
    "idle connections": Mistake(
        "transport", "manager.pools[key].close()", "pass", "test_nothing_is_left_after_closing"),
    "host names": Mistake(
        "transport", "None if tls.check_hostname else False", "None",
        "test_checks_the_host_only_if_the_context_does"),
    "the proxy's password": Mistake(
        "transport", "unquote(secret)", "secret",
        "test_shows_credentials_to_the_proxy_alone", {"scheme": "http"}),
    "secrets": Mistake(
        "connections", '"the connection ended before the head of the response did"', 'f"it ended: {line!r}"',
        "test_keeps_secrets_out_of_errors", {"failure": "cut-line"}),
}  # fmt: skip


@pytest.fixture(params=sorted(MISTAKES))
def mistake(request: pytest.FixtureRequest) -> Mistake:
    return MISTAKES[request.param]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    _forget()
    yield tmp_path / PACKAGE.name
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE.name]:
        del sys.modules[name]


def run(mistake: Mistake) -> None:
    """Run the one contract test on the copy of the transport that is on the path."""
    made = importlib.import_module(f"{PACKAGE.name}.transport").Urllib3Transport

    class Contract(TransportContract):
        def make_transport(self, options: TransportOptions) -> Transport:
            transport: Transport = made(options)
            return transport

    test = getattr(Contract(), mistake.test)
    wants_server = "server" in test.__wrapped__.__code__.co_varnames[: test.__wrapped__.__code__.co_argcount]
    with hostile_server() as server:
        test(**({"server": server} if wants_server else {}), **mistake.parameters)


def test_the_contract_test_passes_without_the_mistake(mistake: Mistake, copy: Path) -> None:
    run(mistake)


def test_the_contract_test_catches_the_mistake(mistake: Mistake, copy: Path) -> None:
    file = copy / f"{mistake.file}.py"
    code = file.read_text("utf-8")
    assert mistake.right in code
    file.write_text(code.replace(mistake.right, mistake.wrong), "utf-8")
    with pytest.raises((Exception, pytest.fail.Exception)) as caught:
        run(mistake)
    assert any("The contract of" in note for note in caught.value.__notes__)
