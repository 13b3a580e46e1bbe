"""Decide when a stage must pause: too many of its last entries failed in our own processing.

Pure. An entry counts once while it is in the window, however often it is delivered, so that a few
poison entries that are tried again and again do not look like a broken stage. What a producer got
wrong counts neither way: garbage can't trip the breaker, and can't hide that all the rest fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.delivery.entries import Entry, Outcome, Reject
from shared.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Tally:
    """The window: entries judged (at most its size), and how many of them failed."""

    entries: int
    failed: int


@dataclass(frozen=True, slots=True)
class Rule:
    """When a stage pauses.

    `share`: of the window, 0 to 1, exclusive; so 1 never trips. `min_failures`: inclusive; failures
    at the start, when the window holds little else, must be at least so many.
    """

    share: float
    window_entries: int
    min_failures: int

    @classmethod
    def of(cls, settings: CommonSettings) -> "Rule":
        """Return the rule in `settings`."""
        return cls(
            settings.breaker_share, settings.breaker_window_entries, settings.breaker_min_failures
        )

    def trips(self, tally: Tally) -> bool:
        """Tell whether the stage must pause."""
        return tally.failed >= self.min_failures and tally.failed > self.share * tally.entries


@dataclass(frozen=True, slots=True)
class Paused:
    """Why a stage is paused; kept in the broker as JSON, so fields may be added, never changed.

    `entries` and `failed` are the window's when it tripped; `error` is the last failure's.
    """

    stage: str
    paused_at: datetime
    entries: int
    failed: int
    error: str
    consumer: str = ""

    def __str__(self) -> str:
        """Return cause and cure in one line."""
        return (
            f"paused since {self.paused_at:%Y-%m-%d %H:%M:%S} UTC: {self.failed} of the last "
            f"{self.entries} entries failed in our processing, the last with: {self.error}; mend "
            f"the cause, then run `topicwire resume {self.stage}`"
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch seen by the breaker: entries that went well, ids of those that failed on us."""

    good: int
    failed: Sequence[str]
    error: str = ""


def judge(entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> Judged:
    """Sort the outcomes of a batch; what a producer got wrong is in neither share."""
    good, failed, error = 0, list[str](), ""
    for entry, outcome in zip(entries, outcomes, strict=True):
        if not isinstance(outcome, Reject):
            good += 1
        elif outcome.blame == "processing":
            failed.append(entry.id)
            error = f"{outcome.reason}: {outcome.error}"
    return Judged(good, failed, error)


def is_ours(outcome: Outcome) -> bool:
    """Tell whether our processing failed on the entry."""
    return isinstance(outcome, Reject) and outcome.blame == "processing"
