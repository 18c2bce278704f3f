"""The decorator on Gradio's public classes, and the reading of their docstrings.

Gradio and custom components import ``document``; Gradio's theme builder imports ``document_fn``.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

#: What was decorated, by its group or its module: each with the names of methods to document.
classes_to_document: dict[str, list[tuple[Any, list[Any]]]] = {}
#: What was decorated with ``inherit=True``, as keys.
classes_inherit_documentation: dict[Any, None] = {}

_HEADINGS = {"Parameters:": "parameters", "Returns:": "returns"}
_INDENT = "    "


def document(
    *fns: str,
    inherit: bool = False,
    documentation_group: str | None = None,
) -> Callable[[T], T]:
    """A decorator that notes a class or function as public, and returns it as it is.

    Args:
        *fns: the methods that are public too.
        inherit: whether they are also public in classes derived from it.
        documentation_group: the group it belongs to; None for the one of its module.
    """

    def note(decorated: T) -> T:
        group = documentation_group or str(getattr(decorated, "__module__", ""))
        methods = [*fns, *getattr(decorated, "EVENTS", ())]
        classes_to_document.setdefault(group, []).append((decorated, methods))
        if inherit:
            classes_inherit_documentation[decorated] = None
        return decorated

    return note


def set_documentation_group(m: str) -> None:
    """Do nothing: kept for custom components that call it."""


def document_fn(
    fn: Callable[..., Any], cls: Any
) -> tuple[str, list[dict[str, Any]], dict[str, Any], str | None]:
    """What a function's docstring says, beside its signature.

    The docstring has a description, then indented parts headed ``Parameters:`` (one ``name: text``
    per line, which deeper lines continue), ``Returns:`` and ``Example:``, in any order. An
    ``Example: (Name)`` belongs to the class of that name only.

    Args:
        fn: the function.
        cls: what it belongs to; None if nothing.

    Returns:
        The description; for each parameter, except private ones, its ``name``, ``annotation``,
        ``doc`` and, where it has one, ``default``; the return value's ``annotation`` and ``doc``,
        empty if it says nothing of one; the example, or None.

    Raises:
        SyntaxError: a line of a part is not indented.
        ValueError: it describes a parameter that the function does not have.
    """
    parts = _read(fn, cls)
    signature = inspect.signature(fn)
    if unknown := [name for name in parts.parameters if name not in signature.parameters]:
        raise ValueError(
            f"The docstring of {fn.__name__} describes parameters that it does not have: "
            f"{', '.join(unknown)}. It has: {', '.join(signature.parameters)}."
        )
    shown = [
        _parameter(parameter, parts.parameters.get(parameter.name))
        for parameter in signature.parameters.values()
        if _is_shown(parameter.name, parts.parameters)
    ]
    returns = {"annotation": signature.return_annotation, "doc": "\n".join(parts.returns)}
    example = "\n".join(parts.example) if parts.example else None
    return " ".join(parts.description), shown, returns if parts.returns else {}, example


@dataclass(slots=True)
class _Parts:
    description: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    returns: list[str] = field(default_factory=list)
    example: list[str] = field(default_factory=list)


def _read(fn: Callable[..., Any], cls: Any) -> _Parts:
    parts = _Parts()
    in_parameters: list[str] = []
    for part, line in _lines(fn, cls):
        if part == "description":
            parts.description.append(line if line.strip() else "<br>")
        elif part == "parameters":
            in_parameters.append(line)
        elif part == "returns":
            parts.returns.append(line)
        elif part == "example":
            parts.example.append(line)
    parts.parameters = _described(in_parameters)
    return parts


def _lines(fn: Callable[..., Any], cls: Any) -> Iterator[tuple[str, str]]:
    """Each line of the docstring that is no heading, with its part and without its indentation."""
    part = "description"
    for raw in (inspect.getdoc(fn) or "").split("\n"):
        line = raw.rstrip()
        if heading := _heading(line, cls):
            part = heading
        elif part == "description":
            yield part, line
        elif line and not line.startswith(_INDENT):
            raise SyntaxError(f"The docstring of {fn.__name__} lacks an indentation: {line!r}.")
        else:
            yield part, line.removeprefix(_INDENT)


def _heading(line: str, cls: Any) -> str | None:
    if not line.startswith("Example:"):
        return _HEADINGS.get(line)
    of_class = line.partition("(")[2].partition(")")[0]
    return "example" if of_class in ("", getattr(cls, "__name__", "")) else "another class's example"


def _described(lines: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        name, colon, text = line.partition(": ")
        if colon and not line.startswith(" "):
            current = found[name] = [text]
        elif current is not None and line.strip():
            current.append(line)
    return {name: "\n".join([text, *_dedented(more)]) for name, (text, *more) in found.items()}


def _dedented(lines: list[str]) -> list[str]:
    """Lines without the indentation of the first; those that have less of it keep theirs."""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())] if lines else ""
    return [line.removeprefix(indent) for line in lines]


def _is_shown(name: str, described: dict[str, str]) -> bool:
    if name.startswith("_") or name == "self":
        return False
    return name not in {"args", "kwargs"} or name in described


def _parameter(parameter: inspect.Parameter, text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": parameter.name, "annotation": parameter.annotation, "doc": text}
    if parameter.default is not inspect.Parameter.empty:
        found["default"] = _default(parameter.default)
    elif text is not None:
        found |= {word: True for word in ("kwargs", "args") if word in text}
    return found


def _default(value: Any) -> Any:
    if isinstance(value, str):
        return f'"{value}"'
    if type(value).__module__ != "builtins":
        return f"{type(value).__name__}()"
    return value
