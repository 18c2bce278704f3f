"""Answers that are read whole: decoded, and of bounded length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain.bounds import REFUSAL
from gradio_client.domain.decoding import Decoder
from gradio_client.domain.errors import DeadlineError, ServerError

if TYPE_CHECKING:
    from gradio_client._http.pipeline import Pipeline
    from gradio_client.domain.errors import Where
    from gradio_client.transport import Response


async def read_whole(pipeline: Pipeline, response: Response, longest: int, where: Where) -> bytes:
    """The decoded body; of a refusal as much of it as can be had: its status is what matters.

    Args:
        pipeline: what reads the response.
        response: whose body is read.
        longest: the most bytes that such an answer has.
        where: whose answer it is, for an error.

    Raises:
        GradioClientError: the answer is longer, cannot be decoded, or its connection broke.
    """
    chunks: list[bytes] = []
    refused = response.status >= 400
    try:
        await _read_into(chunks, pipeline, response, REFUSAL if refused else longest, where)
    except (ServerError, DeadlineError):
        if not refused:
            raise
    return b"".join(chunks)


async def _read_into(
    chunks: list[bytes], pipeline: Pipeline, response: Response, longest: int, where: Where
) -> None:
    encoding = response.headers.get("content-encoding")
    decoder = Decoder(encoding, longest) if encoding else None
    size = 0
    while chunk := await pipeline.read(response):
        piece = decoder.feed(chunk) if decoder else chunk
        chunks.append(piece)
        size += len(piece)
        if size > longest:
            raise ServerError(f"The answer is longer than {longest} bytes.", where=where)
    if decoder:
        decoder.finish()
