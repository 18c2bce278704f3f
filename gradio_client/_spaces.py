"""Where the app of a Hugging Face Space is. The only module that asks the Hub."""

from __future__ import annotations

import asyncio

from gradio_client.domain.errors import SourceError


async def space_url(space_id: str, token: str | None) -> str:
    """The address of a Space's app (protocol section 1.1), without a trailing slash.

    Args:
        space_id: ``owner/name``.
        token: a Hugging Face token; None for the one that is saved on this machine, if any.

    Raises:
        SourceError: the Space does not exist, or is private and the token has no access.
    """
    return await asyncio.to_thread(_space_url, space_id, token)


def _space_url(space_id: str, token: str | None) -> str:
    from huggingface_hub import HfApi  # noqa: PLC0415 - slow to import, and plain URLs never need it
    from huggingface_hub.errors import RepositoryNotFoundError  # noqa: PLC0415

    try:
        host = HfApi().space_info(space_id, token=token).host
    except RepositoryNotFoundError as error:
        raise SourceError(
            f"Could not find the Space {space_id!r}: it does not exist, or it is private. "
            "For a private Space pass token=..., or log in with `hf auth login`."
        ) from error
    if not host:
        raise SourceError(f"The Space {space_id!r} has no app; is it still without files?")
    return str(host).rstrip("/")
