"""``docs/writing-a-transport.md`` shows the stranger's code, and names what there is."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from gradio_client_contract_tests import Capability, TransportContract

from gradio_client import transport
from gradio_client.transport import (
    BytesBody,
    Request,
    Transport,
    TransportClosedError,
    TransportError,
    TransportOptions,
)

HERE = Path(__file__).resolve().parent
STRANGER = HERE / "stranger"
DOCUMENT = (HERE.parents[1] / "docs" / "writing-a-transport.md").read_text("utf-8")
#: The code of each file that is shown, by its name.
SHOWN = dict(re.findall(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))
BLOCKS = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
#: A file with a docstring and one without a byte need not be shown.
TOO_SHORT = {"stranger_urllib3/__init__.py", "stranger_urllib3/py.typed"}


def files() -> set[str]:
    found = (path for path in STRANGER.rglob("*") if path.suffix in {".py", ".toml", ".typed"})
    return {path.relative_to(STRANGER).as_posix() for path in found}


def test_it_shows_every_file_of_the_stranger() -> None:
    assert SHOWN.keys() == files() - TOO_SHORT


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_what_it_shows_is_what_runs(name: str) -> None:
    assert SHOWN[name] == (STRANGER / name).read_text("utf-8")


@pytest.mark.parametrize("name", transport.__all__)
def test_it_tells_of_everything_that_the_port_has(name: str) -> None:
    assert re.search(rf"`[^`\n]*\b{name}\b|^ +{name} ", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize("name", re.findall(r"`(test_\w+)`", DOCUMENT))
def test_a_contract_test_that_it_names_exists(name: str) -> None:
    assert hasattr(TransportContract, name)


def test_it_lists_the_capabilities_there_are() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT, re.MULTILINE)
    assert table == [capability.name for capability in Capability]


def test_its_tree_of_errors_is_that_of_the_port() -> None:
    lines = re.findall(
        r"^ {4}( *)(\w+Error) ", DOCUMENT.replace("TransportError\n", "TransportError \n"), re.MULTILINE
    )
    bases: list[str] = []
    for indent, name in lines:
        del bases[len(indent) // 2 :]
        bases.append(name)
        assert [base.__name__ for base in reversed(getattr(transport, name).__mro__)][3:] == bases
    named = {
        name for name in transport.__all__ if inspect.isclass(getattr(transport, name)) and "Error" in name
    }
    assert {name for _, name in lines} == named


@pytest.mark.parametrize("block", BLOCKS)
def test_its_python_can_be_compiled(block: str) -> None:
    compile(block, "writing-a-transport.md", "exec")


def test_its_contents_are_its_headings() -> None:
    listed = re.findall(r"^\d+\. \[(.*)\]\(#(.*)\)$", DOCUMENT, re.MULTILINE)
    headings = re.findall(r"^## \d+\. (.*)$", DOCUMENT, re.MULTILINE)
    assert [text for text, _ in listed] == headings
    for number, (text, anchor) in enumerate(listed, 1):
        plain = re.sub(r"[^\w -]", "", f"{number}. {text}".lower())
        assert anchor == plain.replace(" ", "-")


def echo() -> Transport:
    [block] = [block for block in BLOCKS if "EchoTransport" in block]
    names: dict[str, Any] = {}
    exec(block, names)
    made: Transport = names["EchoTransport"](TransportOptions())
    return made


def test_its_asynchronous_transport_does_what_it_says() -> None:
    async def main() -> None:
        transport = echo()
        response = await transport.send(Request("POST", "http://x/", body=BytesBody(b"hello")))
        assert [await response.read(), await response.read()] == [b"hello", b""]
        await response.aclose()
        await transport.aclose()
        with pytest.raises(TransportClosedError):
            await transport.send(Request("GET", "http://x/"))

    asyncio.run(main())


def test_its_asynchronous_transport_ends_what_is_open_when_it_closes() -> None:
    async def main() -> None:
        transport = echo()
        response = await transport.send(Request("POST", "http://x/", body=BytesBody(b"hello")))
        await transport.aclose()
        with pytest.raises(TransportError, match="closed"):
            await response.read()

    asyncio.run(main())
