"""OpenTelemetry spans and metrics for jobs and exchanges; needs ``gradio_client[opentelemetry]``.

    client = Client(url, plugins=[Tracing()])

A job is a span ``gradio_client.job``; each of its requests is a client span within it, named after its
purpose, whose trace context goes to the app in ``traceparent``. Neither has values, headers or queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from opentelemetry import context as contexts
from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import SpanKind, StatusCode

from gradio_client.hooks import (
    ClientInfo,
    Exchange,
    JobEvent,
    JobInfo,
    Outcome,
    RequestContext,
    Submitted,
    hookimpl,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

NAME = "gradio_client"
_ENDS = {"Completed": StatusCode.OK, "Failed": StatusCode.ERROR, "Cancelled": StatusCode.UNSET}


class Tracing:
    """The plugin.

    Args:
        tracers: where spans go; None for the program's global provider.
        meters: where metrics go; likewise.
    """

    def __init__(self, tracers: TracerProvider | None = None, meters: MeterProvider | None = None) -> None:
        self._tracer = trace.get_tracer(NAME, tracer_provider=tracers)
        meter = metrics.get_meter(NAME, meter_provider=meters)
        self._seconds = meter.create_histogram(
            "gradio_client.exchange.duration", unit="s", description="From sending to the response's end"
        )
        self._jobs = meter.create_counter("gradio_client.jobs", description="Jobs that ended, by how")
        self._exchanges: WeakKeyDictionary[RequestContext, Span] = WeakKeyDictionary()
        self._under_way: WeakKeyDictionary[JobInfo, Span] = WeakKeyDictionary()

    @hookimpl
    def gradio_client_exchange_started(self, exchange: Exchange) -> None:
        """Start the span of an exchange."""
        asked = exchange.context
        attributes = {"http.request.method": asked.method, "url.full": asked.url, **_about(asked)}
        self._exchanges[asked] = self._tracer.start_span(
            f"gradio_client.{asked.purpose}", kind=SpanKind.CLIENT, attributes=attributes
        )

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str] | None:
        """The trace context, for the app's own origin."""
        span = self._exchanges.get(context)
        if span is None or not context.same_origin:
            return None
        carrier: dict[str, str] = {}
        propagate.inject(carrier, context=trace.set_span_in_context(span))
        return carrier

    @hookimpl
    def gradio_client_exchange_finished(self, exchange: Exchange, outcome: Outcome) -> None:
        """End the span of an exchange, and measure it."""
        asked = exchange.context
        attributes = _about(asked)
        if outcome.status is not None:
            attributes["http.response.status_code"] = outcome.status
        if outcome.error is not None:
            attributes["error.type"] = type(outcome.error).__name__
        self._seconds.record(outcome.seconds, attributes)
        if span := self._exchanges.pop(asked, None):
            span.set_attributes(attributes)
            if outcome.error is not None or (outcome.status or 0) >= 400:
                span.set_status(StatusCode.ERROR)
            span.end()

    @hookimpl
    def gradio_client_job_event(self, client: ClientInfo, job: JobInfo, event: Submitted | JobEvent) -> None:
        """Start, note and end the span of a job."""
        kind = type(event).__name__
        if isinstance(event, Submitted):
            attributes = {"gradio.app": client.url, "gradio.api_name": job.api_name}
            span = self._under_way[job] = self._tracer.start_span(f"{NAME}.job", attributes=attributes)
            contexts.attach(trace.set_span_in_context(span))  # for this job alone
        elif kind in _ENDS:
            self._jobs.add(1, {"gradio.api_name": job.api_name, "outcome": kind.lower()})
            if ended := self._under_way.pop(job, None):
                ended.set_attribute("outcome", kind.lower())
                ended.set_status(_ENDS[kind])
                ended.end()
        elif found := self._under_way.get(job):
            found.add_event(kind)


def _about(asked: RequestContext) -> dict[str, str | int]:
    about: dict[str, str | int] = {"gradio.purpose": asked.purpose, "gradio.attempt": asked.attempt}
    return about | {"gradio.api_name": asked.api_name} if asked.api_name else about
