"""Which components stand for the annotations that functions have."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional, Union

import pytest

from gradio_client.testing.components import FILE, FILES, JSON, NUMBER, TEXTBOX, kind_of, kinds_of_outputs


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str | None, TEXTBOX),
        (Optional[int], NUMBER),  # noqa: UP045 - what older code has
        (int | float, NUMBER),
        (int | str, JSON),
        (list[Path] | None, FILES),
        (typing.List[Path], FILES),  # noqa: UP006
        (typing.List, JSON),  # noqa: UP006
        (typing.Tuple, JSON),  # noqa: UP006
        (Union, JSON),
        (list, JSON),
        (object, JSON),
    ],
)
def test_a_parameter_of_any_type_has_a_component(annotation: Any, kind: Any) -> None:
    assert kind_of(annotation) is kind


@pytest.mark.parametrize(
    ("annotation", "kinds"),
    [
        (None, []),
        (tuple[int, Path], [NUMBER, FILE]),
        (tuple[int, ...], [JSON]),
        (tuple, [JSON]),
        (typing.Tuple, [JSON]),  # noqa: UP006
        (Iterator, [JSON]),
        (typing.Iterator, [JSON]),
        (typing.Generator, [JSON]),
        (Iterator[str], [TEXTBOX]),
        (Iterator[tuple[int, str]], [NUMBER, TEXTBOX]),
        (Iterator[tuple[int, ...]], [JSON]),
    ],
)
def test_a_function_of_any_type_has_outputs(annotation: Any, kinds: list[Any]) -> None:
    assert kinds_of_outputs(annotation) == kinds
