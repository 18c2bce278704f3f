"""The version of the installed distribution; of the source tree where nothing is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def _installed_or_source() -> str:
    try:
        return version("gradio_client")
    except PackageNotFoundError:
        return _of_source_tree(Path(__file__).resolve().parents[1])


def _of_source_tree(root: Path) -> str:
    import tomllib  # noqa: PLC0415 - an installed distribution needs none

    try:
        with (root / "pyproject.toml").open("rb") as file:
            found = tomllib.load(file)["project"]["version"]
    except (OSError, ValueError, KeyError):
        return "0+unknown"
    return str(found)


__version__ = _installed_or_source()
