"""Remove from a stream what every group has finished, and nothing else.

A third party's abandoned group must not pin the stream for ever: when it is further behind than
the limit it is left out of the reckoning (and loses entries); metrics tell before and after.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from shared.delivery.entries import entered_at, id_key, next_id


@dataclass(frozen=True, slots=True)
class GroupPosition:
    """Where a consumer group stands: the last entry handed out, the oldest not acknowledged."""

    name: str
    last_delivered: str
    oldest_pending: str | None

    @property
    def keeps_from(self) -> str:
        """The smallest id this group still needs.

        `last_delivered` must have been read before `oldest_pending`: then everything up to it
        that is not pending is finished.
        """
        following = next_id(self.last_delivered)
        if self.oldest_pending is None:
            return following
        return min(self.oldest_pending, following, key=id_key)


@dataclass(frozen=True, slots=True)
class TrimPlan:
    """Remove entries below `min_id` (None: remove nothing)."""

    min_id: str | None
    ignored_groups: Sequence[str] = ()
    foreign_lag_seconds: float = 0.0


def plan_trim(
    groups: Sequence[GroupPosition],
    *,
    own_groups: Collection[str],
    oldest_waiting: Sequence[tuple[str, str]],
    now: datetime,
    foreign_limit: timedelta,
) -> TrimPlan:
    """Decide up to where the stream may be cut.

    `oldest_waiting`: (group, id of the oldest entry it has not finished) for the groups that are
    behind. While one of `own_groups` does not exist, nothing is cut: nobody has read for it yet.
    """
    if not set(own_groups) <= {group.name for group in groups}:
        return TrimPlan(None)
    behind = {
        name: now - entered_at(entry_id)
        for name, entry_id in oldest_waiting
        if name not in own_groups
    }
    ignored = [name for name, lag in behind.items() if lag > foreign_limit]
    counted = [group.keeps_from for group in groups if group.name not in ignored]
    lag = max((lag.total_seconds() for lag in behind.values()), default=0.0)
    return TrimPlan(min(counted, key=id_key), sorted(ignored), max(lag, 0.0))


async def positions(client: Redis, stream: str) -> list[GroupPosition]:
    """Return where every group on `stream` stands; raises ResponseError if there is no stream."""
    found = []
    for info in await client.xinfo_groups(stream):
        name = info["name"].decode()
        oldest = None
        if info["pending"]:
            summary = await client.xpending(stream, name)
            oldest = summary["min"].decode() if summary["min"] else None
        found.append(GroupPosition(name, info["last-delivered-id"].decode(), oldest))
    return found


async def oldest_unfinished(
    client: Redis, stream: str, group: GroupPosition
) -> tuple[str, dict[bytes, bytes]] | None:
    """Return id and fields of the oldest entry `group` has not finished, None if it is through."""
    rows: Any = await client.xrange(stream, min=group.keeps_from, count=1)
    return (rows[0][0].decode(), rows[0][1]) if rows else None


async def trim(client: Redis, stream: str, min_id: str) -> int:
    """Remove entries below `min_id`, whole nodes at a time; return how many went."""
    return int(await client.xtrim(stream, minid=min_id, approximate=True))
