"""Copies of Spaces: what is asked of the Hub, and how its answers are checked (protocol section 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradio_client.domain.errors import SourceError
from gradio_client.domain.source import SpaceSource, parse_source

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject

FREE = "cpu-basic"


@dataclass(frozen=True, slots=True)
class Duplication:
    """What the caller wants.

    Attributes:
        from_id: the Space to copy, ``owner/name``.
        to_id: the copy's name, with or without its owner; None for the same name.
        private: whether only its owner may use it.
        hardware: of the copy; None for that of the original.
        secrets: values by name, for the app's environment.
        sleep_seconds: without a request, after which paid hardware is let go.
    """

    from_id: str
    to_id: str | None
    private: bool
    hardware: str | None
    secrets: Mapping[str, str] | None = field(repr=False)
    sleep_seconds: int

    def named(self, user: str) -> str:
        """The copy's ``owner/name``, if it is to be this user's."""
        name = self.to_id or self.from_id.partition("/")[2]
        return name if "/" in name else f"{user}/{name}"

    @property
    def owner_is_named(self) -> bool:
        """Whether the copy's owner need not be asked for."""
        return self.to_id is not None and "/" in self.to_id

    def body(self, copy_id: str, hardware: str) -> JsonObject:
        """What is posted: all in one, lest a copy run without its secrets, or on paid hardware for ever."""
        body: JsonObject = {"repository": copy_id, "private": self.private}
        if hardware != FREE:
            body["hardware"] = hardware
        if is_paid(hardware):
            body["sleepTimeSeconds"] = self.sleep_seconds
        if self.secrets:
            body["secrets"] = [{"key": key, "value": value} for key, value in self.secrets.items()]
        return body


def duplication(
    from_id: str,
    to_id: str | None,
    *,
    private: bool,
    hardware: str | None,
    secrets: Mapping[str, str] | None,
    sleep_timeout: float,
) -> Duplication:
    """Check what the caller wants; ``sleep_timeout`` is in minutes.

    Raises:
        SourceError: ``from_id`` or ``to_id`` names no Space.
        TypeError: an argument is of the wrong type.
        ValueError: an argument makes no sense.
    """
    source = parse_source(from_id)
    if not isinstance(source, SpaceSource):
        raise SourceError("Only a Space can be duplicated: pass its name, such as 'owner/name'.")
    if to_id is not None:
        _check_name(to_id)
    flavor = getattr(hardware, "value", hardware)  # SpaceHardware of huggingface_hub is an enum
    if flavor is not None and not isinstance(flavor, str):
        raise TypeError(
            f"hardware= takes the name of a tier, such as 't4-small', not {type(flavor).__name__}."
        )
    if isinstance(sleep_timeout, bool) or not isinstance(sleep_timeout, int | float):
        raise TypeError(f"sleep_timeout= takes minutes, not {type(sleep_timeout).__name__}.")
    if not 0 < sleep_timeout < float("inf"):
        raise ValueError(f"sleep_timeout={sleep_timeout!r}: more than 0 minutes are needed.")
    seconds = max(1, round(sleep_timeout * 60))
    return Duplication(source.space_id, to_id, private, flavor, _secrets(secrets), seconds)


def is_paid(hardware: str) -> bool:
    """Whether hardware is billed by the time that it is held; ZeroGPU is not."""
    return hardware != FREE and not hardware.startswith("zero-")


def cost_warning(copy_id: str, plan: Duplication, hardware: str, hub: str) -> str:
    """What is said before paid hardware is asked for of the Hub at that address."""
    inherited = "" if plan.hardware else " like the original"
    return (
        f"The Space {copy_id} will run on {hardware}{inherited}, which is billed to you until it sleeps, "
        f"{plan.sleep_seconds} s after the last request (see {hub}/settings/billing). "
        f"Pass hardware={FREE!r} for the free tier."
    )


def hardware_of(runtime: Json) -> str | None:
    """The hardware that a Space has or is about to have, by the Hub's record of its runtime."""
    found = runtime.get("hardware") if isinstance(runtime, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    named = found.get("requested") or found.get("current")
    return named if isinstance(named, str) else None


def sleep_of(runtime: Json) -> Json:
    """After how many seconds without a request a Space goes to sleep."""
    return runtime.get("gcTimeout") if isinstance(runtime, Mapping) else None


def _check_name(to_id: str) -> None:
    if not isinstance(to_id, str):
        raise TypeError(f"to_id= takes the name of a Space as text, not {type(to_id).__name__}.")
    whole = to_id if "/" in to_id else f"owner/{to_id}"
    try:
        named = parse_source(whole)
    except SourceError:
        named = None
    if named != SpaceSource(whole):
        raise SourceError(f"to_id={to_id!r} is no name for a Space: pass 'name' or 'owner/name'.")


def _secrets(secrets: Mapping[str, str] | None) -> Mapping[str, str] | None:
    # The values are never shown.
    if secrets is None:
        return None
    if not isinstance(secrets, Mapping):
        raise TypeError(f"secrets= takes a dictionary of texts, not {type(secrets).__name__}.")
    for key, value in secrets.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"secrets= takes a dictionary of texts; see {key!r}.")
    return dict(secrets)
