"""The scripts that make acknowledgement, publication and ownership atomic.

All keys share a hash tag (shared.streams), so that the scripts also run on a cluster. They are
flagged `allow-oom`: with the broker's memory full, moving an entry on and then trimming is what
frees memory, so it must not be refused. Needs Redis or Valkey 7.0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from shared.delivery.entries import Entry, Forward, Outcome, Reject
from shared.messages import DEAD_SCHEMA, DeadLetter, encode
from shared.streams import Stage

# KEYS input, output, dead · ARGV group, then id, verb, payload per entry · returns 1 per entry
# that this call acknowledged, 0 where somebody else was first. A script is not rolled back, so XACK
# comes last: an XADD that is refused leaves its entry pending. (XPENDING fails only if the group is
# gone; then nothing is ours.) A dead letter copies the entry's own fields as they are; Lua hands at
# most about 8,000 values to one call, so a monster with more is packed into one field
# (shared.messages.original_fields reads it).
_SETTLE = """#!lua flags=allow-oom
local function packed(fields)
  local parts = {}
  for n, part in ipairs(fields) do
    parts[n] = #part .. ':' .. part
  end
  return {'topicwire.packed', table.concat(parts)}
end
local won = {}
for i = 2, #ARGV, 3 do
  local id, verb, payload = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local first = #redis.pcall('XPENDING', KEYS[1], ARGV[1], id, id, 1)
  if first == 1 then
    if verb == 'forward' then
      redis.call('XADD', KEYS[2], '*', 'data', payload)
    elseif verb == 'dead' then
      local found = redis.call('XRANGE', KEYS[1], id, id)
      local fields = found[1] and found[1][2] or {}
      if #fields > 6000 then
        fields = packed(fields)
      end
      redis.call('XADD', KEYS[3], '*', 'topicwire.dead', payload, unpack(fields))
    end
    redis.call('XACK', KEYS[1], ARGV[1], id)
  end
  won[#won + 1] = first
end
return won
"""

# KEYS input · ARGV group · returns 1 if the group had to be made. A script, because the plain
# command is refused while the broker's memory is full, even if the group is there.
_ENSURE = """#!lua flags=allow-oom
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if not made.err then
  return 1
end
return string.find(made.err, 'BUSYGROUP') and 0 or made
"""

# KEYS input · ARGV group, consumer, ids · resets the idle time of the entries that are still ours.
# Never takes an entry back from a consumer that reclaimed it while we were stopped.
_RENEW = """#!lua flags=allow-oom
local ours = 0
for i = 3, #ARGV do
  local row = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if row and row[2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    ours = ours + 1
  end
end
return ours
"""

# KEYS input · ARGV group, consumer · XGROUP DELCONSUMER throws pending entries away for good, so
# look and delete in one step.
_LEAVE = """#!lua flags=allow-oom
local rows = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if #rows == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
  return 1
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """What one call of `Settler.settle` did, in entries."""

    finished: int
    rejected: Sequence[Reject]
    races_lost: int


class Settler:
    """Finishes entries of one stage in the name of one consumer. May be repeated safely."""

    def __init__(self, client: Redis, stage: Stage, consumer: str) -> None:
        self._stage, self._consumer = stage, consumer
        self._settle = client.register_script(_SETTLE)
        self._ensure = client.register_script(_ENSURE)
        self._renew = client.register_script(_RENEW)
        self._leave = client.register_script(_LEAVE)

    async def settle(
        self, entries: Sequence[Entry], outcomes: Sequence[Outcome], now: datetime
    ) -> Settled:
        """Acknowledge each entry and publish its outcome, in one atomic step.

        Raises redis-py's errors; then each entry is either settled or as it was, and the call may
        be repeated.
        """
        arguments: list[str | bytes] = [self._stage.group]
        for entry, outcome in zip(entries, outcomes, strict=True):
            arguments += [entry.id, *self._verb(entry, outcome, now)]
        keys = [self._stage.input, self._stage.output or self._stage.input, self._stage.dead]
        won = await self._settle(keys=keys, args=arguments)
        kept = [outcome for outcome, first in zip(outcomes, won, strict=True) if first]
        rejected = [outcome for outcome in kept if isinstance(outcome, Reject)]
        return Settled(len(kept) - len(rejected), rejected, len(won) - len(kept))

    async def ensure_group(self) -> bool:
        """Make stream and group, reading from 0, if they are missing; tell whether they were."""
        return bool(await self._ensure(keys=[self._stage.input], args=[self._stage.group]))

    async def renew(self, ids: Sequence[str]) -> None:
        """Keep the entries in work from being reclaimed, as far as they are still ours."""
        if ids:
            await self._renew(
                keys=[self._stage.input], args=[self._stage.group, self._consumer, *ids]
            )

    async def leave(self, consumer: str) -> bool:
        """Remove `consumer` from the group unless it still holds entries; tell if it is gone."""
        args = [self._stage.group, consumer]
        return bool(await self._leave(keys=[self._stage.input], args=args))

    def _verb(self, entry: Entry, outcome: Outcome, now: datetime) -> tuple[str, bytes]:
        if isinstance(outcome, Forward):
            return "forward", outcome.payload
        if isinstance(outcome, Reject):
            return "dead", encode(self._dead_letter(entry, outcome, now))
        return "done", b""

    def _dead_letter(self, entry: Entry, outcome: Reject, now: datetime) -> DeadLetter:
        return DeadLetter(
            schema=DEAD_SCHEMA,
            stage=self._stage.name,
            reason=outcome.reason,
            error=outcome.error[:2_000],
            blame=outcome.blame,
            stream=self._stage.input,
            entry_id=entry.id,
            attempts=entry.deliveries,
            entered_at=entry.entered_at,
            died_at=now,
            consumer=self._consumer,
            article_id=outcome.article_id,
        )
