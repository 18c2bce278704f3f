"""What installed packages take from gradio_client, read from their source; nothing of it is run.

Python 3.11 and later, standard library alone: it reads the packages of other environments.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "gradio_client"


def needed(packages: Path, *names: str) -> set[str]:
    """``"gradio_client.utils.traverse"`` and the like: every name that these packages use."""
    sources = (path for name in names for path in (packages / name).rglob("*.py"))
    return {found for path in sources for found in used(path.read_text("utf-8"))}


def used(source: str) -> set[str]:
    """The names that one module takes from gradio_client: imported, or as attributes of what is."""
    tree = ast.parse(source)
    aliases = dict(_imported(tree))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    chains = (_chain(node, aliases) for node in nodes)
    return {name for name in aliases.values() if name != NAME} | {name for name in chains if name}


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, with what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module or ""):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in (alias for alias in node.names if _is_ours(alias.name)):
                yield (alias.asname or alias.name), alias.name
                yield NAME, NAME


def _chain(node: ast.expr, aliases: dict[str, str]) -> str | None:
    """``client_utils.traverse`` as ``gradio_client.utils.traverse``; None for what is something else."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id)
    if isinstance(node, ast.Attribute) and (before := _chain(node.value, aliases)):
        return f"{before}.{node.attr}"
    return None


def _is_ours(module: str) -> bool:
    return module == NAME or module.startswith(f"{NAME}.")
