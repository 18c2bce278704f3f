"""Which version of a file a response holds, and which part of it (RFC 9110 sections 8.8 and 14.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Servers of 2023 leave the quotes out of their tags, which are MD5 sums.
_STRONG_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"|[0-9a-f]{32}')
_CONTENT_RANGE = re.compile(r"bytes +([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)")


@dataclass(frozen=True, slots=True)
class Entity:
    """What a server says of the file that it sends.

    Attributes:
        length: its size in bytes; None when unknown, or when it comes in a content coding.
        tag: its entity tag, if that is a strong one: two files with the same are the same.
        in_parts: whether the server may give out ranges of it: older ones of Gradio do, and do not say so.
    """

    length: int | None
    tag: str | None
    in_parts: bool

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Entity:
        """The entity that a response with status 200 holds, by its header fields."""
        length, tag = headers.get("content-length", ""), headers.get("etag", "")
        coding = headers.get("content-encoding", "identity").strip().lower()
        plain = coding in ("", "identity")
        return cls(
            int(length) if plain and re.fullmatch("[0-9]{1,19}", length) else None,
            tag if _STRONG_TAG.fullmatch(tag) else None,
            plain and headers.get("accept-ranges", "").strip().lower() != "none",
        )

    @property
    def resumable(self) -> bool:
        """Whether the rest can be asked for, and told from the rest of another version."""
        return self.in_parts and self.tag is not None and self.length is not None

    def is_continued(self, headers: Mapping[str, str], start: int) -> bool:
        """Whether a response with status 206 goes on with this entity, from that byte to its end."""
        found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
        if not found or self.length is None or headers.get("etag", self.tag) != self.tag:
            return False
        return (int(found[1]), int(found[2]) + 1, found[3]) == (start, self.length, str(self.length))
