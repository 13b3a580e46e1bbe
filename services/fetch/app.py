"""Wires fetch: the push door, the feed poller, health page."""

import asyncio
import contextlib
from datetime import timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.fetch.gauge import PressureGauge
from services.fetch.metrics import FetchMetrics
from services.fetch.parse import ParserProcess
from services.fetch.poller import Poller
from services.fetch.publish import Publisher
from services.fetch.push import PushDoor
from services.fetch.retrieve import Retriever
from services.fetch.settings import FetchSettings
from services.fetch.state import FeedStates
from shared.broker import connect, process_name
from shared.clock import SystemClock
from shared.durability import examine_at_start
from shared.health import Health, Heartbeat, serve
from shared.logs import Logger
from shared.process import wait_for_broker

_PING_SECONDS = 2.0
_POLL_SILENT_SECONDS = 300.0  # one feed takes at most fetch_total_seconds


def user_agent(settings: FetchSettings) -> str:
    """Return who we say we are to sources: name and a contact."""
    return f"topicwire (+{settings.fetch_contact})"


def build_poller(
    settings: FetchSettings, client: Redis, metrics: FetchMetrics, logger: Logger
) -> Poller:
    """Return a poller for the feeds in `settings` on an open client."""
    streams, clock = settings.streams, SystemClock()
    return Poller(
        feeds=settings.fetch_feeds,
        interval=timedelta(seconds=settings.fetch_interval_seconds),
        retriever=Retriever(
            user_agent(settings),
            settings.fetch_total_seconds,
            settings.fetch_max_feed_bytes,
            settings.fetch_allow_private,
        ),
        parser=ParserProcess(),
        states=FeedStates(client, streams, process_name()),
        publisher=Publisher(client, streams.raw),
        metrics=metrics,
        limits=settings.limits,
        clock=clock,
        logger=logger,
        gauge=PressureGauge(client, streams, settings.marks),
    )


async def run(settings: FetchSettings, logger: Logger, stop: asyncio.Event) -> None:
    """Keep the doors open until `stop` is set. Raises AddressTaken, BrokerUnavailable or BrokerRefused."""
    registry, client = CollectorRegistry(), connect(settings)
    metrics, beat = FetchMetrics(registry), Heartbeat(30.0, "broker")
    polling = Heartbeat(_POLL_SILENT_SECONDS, "feed poller")
    poller = build_poller(settings, client, metrics, logger)
    token = settings.fetch_push_token.get_secret_value() if settings.fetch_push_token else None
    door = PushDoor(
        poller.publisher,
        metrics,
        settings.limits,
        poller.clock,
        token,
        settings.fetch_max_body_bytes,
        poller.gauge,
    )
    page = web.Application(client_max_size=settings.fetch_max_body_bytes)
    page.add_routes(door.routes())
    page.add_routes(
        Health(registry, live={"poller": polling.stuck}, ready={"broker": beat.check}).routes()
    )
    runner = await serve(
        page, settings.fetch_host, settings.fetch_port, variable="TOPICWIRE_FETCH_PORT"
    )
    watches = [
        asyncio.create_task(_watch_broker(client, beat)),
        asyncio.create_task(poller.gauge.watch(metrics, logger)),
    ]
    try:
        await wait_for_broker(client, settings, stop)
        if not stop.is_set():
            await examine_at_start(client, settings, registry, logger)
        logger.info("started", feeds=len(settings.fetch_feeds), stream=settings.streams.raw)
        await poller.run(stop, polling)
    finally:
        for watch in watches:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        await runner.cleanup()
        poller.parser.close()
        await client.aclose()


async def _watch_broker(client: Redis, beat: Heartbeat) -> None:
    while True:
        try:
            await client.ping()
        except (RedisError, OSError) as error:
            beat.fail(str(error))
        else:
            beat.beat()
        await asyncio.sleep(_PING_SECONDS)
