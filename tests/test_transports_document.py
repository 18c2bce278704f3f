"""What docs/transports.md shows runs as it stands there, and it names every setting there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from programs import output

from gradio_client._http.options import SUPPORTED
from gradio_client.domain.proxies import PROXY_VARIABLES
from gradio_client.transport.tls import CA_VARIABLES

if TYPE_CHECKING:
    from conftest import Gradio

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs" / "transports.md").read_text("utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
NAMES = [re.search(r"transport=(\w+|\"\w+\")", program)[1].strip('"') for program in PROGRAMS]  # type: ignore[index]
OF_CGI = "request_method"  # which only makes another variable count for less


@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_a_program_runs_and_prints_what_the_app_says(program: str, gradio: Gradio, tmp_path: Path) -> None:
    program = program.replace("http://127.0.0.1:7860", gradio("6.31.0").url)
    assert output("-c", program, folder=tmp_path).splitlines()[-1] == "Hello, Ada!"


@pytest.mark.parametrize("key", SUPPORTED)
def test_a_key_is_named(key: str) -> None:
    assert f"`{key}`" in DOCUMENT


@pytest.mark.parametrize("name", [*CA_VARIABLES, *(v.upper() for v in PROXY_VARIABLES if v != OF_CGI)])
def test_a_variable_is_named(name: str) -> None:
    assert f"`{name}`" in DOCUMENT
