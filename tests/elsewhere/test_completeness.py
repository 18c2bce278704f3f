"""No file of tests/integration/ is forgotten."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def test_every_file_of_the_integration_tests_is_taken() -> None:
    usual = {path.stem for path in HERE.with_name("integration").glob("test_*.py")}
    taken = {path.stem.removesuffix("_elsewhere") for path in HERE.glob("test_*_elsewhere.py")}
    assert sorted(usual - taken) == [], "add a file here that imports these tests, as its neighbours do"
    assert taken <= usual
