"""An app's configuration, understood: its version, its dialect of the protocol, its endpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from gradio_client.domain.api_info import derived_info, derived_parameters, public_info, usable_info
from gradio_client.domain.bounds import PARTS, TYPES
from gradio_client.domain.dependencies import (
    cancellers,
    components_at,
    components_by_id,
    dependencies_by_id,
    integer,
    is_called_on_server,
    visibility,
)
from gradio_client.domain.endpoints import Endpoint, Parameter
from gradio_client.domain.errors import AuthenticationError, ServerError, UnsupportedServer
from gradio_client.domain.json_text import embedded
from gradio_client.domain.lenient import mapping
from gradio_client.domain.refusals import LOG_IN
from gradio_client.domain.schema import Allowance, python_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client.domain.values import Json, JsonObject

_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
_LATER_SSE = re.compile(r"sse_v(\d{1,9})(?:\.\d{1,9})*")
_HEARTBEATS = (4, 25)
_SHOWN = 100  # characters of a server's text that an error repeats


class Dialect(StrEnum):
    """The variant of the queue protocol that a server speaks (protocol section 5.1)."""

    SSE = "sse"
    V1 = "sse_v1"
    V2 = "sse_v2"
    V2_1 = "sse_v2.1"
    V3 = "sse_v3"

    @property
    def one_stream_per_job(self) -> bool:
        """Every job has a stream of its own, instead of one for the session."""
        return self is Dialect.SSE

    @property
    def sends_diffs(self) -> bool:
        """Values of generators come as edits of the value before (section 5.13)."""
        return self not in (Dialect.SSE, Dialect.V1)

    @property
    def closes_stream(self) -> bool:
        """The server says that it ends a stream, by ``close_stream``."""
        return self is Dialect.V3

    @property
    def marks_files(self) -> bool:
        """File objects carry ``meta`` that tells them from other objects with a path (section 7.2)."""
        return self in (Dialect.V2_1, Dialect.V3)


@dataclass(frozen=True, slots=True)
class AppConfig:
    """What a client needs to know of an app (protocol section 2.1).

    Attributes:
        version: the server's version in numbers, ``(6, 31, 0)``; empty when it is unknown.
        version_text: the same as the server writes it.
        dialect: how it runs jobs.
        api_prefix: what comes before most routes, ``""`` or like ``"/gradio_api"``.
        root: the server's own idea of its address; to recognise URLs, not to call it by.
        app_id: names this run of the server; another one means that sessions and files are gone.
        endpoints: its functions by id, the private ones too.
        max_file_size: bytes that an upload may have; None without a limit.
        wants_heartbeat: whether the app would notice that a client has gone (section 8.2).
        info: the API description, as ``view_api(return_format="dict")`` returns it.
    """

    version: tuple[int, ...]
    version_text: str
    dialect: Dialect
    api_prefix: str
    root: str
    app_id: int | None
    endpoints: Mapping[int, Endpoint]
    max_file_size: int | None
    wants_heartbeat: bool
    info: JsonObject

    @property
    def has_cancel(self) -> bool:
        """``/cancel`` ends jobs (section 8.3), instead of the means of section 8.5."""
        return _is_at_least(self.version, self.dialect, (4, 31))

    @property
    def cancels_in_queue(self) -> bool:
        """``/cancel`` takes a job out of the queue, by its name alone."""
        return _is_at_least(self.version, self.dialect, (6, 14))

    @property
    def heartbeats_repeat(self) -> bool:
        """An idle stream says something every 15 s, so that longer silence means trouble (trap 8)."""
        return _is_at_least(self.version, self.dialect, (4, 4))

    @property
    def file_objects_have_meta(self) -> bool:
        """Files in outputs are marked as such (section 7.2)."""
        return self.dialect.marks_files


def parse_config(config: Json, info: Json | None) -> AppConfig:
    """Understand a configuration.

    Args:
        config: the JSON of ``/config``, or of the page.
        info: the JSON of ``/info``. If it is None or no API description, endpoints are
            taken from the configuration, and their parameters have no names.

    Raises:
        AuthenticationError: this is what a page says to those who have not logged in.
        UnsupportedServer: the server speaks a protocol that this client does not.
        ServerError: this is no configuration of a Gradio app.
    """
    checked = _checked(config)
    known = usable_info(info)
    version_text = checked["version"] if isinstance(checked.get("version"), str) else ""
    version = _version(version_text)
    dialect = _dialect(checked, version_text)
    return AppConfig(
        version=version,
        version_text=version_text,
        dialect=dialect,
        api_prefix=_prefix(checked.get("api_prefix")),
        root=_text(checked.get("root")) or "",
        app_id=integer(checked.get("app_id")),
        endpoints=_endpoints(checked, known),
        max_file_size=integer(checked.get("max_file_size")),
        wants_heartbeat=_wants_heartbeat(checked, version, dialect),
        info=public_info(known) if known is not None else derived_info(checked),
    )


def config_from_page(html: str) -> JsonObject:
    """The configuration within the page of an app (protocol section 2).

    Raises:
        ServerError: there is none in it.
    """
    found = _from_page(html, "gradio_config")
    if found is None:
        raise ServerError("The page is not that of a Gradio app: it holds no configuration. Check the URL.")
    return found


def info_from_page(html: str) -> JsonObject | None:
    """The API description within the page of an app (4.37 and later); None if there is none."""
    return _from_page(html, "gradio_api_info")


def _from_page(html: str, name: str) -> JsonObject | None:
    # Scripts further down the page use the same name; theirs do not assign an object.
    start = re.search(rf"window\.{name}\s*=\s*(?={{)", html)
    if start is None:
        return None
    try:
        found = embedded(html, start.end())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _checked(config: Json) -> JsonObject:
    """The configuration, if it is one that can be used."""
    if not isinstance(config, dict):
        kind = {list: "a list", str: "text", type(None): "null"}.get(type(config), "a number")
        raise ServerError(f"This is not a Gradio app: its configuration is {kind} instead of an object.")
    if config.get("auth_required"):
        said = _text(config.get("auth_message"))
        because = f" It says: {said[:_SHOWN]!r}." if said else ""
        raise AuthenticationError(f"The app wants a login.{because} {LOG_IN}")
    if "allow_flagging" in config:
        raise UnsupportedServer(
            "The app runs Gradio 2, whose protocol this client does not speak. "
            "Upgrade it to Gradio 4 or later."
        )
    if not isinstance(config.get("dependencies"), list):
        trouble = "has no list of" if "dependencies" in config else "lacks"
        raise ServerError(f"This is not a Gradio app: its configuration {trouble} 'dependencies'.")
    return config


def _dialect(config: JsonObject, version: str) -> Dialect:
    runs = f"The app runs Gradio {version[:_SHOWN]}" if version else "The app runs an unknown Gradio version"
    protocol = config.get("protocol")
    if protocol in (None, "ws"):
        raise UnsupportedServer(
            f"{runs}, whose WebSocket protocol this client does not speak. "
            "Upgrade the app to Gradio 4 or later, or use gradio_client 0.x (pip install 'gradio_client<1')."
        )
    text = _text(protocol) or ""
    known = next((dialect for dialect in Dialect if dialect == text), None)
    later = _LATER_SSE.fullmatch(text)
    if later and int(later[1]) >= 3:
        known = Dialect.V3  # the newest; so far each has been close to the one before
    if known is not None:
        return known
    raise UnsupportedServer(
        f"{runs} and speaks the protocol {str(protocol)[:_SHOWN]!r}, which this client does not know. "
        f"Known are {', '.join(Dialect)}. A newer client may know it: pip install -U gradio_client."
    )


def _endpoints(config: JsonObject, info: JsonObject | None) -> dict[int, Endpoint]:
    components = components_by_id(config)
    dependencies = dependencies_by_id(config)
    room = _Room()
    room.take(*(dependency.get("cancels") for dependency in dependencies.values()))
    cancelled_by = cancellers(dependencies)
    return {
        number: _endpoint(
            number,
            dependency,
            components,
            _entry(info, number, dependency),
            tuple(cancelled_by.get(number, ())),
            room,
        )
        for number, dependency in dependencies.items()
    }


class _Room:
    """What is left of all that an app may have: two bytes can name a component once more."""

    def __init__(self) -> None:
        self.types = Allowance(TYPES)
        self._parts = PARTS

    def take(self, *parts: Json) -> None:
        self._parts -= 1 + sum(len(part) for part in parts if isinstance(part, list))
        if self._parts < 0:
            raise ServerError(f"The app's functions have more than {PARTS} inputs and outputs in all.")


def _entry(info: JsonObject | None, number: int, dependency: JsonObject) -> JsonObject | None:
    """What the server's description says of an endpoint, None if nothing."""
    if info is None:
        return None
    name = dependency.get("api_name")
    if isinstance(name, str):
        return _description(info["named_endpoints"].get(f"/{name}"))
    return _description(info["unnamed_endpoints"].get(str(number)))


