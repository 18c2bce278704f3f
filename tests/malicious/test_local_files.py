"""Files of the user's machine: only what they have marked is read, whatever the app says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed
from malicious.files import file

if TYPE_CHECKING:
    from malicious.victim import Victim

SECRET = b"MARKED-file"


def sent(victim: Victim) -> bytes:
    """Every body that went to the app."""
    return b"".join(seen.body for seen in victim.app.requests)


def default(victim: Victim, value: Any) -> None:
    parameter = victim.app.info["named_endpoints"]["/echo"]["parameters"][0]
    parameter |= {"parameter_has_default": True, "parameter_default": value}
    victim.app.config["components"][0]["props"]["value"] = value


def disguises(path: str) -> dict[str, Any]:
    return {
        "a file object": file(path),
        "with a url": file(path, url=f"file://{path}"),
        "as handle_file marks it": {**file(path), "orig_name": "private.txt"},
        "with another mark": {"path": path, "meta": {"_type": "gradio.LocalFile"}},
        "without a mark": {"path": path},
        "a path": path,
        "a URL": f"file://{path}",
        "of 3.x": {"name": path, "data": None, "is_file": True},
        "in a gallery": [{"image": file(path), "caption": None}],
        "class by name": {"__class__": "LocalFile", **file(path)},
        "as the expression": f"handle_file('{path}')",
    }


@pytest.mark.parametrize("case", disguises(""))
def test_a_default_is_not_read_from_disk(victim: Victim, case: str) -> None:
    default(victim, disguises(str(victim.secret_file))[case])
    victim.client(download_files=False).predict(api_name="/echo")
    assert SECRET not in sent(victim)
    assert victim.app.seen("upload") == []


@pytest.mark.parametrize("case", disguises(""))
def test_a_result_that_is_passed_on_is_not_read_from_disk(victim: Victim, case: str) -> None:
    value = disguises(str(victim.secret_file))[case]
    victim.app.on_join = lambda event, _: [completed(event, value)]
    victim.app.otherwise = lambda connection, _: connection.reply(b"content")
    client = victim.client(download_files=False)
    client.predict(client.predict(1, api_name="/echo"), api_name="/other")
    assert SECRET not in sent(victim)
    assert victim.app.seen("upload") == []


def test_a_description_cannot_mark_a_parameter_for_upload(victim: Victim) -> None:
    parameter = victim.app.info["named_endpoints"]["/echo"]["parameters"][0]
    parameter |= {"component": "File", "type": {"type": "filepath"}, "python_type": {"type": "filepath"}}
    victim.client().predict(str(victim.secret_file), api_name="/echo")
    assert SECRET not in sent(victim)
    assert victim.app.seen("upload") == []
