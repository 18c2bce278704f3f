"""Calls of the kitchen-sink app that any client must answer alike: data alone, for ``play.py``.

Nothing here may need more than the standard library: the same table is read by this project's tests and
by a process in which another client is installed.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Manner: TypeAlias = Literal["predict", "submit", "iterate", "cancel"]


@dataclass(frozen=True, slots=True)
class File:
    """A local file of this name and content, passed through ``handle_file``."""

    name: str
    content: bytes


class Fresh:
    """A text that is another one in every run, the same within a run."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        api: the endpoint's name, with its slash; None when none is given.
        args: by position; may hold ``File`` and ``Fresh`` at any depth.
        kwargs: by name.
        manner: ``predict`` tells the result; ``submit`` also the outputs on the way and the status;
            ``iterate`` what iteration alone gives; ``cancel`` how a job ends that is cancelled after
            its first output.
        by_index: give the endpoint's number instead of its name.
        options: further keywords of the call itself.
    """

    api: str | None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    manner: Manner = "predict"
    by_index: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Calls of one client in one new session, one after another.

    Attributes:
        name: the test's id.
        calls: what is called.
        client: keywords of the client.
    """

    name: str
    calls: tuple[Call, ...]
    client: Mapping[str, Any] = field(default_factory=dict)


def predict(name: str, api: str, /, *args: Any, **kwargs: Any) -> Scenario:
    return Scenario(name, (Call(api, args, kwargs),))


def submit(name: str, api: str, /, *args: Any, **kwargs: Any) -> Scenario:
    return Scenario(name, (Call(api, args, kwargs, "submit"),))


def iterate(name: str, api: str, /, *args: Any, **kwargs: Any) -> Scenario:
    return Scenario(name, (Call(api, args, kwargs, "iterate"),))


def by_index(name: str, api: str, /, *args: Any, **kwargs: Any) -> Scenario:
    return Scenario(name, (Call(api, args, kwargs, by_index=True),))


