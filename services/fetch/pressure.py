"""Decide whether the doors must hold back: what waits in the broker against high and low marks.

Pure. A measure that is over its high mark holds back until it is at its low mark, so that the doors
do not flap.
"""

from dataclasses import dataclass
from typing import Literal

Measure = Literal["entries", "bytes", "memory"]
MEASURES: tuple[Measure, ...] = ("entries", "bytes", "memory")


@dataclass(frozen=True, slots=True)
class Load:
    """What lies in the broker.

    `entries` wait in the raw and labelled streams beyond the position of their stage's group;
    `bytes`: about what those take; `memory`: share of the broker's maxmemory in use, 0 to 1, None
    if it has no limit or does not tell.
    """

    entries: int = 0
    bytes: int = 0
    memory: float | None = None

    def of(self, measure: Measure) -> float:
        """Return one measure; what is not known is 0, and so holds nobody back."""
        return {"entries": self.entries, "bytes": self.bytes, "memory": self.memory or 0.0}[measure]


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold back above `high`, go on at `low` or below; in the measure's unit."""

    high: float
    low: float

    def exceeded(self, value: float, *, before: bool) -> bool:
        """Tell whether `value` holds back; `before`: whether it did at the last look."""
        return value > (self.low if before else self.high)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of all measures."""

    entries: Mark
    bytes: Mark
    memory: Mark

    def of(self, measure: Measure) -> Mark:
        """Return the marks of one measure."""
        return {"entries": self.entries, "bytes": self.bytes, "memory": self.memory}[measure]


@dataclass(frozen=True, slots=True)
class Excess:
    """One measure that holds the doors back, and the mark below which they go on."""

    measure: Measure
    value: float
    low: float

    def __str__(self) -> str:
        """Return it in words."""
        if self.measure == "memory":
            return f"the broker's memory is {self.value:.0%} full (goes on at {self.low:.0%})"
        if self.measure == "bytes":
            return f"{_mib(self.value)} wait (goes on at {_mib(self.low)})"
        return f"{self.value:,.0f} entries wait (goes on at {self.low:,.0f})"


@dataclass(frozen=True, slots=True)
class Pressure:
    """Why the doors hold back; false when they are open."""

    excesses: tuple[Excess, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.excesses)

    def __str__(self) -> str:
        """Return all reasons in one line."""
        return "; ".join(map(str, self.excesses))

    def holds(self, measure: Measure) -> bool:
        """Tell whether this measure holds back."""
        return any(excess.measure == measure for excess in self.excesses)


def decide_pressure(load: Load, marks: Marks, before: Pressure) -> Pressure:
    """Return what holds the doors back now; `before` is the last answer."""
    return Pressure(
        tuple(
            Excess(measure, load.of(measure), marks.of(measure).low)
            for measure in MEASURES
            if marks.of(measure).exceeded(load.of(measure), before=before.holds(measure))
        )
    )


def _mib(size: float) -> str:
    return f"{size / 2**20:,.1f} MiB"
