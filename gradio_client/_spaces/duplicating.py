"""Makes a copy of a Space, step by step."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradio_client._settings import one_token
from gradio_client._spaces.hub import Hub, space_path
from gradio_client.async_client import AsyncClient
from gradio_client.domain.duplication import (
    FREE,
    Duplication,
    cost_warning,
    duplication,
    hardware_of,
    is_paid,
    sleep_of,
)
from gradio_client.domain.errors import (
    AuthenticationError,
    GradioClientError,
    SpaceDuplicationError,
    Where,
)
from gradio_client.domain.hub import hub_refusal
from gradio_client.domain.spaces import page_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradio_client.domain.hub import HubAnswer
    from gradio_client.domain.values import JsonObject


class Duplicator:
    """Makes one copy, and checks the answer of each step.

    Args:
        plan: what is wanted.
        hub: the Hub, with the token of who is to own the copy.
        say: called with lines for the terminal.
    """

    def __init__(self, plan: Duplication, hub: Hub, say: Callable[[str], object]) -> None:
        self._plan = plan
        self._hub = hub
        self._say = say
        self._address = ""  # of the Hub

    async def run(self) -> str:
        """Make the copy, unless it is there already; its ``owner/name``.

        Raises:
            SourceError: there is no such Space, or none that the token gives access to.
            AuthenticationError: the token is missing or refused.
            SpaceDuplicationError: a step failed; the message says what was done before it.
            GradioClientError: the Hub could not say.
        """
        plan = self._plan
        self._address = await self._hub.address()
        original = await self._hub.get(
            space_path(plan.from_id, "runtime"), "finding the Space to duplicate", plan.from_id
        )
        copy_id = await self._copy_id()
        found = await self._record(copy_id)
        wanted = plan.hardware or hardware_of(original) or FREE
        has = hardware_of(found.get("runtime")) if found else None
        if is_paid(wanted) and has != wanted:
            warnings.warn(cost_warning(copy_id, plan, wanted, self._address), UserWarning, stacklevel=2)
        if found is None:
            found = await self._create(copy_id, wanted)
        else:
            self._use(copy_id, found)
        await self._settle(copy_id, found.get("runtime"), wanted)
        self._say("")
        return copy_id

    async def _copy_id(self) -> str:
        if self._plan.owner_is_named:
            return self._plan.named("")
        answer = await self._hub.answer("whoami-v2", "asking whose token it is")
        user = answer.object().get("name")
        if answer.ok and isinstance(user, str):
            return self._plan.named(user)
        if answer.status == 401 and not answer.refuses_token:
            raise AuthenticationError(
                "A Space is duplicated into an account: pass a token with write access as token='hf_...', or "
                "log in with `hf auth login`.",
                where=Where(status=401),
            )
        raise hub_refusal(answer, "asking whose token it is", self._plan.from_id)

    async def _record(self, copy_id: str) -> JsonObject | None:
        answer = await self._hub.answer(space_path(copy_id), "looking for the copy")
        if answer.missing:
            return None
        if not answer.ok:
            raise hub_refusal(answer, "looking for the copy", copy_id)
        return answer.object()

    async def _create(self, copy_id: str, hardware: str) -> JsonObject:
        plan = self._plan
        self._say(f"Creating a duplicate of {plan.from_id} for your own use... 🤗")
        path = space_path(plan.from_id, "duplicate")
        answer = await self._post(path, plan.body(copy_id, hardware), f"making the Space {copy_id}")
        made = await self._record(copy_id)
        if made is None and answer.status == 409:
            raise SpaceDuplicationError(
                f"The name {copy_id} is taken by a Space that the token has no access to. Choose another as "
                "to_id=..., or pass another token=...",
                where=answer.where,
            )
        if made is None:
            raise SpaceDuplicationError(
                f"The Hub said that it made the Space {copy_id}, but does not know it. Call again."
            )
        if answer.status == 409:  # somebody was faster
            self._use(copy_id, made)
            return made
        if made.get("private") is not plan.private:
            wanted = "private" if plan.private else "public"
            raise self._failed(copy_id, f"is not {wanted}", "Change that")
        self._say(f"Created new Space: {page_url(self._address, copy_id)}")
        return made

    def _use(self, copy_id: str, found: JsonObject) -> None:
        self._say(f"Using your existing Space: {page_url(self._address, copy_id)} 🤗")
        if found.get("private") is (not self._plan.private):
            has, wanted = ("public", "private") if self._plan.private else ("private", "public")
            warnings.warn(
                f"The Space {copy_id} was there already and is {has}, not {wanted}. Change that at "
                f"{page_url(self._address, copy_id)}/settings, or choose another name as to_id=...",
                UserWarning,
                stacklevel=2,
            )
        if self._plan.secrets is not None:
            warnings.warn(
                f"The Space {copy_id} was there already, so that it does not get the secrets=.",
                UserWarning,
                stacklevel=2,
            )

    async def _settle(self, copy_id: str, runtime: object, hardware: str) -> None:
        """See to it that the copy has the hardware, and lets go of it when it is not used."""
        seconds = self._plan.sleep_seconds
        if (hardware_of(runtime) or FREE) != hardware:
            body: JsonObject = {"flavor": hardware}
            if is_paid(hardware):
                body["sleepTimeSeconds"] = seconds
            runtime = await self._change(
                copy_id, "hardware", body, f"its hardware could not be set to {hardware}"
            )
            if hardware_of(runtime) != hardware:
                raise self._failed(copy_id, f"does not get the hardware {hardware}", "Choose it")
        if not is_paid(hardware):
            return
        self._say(f"NOTE: this Space uses upgraded hardware: {hardware}.")
        if sleep_of(runtime) != seconds:
            runtime = await self._change(
                copy_id,
                "sleeptime",
                {"seconds": seconds},
                "it could not be told to sleep when it is not used",
            )
        if sleep_of(runtime) != seconds:
            raise self._failed(copy_id, f"will not sleep after {seconds} s without a request", "Set that")

    async def _change(self, copy_id: str, what: str, body: JsonObject, failing: str) -> JsonObject:
        answer = await self._post(
            space_path(copy_id, what), body, f"setting {what}: the Space {copy_id} is there, but {failing}"
        )
        return answer.object()

    async def _post(self, path: str, body: JsonObject, doing: str) -> HubAnswer:
        try:
            answer = await self._hub.once("POST", path, body)
        except GradioClientError as error:
            raise SpaceDuplicationError(
                f"The Hub did not answer to {doing}. {error.message} Call again: nothing is done twice.",
                where=error.where,
            ) from error
        if not answer.ok and not (answer.status == 409 and path.endswith("/duplicate")):
            raise _refused(answer, doing)
        return answer

    def _failed(self, copy_id: str, what: str, remedy: str) -> SpaceDuplicationError:
        page = f"{page_url(self._address, copy_id)}/settings"
        return SpaceDuplicationError(f"The Space {copy_id} was made, but it {what}. {remedy} at {page}")


def _refused(answer: HubAnswer, doing: str) -> SpaceDuplicationError:
    said = f" The Hub says: {answer.said.rstrip('. ')}." if answer.said else ""
    remedy = " A token with write access is needed." if answer.status in (401, 403, 404) else ""
    return SpaceDuplicationError(
        f"The Hub answered {answer.status} to {doing}.{said}{remedy}", where=answer.where
    )


def planned(  # noqa: PLR0913 - each is a setting of its own, by name
    kind: type,
    from_id: str,
    to_id: str | None,
    *,
    private: bool,
    hardware: str | None,
    secrets: Mapping[str, str] | None,
    sleep_timeout: float,
    hf_token: str | None = None,
    options: Mapping[str, Any],
) -> tuple[Duplication, dict[str, Any]]:
    """A copy that is wanted, and the options of the new client, with its token: all checked.

    Raises:
        TypeError: an argument is of the wrong type.
        ValueError: an argument makes no sense.
    """
    plan = duplication(
        from_id, to_id, private=private, hardware=hardware, secrets=secrets, sleep_timeout=sleep_timeout
    )
    lasting: dict[str, Any] = {name: _lasting(value) for name, value in options.items()}
    lasting["token"] = one_token(hf_token, options["token"])
    _check(kind, plan.from_id, lasting)
    return plan, lasting


async def duplicated(plan: Duplication, token: str | None, say: Callable[[str], object]) -> str:
    """Make the copy; its ``owner/name``. Raises as ``Duplicator.run`` does."""
    with Hub(token) as hub:
        return await Duplicator(plan, hub, say).run()


def _lasting(value: object) -> object:
    """An option that two clients can be made with, one after the other."""
    return tuple(value) if isinstance(value, Iterator) else value


def _check(kind: type, space_id: str, options: Mapping[str, Any]) -> None:
    """Refuse options that the new client would, before there is a Space that nobody can use."""
    inspect.signature(kind).bind(space_id, **options)
    known = inspect.signature(AsyncClient).parameters
    AsyncClient(space_id, **{name: value for name, value in options.items() if name in known})