def several(name: str, /, *calls: Call, **client: Any) -> Scenario:
    return Scenario(name, calls, client=client)


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture in one colour."""
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


YES, NO = True, False
NOTE = File("note.txt", b"some text\n")
ODD = File("a b#c%d \u00e9 (1).txt", "\u00fcber & unter".encode())
EMPTY = File("empty.dat", b"")
LARGE = File("large.bin", bytes(range(256)) * 4096)
PICTURE = File("picture.png", png(6, 4, (200, 10, 30)))
TABLE = {"headers": ["name", "score"], "data": [["x", 3], ["z", 1], ["y", 2]]}
DEEP = {"a": [1, 2.5, None, True, {"b": ["c", {"d": {}}]}], "\u00fc": "\u2028", "": []}

TEXT = (
    predict("echo a text", "/echo", "hello"),
    predict("echo by keyword", "/echo", text="hello"),
    predict("echo nothing at all", "/echo", ""),
    predict("echo None", "/echo", None),
    predict("echo lines and quotes", "/echo", 'one\ntwo\r\n\t"three" \\ four'),
    predict("echo beyond ASCII", "/echo", "\u00e9\u00df \u732b \U0001f680 e\u0301 \u2028\u2029\x85 \ufeff"),
    predict("echo NUL", "/echo", "\x00\x1f"),
    predict("echo HTML", "/echo", "<b>&amp;</b>"),
    predict("echo a path that exists", "/echo", "/etc/hostname"),
    predict("echo an address", "/echo", "https://example.com/file.txt"),
    predict("echo 100,000 characters", "/echo", "0123456789" * 10_000),
    predict("echo a number into a text box", "/echo", 5),
    submit("echo as a job", "/echo", "hello"),
    predict("call without a queue", "/echo_fast", "quick"),
    predict("call without a queue by keyword", "/echo_fast", text="quick"),
    submit("call without a queue as a job", "/echo_fast", "quick"),
    predict("add two numbers", "/add", 1, 2),
    predict("add with a default", "/add", 40),
    predict("add by keywords", "/add", b=3, a=4),
    predict("add in both ways", "/add", 4, b=-3),
    predict("add with only a keyword", "/add", a=0.5),
    predict("add fractions", "/add", 0.1, 0.2),
    predict("add large numbers", "/add", 2**53, 10**18),
    predict("greet with three defaults", "/greet", "Ada"),
    predict("greet by position", "/greet", "Ada", "Hi", 2, YES),
    predict("greet by keywords", "/greet", name="Ada", shout=True, times=3, greeting="Hey"),
    predict("greet with a gap of defaults", "/greet", "Ada", shout=True),
    submit("greet as a job", "/greet", "Ada", times=2),
    predict("three outputs", "/multi", "abc", 21),
    predict("three outputs of an odd text", "/multi", "\u00e9\U0001f680", -1.5),
    submit("three outputs as a job", "/multi", "abc", 2),
    predict("line separators within values", "/unicode", "start"),
    submit("line separators as a job", "/unicode", ""),
    predict("NaN and infinities", "/nan", "nan"),
    predict("an infinity", "/nan", "inf"),
    predict("NaN by default", "/nan"),
    predict("a megabyte", "/big", 1_000_000),
    predict("zero bytes", "/big", 0),
    predict("no output", "/no_output", "unseen"),
    submit("no output as a job", "/no_output", "unseen"),
    predict("no input", "/no_input"),
    predict("neither input nor output", "/nothing"),
    submit("neither input nor output as a job", "/nothing"),
    predict("an update of a component", "/update_output", "new"),
    predict("an update to None", "/update_output", None),
    submit("an update as a job", "/update_output", "new"),
    predict("a skipped update", "/skip_output", "skip"),
    predict("no skipped update", "/skip_output", "keep"),
    submit("a skipped update as a job", "/skip_output", "skip"),
    predict("a handler of the page's load", "/on_load"),
)

GENERATORS = (
    predict("the last of a generator", "/count", 3, 0),
    submit("every number of a generator", "/count", 4, 0.01),
    submit("a generator with defaults", "/count"),
    submit("a generator by keywords", "/count", delay=0, n=2),
    predict("the last of no values", "/count", 0),
    submit("a generator without values", "/count", 0, 0),
    submit("a growing text", "/llm", "tell me a story", 12, 0.01),
    submit("a growing text with defaults", "/llm", ""),
    predict("the end of a growing text", "/llm", "a b c", 5, 0),
    submit("a growing and shrinking structure", "/llm_json", 7, 0.01),
    predict("the end of a structure", "/llm_json", 3, 0),
    submit("a conversation", "/llm_chat", "why?", 5, 0.01),
    predict("the end of a conversation", "/llm_chat", "why?", words=2, delay=0),
    submit("large steps", "/big_stream", 400_000, 4),
    predict("the end of large steps", "/big_stream", 200_000),
    submit("a slow generator", "/slow_iterate", 3, 0.02),
    predict("an error on the way", "/error_after_yield", 2),
    predict("an error on the way at once", "/error_after_yield", 0),
)

QUEUE = (
    predict("progress reports", "/progress", 3, 0.01),
    submit("progress reports as a job", "/progress"),
    predict("a short sleep", "/sleep", 0.01),
    predict("a short nap", "/nap", seconds=0.01),
    predict("an error of the app", "/raise_error", "this went wrong"),
    predict("an error with a title", "/raise_error", "this went wrong", "Oh no"),
    predict("an error with HTML", "/raise_error", "<b>wrong</b> & \u732b\nline"),
    predict("an error with its own text", "/raise_error", ""),
    predict("a hidden exception", "/crash", "a secret"),
    predict("a hidden exception without a queue", "/crash_fast", "a secret"),
    predict("messages for the page", "/warn", "look"),
    submit("messages for the page as a job", "/warn", "look"),
    predict("a batch", "/batch", "word", 3),
    predict("a batch with a default", "/batch", "word"),
    submit("a batch as a job", "/batch", "word", 1),
)

STATE = (
    several("state adds up", *[Call("/state", (step,)) for step in (1, 2, 4)]),
    several("state with a default", Call("/state"), Call("/state")),
    several("state without a queue", *[Call("/state_fast", (step,)) for step in (5, 5)]),
    several("state of two endpoints", Call("/state", (1,)), Call("/state_fast", (10,)), Call("/state", (1,))),
    several("state as jobs", *[Call("/state", (3,), manner="submit") for _ in range(2)]),
    several("a job arrives once", *[Call("/tick", (Fresh(),)) for _ in range(3)], Call("/ticks", (Fresh(),))),
    predict("a count that nobody made", "/ticks", "no such key"),
)

REQUEST = (
    predict("the headers of a call", "/headers"),
    several("headers of the client", Call("/headers"), headers={"X-Mine": "client", "x-other": "o"}),
    several("headers of one call", Call("/headers", options={"headers": {"X-Mine": "call"}})),
    predict("what the app knows of the request", "/request_info"),
    predict("nobody's name", "/whoami"),
)

FILES = (
    predict("a file there and back", "/file_in_out", NOTE),
    predict("a file by keyword", "/file_in_out", upload=NOTE),
    predict("a file with an odd name", "/file_in_out", ODD),
    predict("a megabyte there and back", "/file_in_out", LARGE),
    submit("a file as a job", "/file_in_out", NOTE),
    predict("an empty file", "/file_info", EMPTY),
    predict("the name of an odd file", "/file_info", ODD),
    predict("no file", "/file_info", None),
    predict("a file where a text belongs", "/json", {"nested": [NOTE]}),
    predict("several files", "/files", [NOTE, ODD, EMPTY]),
    predict("the same file twice", "/files", [NOTE, NOTE]),
    predict("a list of no files", "/files", []),
    submit("several files as a job", "/files", [NOTE, LARGE]),
    predict("a file of the app's making", "/big_file", 70_000),
    predict("a file with a default size", "/big_file"),
    predict("a picture", "/image", PICTURE),
    predict("a gallery", "/gallery", 2),
    predict("a gallery with a default", "/gallery"),
    predict("an empty gallery", "/gallery", 0),
    predict("pictures in a structure", "/gallery_info", [{"image": PICTURE, "caption": "one"}]),
    predict("no pictures", "/gallery_info", []),
    predict("a sound", "/audio", 0.05),
    predict("a sound with a default", "/audio"),
    predict("a message with files", "/multimodal", {"text": "look", "files": [NOTE, ODD]}),
    predict("a message without files", "/multimodal", {"text": "look", "files": []}),
    several("a file as the server has it", Call("/file_in_out", (NOTE,)), download_files=False),
    several("a gallery as the server has it", Call("/gallery", (1,)), download_files=False),
    several("several files as the server has them", Call("/files", ([NOTE, EMPTY],)), download_files=False),
)

DATA = (
    predict("a table", "/dataframe", TABLE),
    predict("a table with a default", "/dataframe"),
    predict("a JSON object", "/json", DEEP),
    predict("a JSON list", "/json", [1, "two", None, [3.5]]),
    predict("a JSON null", "/json", None),
    predict("a JSON text", "/json", '{"as": "text"}'),
    predict("a tuple", "/json", (1, (2, 3))),
    predict("a JSON number with keys that are none", "/json", {1: "one", None: "none"}),
    predict("controls with defaults", "/controls"),
    predict("controls by position", "/controls", "green", ["a", "c"], 2, ["x"], NO, 7.5),
    predict("a choice that is none", "/controls", "no colour"),
    predict("a value out of range", "/controls", "red", ["a"], 1, [], YES, 99),
)

OTHERS = (
    predict("an undocumented endpoint", "/undocumented", "psst"),
    predict("a private endpoint", "/private", "psst"),
    predict("an unnamed function", "/lambda", "x"),
    predict("a chain's first step", "/first_step", "x"),
    predict("a chain's second step", "/second_step", "x"),
    predict("a validator that is content", "/validate", "fine"),
    predict("a validator that refuses", "/validate", "  "),
    predict("plain values", "/typed", 1),
    predict("plain values by keyword", "/typed", 1, flag=True),
    submit("plain values streamed", "/typed_stream", 4),
    predict("the last of plain values", "/typed_stream", 2),
    by_index("echo by number", "/echo", "hello"),
    by_index("add by number and keywords", "/add", a=1, b=1),
    by_index("a generator by number", "/count", 2, 0),
    by_index("state by number", "/state", 2),
    by_index("an undocumented endpoint by number", "/undocumented", "psst"),
)

WRONG = (
    predict("an unknown endpoint", "/no_such_endpoint", 1),
    predict("an endpoint without its slash", "echo", "hello"),
    predict("an empty name", "", "hello"),
    several("an unknown number", Call(None, ("x",), options={"fn_index": 9999})),
    several("a negative number", Call(None, ("x",), options={"fn_index": -1})),
    several("neither name nor number", Call(None, ("x",))),
    several("a name that is no text", Call(None, ("x",), options={"api_name": 5})),
    predict("an argument is missing", "/echo"),
    predict("two of three are missing", "/multi"),
    predict("one argument too many", "/echo", "a", "b"),
    predict("an unknown keyword", "/echo", txt="a"),
    predict("an argument in both ways", "/echo", "a", text="b"),
    predict("a required keyword is missing", "/greet", greeting="Hi"),
    predict("a text for a number", "/add", "one", 2),
    predict("a script of the page", "/script", "x"),
    predict("an event that only cancels", "/stop"),
    predict("NaN as an argument", "/add", float("nan"), 1),
    predict("a set as an argument", "/json", {1}),
    predict("bytes as an argument", "/json", b"1"),
    iterate("iterate a failing job", "/raise_error", "no"),
    iterate("iterate a failing generator", "/error_after_yield", 2),
)

CANCELLED = (
    several("a cancelled generator", Call("/slow_iterate", (600, 0.05), manner="cancel")),
    several("a cancelled generator by number", Call("/count", (600, 0.05), manner="cancel", by_index=True)),
)

SCENARIOS = (*TEXT, *GENERATORS, *QUEUE, *STATE, *REQUEST, *FILES, *DATA, *OTHERS, *WRONG, *CANCELLED)
