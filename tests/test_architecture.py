"""Imports point inwards: adapters to the port, the application to domain and port, the domain to itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_overloads

import pytest

import gradio_client
from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
OURS = ("gradio_client", "gradio_client_adapters", "gradio_client_plugins", "gradio_client_contract_tests")
PURE = (
    "__future__", "abc", "base64", "collections", "copy", "dataclasses", "datetime", "difflib", "enum",
    "functools", "hashlib", "html", "ipaddress", "itertools", "json", "keyword", "math", "operator", "re",
    "reprlib", "string", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "zlib",
)  # fmt: skip
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Layer:
    """What the files below some paths may import: of ours, of other projects, of the standard library."""

    paths: tuple[str, ...]
    ours: tuple[str, ...]
    others: tuple[str, ...] = ()
    stdlib: tuple[str, ...] = tuple(sys.stdlib_module_names)

    def allows(self, module: str) -> bool:
        return _below(module, (*self.ours, *self.others, *self.stdlib))


PORT = ("gradio_client.transport",)
APPLICATION = ("gradio_client",)
#: What a plugin has to make do with: what every stranger's has.
PUBLIC = (
    "gradio_client.auth",
    "gradio_client.domain.source.AppURLs",
    "gradio_client.exceptions",
    "gradio_client.hooks",
    "gradio_client.transport",
    "gradio_client_plugins",
)
#: What one exchange needs: it knows nothing of apps, files and jobs.
HTTP = (
    "gradio_client._hook_specs",
    "gradio_client._http",
    "gradio_client.auth",
    "gradio_client.domain",
    "gradio_client.exceptions",
    "gradio_client.hooks",
    "gradio_client.timeouts",
    "gradio_client.transport",
)
#: What files need: they know of their app, and nothing of jobs.
FILES = (
    *HTTP,
    "gradio_client._app",
    "gradio_client._concurrency",
    "gradio_client._files",
    "gradio_client.downloads",
    "gradio_client.files",
    "gradio_client.progress",
)
ADAPTERS = "adapters/gradio_client_adapters"


def adapter(modules: tuple[str, ...], libraries: tuple[str, ...]) -> Layer:
    """The modules of one transport: they see the port, each other, and their own HTTP library."""
    paths = tuple(f"{ADAPTERS}/{module}.py" for module in modules)
    return Layer(paths, (*PORT, *(f"gradio_client_adapters.{module}" for module in modules)), libraries)


#: The first that has a file below one of its paths is the file's layer.
LAYERS = (
    Layer(("gradio_client/domain",), ("gradio_client.domain",), stdlib=PURE),
    Layer(("gradio_client/transport/tls.py",), PORT, ("certifi",)),
    Layer(("gradio_client/transport",), PORT),
    Layer(("gradio_client/testing/fixtures.py",), ("gradio_client.testing",), ("pytest",)),
    Layer(
        ("gradio_client/testing/cassettes.py",),
        (*PORT, "gradio_client._http.transports", "gradio_client.hooks", "gradio_client.testing"),
    ),
    Layer(("gradio_client/testing",), (*PORT, "gradio_client.domain", "gradio_client.testing"), ("aiohttp",)),
    Layer(("gradio_client/hooks.py", "gradio_client/_hook_specs.py"), APPLICATION, ("pluggy",)),
    Layer(("gradio_client/_http",), HTTP),
    Layer(("gradio_client/_files",), FILES),
    Layer(
        ("gradio_client/_spaces/hub.py", "gradio_client/_spaces/telemetry.py"),
        APPLICATION,
        ("huggingface_hub",),
    ),
    # The one exception: `Client.add_zero_gpu_headers` is the plugin's work.
    Layer(("gradio_client/_zero_gpu.py",), (*APPLICATION, "gradio_client_plugins")),
    Layer(("gradio_client/_relaying.py",), APPLICATION, ("packaging",)),
    Layer(("gradio_client/_bars.py",), APPLICATION, ("tqdm",)),
    Layer(("gradio_client",), APPLICATION),
    adapter(
        ("aiohttp", "_aiohttp_connections", "_aiohttp_direct", "_aiohttp_errors", "_aiohttp_upload"),
        ("aiohttp", "multidict", "yarl"),
    ),
    adapter(
        (
            "requests",
            "_interruptible",
            "_requests_errors",
            "_requests_heads",
            "_requests_pools",
            "_requests_responses",
            "_requests_tunnel",
        ),
        ("requests", "urllib3"),
    ),
    adapter(
        (
            "httpx",
            "_httpx_blocking",
            "_httpx_cancelling",
            "_httpx_large",
            "_httpx_logs",
            "_httpx_pools",
            "_httpx_terms",
            "_httpx_tunnel",
        ),
        ("httpx", "httpx2"),
    ),
    Layer((f"{ADAPTERS}/plugin.py",), (*PORT, "gradio_client.hooks")),
    Layer((ADAPTERS,), PORT),
    Layer(("plugins/gradio_client_plugins/tracing.py",), PUBLIC, ("opentelemetry",)),
    Layer(("plugins",), PUBLIC),
    Layer(
        ("contract_tests/gradio_client_contract_tests/plugins.py",),
        (*PORT, "gradio_client.auth", "gradio_client.hooks"),
        ("pytest",),
    ),
    Layer(("contract_tests",), (*PORT, "gradio_client_contract_tests"), ("pytest",)),
)
#: The application may use testing neither at run time nor for types: it is for tests and the demo.
NOT_FOR_THE_APPLICATION = ("gradio_client.testing",)
THREADS = (
    "gradio_client/_files/contents.py",
    "gradio_client/_concurrency/callbacks.py",
    "gradio_client/_concurrency/portal.py",
    "gradio_client/_concurrency/posts.py",
    "gradio_client/transport/blocking.py",
    "gradio_client/transport/bodies.py",
    "gradio_client/transport/workers.py",
    "gradio_client/testing",
    "plugins/gradio_client_plugins/hub_token.py",
    "contract_tests",
)
PRINTS = ("gradio_client/_announcing.py", "gradio_client/client.py")  # `verbose` and `view_api` promise it

PACKAGES = ("gradio_client", "adapters", "plugins", "contract_tests")
SOURCES = [path for folder in PACKAGES for path in sorted((ROOT / folder).rglob("*.py"))]
READ = [path for folder in ("tests", "benchmarks", "docs") for path in sorted((ROOT / folder).rglob("*.py"))]
APPS = ROOT / "tests" / "servers" / "apps"  # written for Gradio, not by the rules of this project


def imported(source: str) -> Iterator[str]:
    """Every module and every name that is imported, also where only types are checked, or by name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, 0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                yield "a relative import"
            case ast.Call(ast.Name(called) | ast.Attribute(attr=called), [ast.Constant(name), *_]):
                if called in ("import_module", "__import__"):
                    yield str(name)


