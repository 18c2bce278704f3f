"""Copies of Spaces: what is asked of the Hub, what is checked, and what the new client is told."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from huggingface_hub import SpaceHardware
from spaces.conftest import SAVED, TOKEN, VALUE, WRONG
from spaces.hub import PAID, FakeSpace

from gradio_client import AsyncClient, Client
from gradio_client.exceptions import (
    AuthenticationError,
    GradioClientError,
    SourceError,
    SpaceDuplicationError,
)
from gradio_client.hooks import RequestContext, hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from spaces.world import World

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def duplicate(spaces: World, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []
    spaces.space("bob/demo")

    def duplicated(from_id: str = "bob/demo", *args: Any, **kwargs: Any) -> Client:
        kwargs = {
            "token": TOKEN,
            "verbose": False,
            "connect_timeout": 30,
            "download_files": tmp_path / "files",
            **kwargs,
        }
        client = Client.duplicate(from_id, *args, **kwargs)
        made.append(client)
        return client

    yield duplicated
    for client in made:
        client.close()


def refused(duplicate: Callable[..., Client], *args: Any, **kwargs: Any) -> GradioClientError:
    with pytest.raises(GradioClientError) as caught:
        duplicate(*args, **kwargs)
    for secret in (TOKEN, VALUE, WRONG):
        assert secret not in str(caught.value) + repr(caught.value.__dict__)
    return caught.value


def test_a_copy_is_made_and_connected_to(
    spaces: World, duplicate: Callable[..., Client], transport: str
) -> None:
    client = duplicate(secrets={"KEY": VALUE}, transport=transport, headers={"X-Mine": "1"})
    assert client.space_id == "ada/demo"
    assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    copy = spaces.hub.spaces["ada/demo"]
    assert (copy.private, copy.hardware, copy.secrets) == (True, "cpu-basic", {"KEY": VALUE})
    assert [what for what, _ in spaces.hub.posted] == ["duplicate"]
    assert {seen.header("X-Mine") for seen in spaces.to("space")} == {"1"}
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {TOKEN}"}
    assert {seen.header("Authorization") for seen in spaces.to("hub", "/spaces/")} == {f"Bearer {TOKEN}"}


def test_an_async_client_makes_copies_too(spaces: World, tmp_path: Path) -> None:
    spaces.space("bob/demo")

    async def main() -> object:
        client = await AsyncClient.duplicate("bob/demo", token=TOKEN, headers={"X-Mine": "1"}, private=False)
        async with client:
            return await client.predict("Ada", api_name="/greet")

    assert asyncio.run(main()) == "Hello, Ada!"
    assert not spaces.hub.spaces["ada/demo"].private
    assert {seen.header("X-Mine") for seen in spaces.to("space")} == {"1"}


def test_a_copy_that_is_there_is_used(spaces: World, duplicate: Callable[..., Client]) -> None:
    spaces.space("ada/demo", private=True)
    with pytest.warns(UserWarning, match="secrets="):
        client = duplicate(secrets={"KEY": VALUE})
    assert client.space_id == "ada/demo"
    assert spaces.hub.posted == []


@pytest.mark.parametrize(
    ("private", "said"), [(True, "is public, not private"), (False, "is private, not public")]
)
def test_a_copy_that_is_there_and_seen_by_others_than_asked_for_is_warned_of(
    spaces: World,
    duplicate: Callable[..., Client],
    private: bool,  # noqa: FBT001 - a parameter
    said: str,
) -> None:
    spaces.space("ada/demo", private=not private)
    with pytest.warns(UserWarning, match=said):
        client = duplicate(private=private)
    assert client.space_id == "ada/demo"


def test_a_copy_that_somebody_else_makes_meanwhile_is_used(
    spaces: World, duplicate: Callable[..., Client]
) -> None:
    spaces.hub.faster = FakeSpace("ada/demo", spaces.urls["space"], private=True)
    assert duplicate().space_id == "ada/demo"


@pytest.mark.parametrize(
    ("to_id", "copy_id"), [("mine", "ada/mine"), ("ada/mine", "ada/mine"), (None, "ada/demo")]
)
def test_a_copy_has_the_name_that_was_asked_for(
    spaces: World, duplicate: Callable[..., Client], to_id: str | None, copy_id: str
) -> None:
    assert duplicate(to_id=to_id).space_id == copy_id


def test_a_token_from_a_file_has_a_line_break(spaces: World, duplicate: Callable[..., Client]) -> None:
    assert duplicate(token=f"{TOKEN}\n").space_id == "ada/demo"
    assert {seen.header("Authorization") for seen in spaces.to("hub", "/spaces/")} == {f"Bearer {TOKEN}"}


def test_an_async_client_takes_a_token_from_a_file_too(spaces: World) -> None:
    spaces.space("bob/demo")

    async def main() -> None:
        await (await AsyncClient.duplicate("bob/demo", token=f"{TOKEN}\n")).aclose()

    asyncio.run(main())
    assert list(spaces.hub.spaces) == ["bob/demo", "ada/demo"]


def test_an_async_client_takes_no_hf_token_here_either(spaces: World) -> None:
    spaces.space("bob/demo")
    with pytest.raises(TypeError, match="hf_token"):
        asyncio.run(AsyncClient.duplicate("bob/demo", hf_token=TOKEN))
    assert list(spaces.hub.spaces) == ["bob/demo"]


@pytest.mark.parametrize("name", ["token", "hf_token"])
def test_a_token_that_cannot_be_one_is_not_shown(
    spaces: World, duplicate: Callable[..., Client], name: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name}= holds characters") as caught:
        duplicate(**{"token": None, name: f"{TOKEN}\x07"})
    assert TOKEN not in str(caught.value)
    assert spaces.seen == []


def test_a_token_is_given_by_one_name(duplicate: Callable[..., Client]) -> None:
    with pytest.raises(TypeError, match="two names of one argument"):
        duplicate(hf_token=WRONG)


def test_the_saved_token_will_do(
    spaces: World, duplicate: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", SAVED)
    assert duplicate(token=None).space_id == "ada/demo"
    assert {seen.header("Authorization") for seen in spaces.to("hub", "/spaces/")} == {f"Bearer {SAVED}"}


@pytest.mark.parametrize("hardware", [PAID, SpaceHardware.T4_SMALL])
def test_paid_hardware_is_warned_of_and_let_go(
    spaces: World, duplicate: Callable[..., Client], hardware: Any
) -> None:
    with pytest.warns(UserWarning, match=r"t4-small, which is billed to you until it sleeps, 180 s after"):
        duplicate(hardware=hardware, sleep_timeout=3)
    copy = spaces.hub.spaces["ada/demo"]
    assert (copy.hardware, copy.sleep) == (PAID, 180)


def test_hardware_that_is_paid_for_the_original_is_paid_for_the_copy(
    spaces: World, duplicate: Callable[..., Client]
) -> None:
    spaces.hub.spaces["bob/demo"].hardware = PAID
    with pytest.warns(UserWarning, match="like the original"):
        duplicate()
    assert spaces.hub.spaces["ada/demo"].hardware == PAID


def test_nobody_pays_who_makes_the_warning_an_error(spaces: World, duplicate: Callable[..., Client]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="billed"):
            duplicate(hardware=PAID)
    assert spaces.hub.posted == []


@pytest.mark.parametrize("hardware", ["cpu-basic", "zero-a10g"])
def test_what_is_free_is_not_warned_of(
    spaces: World, duplicate: Callable[..., Client], hardware: str
) -> None:
    duplicate(hardware=hardware)
    assert spaces.hub.spaces["ada/demo"].hardware == hardware
    assert [what for what, _ in spaces.hub.posted] == ["duplicate"]


def test_a_copy_that_is_there_gets_the_hardware_and_the_sleep(
    spaces: World, duplicate: Callable[..., Client]
) -> None:
    spaces.space("ada/demo", private=True)
    with pytest.warns(UserWarning, match="billed"):
        duplicate(hardware=PAID)
    assert spaces.hub.posted == [
        ("hardware", {"flavor": PAID, "sleepTimeSeconds": 300}),
        ("sleeptime", {"seconds": 300}),
    ]


# The answer of each step


@pytest.mark.parametrize("status", [401, 402, 403, 404])
@pytest.mark.parametrize("step", ["duplicate", "hardware", "sleeptime"])
@pytest.mark.filterwarnings("ignore:.*billed")
def test_a_step_that_is_refused_is_an_error_that_says_which(
    spaces: World, duplicate: Callable[..., Client], step: str, status: int
) -> None:
    if step != "duplicate":
        spaces.space("ada/demo", private=True)
    spaces.hub.refusals[step] = status
    error = refused(duplicate, hardware=PAID, secrets=None)
    assert isinstance(error, SpaceDuplicationError)
    assert f"no {step} for you" in error.message
    assert "ada/demo" in error.message
    assert "bob/demo" not in error.message
    assert ("write access" in error.message) == (status != 402)
    assert error.status == status
    assert spaces.to("space") == []


def test_a_name_that_is_taken_by_a_hidden_space_is_an_error_that_says_so(
    spaces: World, duplicate: Callable[..., Client], capsys: pytest.CaptureFixture[str]
) -> None:
    spaces.hub.faster = FakeSpace("carol/demo", spaces.urls["space"], private=True)
    error = refused(duplicate, to_id="carol/demo", verbose=True)
    assert isinstance(error, SpaceDuplicationError)
    assert "carol/demo is taken by a Space that the token has no access to" in error.message
    assert error.status == 409
    assert "existing" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("unfaithful", "said"),
    [
        ({"private": False}, "is not private"),
        ({"hardware": "cpu-basic"}, None),
        ({"gcTimeout": None}, "will not sleep after 300 s"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*billed")
def test_a_copy_that_is_otherwise_than_asked_for_is_mended_or_an_error(
    spaces: World, duplicate: Callable[..., Client], unfaithful: dict[str, Any], said: str | None
) -> None:
    spaces.hub.unfaithful = unfaithful
    if said is None:
        duplicate(hardware=PAID)
        assert spaces.hub.spaces["ada/demo"].hardware == PAID
        return
    error = refused(duplicate, hardware=PAID)
    assert isinstance(error, SpaceDuplicationError)
    assert said in error.message
    assert f"{spaces.urls['hub']}/spaces/ada/demo/settings" in error.message


def test_an_original_that_cannot_be_found_is_an_error(duplicate: Callable[..., Client]) -> None:
    assert isinstance(refused(duplicate, "bob/nothing"), SourceError)


def test_without_a_token_there_is_no_account_to_copy_into(
    spaces: World, duplicate: Callable[..., Client]
) -> None:
    error = refused(duplicate, token=None)
    assert isinstance(error, AuthenticationError)
    assert "token='hf_...'" in error.message
    assert isinstance(refused(duplicate, token=WRONG), AuthenticationError)


# Arguments


@pytest.mark.parametrize(
    ("kwargs", "kind"),
    [
        ({"from_id": "http://h"}, ValueError),
        ({"from_id": "nothing"}, ValueError),
        ({"to_id": "a/b/c"}, ValueError),
        ({"to_id": 5}, TypeError),
        ({"hardware": 5}, TypeError),
        ({"secrets": ["KEY"]}, TypeError),
        ({"secrets": {"KEY": 5}}, TypeError),
        ({"sleep_timeout": "5"}, TypeError),
        ({"sleep_timeout": 0}, ValueError),
        ({"max_workers": 0}, ValueError),
        ({"nonsense": 5}, TypeError),
        ({"headers": {"X": 5}}, TypeError),
        ({"connect_timeout": -1}, ValueError),
    ],
)
def test_nothing_is_made_of_arguments_that_make_no_sense(
    spaces: World, duplicate: Callable[..., Client], kwargs: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        duplicate(**kwargs)
    assert spaces.seen == []


def test_every_argument_of_a_client_can_be_passed(
    spaces: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    class Own(Client):
        def __init__(self, src: str, **kwargs: Any) -> None:
            given.update(kwargs, src=src)

    spaces.space("bob/demo")
    names = set(inspect.signature(Client).parameters) - {"src", "hf_token", "token"}
    values: dict[str, Any] = {
        name: parameter.default
        for name, parameter in inspect.signature(Client).parameters.items()
        if name in names
    }
    values["verbose"] = False
    monkeypatch.setattr("gradio_client._spaces.duplicating._check", lambda *_: None)
    Own.duplicate("bob/demo", hf_token=TOKEN, **values)
    assert given == {**values, "src": "ada/demo", "token": TOKEN}


class Mine:
    """A plugin."""

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str]:
        return {"X-Mine": context.client.space_id or ""}


def test_plugins_may_come_from_an_iterator(spaces: World, duplicate: Callable[..., Client]) -> None:
    duplicate(plugins=iter([Mine()]), disabled_plugins=iter(["hub_token"]))
    assert {seen.header("X-Mine") for seen in spaces.to("space")} == {"ada/demo"}


def test_an_async_clients_plugins_may_too(spaces: World) -> None:
    spaces.space("bob/demo")

    async def main() -> None:
        async with await AsyncClient.duplicate("bob/demo", token=TOKEN, plugins=iter([Mine()])):
            pass

    asyncio.run(main())
    assert {seen.header("X-Mine") for seen in spaces.to("space")} == {"ada/demo"}


def test_verbose_prints_what_is_done(
    spaces: World, duplicate: Callable[..., Client], capsys: pytest.CaptureFixture[str]
) -> None:
    duplicate(verbose=True).close()
    assert capsys.readouterr().out.splitlines()[:3] == [
        "Creating a duplicate of bob/demo for your own use... 🤗",
        f"Created new Space: {spaces.urls['hub']}/spaces/ada/demo",
        "",
    ]
    duplicate(verbose=True)
    assert f"Using your existing Space: {spaces.urls['hub']}/spaces/ada/demo 🤗" in capsys.readouterr().out
