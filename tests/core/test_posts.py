"""What threads hand to an event loop."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client._concurrency.posts import Posts

if TYPE_CHECKING:
    from collections.abc import Callable

user = contextvars.ContextVar("user", default="nobody")


def posted(hand_over: Callable[[Posts], None]) -> tuple[int, list[dict[str, Any]]]:
    """Hand calls over to a loop that is busy; how often it was woken, and the errors it was told of."""
    loop = asyncio.new_event_loop()
    wakes: list[object] = []
    errors: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: errors.append(context))
    posts = Posts(loop)
    wake = loop.call_soon_threadsafe

    def counted(function: Callable[..., object], *args: Any, **kwargs: Any) -> asyncio.Handle:
        wakes.append(function)
        return wake(function, *args, **kwargs)

    async def be_busy() -> None:
        loop.call_soon_threadsafe = counted  # type: ignore[method-assign,assignment]
        thread = threading.Thread(target=hand_over, args=(posts,))
        thread.start()
        thread.join()
        await asyncio.sleep(0.01)

    try:
        loop.run_until_complete(be_busy())
    finally:
        loop.close()
    return len(wakes), errors


def test_calls_come_in_the_order_in_which_they_were_handed_over() -> None:
    called: list[int] = []

    def hand_over(posts: Posts) -> None:
        for number in range(100):
            posts.add(called.append, number)

    posted(hand_over)
    assert called == list(range(100))


def test_a_loop_is_woken_once_for_all_that_came_while_it_was_busy() -> None:
    def hand_over(posts: Posts) -> None:
        for _ in range(100):
            posts.add(int)

    assert posted(hand_over)[0] == 1


def test_a_loop_is_woken_again_for_what_comes_later() -> None:
    called: list[str] = []

    def hand_over(posts: Posts) -> None:
        posts.add(lambda: posts.add(called.append, "later"))

    assert posted(hand_over)[0] == 2
    assert called == ["later"]


def test_each_call_sees_the_context_that_it_was_handed_over_in() -> None:
    seen: list[str] = []

    def hand_over(posts: Posts) -> None:
        for name in ("ada", "bob"):
            user.set(name)
            posts.add(lambda: seen.append(user.get()))

    posted(hand_over)
    assert seen == ["ada", "bob"]


def test_a_call_that_fails_is_reported_and_keeps_no_other_from_being_called() -> None:
    called: list[str] = []

    def fail() -> None:
        raise ValueError("odd")

    def hand_over(posts: Posts) -> None:
        posts.add(fail)
        posts.add(called.append, "next")

    errors = posted(hand_over)[1]
    assert called == ["next"]
    assert [str(error["exception"]) for error in errors] == ["odd"]


def test_a_closed_loop_takes_no_calls() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    with pytest.raises(RuntimeError):
        Posts(loop).add(int)


def test_an_interrupt_while_the_loop_is_woken_keeps_no_later_call_from_being_called() -> None:
    called: list[str] = []
    loop = asyncio.new_event_loop()
    wake = loop.call_soon_threadsafe

    def interrupted(*_: object) -> None:
        loop.call_soon_threadsafe = wake  # type: ignore[method-assign]
        raise KeyboardInterrupt

    try:
        loop.call_soon_threadsafe = interrupted  # type: ignore[method-assign,assignment]
        posts = Posts(loop)
        with pytest.raises(KeyboardInterrupt):
            posts.add(called.append, "first")
        posts.add(called.append, "second")
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()
    assert called == ["second"]


def test_a_call_that_a_closed_loop_did_not_take_is_not_kept() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    posts = Posts(loop)

    def call() -> None: ...

    gone = weakref.ref(call)
    with pytest.raises(RuntimeError):
        posts.add(call)
    del call
    gc.collect()
    assert gone() is None
