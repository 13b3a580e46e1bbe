"""Take over what dead consumers left unfinished, without letting poison take its batch along."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from shared.delivery.entries import Entry
from shared.streams import Stage


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """A row of XPENDING: delivered `deliveries` times, last `idle_ms` ago."""

    id: str
    idle_ms: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class ReclaimPlan:
    """What to do with unfinished entries: ids and how often each was delivered so far."""

    batch: Sequence[PendingEntry] = ()
    singles: Sequence[PendingEntry] = ()
    exhausted: Sequence[PendingEntry] = ()


def plan_reclaim(
    pending: Sequence[PendingEntry], *, in_work: Collection[str], delivery_limit: int
) -> ReclaimPlan:
    """Decide: a first redelivery goes as a batch, later ones one by one, then it is enough.

    One by one, because a poison entry that kills the process must not raise the count of its
    neighbours. Entries this process is working on (`in_work`) are left alone.
    """
    free = [row for row in pending if row.id not in in_work]
    return ReclaimPlan(
        batch=[row for row in free if row.deliveries == 1],
        singles=[row for row in free if 1 < row.deliveries < delivery_limit],
        exhausted=[row for row in free if row.deliveries >= delivery_limit],
    )


async def unfinished(
    client: Redis, stage: Stage, *, min_idle_ms: int, count: int
) -> list[PendingEntry]:
    """Return up to `count` entries that nobody has touched for `min_idle_ms`, oldest first."""
    rows: Any = await client.xpending_range(
        stage.input, stage.group, min="-", max="+", count=count, idle=min_idle_ms
    )
    return [
        PendingEntry(
            row["message_id"].decode(), row["time_since_delivered"], row["times_delivered"]
        )
        for row in rows
    ]


async def claim(
    client: Redis,
    stage: Stage,
    consumer: str,
    rows: Sequence[PendingEntry],
    *,
    min_idle_ms: int,
) -> tuple[list[Entry], int]:
    """Take `rows` over; return the entries won, and how many were deleted under their owner.

    An entry that another consumer claimed at the same moment is in neither.
    """
    if not rows:
        return [], 0
    counts = {row.id: row.deliveries for row in rows}
    claimed: Any = await client.xclaim(
        stage.input, stage.group, consumer, min_idle_time=min_idle_ms, message_ids=list(counts)
    )
    entries = [
        Entry(entry_id.decode(), fields, counts[entry_id.decode()] + 1)
        for entry_id, fields in claimed
        if fields is not None
    ]
    missing = counts.keys() - {entry.id for entry in entries}
    gone = 0
    for entry_id in missing:
        gone += not await client.xrange(stage.input, entry_id, entry_id)
    return entries, gone
