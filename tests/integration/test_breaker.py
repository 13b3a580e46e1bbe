"""The breaker against a real broker: it pauses a broken stage, buries nobody, and lets go on."""

import asyncio
from contextlib import AsyncExitStack

import pytest
import redis

from shared.broker import connect
from shared.delivery import Entry, Outcome, Reject
from shared.delivery.pause import Paused, read_pause, resume
from tests.support.broker import BrokerServer
from tests.support.delivery import (
    STAGE,
    Running,
    Told,
    abandoned,
    consuming,
    dead,
    finished,
    forward,
    output,
    pending,
    publish,
    quick_settings,
)
from tests.support.wait import until_async


class Machine:
    """Decides on entries; while it is `broken`, it raises on all of them."""

    def __init__(self) -> None:
        self.broken = True

    def __call__(self, entry: Entry) -> Outcome:
        """See Told.decide."""
        if self.broken:
            raise ValueError("the machine is broken")
        return forward(entry)


async def paused(running: Running) -> None:
    """Wait until the consumer knows of a pause."""

    async def knows() -> bool:
        return running.consumer.paused()

    await until_async(knows, "paused")


async def let_go_on(server: BrokerServer) -> Paused | None:
    """Do what `topicwire resume` does."""
    link = connect(quick_settings(server))
    try:
        return await resume(link, STAGE)
    finally:
        await link.aclose()


async def test_a_broken_stage_pauses_buries_nobody_and_goes_on(any_broker: BrokerServer) -> None:
    """Everything that failed stays pending; after mending and resuming all of it is published once."""
    machine = Machine()
    with any_broker.client() as client:
        publish(client, range(300))

        async with consuming(any_broker, Told(machine)) as running:
            await paused(running)
            await asyncio.sleep(1.0)  # more than the idle time of reclaim, many rounds
            consumer = running.consumer

            assert 20 <= pending(client) <= 128  # of the batch that failed, and one read meanwhile
            assert dead(client) == []
            assert "the machine is broken" in (consumer.pause.check() or "")
            assert "topicwire resume classify" in (consumer.pause.check() or "")
            assert (consumer.stuck(), consumer.housekeeping.stuck()) == (None, None)
            assert consumer.work.check() is None
            assert running.metric("topicwire_breaker_paused") == 1
            assert running.metric("topicwire_breaker_trips_total") == 1

            machine.broken = False
            assert await let_go_on(any_broker) is not None
            await finished(client, 300)
            await until_async(
                lambda: asyncio.to_thread(lambda: running.metric("topicwire_breaker_paused") == 0),
                "the metric tells that it goes on",
            )
        assert sorted(output(client)) == list(range(300))
        assert dead(client) == []


async def test_a_restart_does_not_resume(any_broker: BrokerServer) -> None:
    """A new process finds the pause, reads nothing, and begins to read once it is told to."""
    with any_broker.client() as client:
        publish(client, range(100))
        async with consuming(any_broker, Told(Machine())) as first:
            await paused(first)
        left, processor = pending(client), Told()

        async with consuming(any_broker, processor) as second:
            assert second.consumer.paused()
            await asyncio.sleep(0.6)  # more than the idle time of reclaim
            assert (processor.batches, pending(client)) == ([], left)
            assert second.consumer.housekeeping.stuck() is None
            assert second.metric("topicwire_breaker_trips_total") == 0

            await let_go_on(any_broker)
            await finished(client, 100)
        assert sorted(output(client)) == list(range(100))


async def test_replicas_agree(valkey: BrokerServer) -> None:
    """When one replica trips the other stops too, and only one of them counts it."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(consuming(valkey, Told(Machine())))
        other = await stack.enter_async_context(consuming(valkey, Told()))
        with valkey.client() as client:
            while not (one.consumer.paused() and other.consumer.paused()):
                publish(client, range(20))
                await asyncio.sleep(0.02)

        trips = [r.metric("topicwire_breaker_trips_total") for r in (one, other)]
        assert sum(trips) == 1


async def test_a_garbage_producer_does_not_trip(any_broker: BrokerServer) -> None:
    """However much of a producer's is wrong, the good entries between flow on."""

    def decide(entry: Entry) -> Outcome:
        if int(entry.fields[b"n"]) % 10:
            return Reject("no_text", "nothing in it", "producer")
        return forward(entry)

    with any_broker.client() as client:
        publish(client, range(1_000))
        async with consuming(any_broker, Told(decide)) as running:
            await finished(client, 100)
            assert not running.consumer.paused()
        assert len(dead(client)) == 900


async def test_garbage_does_not_hide_that_all_the_rest_fails(valkey: BrokerServer) -> None:
    """95 % garbage, and each article fails: the stage pauses all the same."""

    def decide(entry: Entry) -> Outcome:
        if int(entry.fields[b"n"]) % 20:
            return Reject("no_text", "nothing in it", "producer")
        raise ValueError("the machine is broken")

    with valkey.client() as client:
        publish(client, range(600))
        async with consuming(valkey, Told(decide)) as running:
            await paused(running)
        assert all(b"processing" not in entry[b"topicwire.dead"] for entry in dead(client))


