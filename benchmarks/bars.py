"""What must hold: as ratios of one run, and as limits."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

Results = dict[str, dict[str, list[float]]]  # figure -> client -> one value a round


@dataclass(frozen=True, slots=True)
class Ratio:
    """A client's figure, in relation to another client's.

    Attributes:
        figure: which one.
        client: whose.
        times: by how much the other's is multiplied.
        other: whose figure that is.
        least: whether the product is the least that the client's may be, or the most.
    """

    figure: str
    client: str
    times: float
    other: str
    least: bool = False

    @property
    def what(self) -> str:
        """What it is about."""
        return f"{self.figure} of {self.client} beside {self.other}"

    def measured(self, results: Results) -> bool:
        """Whether there is what it is about."""
        return all(results.get(self.figure, {}).get(client) for client in (self.client, self.other))

    def miss(self, results: Results) -> str | None:
        """What to say when it does not hold; of what was not measured there is nothing to say."""
        if not self.measured(results):
            return None
        row = results[self.figure]
        # Round by round, for what slows the machine slows both.
        pairs = zip(row[self.client], row[self.other], strict=False)
        found = statistics.median(ours / max(theirs, 1e-12) for ours, theirs in pairs)
        if (found >= self.times) if self.least else (found <= self.times):
            return None
        bound = f"at {'least' if self.least else 'most'} {self.times:.3g}"
        return f"{self.figure} of {self.client} is {found:.3g} times {self.other}'s; bar: {bound}"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a client's figure may be."""

    figure: str
    client: str
    most: float

    @property
    def what(self) -> str:
        """As above."""
        return f"{self.figure} of {self.client}"

    def measured(self, results: Results) -> bool:
        """As above."""
        return bool(results.get(self.figure, {}).get(self.client))

    def miss(self, results: Results) -> str | None:
        """As above."""
        if not self.measured(results):
            return None
        found = statistics.median(results[self.figure][self.client])
        if found <= self.most:
            return None
        return f"{self.what} is {found:.3g}; bar: at most {self.most:.3g}"


MAIN = ("ours:aiohttp", "ours:requests")
OURS = (*MAIN, "ours:httpx")
IN_FLIGHT = (1, 10, 40, 200)

BARS: tuple[Ratio | Limit, ...] = (
    Ratio("latency", "ours:aiohttp", 4, "floor"),
    Ratio("latency", "ours:requests", 8, "floor"),
    *(Ratio("latency", client, 1 / 40, "incumbent") for client in MAIN),
    Ratio("latency", "ours:httpx", 1 / 20, "incumbent"),
    Ratio("latency", "ours:aiohttp", 1 / 2, "javascript"),
    *(Ratio("cpu", client, 1 / 40, "incumbent") for client in MAIN),
    Ratio("cpu", "ours:httpx", 1 / 10, "incumbent"),
    *(Limit("connections_500", client, 3) for client in OURS),
    Ratio("calls_200", "ours:aiohttp", 50, "incumbent", least=True),
    Ratio("calls_200", "ours:aiohttp", 2.5, "javascript", least=True),
    *(Limit(f"failed_{n}", client, 0) for n in IN_FLIGHT for client in (*OURS, "async:aiohttp")),
    Ratio("stream", "ours:aiohttp", 0.4, "floor", least=True),
    Ratio("big", "ours:aiohttp", 1.5, "floor"),
    *(Limit("arrival", client, 0.001) for client in MAIN),
    Limit("sleepers", "ours:aiohttp", 3),
    Limit("threads", "ours:aiohttp", 4),
    Limit("memory", "ours:aiohttp", 60),
    Limit("crowd_failed", "ours:aiohttp", 0),
    *(Limit("idle", client, 0.005) for client in MAIN),
    *(Limit("cancel", client, 0.010) for client in MAIN),
    Ratio("first", "ours:aiohttp", 0.4, "incumbent"),
    Limit("import", "ours:aiohttp", 0.060),
)


def misses(results: Results) -> list[str]:
    """The bars that a run does not reach."""
    return [said for bar in BARS if (said := bar.miss(results))]


def unmeasured(results: Results) -> list[str]:
    """The bars of which a run does not tell whether they hold."""
    return [f"{bar.what}: not measured" for bar in BARS if not bar.measured(results)]
