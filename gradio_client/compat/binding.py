"""Arguments by position and by name, put in the order of an endpoint's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradio_client.data_classes import ParameterInfo

_MISSING = object()


def construct_args(
    parameters_info: Sequence[ParameterInfo] | None, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> list[Any]:
    """The values of a call in the order of the parameters, with defaults where none is given.

    More positional arguments than parameters are passed on; values are never compared.

    Args:
        parameters_info: the parameters as ``view_api(return_format="dict")`` lists them; None for
            an endpoint without a description, which takes arguments by position only.
        args: the arguments by position.
        kwargs: the arguments by name.

    Raises:
        TypeError: an argument is unknown, given twice, or missing.
        ValueError: arguments by name for an endpoint without a description.
    """
    if parameters_info is None:
        if kwargs:
            raise ValueError("The parameters of this endpoint have no names; pass values by position.")
        return list(args)
    places = {name: at for at, info in enumerate(parameters_info) if (name := _name(info)) is not None}
    values = [*args, *(_default(info) for info in parameters_info[len(args) :])]
    for name, value in kwargs.items():
        values[_place(name, places, len(args))] = value
    for at, value in enumerate(values):
        if value is _MISSING:
            name = _name(parameters_info[at]) or f"argument {at}"
            raise TypeError(f"The argument {name!r} is required, but was not given.")
    return values


def _default(info: ParameterInfo) -> Any:
    return info.get("parameter_default") if info.get("parameter_has_default") else _MISSING


def _place(name: str, places: Mapping[str, int], positional: int) -> int:
    if name not in places:
        known = ", ".join(places) or "none"
        raise TypeError(f"The endpoint has no parameter {name!r}. Its parameters: {known}.")
    if places[name] < positional:
        raise TypeError(f"The argument {name!r} was given twice: by position and by name.")
    return places[name]


def _name(info: ParameterInfo) -> str | None:
    return info.get("parameter_name")
