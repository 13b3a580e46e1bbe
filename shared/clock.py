"""Time, handed in, so that tests can hold it still."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Called by every component that stamps or measures."""

    def now(self) -> datetime:
        """Return the present moment, in UTC with its time zone set."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, in UTC with its time zone set."""
        return datetime.now(UTC)
