"""Delivery against a real broker: at least once, one effect, whatever dies."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import redis

from shared.broker import connect
from shared.delivery import Done, Entry, Forward, Outcome, Reject
from shared.delivery.settle import Settler
from shared.errors import StoreUnavailable
from shared.messages import decode_dead, original_fields
from tests.support.broker import BrokerServer
from tests.support.delivery import (
    STAGE,
    Told,
    abandoned,
    build,
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

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def poison(entry: Entry) -> Outcome:
    """Fail on every entry whose number is divisible by 50."""
    if int(entry.fields[b"n"]) % 50 == 0:
        raise ValueError("poison")
    return forward(entry)


async def test_what_was_published_before_the_first_start_is_consumed(
    any_broker: BrokerServer,
) -> None:
    """The group begins at 0: nothing is skipped, everything is published once, in order."""
    with any_broker.client() as client:
        publish(client, range(300))

        async with consuming(any_broker, Told()) as running:
            await finished(client, 300)

            assert running.metric("topicwire_entries_out_total") == 300
        assert output(client) == list(range(300))


async def test_batches_are_bounded(valkey: BrokerServer) -> None:
    """However long the queue, no read takes more than `batch_entries` into the pending list."""
    processor = Told()
    with valkey.client() as client:
        publish(client, range(500))

        async with consuming(valkey, processor, batch_entries=64):
            await finished(client, 500)

    assert max(len(batch) for batch in processor.batches) == 64


async def test_two_consumers_share_the_work(any_broker: BrokerServer) -> None:
    """Replicas of one group publish each entry once between them."""
    one, two = Told(), Told()
    with any_broker.client() as client:
        async with consuming(any_broker, one), consuming(any_broker, two):
            publish(client, range(600))
            await finished(client, 600)

        assert sorted(output(client)) == list(range(600))
        assert sum(len(b) for p in (one, two) for b in p.batches) == 600


async def test_acknowledging_and_publishing_is_one_step(any_broker: BrokerServer) -> None:
    """Who acknowledges first publishes; who is second publishes nothing and is told."""
    with any_broker.client() as client:
        publish(client, range(3))
        entries = [Entry(entry_id, {}) for entry_id in abandoned(client, 3)]
        outcomes = [Forward(b"1"), Done(), Reject("no_text", "none", "producer")]
        link = connect(quick_settings(any_broker))

        first = await Settler(link, STAGE, "first").settle(entries, outcomes, NOW)
        second = await Settler(link, STAGE, "second").settle(entries, outcomes, NOW)

        await link.aclose()
        assert (first.finished, len(first.rejected), first.races_lost) == (2, 1, 0)
        assert (second.finished, len(second.rejected), second.races_lost) == (0, 0, 3)
        assert (output(client), len(dead(client)), pending(client)) == ([1], 1, 0)


async def test_an_output_that_takes_nothing_leaves_the_entry_unfinished(
    any_broker: BrokerServer,
) -> None:
    """If the broker refuses the publication, the acknowledgement does not happen either."""
    with any_broker.client() as client:
        client.set(STAGE.output, "not a stream")
        publish(client, range(1))
        (entry_id,) = abandoned(client, 1)
        link = connect(quick_settings(any_broker))

        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            await Settler(link, STAGE, "me").settle([Entry(entry_id, {})], [Forward(b"1")], NOW)

        await link.aclose()
        assert pending(client) == 1


async def test_the_work_of_a_dead_consumer_is_taken_over(any_broker: BrokerServer) -> None:
    """What a killed consumer left unfinished is done by another after the idle time."""
    with any_broker.client() as client:
        publish(client, range(100))
        abandoned(client, 100)

        async with consuming(any_broker, Told()) as running:
            await finished(client, 100)

            assert running.metric("topicwire_redeliveries_total") == 100
        assert output(client) == list(range(100))


async def test_first_redelivery_is_a_batch_and_later_ones_are_single(valkey: BrokerServer) -> None:
    """A poison entry can take its neighbours along once, not twice."""
    processor = Told()
    with valkey.client() as client:
        publish(client, range(20))
        first, second = abandoned(client, 10), abandoned(client, 10, deliveries=2)

        async with consuming(valkey, processor):
            await finished(client, 20)

    assert processor.batches == [first, *([entry_id] for entry_id in second)]


async def test_entries_in_work_are_not_taken_over(valkey: BrokerServer) -> None:
    """A batch that takes far longer than the idle time stays with the consumer that is at it."""
    slow, other = Told(), Told()
    slow.gate.clear()
    with valkey.client() as client:
        publish(client, range(10))
        async with consuming(valkey, slow):
            await slow.entered.wait()
            async with consuming(valkey, other) as running:
                await asyncio.sleep(1.6)  # four times the idle time must pass
                slow.gate.set()
                await finished(client, 10)

                assert other.batches == []
                assert running.metric("topicwire_races_lost_total") == 0


async def test_entries_that_wait_for_their_turn_are_not_taken_over(valkey: BrokerServer) -> None:
    """While one batch holds the turn for long, the next one read keeps its lease too."""
    slow, other = Told(), Told()
    slow.gate.clear()
    with valkey.client() as client:
        publish(client, range(20))
        abandoned(client, 10)
        async with consuming(valkey, slow, batch_entries=10):

            async def both_taken() -> bool:
                owners = client.xpending(STAGE.input, STAGE.group)["consumers"]
                return [owner["pending"] for owner in owners] == [20]

            await until_async(both_taken, "one batch in work and one waiting")
            async with consuming(valkey, other):
                await asyncio.sleep(1.6)  # four times the idle time must pass
                slow.gate.set()
                await finished(client, 20)

    assert other.batches == []


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({b"n": b"1"}, id="plain"),
        pytest.param({b"\xff\xfe": b"\x00\x80\xff", b"": b""}, id="not UTF-8 and empty names"),
        pytest.param({b"n": b"x" * 3_000_000}, id="3 MB"),
        pytest.param({b"f%d" % n: b"v%d" % n for n in range(2_900)}, id="2,900 fields"),
        pytest.param({b"f%d" % n: b"\xff%d" % n for n in range(5_000)}, id="5,000 fields"),
    ],
)
async def test_at_the_delivery_limit_the_bytes_become_a_dead_letter(
    valkey: BrokerServer, fields: dict[bytes, bytes]
) -> None:
    """The dead letter tells the reason and holds the entry's own bytes, unchanged."""

    def fail(_entry: Entry) -> Outcome:
        raise ValueError("can't do it")

    with valkey.client() as client:
        entry_id = client.xadd(STAGE.input, fields).decode()

        async with consuming(valkey, Told(fail), delivery_limit=2) as running:
            await until_async(
                lambda: asyncio.to_thread(
                    running.metric, "topicwire_dead_letters_total", reason="processing_failed"
                ),
                "a dead letter is counted",
            )
        (found,) = dead(client)
        letter = decode_dead(found)
        assert (letter.reason, letter.blame, letter.attempts, letter.entry_id) == (
            "processing_failed", "processing", 2, entry_id,
        )  # fmt: skip
        assert "can't do it" in letter.error
        assert fields == original_fields(found)
        assert pending(client) == 0


