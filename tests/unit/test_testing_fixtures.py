"""The fixtures for pytest, as a project uses them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gradio_client import Client
from gradio_client.testing import App, AppServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]

CONFTEST = 'pytest_plugins = ["gradio_client.testing.fixtures"]\n'
IMPORTS = "import pytest\nfrom gradio_client import Client\nfrom gradio_client.testing import App\n"


@pytest.fixture(scope="module", autouse=True)
def _all_is_imported() -> None:
    """What an inner run imports it forgets, so that classes would be there twice."""
    import gradio_client.testing.fixtures  # noqa: F401, PLC0415 - that is all it is for

    app = App()
    app.endpoint("one")(lambda: 1)
    with AppServer(app) as server, Client(server.url, verbose=False) as client:
        assert client.predict(api_name="/one") == 1


@pytest.fixture
def url() -> Iterator[str]:
    """An app on a port; for the tests of this module its end is that of the network."""
    app = App()
    app.endpoint("greet")(lambda name: f"Hello, {name}!")
    with AppServer(app) as server:
        yield server.url


def run(pytester: pytest.Pytester, test: str, *options: str) -> str:
    """What pytest says of a project with one module of tests."""
    pytester.makeconftest(CONFTEST)
    (pytester.path / "test_it.py").write_text(IMPORTS + test, "utf-8")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options).stdout.str()


def cassettes(pytester: pytest.Pytester) -> list[str]:
    return sorted(path.relative_to(pytester.path).as_posix() for path in pytester.path.rglob("*.json"))


def greeting(url: str, wanted: str = "Hello, Ada!") -> str:
    return (
        "@pytest.mark.parametrize('name', ['Ada'])\n"
        "def test_greets(gradio_cassette, name):\n"
        f"    with Client({url!r}, transport=gradio_cassette, verbose=False) as client:\n"
        f"        assert client.predict(name, api_name='/greet') == {wanted!r}\n"
    )


def test_a_cassette_lies_beside_its_test(pytester: pytest.Pytester, url: str) -> None:
    assert "1 passed" in run(pytester, greeting(url))
    assert cassettes(pytester) == ["cassettes/test_it/test_greets[Ada].json"]


def test_a_cassette_is_played_when_it_is_there(pytester: pytest.Pytester, url: str) -> None:
    run(pytester, greeting(url))
    (path,) = pytester.path.rglob("*.json")
    path.write_text(path.read_text("utf-8").replace("Hello, Ada!", "Hello, recorded!"), "utf-8")
    assert "1 passed" in run(pytester, greeting(url, "Hello, recorded!"))


def test_a_test_that_fails_leaves_no_cassette(pytester: pytest.Pytester, url: str) -> None:
    assert "1 failed" in run(pytester, greeting(url, "something else"))
    assert cassettes(pytester) == []


def test_each_test_has_a_cassette_of_its_own(pytester: pytest.Pytester, url: str) -> None:
    test = greeting(url, "Hello, {name}!").replace("'Hello", "f'Hello").replace("(gradio", "(self, gradio")
    test = test.replace("['Ada']", "['Ada', 'A/a', 'A a']")
    method = "".join(f"    {line}\n" for line in test.splitlines())
    assert "6 passed" in run(pytester, f"class TestA:\n{method}class TestB:\n{method}")
    names = [re.sub("-[0-9a-f]{8}", "-hash", name.rpartition("/")[2]) for name in cassettes(pytester)]
    assert names == [
        f"Test{letter}.test_greets[{parameter}.json"
        for letter in "AB"
        for parameter in ("A_a]-hash", "A_a]-hash", "Ada]")
    ]


@pytest.mark.parametrize(
    "ending",
    ["assert name == 'Eve'", "pytest.skip('not here')", "pass"],
    ids=["xfailed", "skipped", "xpassed"],
)
def test_a_test_that_did_not_pass_leaves_no_cassette(
    pytester: pytest.Pytester, url: str, ending: str
) -> None:
    said = run(pytester, f"@pytest.mark.xfail\n{greeting(url)}        {ending}\n")
    assert re.search(r"1 (xfailed|skipped|xpassed)", said)
    assert cassettes(pytester) == []


def test_a_missing_cassette_fails_where_nothing_may_be_recorded(pytester: pytest.Pytester, url: str) -> None:
    said = run(pytester, greeting(url), "--gradio-cassettes=replay")
    assert "There is no cassette" in said
    assert "1 error" in said


def test_cassettes_are_recorded_anew_on_demand(pytester: pytest.Pytester, url: str) -> None:
    run(pytester, greeting(url))
    (path,) = pytester.path.rglob("*.json")
    path.write_text("old", "utf-8")
    assert "1 passed" in run(pytester, greeting(url), "--gradio-cassettes=record")
    assert json.loads(path.read_text("utf-8"))["version"] == 1


def test_a_request_that_was_not_recorded_fails_a_test_that_caught_it(
    pytester: pytest.Pytester, url: str
) -> None:
    run(pytester, greeting(url))
    careless = greeting(url).replace("assert client.predict(name,", "_ = _careless(client, 'Eve',")
    careless += (
        "\ndef _careless(client, *args, **kwargs):\n    try:\n        client.predict(*args, **kwargs)\n"
    )
    careless += "    except BaseException:\n        pass\n"
    said = run(pytester, careless)
    assert "ERROR test_it.py::test_greets[Ada]" in said
    assert "is 'Ada', not 'Eve'" in said


def test_apps_are_served_and_scripted(pytester: pytest.Pytester) -> None:
    test = (
        "def test_two_apps(gradio_app_server, scripted_app):\n"
        "    app = App()\n"
        "    app.endpoint('one')(lambda: 1)\n"
        "    server = gradio_app_server(app, version='4.44.1')\n"
        "    other = gradio_app_server(app)\n"
        "    assert server.url != other.url\n"
        "    with Client(server.url, verbose=False) as client:\n"
        "        assert client.predict(api_name='/one') == 1\n"
        "    scripted = scripted_app({'/one': 1})\n"
        "    with Client('http://app.test', transport=scripted.transport, verbose=False) as client:\n"
        "        assert client.predict(api_name='/one') == 1\n"
    )
    assert "1 passed" in run(pytester, test)


def test_only_the_fixtures_need_pytest() -> None:
    program = (
        "import sys, gradio_client.testing as testing; [getattr(testing, name) for name in testing.__all__]; "
        "print('pytest' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
