"""One stage's consumer: FastStream reads batches, everything else about delivery is here.

FastStream is relied on for the reading loop, its error handling and its drain lock. What it does
not do (start at 0, bounded batches, redelivery, dead letters, surviving a vanished group) is done
here; tests/contract/test_faststream.py pins the parts of it this rests on.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.broker import connect, faststream_broker, is_passing, process_name
from shared.clock import Clock
from shared.delivery.breaker import Judged, Rule, is_ours, judge
from shared.delivery.entries import Entry, Outcome, Processor, Reject
from shared.delivery.housekeeping import Housekeeping
from shared.delivery.patience import Patience
from shared.delivery.pause import Pause
from shared.delivery.reading import made_already, rows_of, subscribe
from shared.delivery.settle import Settler
from shared.errors import TryAgain
from shared.health import Heartbeat
from shared.logs import FASTSTREAM_LOGGER, Logger
from shared.metrics import DeliveryMetrics
from shared.settings import CommonSettings
from shared.streams import Stage

_STUCK_SECONDS = 300.0  # a batch takes seconds; minutes mean a hung thread or store


class StageConsumer:
    """Consumes one stage's stream with a Processor until stopped.

    Life: `start()` → reads, processes, settles, keeps house → `stop()` drains within
    `drain_seconds`. `failed` is set when it can't go on; the process must then exit.
    """

    def __init__(
        self,
        stage: Stage,
        processor: Processor,
        *,
        settings: CommonSettings,
        metrics: DeliveryMetrics,
        clock: Clock,
        logger: Logger,
    ) -> None:
        self.stage, self.name = stage, process_name()
        self.failed = asyncio.Event()
        self.work = Heartbeat(_STUCK_SECONDS, "batch in work")
        self._processor, self._settings = processor, settings
        self._metrics, self._clock, self._logger = metrics, clock, logger
        self._client: Redis = connect(settings)
        self._settler = Settler(self._client, stage, self.name)
        self.pause = Pause(
            self._client,
            stage,
            Rule.of(settings),
            consumer=self.name,
            metrics=metrics,
            clock=clock,
            logger=logger,
        )
        self._begun = False
        self._in_work: set[str] = set()
        self._turn = asyncio.Lock()
        self._patience = Patience(self.work, logger)
        self._broker = faststream_broker(settings, logging.getLogger(FASTSTREAM_LOGGER))
        self._subscriber = subscribe(self._broker, stage, self.name, settings)
        self._subscriber(self._on_batch)
        self.housekeeping = Housekeeping(self, settings, self._client, metrics, clock, logger)

    @property
    def processor(self) -> Processor:
        """What this stage does with its entries."""
        return self._processor

    @property
    def settler(self) -> Settler:
        """The scripts, bound to this consumer."""
        return self._settler

    @property
    def in_work(self) -> Sequence[str]:
        """Ids of the entries this process is working on, or will when it is their turn."""
        return list(self._in_work)

    @property
    def busy(self) -> bool:
        """Whether a batch is in work, or waits for its turn."""
        return bool(self._in_work)

    def stuck(self) -> str | None:
        """Return what is wrong if a batch neither ends nor says why; an idle stage is never stuck."""
        return self.work.stuck() if self.busy else None

    @property
    def reading(self) -> bool:
        """Whether FastStream's reading loop is alive."""
        tasks = self._subscriber.tasks
        return bool(self._subscriber.running and tasks and not tasks[-1].done())

    def paused(self) -> bool:
        """Tell whether the breaker has paused the stage."""
        return self.pause.on

    async def start(self) -> None:
        """Make sure of the group, then read unless the stage is paused.

        Raises redis-py's errors if the broker is away.
        """
        await self.ensure_group()
        await self.pause.refresh()
        if not self.paused():
            await self._begin()
        self.housekeeping.start()

    async def _begin(self) -> None:
        link = await self._broker.connect()
        # FastStream makes the group too, by a command that a broker with full memory refuses even
        # if the group is there; nobody would read, and nothing would ever be trimmed.
        link.xgroup_create = made_already  # type: ignore[method-assign,assignment]
        await self._broker.start()
        self._begun = True

    async def stop(self) -> None:
        """Finish what is in work, hand back nothing unfinished, leave the group."""
        self._patience.stopping.set()
        try:
            async with asyncio.timeout(self._settings.drain_seconds + 2.0):
                await self.housekeeping.stop()
                reads = list(self._subscriber.tasks)
                await self._subscriber.stop()
                # It cancels its read but does not wait: the broker might still hand over entries.
                await asyncio.gather(*reads, return_exceptions=True)
                await self._finish_own()
                await self._settler.leave(self.name)
        except TimeoutError:
            self._logger.warning("drain_timed_out", in_work=len(self._in_work))
        except (RedisError, OSError) as error:
            self._logger.warning("drain_without_broker", error=str(error))
        finally:
            with contextlib.suppress(RedisError, OSError):
                await self._broker.stop()
            await self._client.aclose()

    async def restart_reading(self) -> None:
        """Start FastStream's reading loop again after it gave up (it does when a group vanishes).

        Or for the first time, when the stage was paused at the start.
        """
        if self._begun:
            await self._subscriber.stop()
            await self._subscriber.start()
        else:
            await self._begin()

    async def ensure_group(self) -> bool:
        """Create stream and group at 0 if they are missing; tell whether they were."""
        return await self._settler.ensure_group()

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Process and settle `entries`; called for fresh batches and by reclaim, one at a time.

        Never raises: whatever went wrong is counted and logged, and what is unfinished stays
        pending and is reclaimed. Waits while the stage is paused.
        """
        ids = {entry.id for entry in entries}
        self._in_work |= ids  # before its turn comes: the lease must hold while it waits
        async with self._turn:
            try:
                if await self._patience.hold(self.paused):
                    await self._in_turn(entries)
            finally:
                self._in_work -= ids
                self.work.beat()

    async def _in_turn(self, entries: Sequence[Entry]) -> None:
        begun = time.monotonic()
        self._metrics.entries_in.inc(len(entries))
        self._metrics.batch_entries.observe(len(entries))
        try:
            await self._handle(entries)
        except TryAgain as error:
            self._logger.info("batch_left_pending", error=str(error), entries=len(entries))
        except Exception as error:
            self._metrics.failures.inc()
            self._logger.exception("batch_failed", error=str(error), entries=len(entries))
            if not is_passing(error):
                with contextlib.suppress(RedisError, OSError):
                    await self._count_failed(entries, error)
        finally:
            self._metrics.batch_seconds.observe(time.monotonic() - begun)

    async def conclude(self, entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
        """Settle, after the breaker has seen the outcomes.

        While the stage is paused nothing that failed on us is buried: it may be innocent, and stays
        pending.
        """
        judged = judge(entries, outcomes)
        if await self._observe(judged) and judged.failed:
            kept = [pair for pair in zip(entries, outcomes, strict=True) if not is_ours(pair[1])]
            entries, outcomes = [entry for entry, _ in kept], [outcome for _, outcome in kept]
        if entries:
            await self.settle(entries, outcomes)

    async def settle(self, entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
        """Settle through any outage of the broker; gives up only when stopping."""
        settled = await self._patience.outlast(
            lambda: self._settler.settle(entries, outcomes, self._clock.now()),
            passes=is_passing,
            event="settle_retried",
        )
        self._metrics.entries_out.inc(settled.finished)
        self._metrics.races_lost.inc(settled.races_lost)
        for rejected in settled.rejected:
            self._metrics.dead(rejected.reason)
            self._logger.warning(
                "dead_letter",
                stage=self.stage.name,
                reason=rejected.reason,
                blame=rejected.blame,
                error=rejected.error[:300],
                article_id=rejected.article_id,
            )

    async def _on_batch(self, entries: list[Entry]) -> None:
        await self.handle(entries)
        if not await self._patience.hold(self.paused):  # FastStream reads on when this returns,
            self._subscriber.running = False  # and must not once more, on its way out

    async def _handle(self, entries: Sequence[Entry]) -> None:
        try:
            outcomes = await self._process(entries)
        except (TryAgain, RedisError):
            raise
        except Exception as error:
            self._metrics.failures.inc()
            self._logger.exception("processing_failed", error=str(error), entries=len(entries))
            for entry in entries:
                if not self.paused():
                    await self._handle_alone(entry)
            return
        await self.conclude(entries, outcomes)

    async def _handle_alone(self, entry: Entry) -> None:
        """Process one entry by itself; at the delivery limit its own error becomes the reason."""
        try:
            outcomes = await self._process([entry])
        except TryAgain:
            raise
        except Exception as own:  # noqa: BLE001 a poison entry may raise anything; it is counted and kept
            self._logger.warning("entry_failed", entry_id=entry.id, error=str(own))
            if entry.deliveries < self._settings.delivery_limit:
                await self._count_failed([entry], own)
                return
            outcomes = [Reject("processing_failed", f"{type(own).__name__}: {own}", "processing")]
        await self.conclude([entry], outcomes)

    async def _count_failed(self, entries: Sequence[Entry], error: Exception) -> None:
        judged = Judged(0, [entry.id for entry in entries], f"{type(error).__name__}: {error}")
        await self._observe(judged)

    async def _observe(self, judged: Judged) -> bool:
        """Tell the breaker, through any outage of the broker; return whether the stage is paused."""
        return await self._patience.outlast(
            lambda: self.pause.observe(judged), passes=is_passing, event="breaker_retried"
        )

    async def _process(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Process, waiting out what passes: a store that is away must not cost deliveries."""
        outcomes = await self._patience.outlast(
            lambda: self._processor.process(entries),
            passes=lambda error: isinstance(error, TryAgain),
            event="processing_waits",
        )
        if len(outcomes) != len(entries):
            raise RuntimeError(f"{len(outcomes)} outcomes for {len(entries)} entries")
        self.work.beat()
        return outcomes

    async def _finish_own(self) -> None:
        """Finish entries that were read but dropped while FastStream was stopping."""
        reply = await self._client.xreadgroup(
            self.stage.group,
            self.name,
            {self.stage.input: "0"},
            count=self._settings.batch_entries,
        )
        rows = rows_of(reply)
        entries = [Entry(entry_id.decode(), fields) for entry_id, fields in rows if fields]
        if entries and not self.paused():
            await self.handle(entries)
