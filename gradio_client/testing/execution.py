"""One job from its arguments to its last message."""

from __future__ import annotations

import asyncio
import copy
import time
from collections import defaultdict
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from gradio_client.testing.app import State
from gradio_client.testing.calling import results
from gradio_client.testing.components import JSON
from gradio_client.testing.context import Running
from gradio_client.testing.differ import difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.app import Endpoint, Input
    from gradio_client.testing.events import Event
    from gradio_client.testing.storage import Storage
    from gradio_client.testing.wording import Wording
    from gradio_client.testing.workers import FunctionThreads


class Execution:
    """Runs events, and keeps what outlives them: the sessions' states, and how long endpoints take."""

    def __init__(self, wording: Wording, storage: Storage, workers: FunctionThreads) -> None:
        self._wording = wording
        self._storage = storage
        self._workers = workers
        self._states: defaultdict[str, dict[int, State]] = defaultdict(dict)
        self._durations: defaultdict[int, list[float]] = defaultdict(list)

    def average(self, endpoint: Endpoint) -> float | None:
        """Seconds per job lately, or None when there was none."""
        lately = self._durations[endpoint.id]
        return sum(lately) / len(lately) if lately else None

    async def run(self, event: Event) -> None:
        """Run the event and tell its feed all of it; the last message is the completion.

        A job that was abandoned ends without a word at its next result.
        """
        job = _Job(event, self)
        try:
            await job.run()
        except Exception as error:  # noqa: BLE001 - whatever an app raises is the job's outcome
            title = None if job.partial else getattr(error, "title", "Error")
            event.tell(self._wording.completed(self._wording.failure(error), success=False, title=title))

    async def first(self, event: Event) -> JsonObject:
        """The output of a direct call: a generator's first value (protocol section 6.2)."""
        async with aclosing(self.values(event)) as values:
            async for value in values:
                generating = event.endpoint.generator
                return self._wording.output(self.shaped(event, value), 0.0, 0.0, generating=generating)
        return self._wording.output([None] * len(event.endpoint.outputs), 0.0, 0.0, generating=False)

    def values(self, event: Event) -> Any:
        """What the event's function returns or yields."""
        function = event.endpoint.function
        if function is None:
            raise ValueError("function has no backend method.")
        running = Running(event.caller, event.tell_from_anywhere)
        return results(self._call(function, event), running, self._workers)

    def shaped(self, event: Event, value: Any) -> list[Json]:
        """A returned value as ``data``: one element per output, null for the state."""
        outputs = event.endpoint.outputs
        values = [] if not outputs else [value] if len(outputs) == 1 else list(value)
        if len(values) != len(outputs):
            name = event.endpoint.name
            raise ValueError(f"/{name} has {len(outputs)} outputs, its function gave {len(values)} values.")
        states = sum(one.slot is not None for one in event.endpoint.inputs)
        return [self._storage.sent(one, event.root) for one in values] + [None] * states

    def output(self, event: Event, data: list[Json], since: float, *, generating: bool) -> JsonObject:
        """The ``output`` object of a result that came just now."""
        duration = time.perf_counter() - since
        lately = self._durations[event.endpoint.id]
        lately[:] = [*lately[-99:], duration]
        return self._wording.output(data, duration, sum(lately) / len(lately), generating=generating)

    def generating(self, event: Event, output: JsonObject, previous: list[Json] | None) -> JsonObject:
        """The message for an intermediate result: in full, or what changed since ``previous``."""
        line = self._wording.line
        whole = event.whole and line.simple_format
        if previous is not None and line.sends_diffs and not whole:
            output = output | {"data": self._changes(event.endpoint, previous, output["data"])}
        return self._wording.generating(output)

    def completed(self, output: JsonObject) -> JsonObject:
        """The message that ends a job well."""
        return self._wording.completed(output)

    @property
    def repeats_generating(self) -> bool:
        """Whether a generator's last message still says that it generates (trap 18)."""
        return self._wording.line.repeats_generating

    def _changes(self, endpoint: Endpoint, old: list[Json], new: list[Json]) -> list[Json]:
        line = self._wording.line
        kinds = [output.kind for output in endpoint.outputs]
        changes = []
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            if index < len(kinds) and kinds[index] is JSON and line.whole_json:
                changes.append([] if before == after else [["replace", [], after]])
            else:
                changes.append(difference(before, after, shifts_deletes=line.shifts_deletes))
        return changes

    def _call(self, function: Callable[..., Any], event: Event) -> Callable[[], Any]:
        inputs, data = event.endpoint.inputs, event.data or []
        if len(data) < len(inputs):
            raise ValueError(
                f"An event handler ({event.endpoint.name}) didn't receive enough input values "
                f"(needed: {len(inputs)}, got: {len(data)})."
            )
        given = [(one, self._argument(event, one, value)) for one, value in zip(inputs, data, strict=False)]
        named = {one.name: value for one, value in given if one.by_name}
        positional = [(one.several, value) for one, value in given if not one.by_name]
        while positional and positional[-1] == (True, None):
            positional.pop()
        return partial(function, *(value for _, value in positional), **named)

    def _argument(self, event: Event, wanted: Input, value: Json) -> Any:
        if wanted.slot is not None:
            states = self._states[event.caller.session_hash]
            initial = State(copy.deepcopy(wanted.slot.initial))
            return states.setdefault(wanted.slot.component, initial)
        return self._storage.received(value) if wanted.kind.is_file else value


class _Job:
    def __init__(self, event: Event, execution: Execution) -> None:
        self._event = event
        self._execution = execution
        self.partial = False

    async def run(self) -> None:
        event, execution = self._event, self._execution
        last: list[Json] | None = None
        since = time.perf_counter()
        async with aclosing(execution.values(event)) as values:
            async for value in values:
                if not event.alive:
                    return
                data = execution.shaped(event, value)
                if event.endpoint.generator:
                    output = execution.output(event, data, since, generating=True)
                    event.tell(execution.generating(event, output, last))
                    self.partial = True
                    await asyncio.sleep(0)  # so that the stream flows though the function never waits
                    since = time.perf_counter()
                last = data
        if event.alive:
            generating = event.endpoint.generator and execution.repeats_generating
            nothing: list[Json] = [None] * len(event.endpoint.outputs)
            output = execution.output(event, nothing if last is None else last, since, generating=generating)
            event.tell(execution.completed(output))
