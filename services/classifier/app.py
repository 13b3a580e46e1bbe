"""Wires the classifier: settings, model, consumer, health page."""

import asyncio

from aiohttp import web
from prometheus_client import CollectorRegistry

from services.classifier.handlers import ClassifyEntries
from services.classifier.metrics import ClassifierMetrics
from services.classifier.model import Model
from services.classifier.repeats import RepeatedLines
from services.classifier.settings import ClassifierSettings
from shared.broker import connect
from shared.clock import SystemClock
from shared.delivery import StageConsumer
from shared.durability import examine_at_start
from shared.health import Health, serve
from shared.logs import Logger
from shared.metrics import DeliveryMetrics
from shared.process import first_of, wait_for_broker


async def run(settings: ClassifierSettings, logger: Logger, stop: asyncio.Event) -> None:
    """Classify until `stop` is set. Raises ModelRefused, AddressTaken, BrokerUnavailable, BrokerRefused."""
    clock, registry = SystemClock(), CollectorRegistry()
    model = await asyncio.to_thread(
        Model.open,
        settings.model_dir,
        clock,
        settings.classifier_model_sha256,
        profile=settings.classifier_profile,
    )
    metrics = ClassifierMetrics(registry, model.manifest)
    handler = ClassifyEntries(model, settings.limits, metrics, logger, RepeatedLines())
    client = connect(settings)
    await wait_for_broker(client, settings, stop)
    if not stop.is_set():
        await examine_at_start(client, settings, registry, logger)
    await client.aclose()
    consumer = StageConsumer(
        settings.streams.classify,
        handler,
        settings=settings,
        metrics=DeliveryMetrics("classify", registry),
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
        },
    )
    page = web.Application()
    page.add_routes(health.routes())
    runner = await serve(
        page,
        settings.classifier_host,
        settings.classifier_port,
        variable="TOPICWIRE_CLASSIFIER_PORT",
    )
    try:
        await consumer.start()
        logger.info("started", model=model.manifest.version, stream=consumer.stage.input)
        await first_of(stop, consumer.failed)
    finally:
        await consumer.stop()
        handler.close()
        await runner.cleanup()
