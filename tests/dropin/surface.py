"""The public names of this environment's gradio_client, with what can be passed to them; printed as JSON.

It runs in two environments: in this package's and, as a script, in that of gradio_client 2.7.2.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import gradio_client

MODULES = ("client", "data_classes", "documentation", "exceptions", "snippet", "utils")
CONSTANTS = ("CURRENT_FILE_DATA_FORMAT", "INVALID_RUNTIME", "STATE_COMPONENT")
SOURCES = {".py", ".pyc", ".pyi", ".typed", ".md"}


def surface() -> dict[str, Any]:
    """Names below ``gradio_client``: parameters of what can be called, None of what cannot."""
    modules = {name: importlib.import_module(f"gradio_client.{name}") for name in MODULES}
    utils = modules["utils"]
    return {
        "names": dict(item for name, module in modules.items() for item in _names(name, module)),
        "package": sorted(gradio_client.__all__),
        "constants": {name: getattr(utils, name) for name in CONSTANTS},
        "files": _files(),
        "errors": {
            name: [base.__name__ for base in error.__mro__ if base.__module__ == "builtins"]
            for module in (modules["exceptions"], utils)
            for name, error in vars(module).items()
            if inspect.isclass(error) and issubclass(error, Exception)
        },
    }


def _names(prefix: str, holder: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in dir(holder):
        item = getattr(holder, name)
        if (name.startswith("_") and name != "__init__") or not (inspect.isclass(holder) or _is_own(item)):
            continue
        found.append((f"{prefix}.{name}", None if inspect.isclass(item) else _parameters(item)))
        if inspect.isclass(item) and not issubclass(item, dict):
            found += _names(f"{prefix}.{name}", item)
    return found


def _is_own(item: Any) -> bool:
    """Whether a module's name is its own, or is taken from another module of the package."""
    if callable(item):
        return str(getattr(item, "__module__", "")).startswith("gradio_client")
    return not inspect.ismodule(item) and type(item).__module__ in {"builtins", "collections"}


def _parameters(item: Any) -> list[list[str]] | None:
    """Name, kind and default of each, in order."""
    try:
        found = inspect.signature(item).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[one.name, one.kind.name, "" if one.default is one.empty else repr(one.default)] for one in found]


def _files() -> list[str]:
    folder = Path(str(gradio_client.__file__)).parent
    paths = [path for path in folder.rglob("*") if path.is_file()]
    others = [path for path in paths if path.suffix not in SOURCES or path.parent.name == "templates"]
    return sorted(path.relative_to(folder).as_posix() for path in others if path.suffix != ".pyc")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(surface()))
