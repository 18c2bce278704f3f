"""What a program should not do, and what it must not break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradio_client import AsyncClient

if TYPE_CHECKING:
    from core.conftest import Submit

    from gradio_client import Client


def test_a_reset_after_closing_does_nothing(client: Client) -> None:
    client.close()
    client.reset_session()


def test_a_number_as_result_callback_is_refused(client: Client) -> None:
    with pytest.raises(TypeError, match="takes plain functions, not int"):
        client.submit(1, api_name="/echo", result_callbacks=3)  # type: ignore[arg-type]


def test_who_sets_a_result_does_not_keep_the_client_from_closing(client: Client, running: Submit) -> None:
    meddled, other = running(), running()
    meddled.set_result("mine")
    client.close()
    assert other.done()
    assert meddled.result() == "mine"


async def never(*_: object) -> None:
    pytest.fail("nobody awaits it")


def test_a_coroutine_function_is_no_callback(client: Client) -> None:
    with pytest.raises(TypeError, match="result_callbacks= takes plain functions, not a coroutine function"):
        client.submit(1, api_name="/echo", result_callbacks=never)
    with pytest.raises(TypeError, match=r"progress= takes a plain function of .* not a coroutine function"):
        next(client.map("/echo", [1], progress=never))
    with pytest.raises(TypeError, match="progress= takes True, a plain function, or None, not a coroutine"):
        AsyncClient("http://127.0.0.1:1", progress=never)
