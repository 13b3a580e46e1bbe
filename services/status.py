"""What lies in the broker: streams, groups, how far behind, who works. Read-only."""

from datetime import UTC, datetime

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.dead.letters import sums
from shared.delivery.entries import entered_at
from shared.delivery.pause import read_pause
from shared.delivery.trim import oldest_unfinished, positions
from shared.durability import Finding, examine
from shared.streams import Stage, StreamMap


class ConsumerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One consumer of a group: entries it holds, milliseconds since it last asked."""

    name: str
    pending: int
    idle_ms: int


class StageStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One consumer group: waiting and pending entries, age of the oldest unfinished in seconds.

    `paused`: cause and cure, if the breaker paused the stage.
    """

    stage: str
    stream: str
    group: str
    present: bool
    waiting: int | None
    pending: int
    oldest_seconds: float
    consumers: tuple[ConsumerStatus, ...]
    paused: str | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the whole river: each stage, the dead letters, the broker's durability.

    `dead_letters`: there now; `dead_replayed`, `dead_dropped`: ever put back, ever dropped.
    """

    stages: tuple[StageStatus, ...]
    dead_letters: int
    dead_replayed: int
    dead_dropped: int
    broker: tuple[Finding, ...] = ()


async def read_status(client: Redis, streams: StreamMap) -> Status:
    """Return the status of all streams; raises redis-py's errors."""
    stages = [await _stage(client, stage) for stage in streams.stages]
    ever = await sums(client, streams)
    return Status(
        stages=tuple(stages),
        dead_letters=await client.xlen(streams.dead),
        dead_replayed=ever["replayed"],
        dead_dropped=ever["dropped"],
        broker=await examine(client),
    )


async def _stage(client: Redis, stage: Stage) -> StageStatus:
    paused = await read_pause(client, stage)
    try:
        groups = {info["name"].decode(): info for info in await client.xinfo_groups(stage.input)}
        standing = {group.name: group for group in await positions(client, stage.input)}
    except ResponseError:  # there is no such stream yet
        groups, standing = {}, {}
    info = groups.get(stage.group)
    if info is None:
        waiting = await client.xlen(stage.input)
        return StageStatus(
            stage=stage.name, stream=stage.input, group=stage.group, present=False,
            waiting=waiting, pending=0, oldest_seconds=0.0, consumers=(),
            paused=str(paused) if paused else None,
        )  # fmt: skip
    oldest = await oldest_unfinished(client, stage.input, standing[stage.group])
    age = (datetime.now(UTC) - entered_at(oldest[0])).total_seconds() if oldest else 0.0
    consumers = await client.xinfo_consumers(stage.input, stage.group)
    return StageStatus(
        stage=stage.name,
        stream=stage.input,
        group=stage.group,
        present=True,
        waiting=info.get("lag"),
        pending=info["pending"],
        oldest_seconds=round(max(0.0, age), 1),
        consumers=tuple(
            ConsumerStatus(name=c["name"].decode(), pending=c["pending"], idle_ms=c["idle"])
            for c in consumers
        ),
        paused=str(paused) if paused else None,
    )