async def test_poison_that_is_tried_again_counts_once(valkey: BrokerServer) -> None:
    """8 % poison stays below a tenth, though each of it is delivered three times."""

    def decide(entry: Entry) -> Outcome:
        if int(entry.fields[b"n"]) % 12 == 11:
            raise ValueError("poison")
        return forward(entry)

    with valkey.client() as client:
        publish(client, range(360))
        async with consuming(valkey, Told(decide), breaker_min_failures=5) as running:
            await finished(client, 330)
            assert not running.consumer.paused()
        assert len(dead(client)) == 30


async def test_rejections_of_our_own_are_left_pending(valkey: BrokerServer) -> None:
    """A processor that blames itself trips too; what it gave up is not buried once it tripped."""

    def decide(_entry: Entry) -> Outcome:
        return Reject("processing_failed", "no", "processing")

    with valkey.client() as client:
        publish(client, range(64))
        async with consuming(valkey, Told(decide)) as running:
            await paused(running)
        assert (len(dead(client)), pending(client)) == (0, 64)


async def test_entries_that_killed_their_process_are_not_buried_all_at_once(
    valkey: BrokerServer,
) -> None:
    """When every delivery of many entries ended without a word, the processing is broken, not they."""
    with valkey.client() as client:
        publish(client, range(50))
        abandoned(client, 50, deliveries=3)

        async with consuming(valkey, Told()) as running:
            await paused(running)
            assert dead(client) == []

            await let_go_on(valkey)
            await finished(client, 50)
        assert sorted(output(client)) == list(range(50))


async def test_an_output_that_takes_nothing_pauses_the_stage(valkey: BrokerServer) -> None:
    """What was processed but can't be published is not buried for it."""
    with valkey.client() as client:
        client.set(STAGE.output, "not a stream")
        publish(client, range(64))
        async with consuming(valkey, Told()) as running:
            await paused(running)
            client.delete(STAGE.output)
            await let_go_on(valkey)
            await finished(client, 64)
        assert dead(client) == []


async def test_after_resuming_the_window_is_empty(valkey: BrokerServer) -> None:
    """A few failures after a resume are judged by themselves, not with those before."""
    machine = Machine()
    with valkey.client() as client:
        publish(client, range(64))
        async with consuming(valkey, Told(machine)) as running:
            await paused(running)
            machine.broken = False
            await let_go_on(valkey)
            await finished(client, 64)

            machine.broken = True
            publish(client, range(19))
            await until_async(
                lambda: asyncio.to_thread(lambda: len(dead(client)) == 19), "19 are given up"
            )
            assert not running.consumer.paused()


async def test_a_drain_while_paused_is_prompt(any_broker: BrokerServer) -> None:
    """SIGTERM ends a paused consumer at once, and what it held is still pending."""
    with any_broker.client() as client:
        publish(client, range(100))
        async with consuming(any_broker, Told(Machine())) as running:
            await paused(running)
            held = pending(client)
            async with asyncio.timeout(2):
                await running.consumer.stop()
        assert (pending(client), dead(client)) == (held, [])


async def test_resuming_what_is_not_paused_changes_nothing(valkey: BrokerServer) -> None:
    """The command may be repeated, and works before anything was ever read."""
    assert await let_go_on(valkey) is None


async def test_a_pause_that_can_not_be_read_holds(valkey: BrokerServer) -> None:
    """What an operator wrote by hand, or another release, pauses too."""
    with valkey.client() as client:
        client.set(STAGE.breaker, "by hand")
        async with consuming(valkey, Told()) as running:
            assert running.consumer.paused()
            assert "by hand" in (running.consumer.pause.check() or "")
        link = connect(quick_settings(valkey))
        assert await read_pause(link, STAGE) is not None
        await link.aclose()


@pytest.mark.parametrize("key", [f"{STAGE.breaker}:entries", f"{STAGE.breaker}:failed"])
async def test_the_window_stays_small(valkey: BrokerServer, key: str) -> None:
    """However many entries flow, the window takes no more memory than its size."""
    machine = Machine()
    with valkey.client() as client:
        async with consuming(valkey, Told(machine), breaker_share=1, breaker_window_entries=50):
            publish(client, range(100))
            await until_async(
                lambda: asyncio.to_thread(lambda: len(dead(client)) == 100), "all are given up",
                seconds=30,
            )  # fmt: skip
        assert _size(client, key) <= 50


def _size(client: "redis.Redis", key: str) -> int:
    return int(client.zcard(key)) if client.type(key) == b"zset" else len(client.get(key) or b"")