async def test_an_entry_that_always_kills_its_consumer_is_given_up_unseen(
    valkey: BrokerServer,
) -> None:
    """After the limit of deliveries without a word it is not tried again, but kept as dead letter."""
    processor = Told()
    with valkey.client() as client:
        publish(client, [7])
        abandoned(client, 1, deliveries=3)

        async with consuming(valkey, processor, delivery_limit=3):
            await until_async(lambda: asyncio.to_thread(dead, client), "a dead letter")

        (found,) = dead(client)
        assert processor.batches == []
        assert decode_dead(found).reason == "delivery_limit"
        assert original_fields(found) == {b"n": b"7"}


async def test_poison_does_not_take_its_neighbours_along(any_broker: BrokerServer) -> None:
    """Good entries of a batch with poison are published once; only the poison dies."""
    with any_broker.client() as client:
        publish(client, range(200))

        async with consuming(any_broker, Told(poison), delivery_limit=2):
            await finished(client, 196)

        assert sorted(output(client)) == [n for n in range(200) if n % 50]
        assert sorted(int(original_fields(found)[b"n"]) for found in dead(client)) == [
            0,
            50,
            100,
            150,
        ]


async def test_an_id_beyond_the_calendar_flows_like_any_other(valkey: BrokerServer) -> None:
    """A producer that chooses absurd ids does not stop the stage, nor a dead letter's time."""
    with valkey.client() as client:
        client.xadd(STAGE.input, {"n": "0"}, id="18446744073709551000-1")
        client.xadd(STAGE.input, {"n": "1"}, id="18446744073709551000-2")

        async with consuming(valkey, Told(poison), delivery_limit=2):
            await finished(client, 1)
            await until_async(lambda: asyncio.to_thread(dead, client), "a dead letter")

        assert output(client) == [1]


async def test_flushall_is_survived_and_counted(any_broker: BrokerServer) -> None:
    """When everything vanished the group is made again, counted, and what comes next is consumed."""
    with any_broker.client() as client:
        async with consuming(any_broker, Told()) as running:
            publish(client, range(100))
            await finished(client, 100)

            client.flushall()
            publish(client, range(100, 200))
            await until_async(
                lambda: asyncio.to_thread(client.xlen, STAGE.output), "output after FLUSHALL"
            )
            await finished(client, 100)

            assert running.metric("topicwire_groups_recreated_total") == 1
            assert running.consumer.reading
        assert output(client) == list(range(100, 200))


