"""Wires the sink: settings, store, consumer, health page."""

import asyncio
import contextlib

from aiohttp import web
from prometheus_client import CollectorRegistry

from services.sink.handlers import StoreEntries
from services.sink.metrics import SinkMetrics
from services.sink.migrate import migrate, require_current
from services.sink.settings import SinkSettings
from services.sink.store import SqlStore
from shared.broker import connect
from shared.clock import SystemClock
from shared.delivery import StageConsumer
from shared.durability import examine_at_start
from shared.errors import StoreUnavailable
from shared.health import Health, Heartbeat, serve
from shared.logs import Logger
from shared.metrics import DeliveryMetrics
from shared.process import first_of, wait_for_broker

_STORE_CHECK_SECONDS = 5.0


async def run(settings: SinkSettings, logger: Logger, stop: asyncio.Event) -> None:
    """Store until `stop` is set. Raises StoreRefused, AddressTaken, BrokerUnavailable, BrokerRefused."""
    clock, registry = SystemClock(), CollectorRegistry()
    store = SqlStore(settings.store_url, clock)
    store_beat = Heartbeat(4 * _STORE_CHECK_SECONDS, "store")
    store_beat.fail("not opened yet")
    handler = StoreEntries(store, SinkMetrics(registry), clock, logger)
    consumer = StageConsumer(
        settings.streams.store,
        handler,
        settings=settings,
        metrics=DeliveryMetrics("store", registry),
        clock=clock,
        logger=logger,
    )
    house = consumer.housekeeping
    health = Health(
        registry,
        live={"work": consumer.stuck, "reader": house.stuck},
        ready={
            "broker": house.broker.check,
            "reclaim": house.reclaim.check,
            "work": consumer.work.check,
            "breaker": consumer.pause.check,
            "store": store_beat.check,
        },
    )
    page = web.Application()
    page.add_routes(health.routes())
    runner = await serve(
        page, settings.sink_host, settings.sink_port, variable="TOPICWIRE_SINK_PORT"
    )
    watch: asyncio.Task[None] | None = None
    try:
        await _prepare_store(store, settings, store_beat, logger, stop)
        watch = asyncio.create_task(_watch_store(store, store_beat))
        client = connect(settings)
        await wait_for_broker(client, settings, stop)
        if not stop.is_set():
            await examine_at_start(client, settings, registry, logger)
        await client.aclose()
        if not stop.is_set():
            await consumer.start()
            logger.info("started", stream=consumer.stage.input)
            await first_of(stop, consumer.failed)
    finally:
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        await consumer.stop()
        handler.close()
        store.close()
        await runner.cleanup()


async def _prepare_store(
    store: SqlStore, settings: SinkSettings, beat: Heartbeat, logger: Logger, stop: asyncio.Event
) -> None:
    """Migrate, or check; wait while the store is away: nothing is read before it can be written."""
    while not stop.is_set():
        try:
            if settings.sink_migrate == "auto":
                before, after = await asyncio.to_thread(migrate, store.engine)
                if before != after:
                    logger.info("store_migrated", before=before, after=after)
            else:
                await asyncio.to_thread(require_current, store.engine)
        except StoreUnavailable as error:
            beat.fail(str(error))
            logger.warning("store_unavailable", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _STORE_CHECK_SECONDS)
        else:
            return beat.beat()
    return None


async def _watch_store(store: SqlStore, beat: Heartbeat) -> None:
    while True:
        try:
            await asyncio.to_thread(store.check)
        except Exception as error:  # noqa: BLE001 whatever it is, the store is not well: say so, go on
            beat.fail(str(error))
        else:
            beat.beat()
        await asyncio.sleep(_STORE_CHECK_SECONDS)
