"""The vocabulary of delivery: an entry in, one outcome out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

# Early in 9999: a year before the calendar ends, so that time zones and margins still fit.
_LAST_SECOND = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry as it lies in the broker: raw bytes, nothing decoded.

    `deliveries` counts from 1, this delivery included.
    """

    id: str
    fields: Mapping[bytes, bytes]
    deliveries: int = 1

    @property
    def entered_at(self) -> datetime:
        """When the broker took the entry in, by the broker's clock; the same at each delivery."""
        return entered_at(self.id)


@dataclass(frozen=True, slots=True)
class Forward:
    """Acknowledge, and publish `payload` (an encoded message) to the stage's output."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """Acknowledge: the effect is committed elsewhere."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Acknowledge, and write a dead letter with the entry's untouched bytes.

    `blame` tells whether the producer's entry was wrong or our processing failed on it.
    """

    reason: str
    error: str
    blame: Literal["producer", "processing"]
    article_id: str | None = None


Outcome = Forward | Done | Reject


class Processor(Protocol):
    """What a stage does with its entries; written by the service, called by StageConsumer."""

    async def process(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Return one outcome per entry, in order.

        May be repeated for the same entry, so its effect must be idempotent. Must not block the
        event loop. Raises TryAgain when nothing can be done for now (the same entries are handed
        in again, after a pause, without an end); any other error makes the batch be handed in
        again one by one, and an entry that still fails is retried later, then dead-lettered.
        """
        ...

    def received_at(self, entry: Entry) -> datetime | None:
        """Return when the article came through its door, None if the entry does not tell."""
        ...


def entered_at(entry_id: str) -> datetime:
    """Return the time in a stream id (milliseconds since 1970, before the dash).

    A producer may choose ids; one beyond the calendar counts as its last year.
    """
    return datetime.fromtimestamp(min(id_key(entry_id)[0] / 1000, _LAST_SECOND), UTC)


def id_key(entry_id: str) -> tuple[int, int]:
    """Return a stream id as numbers that sort as the broker sorts."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)


def next_id(entry_id: str) -> str:
    """Return the smallest stream id after `entry_id`."""
    milliseconds, sequence = id_key(entry_id)
    return f"{milliseconds}-{sequence + 1}"
