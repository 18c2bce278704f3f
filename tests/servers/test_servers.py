from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers import wire
from servers.environments import ServerError, environment, release, versions
from servers.serve import command_line

if TYPE_CHECKING:
    from conftest import Gradio
    from servers.process import Server


def test_a_server_speaks_the_protocol_that_was_recorded_of_its_version(kitchen_sink: Server) -> None:
    config = kitchen_sink.config()
    recorded = wire.config(kitchen_sink.version)
    assert config["version"] == kitchen_sink.version
    assert config["protocol"] == recorded["protocol"]
    assert len(config["dependencies"]) == len(recorded["dependencies"])


def test_a_server_is_shared_by_all_who_ask_for_the_same(gradio: Gradio, kitchen_sink: Server) -> None:
    assert gradio(kitchen_sink.version) is kitchen_sink


@pytest.mark.since("5.0.2")
def test_a_mark_chooses_later_versions(kitchen_sink: Server) -> None:
    assert release(kitchen_sink.version) >= (5, 0, 2)


@pytest.mark.before("5.0.2")
def test_a_mark_chooses_earlier_versions(kitchen_sink: Server) -> None:
    assert release(kitchen_sink.version) < (5, 0, 2)


def test_an_unknown_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ServerError, match=r"gradio 9\.9; there are: 3\.50\.2, .*6\.31\.0"):
        environment("9.9")


def test_an_unknown_app_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ServerError, match=r"no app 'nothing'; there are: auth, .*kitchen_sink"):
        command_line("nothing")


def test_options_become_words_of_the_command() -> None:
    given = {"port": 1, "auth": ("a", "b"), "show_error": True, "api_closed": False, "host": None}
    words = command_line("echo", **given, extra=["-x"])
    assert words[1:] == ["--stop-on-eof", "--auth", "a:b", "--port", "1", "--show-error", "-x"]


def test_every_version_has_recordings() -> None:
    assert wire.versions() == versions()


@pytest.mark.parametrize("version", wire.versions())
def test_the_pieces_of_a_recorded_stream_are_its_bytes(version: str) -> None:
    streams = [exchange for exchange in wire.load(version, "echo") if "stream" in exchange["response"]]
    for exchange in streams:
        assert b"".join(piece for _, piece in wire.pieces(version, exchange)) == wire.body(version, exchange)
    assert streams or "frames" in str(wire.load(version, "echo"))
