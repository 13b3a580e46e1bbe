"""What a stage does beside its work, about once a second.

Look after the group, renew the lease on entries in work, reclaim, trim, measure lag, and notice
that nothing moves any more. Reclaiming has a loop of its own: a reclaimed batch may wait for the
store for hours, and meanwhile lag must be measured and health must tell the truth.
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from shared.broker import is_passing
from shared.clock import Clock
from shared.delivery.entries import Entry, Reject, entered_at, id_key
from shared.delivery.reclaim import PendingEntry, claim, plan_reclaim, unfinished
from shared.delivery.trim import GroupPosition, oldest_unfinished, plan_trim, positions, trim
from shared.health import Heartbeat
from shared.logs import Logger
from shared.metrics import DeliveryMetrics
from shared.settings import CommonSettings

if TYPE_CHECKING:
    from shared.delivery.consumer import StageConsumer

_SILENT_SECONDS = 60.0
_IDLE_WITH_WORK_SECONDS = 30.0
_REPAIR_ATTEMPTS = 30
_CONSUMER_FORGOTTEN_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class _Standing:
    """The own group's position and the oldest entry it has not finished."""

    group: GroupPosition | None
    oldest: Entry | None

    @property
    def unread(self) -> bool:
        """Whether an entry waits that was handed to nobody yet."""
        return (
            self.oldest is not None
            and self.group is not None
            and id_key(self.oldest.id) > id_key(self.group.last_delivered)
        )


