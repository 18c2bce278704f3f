"""Code to copy is that of gradio_client 2.7.2 wherever that is code, and always is code."""

from __future__ import annotations

import ast
import json
import math
import re
import shlex
from typing import Any

import pytest
from oracle.incumbent import ask
from oracle.schemas import recorded_infos

from gradio_client.snippet import generate_code_snippets

NAMES = {"Client", "client", "float", "handle_file", "print", "result"}
FILE = {"path": "p", "url": "http://h/it's (1).png", "meta": {"_type": "gradio.FileData"}}


def cases() -> list[list[Any]]:
    found: list[list[Any]] = []
    for info in recorded_infos():
        for name, endpoint in info["named_endpoints"].items():
            found.append([name, endpoint, "http://127.0.0.1:7860/", None, "/gradio_api/"])
            found.append([name, {**endpoint, "oauth_token": "optional"}, "http://h", "owner/name"])
    return found


CASES = cases()


@pytest.fixture(scope="module")
def pairs() -> list[tuple[dict[str, str], dict[str, str]]]:
    """Ours and theirs."""
    answers = ask("snippet.generate_code_snippets", CASES)
    ours = [generate_code_snippets(*case) for case in CASES]
    return [(made, answer.value) for made, answer in zip(ours, answers, strict=True)]


def is_python(text: str) -> bool:
    """Whether it can be run: ``Colour=red`` and ``n=...`` parse, and so does a list in quotes."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return False
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return names <= NAMES and ... not in constants and not any(str(one)[:2] == "['" for one in constants)


def comparable(text: str) -> str:
    """Choices that are numbers are quoted there, and constants are Python's in every language."""
    return re.sub(r'"(-?\d+)"', r"\1", re.sub(r"\bNone\b", "null", text))


def data(shell: str) -> Any:
    """What the shell would send."""
    words = shlex.split(shell[shell.index("curl -X POST http") :].replace("\\\n", " "))
    return json.loads(words[words.index("-d") + 1])


def endpoint(value: Any, kind: str, component: str = "Textbox") -> dict[str, Any]:
    parameter = {"parameter_name": "x", "component": component, "python_type": {"type": kind}}
    return {"parameters": [{**parameter, "example_input": value}]}


def test_it_is_the_same_where_that_is_code(pairs: list[tuple[dict[str, str], dict[str, str]]]) -> None:
    same = [(ours, theirs) for ours, theirs in pairs if is_python(theirs["python"])]
    assert len(same) > 300
    for ours, theirs in same:
        for language in ("python", "javascript"):
            assert comparable(ours[language]) == comparable(theirs[language])


def test_python_is_always_python(pairs: list[tuple[dict[str, str], dict[str, str]]]) -> None:
    assert [ours["python"] for ours, _ in pairs if not is_python(ours["python"])] == []


def test_the_shell_always_sends_json(pairs: list[tuple[dict[str, str], dict[str, str]]]) -> None:
    for (_, described, *_), (ours, _) in zip(CASES, pairs, strict=True):
        names = {item.get("parameter_name") or item["label"] for item in described["parameters"]}
        assert set(data(ours["bash"])) - {"oauth_token"} == names


@pytest.mark.parametrize("value", ['say "hi"', "it's", "a\nb", "a\\b", "猫", "None", "$HOME `ls`"])
def test_texts_are_quoted(value: str) -> None:
    made = generate_code_snippets("/f", endpoint(value, "str"), "http://h")
    call = ast.parse(made["python"]).body[2].value  # type: ignore[attr-defined] # result = ...
    assert ast.literal_eval(call.keywords[0].value) == value
    assert data(made["bash"]) == {"x": value}
    assert json.loads(made["javascript"].partition("\t\tx: ")[2].partition(",\n")[0]) == value


def test_constants_are_those_of_the_language() -> None:
    made = generate_code_snippets("/f", endpoint({"a": [True, None]}, "dict"), "http://h")
    assert 'x={"a": [True, None]},' in made["python"]
    assert 'x: {"a": [true, null]},' in made["javascript"]
    assert data(made["bash"]) == {"x": {"a": [True, None]}}


def test_texts_inside_of_others_stay_texts() -> None:
    value = {"💡": ["💡", "é", 'a"b']}
    made = generate_code_snippets("/f", endpoint(value, "dict"), "http://h")
    call = ast.parse(made["python"]).body[2].value  # type: ignore[attr-defined] # result = ...
    assert ast.literal_eval(call.keywords[0].value) == value
    assert "💡" in made["javascript"]
    assert data(made["bash"]) == {"x": value}


def test_numbers_without_a_literal_are_made() -> None:
    made = generate_code_snippets("/f", endpoint([math.nan, -math.inf, 1.5], "list[float]"), "http://h")
    assert '\tx=[float("nan"), float("-inf"), 1.5],' in made["python"]
    assert is_python(made["python"])
    assert "x: [NaN, -Infinity, 1.5]," in made["javascript"]


def test_a_function_that_a_default_calls_is_imported() -> None:
    described = endpoint(None, "filepath", "Image")
    described["parameters"][0] |= {"parameter_has_default": True, "parameter_default": FILE}
    made = generate_code_snippets("/f", described, "http://h")["python"]
    assert made.startswith("from gradio_client import Client, handle_file\n")
    assert "\tx=handle_file(" in made


def test_files_are_handled() -> None:
    made = generate_code_snippets("/f", endpoint([FILE], "list[filepath]", "Gallery"), "http://h")
    assert "from gradio_client import Client, handle_file" in made["python"]
    assert """x=[handle_file("http://h/it's (1).png")],""" in made["python"]
    assert made["bash"].startswith("FILE_PATH=$(curl -s -X POST http://h/upload ")


def test_javascript_fetches_what_it_sends_as_a_blob() -> None:
    made = generate_code_snippets("/f", endpoint(FILE, "filepath", "Image"), "http://h")
    assert "const exampleImage = await response_0.blob();" in made["javascript"]
    assert "\t\tx: handle_file(exampleImage)," in made["javascript"]


def test_javascript_declares_each_constant_once() -> None:
    kinds = ["Image", "Textbox", "Image", "Audio", "Image"]
    parameters = [endpoint(FILE, "filepath", kind)["parameters"][0] for kind in kinds]
    parameters = [item | {"parameter_name": f"x{number}"} for number, item in enumerate(parameters)]
    made = generate_code_snippets("/f", {"parameters": parameters}, "http://h")["javascript"]
    declared = re.findall(r"^const (\w+) =", made, re.MULTILINE)
    assert declared[1:-2:2] == ["exampleImage", "exampleImage_1", "exampleAudio", "exampleImage_3"]
    assert len(set(declared)) == len(declared)
    assert re.findall(r"(x\d): handle_file\((\w+)\)", made) == [
        ("x0", "exampleImage"),
        ("x2", "exampleImage_1"),
        ("x3", "exampleAudio"),
        ("x4", "exampleImage_3"),
    ]


def test_what_is_not_known_is_nothing() -> None:
    made = generate_code_snippets("/f", {"parameters": [{"label": "x", "example_input": 1}]}, "http://h")
    assert "\tx=None," in made["python"]
    assert "\t\tx: null," in made["javascript"]
    assert data(made["bash"]) == {"x": None}