def _description(entry: Json) -> JsonObject | None:
    return entry if isinstance(mapping(entry).get("parameters"), list) else None


def _endpoint(
    number: int,
    dependency: JsonObject,
    components: dict[int, JsonObject],
    entry: JsonObject | None,
    cancelled_by: tuple[int, ...],
    room: _Room,
) -> Endpoint:
    room.take(dependency.get("inputs"), dependency.get("outputs"), entry and entry["parameters"])
    if entry is None:
        described = derived_parameters(dependency, components, room.types)
    else:
        described = entry["parameters"]
    parameters = _parameters(described, room.types)
    name = dependency.get("api_name")
    return Endpoint(
        id=number,
        api_name=f"/{name}" if isinstance(name, str) else None,
        visibility=visibility(dependency),
        callable=is_called_on_server(dependency),
        inputs=components_at(dependency.get("inputs"), components, "parameter"),
        outputs=components_at(dependency.get("outputs"), components, "value"),
        parameters=parameters,
        named_parameters=not parameters or any(parameter.name for parameter in parameters),
        oauth=_text(mapping(entry).get("oauth_token")),
        cancelled_by=cancelled_by,
    )


def _parameters(described: list[Json], types: Allowance) -> tuple[Parameter, ...]:
    taken: set[str] = set()
    parameters = []
    for at, entry in enumerate(described):
        parameter = _parameter(mapping(entry), at, taken, types)
        if parameter.name:
            taken.add(parameter.name)
        parameters.append(parameter)
    return tuple(parameters)


