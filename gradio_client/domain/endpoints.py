"""An app's endpoints: which one a call means, and whether its arguments fit."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeAlias

from gradio_client.domain.errors import ArgumentError, EndpointNotFoundError, InvalidAPIEndpointError, Where
from gradio_client.domain.files import map_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gradio_client.domain.values import Json, JsonObject

#: Listed and callable, callable only, or not for API clients at all.
Visibility: TypeAlias = Literal["public", "undocumented", "private"]

_NAMES_SHOWN = 20  # endpoints, or parameters, that one error lists
_TYPE_SHOWN = 60  # characters of a type or name
_MANY = 40  # parameters that one signature shows


@dataclass(frozen=True, slots=True)
class Component:
    """One input or output of an endpoint.

    Attributes:
        id: its number in the configuration.
        type: ``"textbox"``, ``"state"``, ...; empty when the configuration lacks it.
        label: its text on the page, or one made of its number.
        skipped: it has no parameter, and its value is null in requests.
        is_state: the server keeps its value for the session.
    """

    id: int
    type: str
    label: str
    skipped: bool
    is_state: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a caller passes.

    Attributes:
        name: its keyword; None when it can only be passed by position.
        label: its text on the page.
        type: its Python type, as text for people.
        required: it has no default.
        default: what the server wants when the caller passes nothing.
    """

    name: str | None
    label: str
    type: str
    required: bool
    default: Json = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A function that the app offers (protocol sections 2.1 and 4).

    Attributes:
        id: what requests call it by.
        api_name: its name with a slash before it; None when it has none.
        visibility: whether clients are meant to call it.
        callable: it runs on the server, not in the browser only.
        inputs: one for each value in a request, in order; some may be the same component.
        outputs: likewise for an answer.
        parameters: what a caller passes, in order.
        named_parameters: whether the server tells names; if not, all are positional and required.
        oauth: ``"required"`` or ``"optional"`` when it acts with the caller's token (section 3.3).
        cancelled_by: ids of the functions that cancel it when called (section 8.5).
    """

    id: int
    api_name: str | None
    visibility: Visibility
    callable: bool
    inputs: tuple[Component, ...]
    outputs: tuple[Component, ...]
    parameters: tuple[Parameter, ...]
    named_parameters: bool
    oauth: str | None
    cancelled_by: tuple[int, ...]

    @property
    def label(self) -> str:
        """The name, or ``fn_index=N`` for an endpoint without one."""
        return self.api_name or f"fn_index={self.id}"

    @property
    def has_state(self) -> bool:
        """Whether the server keeps something of a call for the next one of the same session."""
        return any(component.is_state for component in (*self.inputs, *self.outputs))

    def signature(self) -> str:
        """The endpoint as a Python function, ``/greet(name: str, times: float = 1)``; long parts are cut."""
        shown = [_parameter_text(parameter, at) for at, parameter in enumerate(self.parameters[:_MANY])]
        unnamed = [at for at, parameter in enumerate(self.parameters[:_MANY]) if parameter.name is None]
        if unnamed:
            shown.insert(unnamed[-1] + 1, "/")
        rest = ["..."] if len(self.parameters) > _MANY else []
        return f"{self.label}({', '.join(shown + rest)})"


def select_endpoint(
    config_endpoints: Mapping[int, Endpoint], api_name: str | None, fn_index: int | None
) -> Endpoint:
    """The endpoint that a call means.

    Args:
        config_endpoints: the app's endpoints by id.
        api_name: a name with or without its slash; goes before ``fn_index``.
        fn_index: an endpoint's id.

    Raises:
        EndpointNotFoundError: no such endpoint; or neither was given, and not exactly one is offered.
        InvalidAPIEndpointError: the endpoint is private, or runs in the browser only.
    """
    endpoints = list(config_endpoints.values())
    if api_name is not None:
        return _offered(_named(endpoints, api_name))
    if fn_index is not None:
        return _offered(_numbered(config_endpoints, fn_index))
    return _only(endpoints)


def bind_arguments(endpoint: Endpoint, args: Sequence[Json], kwargs: Mapping[str, Json]) -> list[Json]:
    """The ``data`` of a request: one value for each input, null for skipped ones (protocol section 4.1).

    The caller's values are passed on as they are. Defaults are copies, and files in them
    lack their ``url``, which may name something else (trap 24).

    Raises:
        ArgumentError: there are too many arguments, or unknown, doubled or missing ones.
    """
    _check_count(endpoint, args)
    _check_keywords(endpoint, len(args), kwargs)
    left = endpoint.parameters[len(args) :]
    missing = [_name(parameter) for parameter in left if parameter.required and parameter.name not in kwargs]
    if missing:
        raise _misfit(endpoint, f"lacks {_count(len(missing), 'argument')}: {_listed(missing)}")
    return _placed(endpoint, iter([*args, *(_value(parameter, kwargs) for parameter in left)]))


def _placed(endpoint: Endpoint, values: Iterator[Json]) -> list[Json]:
    data = [None if component.skipped else next(values, None) for component in endpoint.inputs]
    return [*data, *values]  # more parameters than inputs is the server's own doing: it gets them all


def _value(parameter: Parameter, kwargs: Mapping[str, Json]) -> Json:
    if parameter.name is not None and parameter.name in kwargs:
        return kwargs[parameter.name]
    return map_files(parameter.default, _without_url, needs_meta=True)


def _without_url(file: JsonObject) -> Json:
    return {key: map_files(value, dict, needs_meta=True) for key, value in file.items() if key != "url"}


def _check_count(endpoint: Endpoint, args: Sequence[Json]) -> None:
    if len(args) > len(endpoint.parameters):
        most = _count(len(endpoint.parameters), "argument")
        raise _misfit(endpoint, f"takes {'at most ' if endpoint.parameters else ''}{most}, not {len(args)}")


def _check_keywords(endpoint: Endpoint, positional: int, kwargs: Mapping[str, Json]) -> None:
    known = {parameter.name: at for at, parameter in enumerate(endpoint.parameters)}
    for name in kwargs:
        shown = _short(repr(name), _TYPE_SHOWN)
        if not isinstance(name, str):  # of a dictionary that stands for arguments
            raise _misfit(endpoint, f"has parameters with names that are text, not {shown}")
        if not endpoint.named_parameters:
            raise _misfit(
                endpoint,
                f"has no keyword arguments, so that {shown} cannot be one: "
                "this server does not tell the names of its parameters. Pass values by position",
            )
        if name not in known:
            names = [parameter.name for parameter in endpoint.parameters if parameter.name]
            raise _misfit(endpoint, f"has no parameter {shown}. {_suggestion(name, names)}")
        if known[name] < positional:
            raise _misfit(endpoint, f"got {shown} twice: as argument {known[name] + 1} and by name")


def _misfit(endpoint: Endpoint, trouble: str) -> ArgumentError:
    where = Where(endpoint=endpoint.label)
    return ArgumentError(
        f"{endpoint.label} {trouble.removesuffix('.')}. Signature: {endpoint.signature()}", where=where
    )


def _named(endpoints: Sequence[Endpoint], api_name: str) -> Endpoint:
    if not isinstance(api_name, str):
        raise EndpointNotFoundError(
            f"api_name must be text such as '/predict', not {type(api_name).__name__}. "
            "To choose an endpoint by its number, pass fn_index."
        )
    found = [item for item in endpoints if item.api_name in (api_name, f"/{api_name}")]
    offered = [item for item in found if item.visibility != "private" and item.callable]
    if not found:
        names = _public_names(endpoints)
        shown = _short(repr(api_name), _TYPE_SHOWN)
        raise EndpointNotFoundError(f"The app has no endpoint {shown}. {_suggestion(api_name, names)}")
    return (offered or found)[0]


def _numbered(endpoints: Mapping[int, Endpoint], fn_index: int) -> Endpoint:
    if isinstance(fn_index, bool) or not isinstance(fn_index, int):
        raise EndpointNotFoundError(
            f"fn_index must be an integer, not {type(fn_index).__name__}. "
            "To choose an endpoint by its name, pass api_name."
        )
    if fn_index not in endpoints:
        names = _public_names(endpoints.values())
        raise EndpointNotFoundError(
            f"The app has no endpoint with fn_index={fn_index}. {_suggestion('', names)}"
        )
    return endpoints[fn_index]


def _only(endpoints: Sequence[Endpoint]) -> Endpoint:
    offered = [item for item in endpoints if item.visibility == "public" and item.callable and item.api_name]
    if len(offered) == 1:
        return offered[0]
    names = _public_names(endpoints)
    choices = f"The app has {_count(len(names), 'endpoint')} to choose from: {_listed(names)}."
    if not names:
        choices = "The app offers no endpoint by name; view_api(all_endpoints=True) shows what there is."
    raise EndpointNotFoundError(f"Say which endpoint to call: pass api_name='/...'. {choices}")


def _offered(endpoint: Endpoint) -> Endpoint:
    reason = ""
    if not endpoint.callable:
        reason = f"{endpoint.label} has no function on the server to call: it runs in the browser only."
    elif endpoint.visibility == "private":
        reason = f"The app does not offer {endpoint.label} to API clients: its author made it private."
    if reason:
        raise InvalidAPIEndpointError(reason, where=Where(endpoint=endpoint.label))
    return endpoint


def _public_names(endpoints: Iterable[Endpoint]) -> list[str]:
    return sorted(
        item.api_name for item in endpoints if item.api_name and item.visibility == "public" and item.callable
    )


def _suggestion(given: str, names: Sequence[str]) -> str:
    if not names:
        return "There is none to choose from."
    by_word = {name.strip("/").lower(): name for name in names}
    word = given.strip("/").lower()[:_TYPE_SHOWN]  # comparing takes time with the square of the length
    close = [by_word[match] for match in get_close_matches(word, by_word, n=3)]
    others = sorted(set(names) - set(close))
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"{hint}Available: {_listed([*close, *others])}."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    shown = ", ".join(_short(name, _TYPE_SHOWN) for name in names[:_NAMES_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def _name(parameter: Parameter) -> str:
    return parameter.name or repr(parameter.label)


def _parameter_text(parameter: Parameter, at: int) -> str:
    name = parameter.name or _identifier(parameter.label) or f"value_{at + 1}"
    text = f"{name}: {_short(parameter.type, _TYPE_SHOWN)}"
    if parameter.required:
        return text
    if parameter.default is None and not parameter.type.endswith("None"):
        text += " | None"
    return f"{text} = {_DEFAULTS.repr(parameter.default)}"


def _identifier(label: str) -> str:
    words = "".join(character if character.isalnum() else " " for character in label.lower()).split()
    name = "_".join(words)[:_TYPE_SHOWN]
    return name if name.isidentifier() else ""


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _default_text() -> reprlib.Repr:
    short = reprlib.Repr()
    short.maxlevel = short.maxdict = short.maxlist = 2
    short.maxstring = short.maxother = short.maxlong = 40
    return short


_DEFAULTS = _default_text()
