"""What a client makes of the server it finds. Nothing is left open, whatever that is."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, fake_app, reply_json, replying, replying_json

from gradio_client import Client
from gradio_client.exceptions import (
    ArgumentError,
    AuthenticationError,
    ConnectionLost,
    DeadlineError,
    GradioClientError,
    ServerError,
    TooManyRequestsError,
    UnsupportedServer,
)

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, Seen

pytestmark = pytest.mark.leaks

HTML = "Content-Type: text/html; charset=utf-8"


def page(app: FakeApp, config: Any = None, *, info: bool = False) -> Any:
    """A route that gives the app's page."""
    scripts = f"<script>window.gradio_config = {json.dumps(config or app.config)};</script>"
    if info:
        scripts += f"<script>window.gradio_api_info = {json.dumps(app.info)};</script>"
    return replying(f"<!doctype html><html><head>{scripts}</head></html>".encode(), "200 OK", HTML)


def refusal(app: FakeApp, **kwargs: Any) -> GradioClientError:
    with pytest.raises(GradioClientError) as caught:
        Client(app.url, verbose=False, **{"retry": None, **kwargs})
    assert caught.value.app is not None
    assert app.url.startswith(caught.value.app)
    assert caught.value.app in str(caught.value)
    return caught.value


def predicted(app: FakeApp, **kwargs: Any) -> Any:
    with Client(app.url, verbose=False, **kwargs) as client:
        return client.predict("done", api_name="/echo")


def test_a_configuration_and_a_description_are_all_it_takes(app: FakeApp, transport: str) -> None:
    assert predicted(app, transport=transport) == "done"
    assert [seen.target for seen in app.server.seen[:2]] == [
        "/config",
        "/gradio_api/info?serialize=False&all_endpoints=True",
    ]


@pytest.mark.parametrize(
    "detail", ["Not authenticated", {"error": "Not authenticated", "auth_message": "Ask Ada"}]
)
def test_an_app_that_wants_a_login_says_how_to_give_it(app: FakeApp, detail: Any) -> None:
    app.routes["/config"] = replying_json({"detail": detail}, "401 Unauthorized")
    error = refusal(app)
    assert isinstance(error, AuthenticationError)
    assert "auth=(user, password)" in error.message


def test_a_gateway_that_wants_a_token_says_so(app: FakeApp) -> None:
    app.routes["/config"] = replying(b"<html>Unauthorized</html>", "401 Unauthorized", HTML)
    error = refusal(app)
    assert isinstance(error, AuthenticationError)
    assert "token=" in error.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("403 Forbidden", ServerError),
        ("429 Too Many", TooManyRequestsError),
        ("500 Broken", ServerError),
        ("502 Bad Gateway", ServerError),
        ("503 Starting", ServerError),
    ],
)
def test_a_server_that_is_in_no_state_to_answer_is_not_asked_further(
    app: FakeApp, status: str, kind: type[Exception]
) -> None:
    app.routes["/config"] = replying(b"<html>Please wait</html>", status, HTML)
    error = refusal(app)
    assert type(error) is kind
    assert error.status == int(status[:3])
    assert "Please wait" in str(error) or kind is TooManyRequestsError
    assert len(app.server.seen) == 1


def test_a_failed_login_is_not_followed_by_questions(app: FakeApp) -> None:
    app.routes["/login"] = replying_json({"detail": "Incorrect credentials."}, "400 Bad Request")
    assert isinstance(refusal(app, auth=("ada", "x")), AuthenticationError)
    assert app.seen("/config") == []


# The page


@pytest.mark.parametrize("answer", [replying(b"", "404 Not Found"), replying(b"<html>no json</html>")])
def test_without_a_configuration_the_page_has_it(app: FakeApp, answer: Any) -> None:
    app.routes["/config"] = answer
    app.routes["/"] = page(app)
    assert predicted(app) == "done"


def test_the_page_may_have_the_description_too(app: FakeApp) -> None:
    app.routes["/config"] = replying(b"", "404 Not Found")
    app.routes["/"] = page(app, info=True)
    with Client(app.url, verbose=False) as client:
        assert client.predict(value="done", api_name="/echo") == "done"
    assert app.seen("info") == []