async def test_a_destroyed_group_is_made_again_and_nothing_is_lost(
    any_broker: BrokerServer,
) -> None:
    """The new group reads from the start: what was in work or unread is published."""
    processor = Told()
    with any_broker.client() as client:
        async with consuming(any_broker, processor) as running:
            processor.gate.clear()
            publish(client, range(200))
            await processor.entered.wait()
            client.xgroup_destroy(STAGE.input, STAGE.group)
            processor.gate.set()

            await until_async(
                lambda: asyncio.to_thread(lambda: set(output(client)) == set(range(200))),
                "all entries published",
            )
            assert running.metric("topicwire_groups_recreated_total") == 1


async def test_a_killed_broker_comes_back_with_everything(any_broker: BrokerServer) -> None:
    """With kill -9 of the broker amid the flow: after its restart the rest is done, nothing twice."""
    with any_broker.client() as client:
        publish(client, range(2_000))
        async with consuming(any_broker, Told(), batch_entries=16) as running:
            await until_async(
                lambda: asyncio.to_thread(client.xlen, STAGE.output), "the first output"
            )
            await asyncio.to_thread(any_broker.kill)
            await asyncio.sleep(0.3)  # commands must meet the dead broker
            await asyncio.to_thread(any_broker.start)

            await finished(client, 2_000, seconds=30)
            assert not running.consumer.failed.is_set()
        assert sorted(output(client)) == list(range(2_000))


async def test_finished_entries_are_trimmed(any_broker: BrokerServer) -> None:
    """The input does not grow without end: what the group finished goes."""
    with any_broker.client() as client:
        publish(client, range(1_000))

        async with consuming(any_broker, Told()) as running:
            await finished(client, 1_000)
            await until_async(
                lambda: asyncio.to_thread(lambda: client.xlen(STAGE.input) < 200), "trimmed"
            )

            assert running.metric("topicwire_trimmed_entries_total") > 800


async def test_what_a_third_party_has_not_read_is_never_trimmed(valkey: BrokerServer) -> None:
    """Another group on the stream, one that reads slowly, still finds every entry."""
    with valkey.client() as client:
        client.xgroup_create(STAGE.input, "theirs", id="0", mkstream=True)
        async with consuming(valkey, Told()) as running:
            seen = []
            for start in range(0, 1_000, 200):
                publish(client, range(start, start + 200))
                await finished(client, start + 200)
                reply = client.xreadgroup("theirs", "they", {STAGE.input: ">"}, count=100)
                seen += _numbers(reply)
            while reply := client.xreadgroup("theirs", "they", {STAGE.input: ">"}, count=500):
                seen += _numbers(reply)

            assert seen == list(range(1_000))
            assert running.metric("topicwire_foreign_group_lag_seconds") >= 0
            # They read but did not acknowledge: it all stays.
            assert client.xlen(STAGE.input) == 1_000


async def test_an_abandoned_third_party_stops_pinning_after_the_limit(
    valkey: BrokerServer,
) -> None:
    """A foreign group that has been behind for longer than the limit loses, and the lag tells."""
    old = int((datetime.now(UTC) - timedelta(hours=100)).timestamp() * 1000)
    with valkey.client() as client:
        client.xgroup_create(STAGE.input, "gone", id="0", mkstream=True)
        for number in range(500):
            client.xadd(STAGE.input, {"n": number}, id=f"{old}-{number + 1}")

        async with consuming(valkey, Told(), foreign_group_hours=200):
            await finished(client, 500)
            assert client.xlen(STAGE.input) == 500
        async with consuming(valkey, Told(), foreign_group_hours=72) as running:
            await until_async(
                lambda: asyncio.to_thread(lambda: client.xlen(STAGE.input) < 200), "trimmed"
            )
            assert running.metric("topicwire_foreign_group_lag_seconds") > 99 * 3600


async def test_a_drain_finishes_what_is_in_work_and_leaves_the_group(
    any_broker: BrokerServer,
) -> None:
    """After stop() nothing is pending, nothing half done, and the consumer's name is gone."""
    processor = Told()
    with any_broker.client() as client:
        running = build(any_broker, processor, batch_entries=16)
        await running.consumer.start()
        publish(client, range(1_000))
        await processor.entered.wait()

        await running.consumer.stop()

        done = len(output(client))
        assert pending(client) == 0
        assert client.xinfo_consumers(STAGE.input, STAGE.group) == []
        assert output(client) == list(range(done))

        async with consuming(any_broker, Told()):
            await finished(client, 1_000)
        assert output(client) == list(range(1_000))