def forbidden_imports(source: str, path: str) -> list[str]:
    """What a file at this path imports against the rules of its layer."""
    layer = layer_of(path)
    found = [module for module in imported(source) if not layer.allows(module)]
    if layer.ours == APPLICATION:
        found += [module for module in imported(source) if _below(module, NOT_FOR_THE_APPLICATION)]
    if not _inside(path, THREADS):
        found += [module for module in imported(source) if _below(module, ("threading", "_thread"))]
    return found


def layer_of(path: str) -> Layer:
    """The layer of a file; StopIteration for one outside the four packages."""
    return next(layer for layer in LAYERS if _inside(path, layer.paths))


def prints(source: str, path: str) -> list[int]:
    """The lines where a file prints that should not."""
    if _inside(path, PRINTS):
        return []
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def too_long(source: str) -> bool:
    return len(source.splitlines()) > MOST_LINES


def exported(source: str) -> list[str]:
    """The names that a package's ``__init__`` imports from its own modules, sorted."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom))
    ours = (node for node in nodes if _below(node.module or "", OURS))
    return sorted(alias.asname or alias.name for node in ours for alias in node.names)


def _below(module: str, parents: tuple[str, ...]) -> bool:
    return any(module == parent or module.startswith(f"{parent}.") for parent in parents)


def _inside(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    assert forbidden_imports(path.read_text("utf-8"), _name(path)) == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_module_does_not_print(path: Path) -> None:
    assert prints(path.read_text("utf-8"), _name(path)) == []


def test_no_file_is_too_long_to_read() -> None:
    read = [path for path in SOURCES + READ if not path.is_relative_to(APPS)]
    assert [_name(path) for path in read if too_long(path.read_text("utf-8"))] == []


def test_all_public_names_are_listed_in_order() -> None:
    source = (ROOT / "gradio_client" / "__init__.py").read_text("utf-8")
    assert gradio_client.__all__ == exported(source)
    assert gradio_client.__all__ == sorted(gradio_client._HOME)


@pytest.mark.parametrize("name", gradio_client.__all__)
def test_a_public_name_can_be_had(name: str) -> None:
    assert getattr(gradio_client, name) is not None


LIBRARIES = ["aiohttp", "httpx", "httpx2", "huggingface_hub", "pluggy", "requests", "urllib3"]


# What Gradio takes whenever it is imported; only what makes a client needs more.
AS_GRADIO_DOES = """
from gradio_client import Client, client, documentation, snippet
from gradio_client.utils import synchronize_async
"""
MAKING = [f"gradio_client.{name}" for name in ("_engine", "_settings", "_spaces.hub", "transport")]


@pytest.mark.parametrize(
    ("program", "heavy"),
    [("import gradio_client", [*LIBRARIES, "asyncio"]), (AS_GRADIO_DOES, LIBRARIES + MAKING)],
    ids=["package", "client"],
)
def test_importing_loads_no_more_than_it_needs(program: str, heavy: list[str]) -> None:
    program = f"{program}\nimport sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_typing_keeps_nothing_of_the_client() -> None:
    """It would keep the module to the very end, with all that Gradio has documented there."""
    assert get_overloads(Client.view_api) == []


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("gradio_client/domain/x.py", "import os", ["os"]),
        ("gradio_client/domain/x.py", "def f():\n    import time", ["time"]),
        ("gradio_client/domain/x.py", "if TYPE_CHECKING:\n    from asyncio import Task", ["asyncio.Task"]),
        ("gradio_client/domain/x.py", "from urllib.request import urlopen", ["urllib.request.urlopen"]),
        ("gradio_client/domain/x.py", "import gradio_client.transport", ["gradio_client.transport"]),
        ("gradio_client/domain/x.py", "from gradio_client import transport", ["gradio_client.transport"]),
        ("gradio_client/domain/x.py", "from . import values", ["a relative import"]),
        ("gradio_client/transport/x.py", "import gradio_client.domain", ["gradio_client.domain"]),
        ("gradio_client/_x.py", "import aiohttp", ["aiohttp"]),
        ("gradio_client/_x.py", "import_module('requests.adapters')", ["requests.adapters"]),
        ("gradio_client/_x.py", "importlib.import_module('httpx')", ["httpx"]),
        ("gradio_client/_x.py", "__import__('urllib3')", ["urllib3"]),
        ("gradio_client/_x.py", "import pluggy", ["pluggy"]),
        ("gradio_client/_x.py", "import huggingface_hub.utils", ["huggingface_hub.utils"]),
        ("gradio_client/_x.py", "import gradio_client_adapters", ["gradio_client_adapters"]),
        ("gradio_client/_x.py", "from gradio_client import testing", ["gradio_client.testing"]),
        ("gradio_client/_x.py", "import threading", ["threading"]),
        ("gradio_client/_http/x.py", "from gradio_client._app import App", ["gradio_client._app.App"]),
        ("gradio_client/_files/x.py", "import gradio_client._jobs.run", ["gradio_client._jobs.run"]),
        ("gradio_client/_x.py", "from threading import Lock", ["threading.Lock"]),
        ("adapters/gradio_client_adapters/requests.py", "import aiohttp", ["aiohttp"]),
        ("adapters/gradio_client_adapters/aiohttp.py", "import gradio_client.hooks", ["gradio_client.hooks"]),
        ("adapters/gradio_client_adapters/httpx.py", "import gradio_client", ["gradio_client"]),
        ("adapters/gradio_client_adapters/plugin.py", "import httpx", ["httpx"]),
        ("contract_tests/gradio_client_contract_tests/x.py", "import aiohttp", ["aiohttp"]),
    ],
)  # fmt: skip
def test_a_forbidden_import_is_found(path: str, source: str, found: list[str]) -> None:
    assert forbidden_imports(source, path) == found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("gradio_client/domain/x.py", "from urllib.parse import quote"),
        ("gradio_client/domain/x.py", "from collections.abc import Mapping"),
        ("gradio_client/domain/x.py", "from gradio_client.domain.values import Json"),
        ("gradio_client/hooks.py", "import pluggy"),
        ("gradio_client/_concurrency/portal.py", "import threading"),
        ("gradio_client/testing/x.py", "import aiohttp.web\nimport threading"),
        ("adapters/gradio_client_adapters/plugin.py", "from gradio_client.hooks import hookimpl"),
    ],
)
def test_an_allowed_import_is_not_found(path: str, source: str) -> None:
    assert forbidden_imports(source, path) == []


def test_a_print_is_found_but_not_where_printing_is_promised() -> None:
    source = "def f():\n    print(1)"
    assert prints(source, "gradio_client/job.py") == [2]
    assert prints(source, "gradio_client/client.py") == []
    assert prints('"""Example: print(1)"""', "gradio_client/job.py") == []


def test_a_long_file_is_found() -> None:
    assert too_long("x = 1\n" * 401)
    assert not too_long("x = 1\n" * 400)


def test_an_exported_name_is_found() -> None:
    source = "import json\nfrom gradio_client.b import Z, A as B\nfrom typing import Any"
    assert exported(source) == ["B", "Z"]