def test_a_page_that_wants_a_login_is_an_authentication_error(app: FakeApp) -> None:
    app.routes["/config"] = replying(b"", "404 Not Found")
    app.routes["/"] = page(app, {"auth_required": True, "auth_message": "Ask Ada", "dependencies": []})
    error = refusal(app)
    assert isinstance(error, AuthenticationError)
    assert "Ask Ada" in error.message


@pytest.mark.parametrize(
    "answer",
    [
        replying(b"<html><body>Welcome to nginx!</body></html>", "200 OK", HTML),
        replying(b"", "404 Not Found"),
        replying(b"", "200 OK"),
        replying(b"<script>window.gradio_config = {torn</script>", "200 OK", HTML),
        replying(b"<script>window.gradio_config = " + b"[" * 100_000, "200 OK", HTML),
    ],
)
def test_where_there_is_no_gradio_is_a_clear_error(app: FakeApp, answer: Any) -> None:
    app.routes["/config"] = replying(b"", "404 Not Found")
    app.routes["/"] = answer
    assert isinstance(refusal(app), ServerError)


@pytest.mark.parametrize(
    "config", [None, [], "text", 5, {}, {"dependencies": None}, {"detail": "x"}, {"dependencies": {}}]
)
def test_json_that_is_no_configuration_is_a_clear_error(app: FakeApp, config: Any) -> None:
    app.routes["/config"] = lambda c, _: reply_json(c, config)
    assert "not a Gradio app" in str(refusal(app))


def test_an_app_of_gradio_3_is_unsupported_and_named(app: FakeApp) -> None:
    del app.config["protocol"]
    app.config["version"] = "3.50.2"
    error = refusal(app)
    assert isinstance(error, UnsupportedServer)
    assert "3.50.2" in error.message


def test_a_protocol_of_the_future_is_unsupported_and_named(app: FakeApp) -> None:
    app.config["protocol"] = "smoke signals"
    assert "smoke signals" in str(refusal(app))


# Addresses


@pytest.mark.parametrize("tail", ["", "/", "//", "?__theme=dark", "#top"])
def test_what_browsers_add_to_an_address_does_no_harm(app: FakeApp, tail: str) -> None:
    app.url += tail
    assert predicted(app) == "done"


@pytest.mark.parametrize("base", ["/sub", "/sub/deep", "/with%20space"])
def test_an_app_may_live_below_a_path(base: str) -> None:
    with fake_app(base=base) as app:
        assert predicted(app) == "done"
        assert all(seen.target.startswith(f"{base}/") for seen in app.server.seen)


def test_a_page_of_an_app_leads_to_the_app(app: FakeApp) -> None:
    base = app.url
    app.url += "/second"
    with Client(app.url, verbose=False) as client:
        assert client.src == base + "/"
        assert client.predict("done", api_name="/echo") == "done"


def test_it_is_logged_that_a_page_led_to_the_app(app: FakeApp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "gradio_client.app"), Client(f"{app.url}/second", verbose=False):
        pass
    (record,) = caplog.records
    assert f"{app.url}/second itself" in record.getMessage()


@pytest.mark.parametrize("status", ["401 No", "403 No", "429 Slow", "502 Bad", "503 Busy"])
def test_a_page_is_read_though_its_parent_refuses(app: FakeApp, status: str) -> None:
    base = app.url
    app.routes["/config"] = replying(b"<html>Please wait</html>", status, HTML)
    app.url += "/second"
    app.config["api_prefix"] = "/gradio_api"
    for route in ("info", "queue/join", "queue/data"):
        app.routes[f"/second/gradio_api/{route}"] = app.routes[f"/gradio_api/{route}"]
    app.routes["/second/"] = page(app)
    with Client(app.url, verbose=False) as client:
        assert client.src == f"{base}/second/"
        assert client.predict("done", api_name="/echo") == "done"


@pytest.mark.parametrize("answer", [None, replying(b"<html>no app</html>", "200 OK", HTML)])
def test_without_an_app_in_the_page_the_parents_refusal_counts(app: FakeApp, answer: Any) -> None:
    app.routes["/config"] = replying(b"<html>Please wait</html>", "503 Busy", HTML)
    if answer is not None:
        app.routes["/second/"] = answer
    app.url += "/second"
    assert refusal(app).status == 503
    assert [seen.target for seen in app.server.seen] == ["/second/config", "/config", "/second/"]


