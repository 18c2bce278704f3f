"""How a server is told to stop one job without harm to others (protocol sections 8.3 to 8.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradio_client.domain.config import AppConfig
    from gradio_client.domain.endpoints import Endpoint

NO_FUNCTION = -1  # no function has this number


class Stage(IntEnum):
    """How far a job has come, as its messages tell."""

    QUEUED = auto()
    STARTED = auto()
    YIELDED = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class Cancel:
    """``/cancel`` the job. Whatever else of that function runs in the session is killed with it."""

    fn_index: int


@dataclass(frozen=True, slots=True)
class Reset:
    """``/reset`` the job, which ends its generator."""


@dataclass(frozen=True, slots=True)
class CallCanceller:
    """Call a function of the app that cancels all that the session runs of certain functions."""

    fn_index: int


class NoMethod(Enum):
    """Why the server is not told."""

    YET = "it could not stop the job now, or would stop others too; that may change"
    EVER = "there is nothing left to stop"


CancelMethod: TypeAlias = Cancel | Reset | CallCanceller | NoMethod


def cancel_method(config: AppConfig, endpoint: Endpoint, stage: Stage, busy: Collection[int]) -> CancelMethod:
    """How to have a job stopped at this moment.

    Args:
        config: the app's.
        endpoint: the job's function.
        stage: how far the job has come.
        busy: the functions of the other jobs that are under way in the session.
    """
    if stage is Stage.OVER:
        return NoMethod.EVER
    alone = endpoint.id not in busy
    if config.cancels_in_queue and (alone or stage is Stage.QUEUED):
        return Cancel(endpoint.id if alone else NO_FUNCTION)
    # There is no later chance where the job's own stream is closed, nor a session that could be confused.
    now = config.dialect.one_stream_per_job
    if stage is Stage.QUEUED and not now:  # it would stay in the queue, and confuse the session later
        return NoMethod.YET
    if config.has_cancel:
        return Cancel(endpoint.id) if alone else NoMethod.YET
    # Before, the server may still be about to begin: it says that a job has started first. And of a function
    # that has not yielded it could stop nothing but its result.
    if stage is not Stage.YIELDED and not now:
        return NoMethod.YET
    caller = _canceller(config, endpoint, busy)
    return Reset() if caller is None else CallCanceller(caller)


def _canceller(config: AppConfig, endpoint: Endpoint, busy: Collection[int]) -> int | None:
    """A function that cancels this one, and nothing that is under way."""
    for caller in endpoint.cancelled_by:
        stopped = {item.id for item in config.endpoints.values() if caller in item.cancelled_by}
        if stopped.isdisjoint(busy):
            return caller
    return None