class Housekeeping:
    """Three loops of one StageConsumer: the round, reclaim, and the lease."""

    def __init__(
        self,
        consumer: "StageConsumer",
        settings: CommonSettings,
        client: Redis,
        metrics: DeliveryMetrics,
        clock: Clock,
        logger: Logger,
    ) -> None:
        self._consumer, self._settings, self._client = consumer, settings, client
        self._metrics, self._clock, self._logger = metrics, clock, logger
        self.broker = Heartbeat(_SILENT_SECONDS, "broker")
        self.reader = Heartbeat(_IDLE_WITH_WORK_SECONDS, "reader")
        self.reclaim = Heartbeat(math.inf, "reclaim")
        self.broker.fail("not connected yet")  # until the first round: a start is not yet ready
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._ignored: tuple[str, ...] = ()

    def stuck(self) -> str | None:
        """Return what is wrong if entries wait and nobody reads them.

        None before the start, and while a batch is in work: that has a heartbeat of its own.
        """
        return self.reader.check() if self._tasks and not self._consumer.busy else None

    def start(self) -> None:
        """Begin the loops."""
        self._tasks = [
            asyncio.create_task(self._repeat(self._round, self.broker)),
            asyncio.create_task(self._repeat(self._reclaim, self.reclaim)),
            asyncio.create_task(self._leases()),
        ]

    async def stop(self) -> None:
        """Finish the rounds in hand (one may hold a reclaimed batch), then end the loops."""
        self._stopping.set()
        if not self._tasks:
            return
        *rounds, leases = self._tasks
        for task in rounds:
            await task
        leases.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leases

    async def _repeat(self, step: Callable[[], Awaitable[None]], beat: Heartbeat) -> None:
        hopeless = 0
        while not await self._stopped_within(self._settings.housekeeping_seconds):
            try:
                await step()
            except Exception as error:  # noqa: BLE001 a dead housekeeper must be seen, not silent
                beat.fail(str(error))
                self.reader.beat()  # without the broker nobody can tell whether reading is broken
                self._logger.warning(
                    "housekeeping_failed", doing=beat.what, error=f"{type(error).__name__}: {error}"
                )
                hopeless += not is_passing(error)
                self._give_up_if_hopeless(hopeless, error)
            else:
                beat.beat()
                hopeless = 0

    async def _leases(self) -> None:
        period = self._settings.reclaim_idle_ms / 1000 / 3
        while not await self._stopped_within(period):
            with contextlib.suppress(RedisError, OSError):
                await self._consumer.settler.renew(self._consumer.in_work)

    async def _round(self) -> None:
        await self._consumer.pause.refresh()
        await self._repair()
        group = await self._measure()
        self._watch_reader(group)

    async def _repair(self) -> None:
        """Recreate a vanished group at 0 and wake a reading loop that gave up.

        Looks before it creates: with the broker's memory full, XGROUP CREATE is refused even for a
        group that exists, and trimming, which would free memory, must still be reached.
        """
        stage = self._consumer.stage
        if not await self._group_exists() and await self._consumer.ensure_group():
            self._metrics.groups_recreated.inc()
            self._logger.error("group_recreated", stream=stage.input, group=stage.group)
        if not self._consumer.reading and not self._consumer.paused():
            self._logger.warning("reading_restarted", stream=stage.input)
            await self._consumer.restart_reading()

    async def _group_exists(self) -> bool:
        stage = self._consumer.stage
        try:
            groups = await positions(self._client, stage.input)
        except ResponseError as error:
            if "no such key" in str(error):
                return False
            raise
        return any(group.name == stage.group for group in groups)

    def _give_up_if_hopeless(self, failures: int, error: Exception) -> None:
        """Let an outage pass; anything else, again and again, must end the process, not haunt it."""
        if failures >= _REPAIR_ATTEMPTS:
            self._logger.error("consumer_gave_up", error=str(error))
            self._consumer.failed.set()

    async def _measure(self) -> _Standing:
        """Publish depth and age, and trim; returns where the own group stands."""
        stage, client, now = self._consumer.stage, self._client, self._clock.now()
        groups = await positions(client, stage.input)
        waiting: list[tuple[str, str]] = []
        own = _Standing(None, None)
        for group in groups:
            found = await oldest_unfinished(client, stage.input, group)
            if found is not None:
                waiting.append((group.name, found[0]))
            if group.name == stage.group:
                own = _Standing(group, Entry(*found) if found else None)
        plan = plan_trim(
            groups,
            own_groups=[stage.group],
            oldest_waiting=waiting,
            now=now,
            foreign_limit=timedelta(hours=self._settings.foreign_group_hours),
        )
        self._tell_ignored(tuple(plan.ignored_groups))
        self._metrics.foreign_lag.set(plan.foreign_lag_seconds)
        if plan.min_id is not None:
            self._metrics.trimmed.inc(await trim(client, stage.input, plan.min_id))
        self._metrics.oldest_seconds.set(self._age(own.oldest, now))
        await self._count_queue()
        return own

    def _age(self, oldest: Entry | None, now: datetime) -> float:
        if oldest is None:
            return 0.0
        since = self._consumer.processor.received_at(oldest) or entered_at(oldest.id)
        return max(0.0, (now - since).total_seconds())

    async def _count_queue(self) -> None:
        stage = self._consumer.stage
        length = await self._client.xlen(stage.input)
        for info in await self._client.xinfo_groups(stage.input):
            if info["name"].decode() == stage.group:
                lag = info.get("lag")
                self._metrics.pending_entries.set(info["pending"])
                # `lag` is null after an XDEL ahead of the group; the length is then the bound.
                self._metrics.queue_entries.set(length if lag is None else lag)

    def _tell_ignored(self, ignored: tuple[str, ...]) -> None:
        if ignored != self._ignored:
            self._logger.warning("foreign_groups_no_longer_pin_trimming", groups=list(ignored))
            self._ignored = ignored

    def _watch_reader(self, own: _Standing) -> None:
        """Entries that wait while nothing is in work mean that reading is broken, or paused."""
        if self._consumer.busy or self._consumer.paused() or not own.unread:
            self.reader.beat()
        if not self._consumer.busy:
            self._consumer.work.beat()

    async def _reclaim(self) -> None:
        """Take over unfinished entries until none is left or the consumer stops."""
        settings, stage, consumer = self._settings, self._consumer.stage, self._consumer
        while not (self._stopping.is_set() or consumer.paused()):
            pending = await unfinished(
                self._client,
                stage,
                min_idle_ms=settings.reclaim_idle_ms,
                count=settings.batch_entries,
            )
            plan = plan_reclaim(
                pending, in_work=consumer.in_work, delivery_limit=settings.delivery_limit
            )
            for rows in (plan.batch, *([row] for row in plan.singles)):
                if self._stopping.is_set() or consumer.paused():
                    return
                await self._take_over(rows)
            if plan.exhausted:
                await self._bury(plan.exhausted)
            if not (plan.batch or plan.singles or plan.exhausted):
                break
        await self._forget_dead_consumers()

    async def _take_over(self, rows: Sequence[PendingEntry]) -> None:
        entries, vanished = await claim(
            self._client,
            self._consumer.stage,
            self._consumer.name,
            rows,
            min_idle_ms=self._settings.reclaim_idle_ms,
        )
        self._metrics.vanished.inc(vanished)
        if entries:
            self._metrics.redeliveries.inc(len(entries))
            self._logger.info("entries_reclaimed", entries=len(entries))
            await self._consumer.handle(entries)

    async def _bury(self, rows: Sequence[PendingEntry]) -> None:
        """Dead-letter entries whose every delivery ended without a word: they kill the process."""
        verdicts = [
            Reject(
                "delivery_limit",
                f"delivered {row.deliveries} times and never finished; it may kill the process",
                "processing",
            )
            for row in rows
        ]
        entries = [Entry(row.id, {}, row.deliveries) for row in rows]
        # Together: if they are many, the breaker pauses the stage before the first is buried.
        await self._consumer.conclude(entries, verdicts)

    async def _forget_dead_consumers(self) -> None:
        stage = self._consumer.stage
        for info in await self._client.xinfo_consumers(stage.input, stage.group):
            idle = info["idle"] > _CONSUMER_FORGOTTEN_MS and not info["pending"]
            if idle and info["name"].decode() != self._consumer.name:
                await self._consumer.settler.leave(info["name"].decode())

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()
