"""An endpoint as an object of its client, as Gradio's ``load`` takes it.

The client itself works with ``gradio_client.domain.endpoints.Endpoint``, which knows no client.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gradio_client.compat.json_types import value_is_file
from gradio_client.domain.dependencies import components_by_id, dependencies_by_id, is_skipped
from gradio_client.domain.errors import ArgumentError, Where
from gradio_client.domain.files import FILE_META, is_url, map_files, url_name
from gradio_client.domain.lenient import mapping
from gradio_client.files import LocalFile, temp_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gradio_client import domain
    from gradio_client.client import Client
    from gradio_client.domain.endpoints import Component
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.job import Job


@dataclass(frozen=True, slots=True)
class ComponentApiType:
    """One input or output of an endpoint, as ``gradio_client`` 2.7.2 tells of it.

    Attributes:
        skip: it has no parameter.
        value_is_file: its value holds files.
        is_state: the server keeps its value for the session.
    """

    skip: bool
    value_is_file: bool
    is_state: bool


class Endpoint:
    """One function of an app, and the client that calls it.

    Attributes:
        client: the client.
        fn_index: the function's number.
        dependency: what the app's configuration says of it.
        api_name: its name with a slash; False or None when it has none.
        api_visibility: ``"public"``, ``"undocumented"`` or ``"private"``.
        is_valid: whether clients may call it.
        backend_fn: whether it runs on the server.
        protocol: the app's dialect of the queue's protocol.
        parameters_info: its parameters as the API description lists them; None without one.
        oauth_token_requirement: ``"required"`` or ``"optional"`` when it acts with the caller's token.
        root_url: the address below which the app's routes are, with a slash at its end.
        input_component_types: what its inputs are, in order.
        output_component_types: likewise its outputs.
    """

    def __init__(self, client: Client, endpoint: domain.endpoints.Endpoint, dependency: JsonObject) -> None:
        self.client = client
        self.fn_index = endpoint.id
        self.dependency = dependency
        name = dependency.get("api_name")
        self.api_name = f"/{name}" if isinstance(name, str) else name
        self.api_visibility = endpoint.visibility
        self.is_valid = endpoint.visibility != "private"
        self.backend_fn = endpoint.callable
        self.protocol = client.protocol
        described = mapping(client._engine.app.config.info.get("named_endpoints"))  # noqa: SLF001
        self.oauth_token_requirement = endpoint.oauth
        self.root_url = client.src_prefixed
        self._inputs, self._outputs = endpoint.inputs, endpoint.outputs
        self.parameters_info = mapping(described.get(str(self.api_name))).get("parameters")

    def __repr__(self) -> str:
        return f"<Endpoint {self.api_name or self.fn_index} of {self.client.src}>"

    @property
    def input_component_types(self) -> list[ComponentApiType]:
        """What its inputs are, in order."""
        return [self._type(component) for component in self._inputs]

    @property
    def output_component_types(self) -> list[ComponentApiType]:
        """What its outputs are, in order."""
        return [self._type(component) for component in self._outputs]

    def make_end_to_end_fn(self, helper: Mapping[str, str] | None = None) -> Callable[..., Any]:
        """A function that calls the endpoint and returns its result, or yields its outputs.

        It is a generator function when the app's function is one, unless that wants to know of the
        event on the page, as Gradio's ``load`` wraps those. File objects among its arguments are
        uploaded, while a page is served only from Gradio's folder for uploads, or passed on as the app's
        own files.

        Args:
            helper: headers for its calls, as ``Client.new_helper`` gives them.
        """

        def call(*data: Json, **body: Json) -> Any:
            return self._submit(data, helper, **body).result()

        def stream(*data: Json, **body: Json) -> Iterator[Any]:
            job = self._submit(data, helper, **body)
            try:
                yield from job
            finally:
                job._cancel_soon()  # noqa: SLF001 - whoever stops listening wants no more

        return stream if self._streams() else call

    def _type(self, component: Component) -> ComponentApiType:
        described = components_by_id(self.client.config).get(component.id, {})
        holds_files = value_is_file(described.get("api_info") or {})
        return ComponentApiType(is_skipped(described), holds_files, component.is_state)

    def _streams(self) -> bool:
        generates = mapping(self.dependency.get("types")).get("generator")
        return bool(generates) and not self.dependency.get("collects_event_data")

    def _submit(
        self, data: tuple[Json, ...], headers: Mapping[str, str] | None, event_data: Json = None
    ) -> Job:
        sent = [self._with_files(value) for value in data]
        return self.client._launch(  # noqa: SLF001 - one face in two classes
            sent, {}, api_name=None, fn_index=self.fn_index, headers=headers, event_data=event_data
        )

    def _with_files(self, value: Json) -> Json:
        if isinstance(value, LocalFile):
            return value
        return map_files(value, self._sendable, needs_meta=True)

    def _sendable(self, file: JsonObject) -> JsonObject:
        """A file object as one that may be sent on.

        Pages can name any file. Only what was uploaded, or what the app itself offers, is sent for them;
        a program that calls the function itself, such as through ``Blocks.__call__``, chose its files.
        """
        from gradio_client._zero_gpu import served_request  # noqa: PLC0415 - Gradio takes only names from here

        if isinstance(file, LocalFile):
            return file
        path = file["path"]
        name = str(file.get("orig_name") or (url_name(path) if is_url(path) else Path(path).name))
        own = self.client._engine.app.urls.file("")  # noqa: SLF001
        if path.startswith(own):  # the app has it already, and need not fetch it from itself
            return {"path": unquote(path.removeprefix(own)), "orig_name": name, "meta": dict(FILE_META)}
        if is_url(path):
            return {"path": path, "orig_name": name, "meta": dict(FILE_META)}
        folder = temp_dir()
        if served_request() is not None and not Path(path).resolve().is_relative_to(Path(folder).resolve()):
            raise ArgumentError(
                f"The file {path!r} is not in the folder for uploads, {folder!r}, so it is not "
                "sent to the app. Upload it, or mark it with handle_file().",
                where=Where(endpoint=str(self.api_name)),
            )
        return LocalFile(path=path, orig_name=name, meta=dict(FILE_META))


def endpoints_of(client: Client) -> dict[int, Endpoint]:
    """An app's endpoints by number, in the order of its configuration."""
    app = client._engine.app  # noqa: SLF001
    dependencies = dependencies_by_id(app.raw_config)
    return {
        number: Endpoint(client, endpoint, dependencies.get(number, {}))
        for number, endpoint in app.config.endpoints.items()
    }