def test_an_address_below_the_app_leads_no_further_up_than_one_step(app: FakeApp) -> None:
    app.url += "/second/third"
    assert isinstance(refusal(app), ServerError)


# The description


@pytest.mark.parametrize(
    "answer",
    [
        replying(b"Internal Server Error", "500 Internal Server Error"),
        replying(b"", "404 Not Found"),
        replying(b"no json"),
        replying(b"[]"),
        replying(b"null"),
        replying(b"[" * 100_000),
    ],
)
def test_without_a_description_endpoints_come_from_the_configuration(app: FakeApp, answer: Any) -> None:
    app.route("info", answer)
    with Client(app.url, verbose=False) as client:
        assert client.predict("done", api_name="/echo") == "done"
        assert set(client.view_api(print_info=False, return_format="dict")["named_endpoints"]) == {
            "/echo",
            "/other",
        }
        with pytest.raises(ArgumentError, match="position"):
            client.submit(value="done", api_name="/echo")


@pytest.mark.parametrize("status", ["401 No", "429 Slow", "502 Bad", "503 Busy", "504 Late"])
def test_a_description_that_cannot_be_had_now_is_not_done_without(app: FakeApp, status: str) -> None:
    app.route("info", replying(b"<html>Please wait</html>", status, HTML))
    error = refusal(app)
    assert error.status == int(status[:3])
    assert "API description" in error.message


# Time


@pytest.mark.parametrize("name", ["/config", "/gradio_api/info", "/login"])
def test_connecting_ends_when_its_time_is_up(app: FakeApp, transport: str, name: str) -> None:
    over = threading.Event()
    app.routes[name] = lambda connection, seen: over.wait(10)
    error = refusal(
        app, transport=transport, connect_timeout=0.2, auth=("ada", "x") if name == "/login" else None
    )
    over.set()
    assert isinstance(error, DeadlineError)
    assert "connect_timeout=0.2 s" in error.message
    assert f"The app at {app.url}" in error.message


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ({"connect_timeout": 0}, ValueError),
        ({"connect_timeout": float("nan")}, ValueError),
        ({"connect_timeout": "5"}, TypeError),
        ({"on_status": 5}, TypeError),
        ({"token": "hf_a\nb"}, ValueError),
        ({"token": "hf_\u00e9"}, ValueError),
    ],
)
def test_arguments_of_connecting_are_checked(
    app: FakeApp, argument: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=next(iter(argument))) as caught:
        Client(app.url, **argument)
    assert "hf_" not in str(caught.value)
    assert app.server.seen == []


def test_a_coroutine_function_cannot_be_told_a_status(app: FakeApp) -> None:
    async def on_status(status: object) -> None:
        raise AssertionError

    with pytest.raises(TypeError, match="plain function"):
        Client(app.url, on_status=on_status)


@pytest.mark.parametrize(("token", "sent"), [(" hf_x\n", "Bearer hf_x"), ("", None), (" ", None)])
def test_a_token_from_a_file_or_an_empty_variable_will_do(app: FakeApp, token: str, sent: str | None) -> None:
    Client(app.url, verbose=False, token=token).close()
    assert {tuple(seen.header("X-HF-Authorization")) for seen in app.server.seen} == {(sent,) if sent else ()}


# What is left


@pytest.mark.parametrize("name", ["/config", "/gradio_api/info"])
def test_a_connection_that_breaks_while_connecting_leaves_nothing(
    app: FakeApp, transport: str, name: str
) -> None:
    def cut(connection: Connection, _: Seen) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        raise EOFError

    app.routes[name] = cut
    assert isinstance(refusal(app, transport=transport), ConnectionLost)


def test_a_client_that_cannot_connect_leaves_nothing(transport: str) -> None:
    for _ in range(5):
        with pytest.raises(GradioClientError):
            Client("http://127.0.0.1:9", verbose=False, transport=transport)


def test_a_closed_client_leaves_nothing(app: FakeApp, transport: str) -> None:
    app.on_join = lambda event, body: []
    with Client(app.url, verbose=False, transport=transport) as client:
        jobs = [client.submit(at, api_name="/echo") for at in range(3)]
        for _ in jobs:
            assert app.joined.acquire(timeout=10)
    assert all(job.done() for job in jobs)
