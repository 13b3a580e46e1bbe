"""What shared.delivery relies on inside FastStream 0.7.8, against a real Valkey.

None of it is promised by FastStream. When an upgrade breaks one of these, read
shared/delivery/consumer.py before changing the test.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage

from tests.support.broker import BrokerServer
from tests.support.wait import until_async

STREAM, GROUP = "{contract}:raw", "group"


@dataclass
class Handler:
    """Remembers what reached it; while `gate` is closed it does not end."""

    batches: list[Any] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, batch: Any) -> None:
        """Take a batch."""
        self.batches.append(batch)
        await self.gate.wait()


async def parse(message: Any) -> RedisBatchStreamMessage:
    """Hand the raw message on, as shared.delivery does."""
    return RedisBatchStreamMessage(raw_message=message, body=b"", consumer=None, group=None)


async def decode(message: Any) -> Any:
    """Return what FastStream read."""
    return message.raw_message


@asynccontextmanager
async def subscribed(server: BrokerServer, handler: Handler) -> AsyncIterator[Any]:
    """Yield a started subscriber, built as shared.delivery builds it."""
    broker = RedisBroker(
        server.url, graceful_timeout=1.0, apply_types=False, logger=logging.getLogger("contract")
    )
    subscriber = broker.subscriber(
        stream=StreamSub(
            STREAM, group=GROUP, consumer="me", batch=True, max_records=3, polling_interval=50
        ),
        ack_policy=AckPolicy.MANUAL,
        parser=parse,
        decoder=decode,
    )
    subscriber(handler.__call__)
    with server.client() as client:
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    await broker.start()
    try:
        yield subscriber
    finally:
        await broker.stop()


async def reached(handler: Handler, batches: int) -> None:
    """Wait until so many batches reached the handler."""

    async def enough() -> bool:
        return len(handler.batches) >= batches

    await until_async(enough, f"{batches} batches")


def opened() -> Handler:
    """Return a handler that ends at once."""
    handler = Handler()
    handler.gate.set()
    return handler


def test_the_version_is_the_one_that_was_read() -> None:
    """Another version needs these tests to be read again, not only to pass."""
    assert version("faststream") == "0.7.8"


async def test_an_existing_group_is_kept_with_its_position(valkey: BrokerServer) -> None:
    """A group made at 0 before the start stays there: earlier entries are read, in bounded batches."""
    handler = opened()
    with valkey.client() as client:
        for number in range(7):
            client.xadd(STREAM, {"n": number})
        async with subscribed(valkey, handler):
            await reached(handler, 3)

    assert [len(batch["data"]) for batch in handler.batches] == [3, 3, 1]


async def test_parser_and_decoder_get_ids_and_raw_fields(valkey: BrokerServer) -> None:
    """The raw message has `message_ids` and `data`, both bytes, in order, whatever the bytes are."""
    handler = opened()
    with valkey.client() as client:
        ids = [client.xadd(STREAM, {b"\xff": b"\x00"}), client.xadd(STREAM, {"data": "{"})]
        async with subscribed(valkey, handler):
            await reached(handler, 1)

    (batch,) = handler.batches
    assert batch["message_ids"] == ids
    assert batch["data"] == [{b"\xff": b"\x00"}, {b"data": b"{"}]


async def test_manual_acknowledgement_sends_no_xack(valkey: BrokerServer) -> None:
    """Entries stay pending after the handler: acknowledging is ours alone."""
    handler = opened()
    with valkey.client() as client:
        async with subscribed(valkey, handler):
            client.xadd(STREAM, {"n": 1})
            await reached(handler, 1)
        assert client.xpending(STREAM, GROUP)["pending"] == 1


async def test_one_batch_at_a_time(valkey: BrokerServer) -> None:
    """The next batch is not read before the handler of the last has ended."""
    handler = Handler()
    with valkey.client() as client:
        async with subscribed(valkey, handler):
            for number in range(9):
                client.xadd(STREAM, {"n": number})
            await reached(handler, 1)
            taken = len(handler.batches[0]["data"])

            await asyncio.sleep(0.3)  # several polls

            assert client.xpending(STREAM, GROUP)["pending"] == taken
            handler.gate.set()
            await reached(handler, 3)


async def test_tasks_and_running_tell_whether_it_reads(valkey: BrokerServer) -> None:
    """`running` and the last of `tasks` are how we notice a reading loop that gave up."""
    async with subscribed(valkey, opened()) as subscriber:
        assert subscriber.running
        assert not subscriber.tasks[-1].done()


async def test_a_vanished_group_stops_the_subscriber_for_good(valkey: BrokerServer) -> None:
    """NOGROUP ends the loop quietly; nothing restarts it; so housekeeping must."""
    handler = opened()
    with valkey.client() as client:
        async with subscribed(valkey, handler) as subscriber:
            client.xgroup_destroy(STREAM, GROUP)

            async def stopped() -> bool:
                return not subscriber.running

            await until_async(stopped, "the subscriber stopped")
            assert [task for task in subscriber.tasks if not task.done()] == []


async def test_stop_and_start_read_again(valkey: BrokerServer) -> None:
    """After a stop the same subscriber can be started and consumes what came meanwhile."""
    handler = opened()
    with valkey.client() as client:
        async with subscribed(valkey, handler) as subscriber:
            reads = list(subscriber.tasks)
            await subscriber.stop()
            await asyncio.gather(*reads, return_exceptions=True)

            async def unread() -> bool:
                return client.info("clients")["blocked_clients"] == 0

            await until_async(unread, "the cancelled read is gone from the broker")
            client.xadd(STREAM, {"n": 1})
            await subscriber.start()

            await reached(handler, 1)
            assert subscriber.running
            assert not subscriber.tasks[-1].done()


async def test_start_makes_the_group_through_the_connected_client(valkey: BrokerServer) -> None:
    """`xgroup_create` of the client that `connect()` returns is what start calls; ours replaces it."""
    calls = []

    async def made(**options: object) -> bool:
        calls.append(options)
        return True

    handler = opened()
    with valkey.client() as client:
        async with subscribed(valkey, handler) as subscriber:
            link = subscriber._client
            assert link is subscriber._outer_config.connection.client
            link.xgroup_create = made
            await subscriber.stop()
            await subscriber.start()
            client.xadd(STREAM, {"n": 1})
            await reached(handler, 1)

    assert [call["groupname"] for call in calls] == [GROUP]


async def test_connect_returns_the_client_that_start_uses(valkey: BrokerServer) -> None:
    """Connecting first and starting then is one connection, not two."""
    broker = RedisBroker(valkey.url, logger=logging.getLogger("contract"))
    link = await broker.connect()
    await broker.start()

    assert link is broker.config.broker_config.connection.client

    await broker.stop()


async def test_stop_waits_for_the_handler_and_drops_later_batches(valkey: BrokerServer) -> None:
    """A batch in the handler is finished within `graceful_timeout`; one that comes later is dropped."""
    handler = Handler()
    with valkey.client() as client:
        async with subscribed(valkey, handler) as subscriber:
            client.xadd(STREAM, {"n": 1})
            await reached(handler, 1)
            stopping = asyncio.create_task(subscriber.stop())
            await asyncio.sleep(0)  # let stop() begin

            assert not subscriber.running
            assert not stopping.done()
            await subscriber.consume(handler.batches[0])
            assert len(handler.batches) == 1

            handler.gate.set()
            await stopping


async def test_an_error_in_the_handler_does_not_stop_the_reading(valkey: BrokerServer) -> None:
    """FastStream swallows what the handler raises and reads on."""

    class Failing(Handler):
        async def __call__(self, batch: Any) -> None:
            await super().__call__(batch)
            raise ValueError("no")

    handler = Failing()
    handler.gate.set()
    with valkey.client() as client:
        async with subscribed(valkey, handler):
            client.xadd(STREAM, {"n": 1})
            await reached(handler, 1)
            client.xadd(STREAM, {"n": 2})
            await reached(handler, 2)
