"""The breaker at work: the window and the pause live in the broker, the same for every replica.

A key that is there means paused: a restart does not resume, and a replica learns it with its next
batch or round of housekeeping. `resume` is called by the command; after it the window is empty.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.clock import Clock
from shared.delivery.breaker import Judged, Paused, Rule, Tally
from shared.delivery.entries import next_id
from shared.logs import Logger
from shared.metrics import DeliveryMetrics
from shared.streams import Stage

_PAGE = 1_000
_ERROR_CHARS = 300

# KEYS pause, entries so far, failed ids by their number · ARGV window, good entries, failed ids ·
# returns entries in the window, failed in it, whether the stage is paused.
_OBSERVE = """#!lua flags=allow-oom
local last = redis.call('INCRBY', KEYS[2], ARGV[2])
for i = 3, #ARGV do
  if not redis.call('ZSCORE', KEYS[3], ARGV[i]) then
    last = redis.call('INCR', KEYS[2])
    redis.call('ZADD', KEYS[3], last, ARGV[i])
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', last - ARGV[1])
return {math.min(last, ARGV[1]), redis.call('ZCARD', KEYS[3]), redis.call('EXISTS', KEYS[1])}
"""

# KEYS pause, failed ids · ARGV failed entries seen, why · returns 1 to the first who asks. The
# second look is for a resume in between: it empties the window.
_TRIP = """#!lua flags=allow-oom
if redis.call('ZCARD', KEYS[2]) < tonumber(ARGV[1]) then
  return 0
end
return redis.call('SET', KEYS[1], ARGV[2], 'NX') and 1 or 0
"""

# KEYS input · ARGV group, then id, owner, idle milliseconds per entry · what was tried in vain
# while the stage was broken is as if it had been delivered once. Changes no owner, and touches
# nothing that was finished in between.
_FORGIVE = """#!lua flags=allow-oom
for i = 2, #ARGV, 3 do
  local row = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if row and row[2] == ARGV[i + 1] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[i + 1], 0, ARGV[i], 'IDLE', ARGV[i + 2],
      'RETRYCOUNT', 1, 'JUSTID')
  end
end
"""


@dataclass(frozen=True, slots=True)
class _Keys:
    pause: str
    entries: str
    failed: str

    @classmethod
    def of(cls, stage: Stage) -> "_Keys":
        return cls(stage.breaker, f"{stage.breaker}:entries", f"{stage.breaker}:failed")


class Pause:
    """What one consumer knows of its stage's breaker. Raises redis-py's errors."""

    def __init__(
        self,
        client: Redis,
        stage: Stage,
        rule: Rule,
        *,
        consumer: str,
        metrics: DeliveryMetrics,
        clock: Clock,
        logger: Logger,
    ) -> None:
        self._client, self._stage, self._rule, self._consumer = client, stage, rule, consumer
        self._metrics, self._clock, self._logger = metrics, clock, logger
        self._keys = _Keys.of(stage)
        self._observe = client.register_script(_OBSERVE)
        self._trip = client.register_script(_TRIP)
        self._known: Paused | None = None
        metrics.breaker_paused.set(0)

    @property
    def on(self) -> bool:
        """Whether the stage is paused, as far as this consumer knows."""
        return self._known is not None

    def check(self) -> str | None:
        """Return cause and cure while the stage is paused: a check for /readyz."""
        return str(self._known) if self._known else None

    async def refresh(self) -> None:
        """Ask the broker whether the stage is paused."""
        known = await read_pause(self._client, self._stage)
        if (known is None) != (self._known is None):
            self._tell(known)
        self._known = known

    async def observe(self, judged: Judged) -> bool:
        """Count a batch, and pause the stage if it is too much; tell whether it is paused.

        May be repeated: an entry that failed counts once, one that went well perhaps twice.
        """
        if not (judged.good or judged.failed):
            return self.on
        keys = self._keys
        entries, failed, paused = await self._observe(
            keys=[keys.pause, keys.entries, keys.failed],
            args=[self._rule.window_entries, judged.good, *judged.failed],
        )
        tally = Tally(entries, failed)
        if not paused and judged.failed and self._rule.trips(tally):
            await self._pause(tally, judged.error)
        if paused or self.on:
            await self.refresh()
        return self.on

    async def _pause(self, tally: Tally, error: str) -> None:
        why = Paused(
            self._stage.name,
            self._clock.now(),
            tally.entries,
            tally.failed,
            error[:_ERROR_CHARS],
            self._consumer,
        )
        keys = [self._keys.pause, self._keys.failed]
        if await self._trip(keys=keys, args=[tally.failed, msgspec.json.encode(why)]):
            self._metrics.breaker_trips.inc()
        await self.refresh()

    def _tell(self, known: Paused | None) -> None:
        self._metrics.breaker_paused.set(known is not None)
        if known is None:
            self._logger.info("resumed", stage=self._stage.name)
        else:
            self._logger.error("paused", stage=self._stage.name, cause=str(known))


async def read_pause(client: Redis, stage: Stage) -> Paused | None:
    """Return why the stage is paused, None if it is not."""
    found = await client.get(stage.breaker)
    if found is None:
        return None
    try:
        return msgspec.json.decode(found, type=Paused)
    except msgspec.MsgspecError:  # by hand, or by another release; it is there, so it holds
        told = f"not known, the key {stage.breaker} can't be read: {found[:_ERROR_CHARS]!r}"
        return Paused(stage.name, datetime.now(UTC), 0, 0, told)


async def resume(client: Redis, stage: Stage) -> Paused | None:
    """Let a stage go on: forget failed deliveries and the window, then the pause; return what it was.

    May be repeated. Entries that failed are tried again as if they had been delivered once.
    """
    known = await read_pause(client, stage)
    if known is not None:
        forgive = client.register_script(_FORGIVE)
        async for rows in _pending(client, stage):
            marks = ((r["message_id"], r["consumer"], r["time_since_delivered"]) for r in rows)
            await forgive(keys=[stage.input], args=[stage.group, *itertools.chain(*marks)])
        keys = _Keys.of(stage)
        await client.delete(keys.entries, keys.failed, keys.pause)
    return known


async def _pending(client: Redis, stage: Stage) -> Any:
    """Yield all entries the group holds, a page at a time."""
    start = "-"
    while rows := await _page(client, stage, start):
        yield rows
        start = next_id(rows[-1]["message_id"].decode())


async def _page(client: Redis, stage: Stage, start: str) -> Sequence[Any]:
    try:
        rows: Any = await client.xpending_range(
            stage.input, stage.group, min=start, max="+", count=_PAGE
        )
    except ResponseError as error:
        if "NOGROUP" in str(error):  # nothing was ever read
            return []
        raise
    return list(rows)
