"""Code that calls an endpoint, for people to copy: what ``/info`` and ``gradio skills`` show.

Gradio's server imports ``generate_code_snippets``; it shows the texts in its API page.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gradio_client.domain.files import FILE_MARK, FILE_META
from gradio_client.domain.lenient import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Language: TypeAlias = Literal["py", "js", "bash"]

#: Components whose value the JavaScript client takes as a blob.
BLOB_COMPONENTS = frozenset(
    {"Audio", "DownloadButton", "File", "Image", "ImageSlider", "Model3D", "UploadButton", "Video"}
)
OAUTH_TOKEN_PLACEHOLDER = "hf_..."  # noqa: S105 - stands for one
_NOTHING = {"py": "None", "js": "null", "bash": "null"}
_FILE_IN_SHELL = """{"path": "'$FILE_PATH'", "meta": {"_type": "gradio.FileData"}}"""


def generate_code_snippets(
    api_name: str,
    endpoint_info: Mapping[str, Any],
    root: str,
    space_id: str | None = None,
    api_prefix: str = "/",
) -> dict[str, str]:
    """Code that calls an endpoint with the example of its description.

    Args:
        api_name: the endpoint's name with its slash.
        endpoint_info: its description (protocol section 4).
        root: the app's address.
        space_id: the Space of the app, which the code connects to instead of ``root``.
        api_prefix: what comes between the address and the routes, with slashes around it.

    Returns:
        The code by language: ``"python"``, ``"javascript"`` and ``"bash"``.
    """
    parameters = endpoint_info.get("parameters", [])
    source, token = space_id or root, endpoint_info.get("oauth_token")
    return {
        "python": generate_python_snippet(api_name, parameters, source, token),
        "javascript": generate_js_snippet(api_name, parameters, source, token),
        "bash": generate_bash_snippet(api_name, parameters, root, api_prefix, token),
    }


def generate_python_snippet(
    api_name: str, params: Sequence[Mapping[str, Any]], src: str, oauth_token: str | None = None
) -> str:
    """The call in Python, with this client; ``oauth_token`` is what the endpoint says of one."""
    files = any(_takes_file(item) or _holds_file(_written(item)) for item in params)
    names = "Client, handle_file" if files else "Client"
    token = f', oauth_token="{OAUTH_TOKEN_PLACEHOLDER}"' if oauth_token else ""
    return "\n".join(
        [
            f"from gradio_client import {names}",
            "",
            f'client = Client("{src}"{token})',
            "result = client.predict(",
            *(f"\t{_name(item)}={_value(item, 'py')}," for item in params),
            f'\tapi_name="{api_name}",',
            ")",
            "print(result)",
        ]
    )


def generate_js_snippet(
    api_name: str, params: Sequence[Mapping[str, Any]], src: str, oauth_token: str | None = None
) -> str:
    """The call in JavaScript, with ``@gradio/client``."""
    blobs = _blob_constants(params)
    values = (
        f"handle_file({blobs[position]})" if position in blobs else _value(item, "js")
        for position, item in enumerate(params)
    )
    token = f', {{ oauth_token: "{OAUTH_TOKEN_PLACEHOLDER}" }}' if oauth_token else ""
    return "\n".join(
        [
            f'import {{ {"Client, handle_file" if blobs else "Client"} }} from "@gradio/client";',
            "",
            *_fetched_blobs(params, blobs),
            f'const client = await Client.connect("{src}"{token});',
            f'const result = await client.predict("{api_name}", {{',
            *(f"\t\t{_name(item)}: {value}," for item, value in zip(params, values, strict=True)),
            "});",
            "",
            "console.log(result.data);",
        ]
    )


def generate_bash_snippet(
    api_name: str,
    params: Sequence[Mapping[str, Any]],
    root: str,
    api_prefix: str = "/",
    oauth_token: str | None = None,
) -> str:
    """The call in a shell, with curl."""
    base = root.rstrip("/") + (api_prefix or "/")
    endpoint = api_name.lstrip("/")
    values = {_name(item): _FILE_IN_SHELL if _takes_file(item) else _value(item, "bash") for item in params}
    if oauth_token:
        values["oauth_token"] = f'"{OAUTH_TOKEN_PLACEHOLDER}"'
    data = ", ".join(f'"{name}": {value}' for name, value in values.items())
    upload = f"""FILE_PATH=$(curl -s -X POST {base}upload -F 'files=@/path/to/your/file' | tr -d '[]" ')"""
    return "\n".join(
        [
            *([upload, ""] if any(map(_takes_file, params)) else ()),
            f'curl -X POST {base}call/v2/{endpoint} -s -H "Content-Type: application/json" \\',
            f"  -d '{{{data}}}' \\",
            "  | awk -F'\"' '{ print $4}' \\",
            f"  | read EVENT_ID; curl -N {base}call/{endpoint}/$EVENT_ID",
        ]
    )


def _blob_constants(params: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """The constant for each parameter that is a blob, by its position; a component's second is numbered."""
    names: dict[int, str] = {}
    for position, item in enumerate(params):
        if item.get("component") in BLOB_COMPONENTS:
            name = f"example{item['component']}"
            names[position] = f"{name}_{len(names)}" if name in names.values() else name
    return names