def _parameter(entry: JsonObject, at: int, taken: set[str], types: Allowance) -> Parameter:
    name = _text(entry.get("parameter_name"))
    stated = mapping(entry.get("python_type")).get("type")
    has_default = entry.get("parameter_has_default") is True
    return Parameter(
        name=name if name and name not in taken else None,
        label=_text(entry.get("label")) or f"parameter {at + 1}",
        type=stated if isinstance(stated, str) else python_type(entry.get("type"), types),
        required=not has_default,
        default=entry.get("parameter_default") if has_default else None,
    )


def _is_at_least(version: tuple[int, ...], dialect: Dialect, wanted: tuple[int, ...]) -> bool:
    # Servers that hide their version are as new as their dialect allows.
    return version >= wanted if version else dialect is Dialect.V3


def _wants_heartbeat(config: JsonObject, version: tuple[int, ...], dialect: Dialect) -> bool:
    # The first releases with heartbeats do not tell whether they matter.
    return _is_at_least(version, dialect, _HEARTBEATS) and bool(config.get("connect_heartbeat", True))


def _version(text: str) -> tuple[int, ...]:
    """The numbers at the start of a version, without what marks it as a preview."""
    found = _VERSION.match(text.strip())
    return tuple(int(number) for number in found[0].split(".")) if found else ()


def _prefix(value: Json) -> str:
    # With a slash before it, nothing in it can change the host.
    text = (_text(value) or "").strip("/")
    return "/" + quote(text, safe="/%:@!$&'()*+,;=~", errors="surrogatepass") if text else ""


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
