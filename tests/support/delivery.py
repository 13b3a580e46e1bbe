"""A StageConsumer under test: quick settings, a processor that does as told, and its figures."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import redis
import structlog
from prometheus_client import CollectorRegistry

from shared.clock import SystemClock
from shared.delivery import Entry, Forward, Outcome, StageConsumer
from shared.metrics import DeliveryMetrics
from shared.settings import CommonSettings, load
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.wait import until_async

STREAMS = StreamMap()
STAGE = STREAMS.classify


def forward(entry: Entry) -> Outcome:
    """Send on the entry's field `n`."""
    return Forward(entry.fields[b"n"])


@dataclass
class Told:
    """A Processor that decides by a function and remembers each batch it was given.

    `gate`: while it is closed, batches wait inside `process`.
    """

    decide: Callable[[Entry], Outcome] = forward
    batches: list[list[str]] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    received: datetime | None = None

    def __post_init__(self) -> None:
        """Begin with the gate open."""
        self.gate.set()

    async def process(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """See shared.delivery.Processor."""
        self.batches.append([entry.id for entry in entries])
        self.entered.set()
        await self.gate.wait()
        return [self.decide(entry) for entry in entries]

    def received_at(self, _entry: Entry) -> datetime | None:
        """See shared.delivery.Processor."""
        return self.received


@dataclass
class Running:
    """A started consumer with its figures."""

    consumer: StageConsumer
    registry: CollectorRegistry

    def metric(self, name: str, **labels: str) -> float:
        """Return a sample of the stage, 0 if there is none."""
        value = self.registry.get_sample_value(name, {"stage": STAGE.name, **labels})
        return value or 0.0


def quick_settings(server: BrokerServer, **changes: object) -> CommonSettings:
    """Return settings under which everything that takes seconds takes a fraction."""
    quick = {
        "batch_entries": 64,
        "poll_ms": 50,
        "reclaim_idle_ms": 400,
        "delivery_limit": 3,
        "housekeeping_seconds": 0.05,
        "drain_seconds": 3.0,
    }
    return load(CommonSettings, {}, broker_url=server.url, **{**quick, **changes})


def build(server: BrokerServer, processor: Told, **changes: object) -> Running:
    """Return a consumer of the stage `classify` that is not started."""
    registry = CollectorRegistry()
    consumer = StageConsumer(
        STAGE,
        processor,
        settings=quick_settings(server, **changes),
        metrics=DeliveryMetrics(STAGE.name, registry),
        clock=SystemClock(),
        logger=structlog.get_logger("test"),
    )
    return Running(consumer, registry)


@asynccontextmanager
async def consuming(
    server: BrokerServer, processor: Told, **changes: object
) -> AsyncIterator[Running]:
    """Run a consumer of the stage `classify` for the length of a block, then drain it."""
    running = build(server, processor, **changes)
    await running.consumer.start()
    try:
        yield running
    finally:
        await running.consumer.stop()


def publish(client: "redis.Redis", numbers: Sequence[int]) -> list[str]:
    """Write entries with a field `n` to the stage's input; return their ids."""
    pipe = client.pipeline(transaction=False)
    for number in numbers:
        pipe.xadd(STAGE.input, {"n": number})
    return [entry_id.decode() for entry_id in pipe.execute()]


def output(client: "redis.Redis") -> list[int]:
    """Return what was published onwards, in order."""
    return [int(fields[b"data"]) for _, fields in client.xrange(STAGE.output)]


def dead(client: "redis.Redis") -> list[dict[bytes, bytes]]:
    """Return the fields of each dead letter."""
    return [fields for _, fields in client.xrange(STAGE.dead)]


def pending(client: "redis.Redis") -> int:
    """Return how many entries the stage's group holds unfinished."""
    return int(client.xpending(STAGE.input, STAGE.group)["pending"])


def abandoned(client: "redis.Redis", number: int, *, deliveries: int = 1) -> list[str]:
    """Read entries as a consumer that then dies; return their ids."""
    if not client.exists(STAGE.input) or not client.xinfo_groups(STAGE.input):
        client.xgroup_create(STAGE.input, STAGE.group, id="0", mkstream=True)
    reply = client.xreadgroup(STAGE.group, "dead", {STAGE.input: ">"}, count=number)
    streams = reply.values() if isinstance(reply, dict) else [rows for _, rows in reply]
    ids = [
        row[0]
        for rows in streams
        for row in (rows if rows and isinstance(rows[0], tuple) else rows[0])
    ]
    if deliveries > 1:
        client.xclaim(STAGE.input, STAGE.group, "dead", 0, ids, retrycount=deliveries)
    return [entry_id.decode() for entry_id in ids]


async def finished(client: "redis.Redis", numbers: int, *, seconds: float = 15.0) -> None:
    """Wait until so many entries were published onwards and none is pending."""

    async def done() -> bool:
        return client.xlen(STAGE.output) >= numbers and pending(client) == 0

    await until_async(done, f"{numbers} entries published and none pending", seconds=seconds)
