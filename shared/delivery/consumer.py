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
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.broker import connect, faststream_broker, is_passing, process_name
from shared.clock import Clock
from shared.delivery.entries import Entry, Outcome, Processor, Reject
from shared.delivery.housekeeping import Housekeeping
from shared.delivery.settle import Settler
from shared.errors import TryAgain
from shared.health import Heartbeat
from shared.logs import FASTSTREAM_LOGGER, Logger
from shared.metrics import DeliveryMetrics
from shared.settings import CommonSettings
from shared.streams import Stage

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0
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
        self._in_work: set[str] = set()
        self._turn = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._broker = faststream_broker(settings, logging.getLogger(FASTSTREAM_LOGGER))
        self._subscriber = _subscribe(self._broker, stage, self.name, settings)
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

    async def start(self) -> None:
        """Make sure of the group, then read; raises redis-py's errors if the broker is away."""
        await self.ensure_group()
        link = await self._broker.connect()
        # FastStream makes the group too, by a command that a broker with full memory refuses even
        # if the group is there; nobody would read, and nothing would ever be trimmed.
        link.xgroup_create = _made_already  # type: ignore[method-assign,assignment]
        await self._broker.start()
        self.housekeeping.start()

    async def stop(self) -> None:
        """Finish what is in work, hand back nothing unfinished, leave the group."""
        self._stopping.set()
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
        """Start FastStream's reading loop again after it gave up (it does when a group vanishes)."""
        await self._subscriber.stop()
        await self._subscriber.start()

    async def ensure_group(self) -> bool:
        """Create stream and group at 0 if they are missing; tell whether they were."""
        return await self._settler.ensure_group()

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Process and settle `entries`; called for fresh batches and by reclaim, one at a time.

        Never raises: whatever went wrong is counted and logged, and what is unfinished stays
        pending and is reclaimed.
        """
        ids = {entry.id for entry in entries}
        self._in_work |= ids  # before its turn comes: the lease must hold while it waits
        async with self._turn:
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
            finally:
                self._in_work -= ids
                self._metrics.batch_seconds.observe(time.monotonic() - begun)
                self.work.beat()

    async def settle(self, entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
        """Settle through any outage of the broker; gives up only when stopping."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                settled = await self._settler.settle(entries, outcomes, self._clock.now())
                break
            except (RedisError, OSError) as error:
                if not is_passing(error):
                    raise
                self._logger.warning("settle_retried", error=str(error), entries=len(entries))
                self.work.fail(f"the broker does not take results: {error}")
                if await self._pause(pause):
                    raise
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
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

    async def _handle(self, entries: Sequence[Entry]) -> None:
        try:
            outcomes = await self._process(entries)
        except (TryAgain, RedisError):
            raise
        except Exception as error:
            self._metrics.failures.inc()
            self._logger.exception("processing_failed", error=str(error), entries=len(entries))
            for entry in entries:
                await self._handle_alone(entry)
            return
        await self.settle(entries, outcomes)

    async def _handle_alone(self, entry: Entry) -> None:
        """Process one entry by itself; at the delivery limit its own error becomes the reason."""
        try:
            outcomes = await self._process([entry])
        except TryAgain:
            raise
        except Exception as own:  # noqa: BLE001 a poison entry may raise anything; it is counted and kept
            self._logger.warning("entry_failed", entry_id=entry.id, error=str(own))
            if entry.deliveries < self._settings.delivery_limit:
                return
            outcomes = [Reject("processing_failed", f"{type(own).__name__}: {own}", "processing")]
        await self.settle([entry], outcomes)

    async def _process(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Process, waiting out what passes: a store that is away must not cost deliveries."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                outcomes = await self._processor.process(entries)
            except TryAgain as error:
                self._logger.warning("processing_waits", error=str(error), entries=len(entries))
                self.work.fail(str(error))
                if await self._pause(pause):
                    raise
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            else:
                if len(outcomes) != len(entries):
                    raise RuntimeError(f"{len(outcomes)} outcomes for {len(entries)} entries")
                self.work.beat()
                return outcomes

    async def _pause(self, seconds: float) -> bool:
        """Wait; return True at once when the consumer is being stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    async def _finish_own(self) -> None:
        """Finish entries that were read but dropped while FastStream was stopping."""
        reply = await self._client.xreadgroup(
            self.stage.group,
            self.name,
            {self.stage.input: "0"},
            count=self._settings.batch_entries,
        )
        rows = _rows(reply)
        entries = [Entry(entry_id.decode(), fields) for entry_id, fields in rows if fields]
        if entries:
            await self.handle(entries)


async def _made_already(**_options: object) -> bool:
    """Stand in for XGROUP CREATE: `start` and housekeeping make sure of the group."""
    return True


def _subscribe(broker: RedisBroker, stage: Stage, name: str, settings: CommonSettings) -> Any:
    return broker.subscriber(
        stream=StreamSub(
            stage.input,
            group=stage.group,
            consumer=name,
            batch=True,
            max_records=settings.batch_entries,
            polling_interval=settings.poll_ms,
        ),
        ack_policy=AckPolicy.MANUAL,
        parser=_parse,
        decoder=_decode,
    )


async def _parse(message: Any) -> RedisBatchStreamMessage:
    """Hand raw fields on: FastStream's own parser strands a batch over one odd entry."""
    return RedisBatchStreamMessage(raw_message=message, body=b"", consumer=None, group=None)  # type: ignore[arg-type]


async def _decode(message: Any) -> list[Entry]:
    raw = message.raw_message
    return [
        Entry(entry_id.decode(), fields)
        for entry_id, fields in zip(raw["message_ids"], raw["data"], strict=True)
    ]


def _rows(reply: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Return the entries of an XREADGROUP reply on one stream, in either protocol's shape."""
    if not reply:
        return []
    streams = reply.values() if isinstance(reply, dict) else [rows for _, rows in reply]
    return [row for rows in streams for row in rows]