def _fetched_blobs(params: Sequence[Mapping[str, Any]], constants: Mapping[int, str]) -> Iterator[str]:
    for number, (position, constant) in enumerate(constants.items()):
        url = mapping(params[position].get("example_input", {})).get("url", "")
        yield f'const response_{number} = await fetch("{url}");'
        yield f"const {constant} = await response_{number}.blob();"
    if constants:
        yield ""


def _name(item: Mapping[str, Any]) -> str:
    name: str = item.get("parameter_name") or item.get("label", "input")
    return name


def _written(item: Mapping[str, Any]) -> Any:
    return item.get("parameter_default" if item.get("parameter_has_default") else "example_input")


def _value(item: Mapping[str, Any], language: Language) -> str:
    """The default or else the example of a parameter, as a literal of the language."""
    value = _written(item)
    kind = mapping(item.get("python_type")).get("type")
    if kind is None or value is None:
        return _NOTHING[language]
    if isinstance(value, str):
        is_text = kind in {"str", "string"} or kind.startswith("Literal['")
        return _quoted(value, language) if value or is_text else _NOTHING[language]
    if kind in {"bool", "boolean"}:
        value = bool(value)
    if language == "py":
        return _python(_with_files(value, _Call))
    if language == "js":
        return _json(value)
    return _in_quotes(_json(_with_files(value, lambda url: {"path": url, "meta": FILE_META})))


def _quoted(text: str, language: Language) -> str:
    return _in_quotes(_json(text)) if language == "bash" else _json(text)


def _in_quotes(text: str) -> str:
    """A text as it is written between the single quotes of a shell."""
    return text.replace("'", "'\\''")


def _json(value: Any) -> str:
    # Without escapes: Python would read those of a sign beyond U+FFFF as two signs.
    return json.dumps(value, default=str, ensure_ascii=False)


class _Call(str):
    """The URL of a file, written as a call of ``handle_file``."""

    __slots__ = ()


def _python(value: Any) -> str:
    """A Python literal, with the quotes of JSON."""
    if isinstance(value, _Call):
        return f"handle_file({str(value)!r})"
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_python, value))}]"
    if isinstance(value, dict):
        items = (f"{_json(str(key))}: {_python(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    return _json(value)


def _with_files(value: Any, replace: Callable[[str], Any]) -> Any:
    if _is_file(value):
        return replace(value["url"])
    if isinstance(value, list | tuple):
        return [_with_files(item, replace) for item in value]
    if isinstance(value, dict):
        return {key: _with_files(item, replace) for key, item in value.items()}
    return value


def _takes_file(item: Mapping[str, Any]) -> bool:
    return _holds_file(item.get("example_input"))


def _holds_file(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_file(value) or any(map(_holds_file, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_file, value))


def _is_file(value: Any) -> bool:
    fields = mapping(value)
    return bool(fields.get("url")) and mapping(fields.get("meta")).get("_type") == FILE_MARK
