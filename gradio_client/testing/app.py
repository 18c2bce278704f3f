"""An app: plain Python functions, declared as endpoints."""

from __future__ import annotations

import collections.abc
import inspect
import typing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from gradio_client.testing.components import STATE, Kind, kind_of, kinds_of_outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gradio_client.domain.values import Json

    _Function = TypeVar("_Function", bound=Callable[..., Any])

_SEVERAL = 8  # arguments that a ``*args`` takes
Visibility = Literal["public", "undocumented", "private"]


class State:
    """What a function keeps between the calls of one session: read and set ``value``."""

    def __init__(self, value: Json = None) -> None:
        self.value = value


@dataclass(frozen=True, slots=True)
class StateSlot:
    """A state that several endpoints of an app share; each session begins with a copy of ``initial``."""

    component: int
    initial: Json


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter of a function, or one of its ``*args`` (``several``), and its component."""

    component: int
    name: str
    kind: Kind
    required: bool
    default: Json = None
    slot: StateSlot | None = None
    several: bool = False
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One returned value, and its component."""

    component: int
    label: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint. ``function`` is None for an event that only cancels others."""

    id: int
    name: str
    function: Callable[..., Any] | None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    generator: bool = False
    queue: bool = True
    concurrency: int | None = 1
    visibility: Visibility = "public"
    description: str = ""
    cancels: tuple[str, ...] = field(default=())

    @property
    def parameters(self) -> list[Input]:
        """The inputs that callers give: all but states."""
        return [one for one in self.inputs if one.slot is None]


class App:
    """A Gradio app without Gradio: functions with typed parameters that ``AppServer`` serves.

        app = App("Greeter")

        @app.endpoint()
        def greet(name: str, greeting: str = "Hello") -> str:
            return f"{greeting}, {name}!"

    Functions may be plain, ``async``, generators or async generators. ``str`` becomes a textbox, ``int`` and
    ``float`` a number, ``bool`` a checkbox, ``pathlib.Path`` and ``list[Path]`` a file, everything else JSON.
    What is annotated to return a tuple has several outputs, ``None`` none. ``*args`` takes up to eight
    arguments, none of them required, and without those that are None at its end; ``**kwargs`` takes none. A
    function may raise ``gradio_client.exceptions.AppError`` to fail on purpose; call ``progress`` and ``log``
    to report.
    """

    def __init__(self, title: str = "Gradio") -> None:
        self.title = title
        self.endpoints: list[Endpoint] = []
        self._components = count(1)

    def state(self, initial: Json = None) -> StateSlot:
        """A state to give to several endpoints as ``endpoint(state=...)``."""
        return StateSlot(next(self._components), initial)

    def endpoint(
        self,
        name: str | None = None,
        *,
        concurrency: int | None = 1,
        queue: bool = True,
        visibility: Visibility = "public",
        state: Json = None,
    ) -> Callable[[_Function], _Function]:
        """Declare the decorated function, which stays as it is, an endpoint.

        Args:
            name: with or without a leading slash; the function's own name by default, made unique.
            concurrency: how many of its jobs run at a time on the server; None for no limit.
            queue: what ``/config`` says about it; the queue takes it either way (protocol section 2.1).
            visibility: ``private`` endpoints run all the same when joined: hiding is the client's part.
            state: the initial value, or a slot of ``App.state``, for the parameter annotated ``State``.

        Raises:
            ValueError: the function is one of C that does not say what it takes.
        """

        def declare(function: _Function) -> _Function:
            slot = state if isinstance(state, StateSlot) else None
            inputs = tuple(self._inputs(function, lambda: slot or self.state(state)))
            self.endpoints.append(
                Endpoint(
                    id=len(self.endpoints),
                    name=self._unique(str(name or getattr(function, "__name__", "predict")).lstrip("/")),
                    function=function,
                    inputs=inputs,
                    outputs=tuple(self._outputs(function)),
                    generator=_yields(function),
                    queue=queue,
                    concurrency=concurrency,
                    visibility=visibility,
                    description=inspect.getdoc(function) or "",
                )
            )
            return function

        return declare

    def cancels(self, *names: str) -> None:
        """Add an event that cancels the running jobs of the named endpoints (protocol section 8.5)."""
        self.endpoints.append(
            Endpoint(
                id=len(self.endpoints),
                name=self._unique("cancel"),
                function=None,
                cancels=tuple(name.lstrip("/") for name in names),
            )
        )

    def _unique(self, name: str) -> str:
        taken = {endpoint.name for endpoint in self.endpoints}
        candidates = (name, *(f"{name}_{number}" for number in range(1, len(taken) + 1)))
        return next(candidate for candidate in candidates if candidate not in taken)

    def _inputs(self, function: Callable[..., Any], slot: Callable[[], StateSlot]) -> Iterator[Input]:
        hints = _hints(function)
        for name, parameter in _parameters(function).items():
            annotation = hints.get(name, Any)
            required = parameter.default is parameter.empty
            by_name = parameter.kind is parameter.KEYWORD_ONLY
            if parameter.kind is parameter.VAR_KEYWORD:
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                kind = kind_of(annotation)
                for number in range(_SEVERAL):
                    one, component = f"{name}_{number}", next(self._components)
                    yield Input(component, one, kind, required=False, several=True)
            elif annotation is State:
                kept = slot()
                yield Input(kept.component, name, STATE, required=False, slot=kept, by_name=by_name)
            else:
                default = None if required else parameter.default
                component = next(self._components)
                yield Input(component, name, kind_of(annotation), required, default, by_name=by_name)

    def _outputs(self, function: Callable[..., Any]) -> Iterator[Output]:
        kinds = kinds_of_outputs(_hints(function).get("return", Any))
        for number, kind in enumerate(kinds):
            label = "output" if len(kinds) == 1 else f"output {number}"
            yield Output(next(self._components), label, kind)


#: Names that annotations may use although their module imports them for type checkers only.
_KNOWN = {name: getattr(collections.abc, name) for name in collections.abc.__all__} | {
    "Any": Any,
    "Path": Path,
    "State": State,
}


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except ValueError as error:
        raise ValueError(
            f"{function!r} does not say what it takes. Wrap it: lambda value: function(value)."
        ) from error


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, localns=_KNOWN)
    except (NameError, TypeError):  # a name of a type checker's, or no function: everything is JSON then
        return {}


def _yields(function: Callable[..., Any]) -> bool:
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
