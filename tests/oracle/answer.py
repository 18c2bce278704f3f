"""Answers for `incumbent.py`; runs in the environment of gradio_client 2.7.2, which it asks.

Standard input: {"function": name, "cases": [[argument, ...], ...]}
Standard output: [{"value": ...} or {"raised": "KeyError: ..."}, ...]
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING, Any

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Callable


def view_api(info: Any, all_endpoints: Any) -> Any:
    client: Any = object.__new__(Client)  # its constructor would connect
    client._info = info
    return client.view_api(all_endpoints, print_info=False, return_format="str")


def function(name: str) -> Callable[..., Any]:
    if name == "view_api":
        return view_api
    module, _, attribute = name.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"gradio_client.{module}"), attribute)
    return found


def answer(asked: Callable[..., Any], case: list[Any]) -> dict[str, Any]:
    try:
        return {"value": asked(*case)}
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        return {"raised": f"{type(error).__name__}: {error}"[:300]}


def main() -> None:
    question = json.load(sys.stdin)
    asked = function(question["function"])
    json.dump([answer(asked, case) for case in question["cases"]], sys.stdout, default=repr)


if __name__ == "__main__":
    main()
