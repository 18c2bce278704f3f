"""The company's plugin, installed for every client there is: of this process, and of those it starts."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gateway.gate import KEY

from gradio_client import _installed

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNER = Path(__file__).with_name("signer.py")


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Install it into an empty folder, as long as the block."""
    (folder / "company_signer.py").write_text(SIGNER.read_text("utf-8"), "utf-8")
    info = folder / "company_signer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: company-signer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gradio_client]\nsigner = company_signer\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPANY_KEY", KEY)
        patch.setenv("COMPANY_GATEWAY", "127.0.0.1")
        patch.setenv("PYTHONPATH", str(folder))
        patch.syspath_prepend(folder)
        _installed.forget()
        yield
    sys.modules.pop("company_signer", None)
    _installed.forget()
