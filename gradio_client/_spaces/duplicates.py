"""``duplicate`` of both faces of the client."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from gradio_client._concurrency import portal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Duplicates:
    """``Client.duplicate``."""

    @classmethod
    def duplicate(  # noqa: PLR0913, PLR0917 - the signature of gradio_client 2.7.2
        cls,
        from_id: str,
        to_id: str | None = None,
        token: str | None = None,
        private: bool = True,  # noqa: FBT001, FBT002
        hardware: str | None = None,
        secrets: Mapping[str, str] | None = None,
        sleep_timeout: float = 5,
        max_workers: int = 40,
        verbose: bool = True,  # noqa: FBT001, FBT002
        **options: Any,
    ) -> Self:
        """Copy a Space into your account, unless that was done before, and connect to the copy.

        Warns (``UserWarning``) before paid hardware is asked for: ``warnings.simplefilter("error")`` makes
        that an error, and then nothing is made.

        Args:
            from_id: the Space, ``owner/name``.
            to_id: the copy's name, with or without its owner; by default that of the original.
            token: a Hugging Face token with write access; by default the saved one.
            private: whether only you may use the copy.
            hardware: such as ``"cpu-basic"`` or ``"t4-small"``; by default that of the original.
            secrets: values by name for the app's environment; only for a copy that is new.
            sleep_timeout: minutes without a request, after which paid hardware is let go.
            max_workers: as for ``Client``.
            verbose: as for ``Client``; what is done is printed too.
            **options: further arguments of ``Client``, such as ``transport=`` or ``headers=``.

        Raises:
            SourceError: there is no such Space, or none that the token gives access to.
            AuthenticationError: the token is missing or refused.
            SpaceDuplicationError: a step failed; the message says what was done before it.
            TypeError: an argument is of the wrong type. Nothing was made.
            ValueError: an argument makes no sense. Nothing was made.
            GradioClientError: the copy cannot be connected to.
        """
        from gradio_client._spaces.duplicating import duplicated, planned  # noqa: PLC0415 - most programs make none

        plan, options = planned(
            cls,
            from_id,
            to_id,
            private=private,
            hardware=hardware,
            secrets=secrets,
            sleep_timeout=sleep_timeout,
            hf_token=options.pop("hf_token", None),
            options={"token": token, "max_workers": max_workers, "verbose": verbose, **options},
        )
        borrowed = portal.acquire()
        try:
            copy_id = borrowed.converse(
                lambda hand: duplicated(
                    plan, options["token"], lambda text: hand(partial(print, text)) if verbose else None
                )
            )
            make: Any = cls
            made: Self = make(copy_id, **options)
        finally:
            portal.release(borrowed)
        return made


class DuplicatesAsync:
    """``AsyncClient.duplicate``."""

    @classmethod
    async def duplicate(  # noqa: PLR0913 - each is a setting of its own, by name
        cls,
        from_id: str,
        to_id: str | None = None,
        *,
        token: str | None = None,
        private: bool = True,
        hardware: str | None = None,
        secrets: Mapping[str, str] | None = None,
        sleep_timeout: float = 5,
        **options: Any,
    ) -> Self:
        """As ``Client.duplicate``, without printing; the client connects when it is used.

        Args:
            from_id: the Space, ``owner/name``.
            to_id: the copy's name, with or without its owner; by default that of the original.
            token: a Hugging Face token with write access; by default the saved one.
            private: whether only you may use the copy.
            hardware: such as ``"cpu-basic"`` or ``"t4-small"``; by default that of the original.
            secrets: values by name for the app's environment; only for a copy that is new.
            sleep_timeout: minutes without a request, after which paid hardware is let go.
            **options: further arguments of ``AsyncClient``, such as ``transport=`` or ``headers=``.

        Raises:
            SourceError: there is no such Space, or none that the token gives access to.
            AuthenticationError: the token is missing or refused.
            SpaceDuplicationError: a step failed; the message says what was done before it.
            TypeError: an argument is of the wrong type. Nothing was made.
            ValueError: an argument makes no sense. Nothing was made.
        """
        from gradio_client._spaces.duplicating import duplicated, planned  # noqa: PLC0415 - as for Client

        plan, options = planned(
            cls,
            from_id,
            to_id,
            private=private,
            hardware=hardware,
            secrets=secrets,
            sleep_timeout=sleep_timeout,
            options={"token": token, **options},
        )
        copy_id = await duplicated(plan, options["token"], lambda _: None)
        make: Any = cls
        made: Self = make(copy_id, **options)
        return made