async def test_a_full_broker_is_drained(valkey: BrokerServer) -> None:
    """With the memory full (noeviction) a consumer starts, works, and trimming makes room again."""
    with valkey.client() as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 2_000_000)
        number = 0
        while _takes(client, number):
            number += 1

        async with consuming(valkey, Told()):
            await finished(client, number)
            await until_async(
                lambda: asyncio.to_thread(_takes, client, number), "room for an entry again"
            )
            await finished(client, number + 1)

        assert output(client) == list(range(number + 1))


async def test_a_full_broker_with_nothing_to_do_is_trimmed(valkey: BrokerServer) -> None:
    """Finished entries are removed even if no command that needs memory is allowed any more."""
    with valkey.client() as client:
        publish(client, range(1_000))
        async with consuming(valkey, Told(), housekeeping_seconds=1.0) as running:
            client.config_set("maxmemory", 1)  # before the first round of housekeeping

            await until_async(
                lambda: asyncio.to_thread(lambda: client.xlen(STAGE.input) < 200), "trimmed"
            )
            assert running.consumer.housekeeping.broker.check() is None
            client.config_set("maxmemory", 0)


async def test_a_deleted_entry_is_counted_as_vanished(any_broker: BrokerServer) -> None:
    """When somebody deletes an entry under its owner, the loss is told and pins nothing."""
    with any_broker.client() as client:
        publish(client, range(3))
        ids = abandoned(client, 3)
        client.xdel(STAGE.input, ids[1])

        async with consuming(any_broker, Told()) as running:
            await finished(client, 2)

            assert running.metric("topicwire_entries_vanished_total") == 1
        assert output(client) == [0, 2]


async def test_waiting_for_a_store_is_not_being_stuck(valkey: BrokerServer) -> None:
    """While the store is away the consumer is unready and says why, costs no deliveries, and goes on."""
    away = True

    def decide(entry: Entry) -> Outcome:
        if away:
            raise StoreUnavailable("the store is away")
        return forward(entry)

    with valkey.client() as client:
        publish(client, range(20))
        abandoned(client, 10)
        async with consuming(valkey, Told(decide)) as running:
            consumer = running.consumer
            await until_async(
                lambda: asyncio.to_thread(lambda: "away" in (consumer.work.check() or "")),
                "unready",
            )
            beat = consumer.housekeeping.reader._beat_at
            await until_async(
                lambda: asyncio.to_thread(lambda: consumer.housekeeping.reader._beat_at > beat),
                "housekeeping goes on while a reclaimed batch waits for the store",
            )
            assert consumer.stuck() is None
            assert consumer.housekeeping.stuck() is None

            away = False
            await finished(client, 20)
            await until_async(
                lambda: asyncio.to_thread(lambda: consumer.work.check() is None), "ready"
            )
        assert dead(client) == []


async def test_age_is_that_of_the_oldest_article_at_its_door(valkey: BrokerServer) -> None:
    """Lag is told by our own time in the article, not by the broker's id."""
    processor = Told(received=datetime.now(UTC) - timedelta(hours=2))
    processor.gate.clear()
    with valkey.client() as client:
        publish(client, range(100))
        async with consuming(valkey, processor, batch_entries=10) as running:
            await until_async(
                lambda: asyncio.to_thread(
                    lambda: running.metric("topicwire_oldest_unprocessed_seconds") > 7_100
                ),
                "the age of two hours",
            )
            assert running.metric("topicwire_queue_entries") == 90
            assert running.metric("topicwire_pending_entries") == 10
            processor.gate.set()
            await finished(client, 100)
            await until_async(
                lambda: asyncio.to_thread(
                    lambda: running.metric("topicwire_oldest_unprocessed_seconds") == 0
                ),
                "no age",
            )


async def test_a_consumer_without_its_broker_stops_all_the_same(valkey: BrokerServer) -> None:
    """A drain with the broker gone ends within the limit and raises nothing."""
    running = build(valkey, Told(), drain_seconds=1.0)
    await running.consumer.start()
    await asyncio.to_thread(valkey.kill)

    async with asyncio.timeout(10):
        await running.consumer.stop()


def _takes(client: "redis.Redis", number: int) -> bool:
    try:
        return bool(client.xadd(STAGE.input, {"n": number, "text": "x" * 2_000}))
    except redis.OutOfMemoryError:
        return False


def _numbers(reply: object) -> list[int]:
    assert isinstance(reply, list | dict)
    streams = reply.values() if isinstance(reply, dict) else [rows for _, rows in reply]
    return [int(fields[b"n"]) for rows in streams for _, fields in rows]
