"""Dead letters against a real broker: found, shown, put back once, dropped; whatever dies."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import redis
from redis.asyncio import Redis

from services.dead.letters import (
    PAGE_ENTRIES,
    Filters,
    Letter,
    known,
    letter_in_full,
    letters,
    raw_field,
    sums,
)
from services.dead.moves import Moved, Mover, Who
from shared.broker import connect
from shared.delivery import Entry, Outcome, Reject
from shared.messages import DEAD_SCHEMA, DeadLetter, decode_dead, encode
from tests.support.broker import BrokerServer
from tests.support.build import NOW, HeldClock
from tests.support.delivery import STREAMS, Told, consuming, dead, publish, quick_settings
from tests.support.wait import until_async

BYTES = {b"text": b"\xff\xfe", b"title": "Größe\x1b".encode(), b"": b""}
FIRST = int(NOW.timestamp() * 1000)


@dataclass(frozen=True)
class Desk:
    """A broker with an operator at it."""

    blocking: redis.Redis
    client: Redis
    mover: Mover

    def bury(
        self,
        number: int = 0,
        *,
        fields: Mapping[bytes, bytes] | None = None,
        stage: str = "classify",
        reason: str = "no_text",
    ) -> str:
        """Write a dead letter of the given number of seconds after NOW; return its id."""
        letter = DeadLetter(
            schema=DEAD_SCHEMA, stage=stage, reason=reason, error="an error", blame="producer",
            stream=STREAMS.raw, entry_id=f"{number}-1", attempts=1, entered_at=NOW, died_at=NOW,
            consumer="me",
        )  # fmt: skip
        own = BYTES if fields is None else fields
        values = [part for pair in own.items() for part in pair]
        entry_id = f"{FIRST + number * 1000}-0"
        self.blocking.execute_command(
            "XADD", STREAMS.dead, entry_id, "topicwire.dead", encode(letter), *values
        )
        return entry_id

    async def replay(self, *ids: str, again: bool = False) -> list[Moved]:
        """Put letters back by id."""
        found = await known(self.client, STREAMS, ids)
        return await self.mover.replay({i: found.get(i) for i in ids}, again=again)

    async def find(self, filters: Filters | None = None, **options: bool) -> list[Letter]:
        """Return what a list shows."""
        return [
            item async for item in letters(self.client, STREAMS, filters or Filters(), **options)
        ]

    def raw(self) -> list[dict[bytes, bytes]]:
        """Return the fields of each raw entry."""
        return [fields for _, fields in self.blocking.xrange(STREAMS.raw)]


@pytest.fixture
async def desk(any_broker: BrokerServer) -> AsyncIterator[Desk]:
    """Yield a desk at an empty broker."""
    link = connect(quick_settings(any_broker))
    mover = Mover(link, STREAMS, Who("ann", "desk-1"), HeldClock(), keep=3)
    with any_broker.client() as client:
        yield Desk(client, link, mover)
    await link.aclose()


async def test_a_replay_puts_the_same_bytes_back_and_the_letter_is_no_longer_dead(
    desk: Desk,
) -> None:
    """The stage's stream gets the fields untouched; who, when and as what is kept."""
    letter_id = desk.bury()

    (moved,) = await desk.replay(letter_id)

    found = await letter_in_full(desk.client, STREAMS, letter_id)
    assert (moved.outcome, moved.stream) == ("replayed", STREAMS.raw)
    assert desk.raw() == [BYTES]
    assert desk.blocking.xlen(STREAMS.dead) == 0
    assert found is not None
    (replay,) = found.replays
    assert (replay.by, replay.host, replay.at) == ("ann", "desk-1", NOW)
    assert replay.entry_id == moved.entry_id
    assert [(f.name, f.text, f.base64) for f in found.fields] == [
        ("text", None, "//4="),
        ("title", "Größe\x1b", None),
        ("", "", None),
    ]


async def test_a_second_replay_does_nothing_unless_asked_again(desk: Desk) -> None:
    """Repeating is safe; `again` makes one more entry and one more line of history."""
    letter_id = desk.bury()
    (first,) = await desk.replay(letter_id)

    (second,) = await desk.replay(letter_id)
    (third,) = await desk.replay(letter_id, again=True)

    found = await letter_in_full(desk.client, STREAMS, letter_id)
    assert (second.outcome, second.entry_id) == ("already", first.entry_id)
    assert third.outcome == "replayed"
    assert desk.raw() == [BYTES, BYTES]
    assert found is not None
    assert [r.entry_id for r in found.replays] == [first.entry_id, third.entry_id]


@pytest.mark.parametrize("again", [False, True])
async def test_a_call_that_is_sent_twice_replays_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """An answer that is lost makes the client send the same call again."""
    letter_id = desk.bury()
    if again:
        await desk.replay(letter_id)
    before = len(desk.raw())
    monkeypatch.setattr("services.dead.moves.secrets.token_hex", lambda _: "the same call")

    (first,) = await desk.replay(letter_id, again=again)
    (second,) = await desk.replay(letter_id, again=again)

    assert (first, first.outcome) == (second, "replayed")
    assert len(desk.raw()) == before + 1


async def test_many_operators_at_once_replay_each_letter_once(desk: Desk) -> None:
    """Whoever is second is told that it was done."""
    ids = [desk.bury(number) for number in range(3)]

    told = await asyncio.gather(*(desk.replay(*ids) for _ in range(5)))

    outcomes = [moved.outcome for each in told for moved in each]
    assert (outcomes.count("replayed"), outcomes.count("already")) == (3, 12)
    assert len(desk.raw()) == 3


async def test_a_letter_of_the_sink_goes_back_to_the_labelled_stream(desk: Desk) -> None:
    """Where it died decides, not where replaying began."""
    letter_id = desk.bury(stage="store")

    (moved,) = await desk.replay(letter_id)

    assert moved.stream == STREAMS.labelled
    assert (desk.blocking.xlen(STREAMS.labelled), desk.raw()) == (1, [])


@pytest.mark.parametrize(
    ("letter", "error"),
    [
        pytest.param({"fields": {}}, "nothing of the entry was left", id="no bytes"),
        pytest.param({"stage": "future"}, "does not know the stage", id="unknown stage"),
    ],
)
async def test_what_can_not_be_put_back_stays_and_says_why(
    desk: Desk, letter: dict[str, object], error: str
) -> None:
    """Its neighbours are replayed."""
    bad, good = desk.bury(1, **letter), desk.bury(2)  # type: ignore[arg-type]

    first, second = await desk.replay(bad, good)

    assert error in (first.error or "")
    assert second.outcome == "replayed"
    assert [item.id for item in await desk.find()] == [bad]


async def test_a_stream_that_takes_nothing_leaves_the_letter(desk: Desk) -> None:
    """A refused XADD changes nothing at all."""
    letter_id = desk.bury()
    desk.blocking.set(STREAMS.raw, "not a stream")

    (moved,) = await desk.replay(letter_id)

    assert "WRONGTYPE" in (moved.error or "")
    assert [item.id for item in await desk.find()] == [letter_id]
    assert desk.blocking.exists(STREAMS.replayed, STREAMS.replays, STREAMS.origins) == 0


@pytest.mark.parametrize("key", ["replayed", "replays", "origins", "dead_sums"])
async def test_a_history_of_the_wrong_type_is_seen_before_anything_is_published(
    desk: Desk, key: str
) -> None:
    """Half a replay would be one that can happen twice."""
    letter_id = desk.bury()
    desk.blocking.set(getattr(STREAMS, key), "not ours")

    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        await desk.mover.replay({letter_id: decode_dead(dead(desk.blocking)[0])})

    assert desk.blocking.exists(STREAMS.raw) == 0
    assert desk.blocking.xlen(STREAMS.dead) == 1


async def test_with_the_memory_full_letters_can_be_put_back_and_dropped(desk: Desk) -> None:
    """What frees memory must not be refused for want of it."""
    ids = [desk.bury(number) for number in range(2)]
    desk.blocking.config_set("maxmemory", 1)
    with pytest.raises(redis.OutOfMemoryError):
        desk.blocking.xadd(STREAMS.raw, {"a": "b"})

    (moved,) = await desk.replay(ids[0])
    dropped = await desk.mover.drop({ids[1]: None})

    assert (moved.outcome, list(dropped)) == ("replayed", [1])
    assert desk.blocking.xlen(STREAMS.dead) == 0


async def test_a_killed_broker_knows_of_each_replay(any_broker: BrokerServer, desk: Desk) -> None:
    """After its return every letter is dead or replayed, with exactly one entry of its own."""
    desk.blocking.config_set("appendfsync", "always")
    ids = [desk.bury(number) for number in range(3)]
    await desk.replay(ids[0])

    any_broker.kill()
    any_broker.start()

    told = await desk.replay(*ids)
    assert [moved.outcome for moved in told] == ["already", "replayed", "replayed"]
    assert len(desk.raw()) == 3


async def test_a_broker_killed_amid_a_replay_loses_and_doubles_nothing(
    any_broker: BrokerServer, desk: Desk
) -> None:
    """Each letter is put back exactly once, whether the answer to its replay came or not.

    Under `appendfsync always`: with `everysec` a broker whose disk is slow holds writes back for up
    to two seconds (aof.c, flushAppendOnlyFile), and the kill would undo confirmed replays, whole.
    """
    ids = [desk.bury(number, fields={b"n": b"%d" % number}) for number in range(200)]
    desk.blocking.config_set("appendfsync", "always")
    mover = Mover(desk.client, STREAMS, Who("ann", "desk-1"), HeldClock())

    async def replay_all() -> None:
        for letter_id in ids:
            await mover.replay(await known(desk.client, STREAMS, [letter_id]))

    async def half_way() -> bool:
        return int(await desk.client.xlen(STREAMS.raw)) >= 80

    work = asyncio.create_task(replay_all())
    await until_async(half_way, "letters are being replayed")
    any_broker.kill()
    any_broker.start()
    await asyncio.wait_for(work, 30)  # the client sends the call again that nobody answered

    assert sorted(int(fields[b"n"]) for fields in desk.raw()) == list(range(200))
    assert await desk.find() == []
    assert len(await desk.find(replayed=True)) == 200


async def test_an_entry_with_thousands_of_fields_is_unpacked_again(
    any_broker: BrokerServer,
) -> None:
    """3,500 fields die packed into one and come back as they were; more are refused."""
    fields = {f"field {n}".encode(): b"%d:\n\xff" % n for n in range(3_500)}
    huge = {f"f{n}".encode(): b"" for n in range(4_500)}

    def reject(_entry: Entry) -> Outcome:
        return Reject("no_text", "none", "producer")

    link = connect(quick_settings(any_broker))
    with any_broker.client() as client:
        client.xadd(STREAMS.raw, fields)  # type: ignore[arg-type]
        client.xadd(STREAMS.raw, huge)  # type: ignore[arg-type]
        async with consuming(any_broker, Told(reject)):
            await until_async(_length(client, STREAMS.dead, 2), "both died")
        client.delete(STREAMS.raw)
        operator = Desk(client, link, Mover(link, STREAMS, Who("a", "b"), HeldClock()))

        first, second = [
            (await operator.replay(item.id))[0] for item in await operator.find(newest_first=False)
        ]

        assert operator.raw() == [fields]
        assert first.outcome == "replayed"
        assert "too many fields" in (second.error or "")
    await link.aclose()


async def test_a_letter_that_dies_again_names_its_former_life(any_broker: BrokerServer) -> None:
    """The entry has nothing added to it, and still the second letter leads to the first."""

    def reject(_entry: Entry) -> Outcome:
        return Reject("no_text", "none", "producer")

    link = connect(quick_settings(any_broker))
    with any_broker.client() as client:
        publish(client, [1])
        operator = Desk(client, link, Mover(link, STREAMS, Who("a", "b"), HeldClock()))
        async with consuming(any_broker, Told(reject)):
            await until_async(_length(client, STREAMS.dead, 1), "it died")
            (first,) = await operator.find()
            await operator.replay(first.id)
            await until_async(_length(client, STREAMS.dead, 1), "it died again")
        (second,) = await operator.find()

        found = await letter_in_full(link, STREAMS, second.id)

        assert found is not None
        assert (found.former_id, [f.name for f in found.fields]) == (first.id, ["n"])
    await link.aclose()


async def test_the_history_is_bounded(desk: Desk) -> None:
    """The oldest replayed letters are let go, with everything that pointed to them."""
    ids = [desk.bury(number) for number in range(5)]
    await desk.replay(*ids)

    assert [item.id for item in await desk.find(replayed=True, newest_first=False)] == ids[2:]
    assert desk.blocking.hlen(STREAMS.replays) == desk.blocking.hlen(STREAMS.origins) == 3
    assert [moved.outcome for moved in await desk.replay(*ids[:3])] == ["failed"] * 2 + ["already"]


async def test_dropped_letters_are_gone_and_counted(desk: Desk) -> None:
    """By stage and reason; a replayed one goes with its history and is not counted as dropped."""
    ids = [desk.bury(number) for number in range(3)]
    await desk.replay(ids[2])
    found = await known(desk.client, STREAMS, ids)

    told = await desk.mover.drop({**found, "5-5": None})

    assert list(told) == [1, 1, 2, 0]
    assert desk.blocking.hgetall(STREAMS.dead_sums) == {
        b"replayed classify no_text": b"1",
        b"dropped classify no_text": b"2",
    }
    assert await sums(desk.client, STREAMS) == {"replayed": 1, "dropped": 2}
    assert await desk.find() == await desk.find(replayed=True) == []
    assert desk.blocking.exists(STREAMS.replays, STREAMS.origins) == 0


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param(Filters(), [3, 2, 1, 0], id="all, newest first"),
        pytest.param(Filters(stage="store"), [2], id="stage"),
        pytest.param(Filters(reason="not_json"), [1], id="reason"),
        pytest.param(Filters(reason="unheard_of"), [], id="another reason"),
        pytest.param(Filters(since=NOW + SECOND), [3, 2, 1], id="since, included"),
        pytest.param(Filters(until=NOW + 2 * SECOND), [1, 0], id="until, excluded"),
        pytest.param(Filters(since=NOW + SECOND, until=NOW + 2 * SECOND), [1], id="between"),
        pytest.param(Filters(since=datetime(2100, 1, 1, tzinfo=UTC)), [], id="not yet"),
        pytest.param(Filters(until=datetime(1970, 1, 1, tzinfo=UTC)), [], id="before all"),
    ],
)
async def test_filters_choose(desk: Desk, filters: Filters, expected: list[int]) -> None:
    """Each condition narrows; they are joined by and."""
    ids = [
        desk.bury(0), desk.bury(1, reason="not_json"), desk.bury(2, stage="store"),
        desk.bury(3, reason="processing_failed"),
    ]  # fmt: skip

    assert [item.id for item in await desk.find(filters)] == [ids[n] for n in expected]


async def test_the_article_of_poison_is_read_from_its_bytes(desk: Desk) -> None:
    """A letter without an article id is found by it, if its fields can be understood."""
    fields = {b"text": b"A story.", b"url": b"https://example.org/a?utm_source=x"}
    poison = desk.bury(1, reason="processing_failed", fields=fields)
    desk.bury(2)
    shown = await letter_in_full(desk.client, STREAMS, poison)
    assert shown is not None

    found = await desk.find(Filters(article=shown.article_id))

    assert (shown.article_id or "").startswith("u")
    assert [item.id for item in found] == [poison]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_more_letters_than_a_page_come_each_once(desk: Desk, *, newest_first: bool) -> None:
    """In order, over the edges of pages."""
    ids = [desk.bury(number) for number in range(2 * PAGE_ENTRIES + 1)]

    found = [item.id for item in await desk.find(newest_first=newest_first)]

    assert found == (ids[::-1] if newest_first else ids)


async def test_foreign_entries_are_shown_and_can_be_dropped(desk: Desk) -> None:
    """Whatever somebody wrote into the stream: it is listed, explained, and goes when asked."""
    entry_id = desk.blocking.xadd(STREAMS.dead, {"a": "b"}).decode()

    (item,) = await desk.find()
    (moved,) = await desk.replay(entry_id)
    dropped = await desk.mover.drop({entry_id: None})

    assert item.letter is None
    assert "topicwire.dead" in (item.unreadable or "")
    assert moved.outcome == "failed"
    assert list(dropped) == [1]


async def test_an_entry_that_itself_was_a_dead_letter_is_told_from_its_letter(desk: Desk) -> None:
    """A field of the dead entry that has our name is the entry's own."""
    letter_id = desk.bury(fields={b"topicwire.dead": b"not JSON", b"a": b"b"})

    (item,) = await desk.find()
    value, names = await raw_field(desk.client, STREAMS, letter_id, "topicwire.dead")
    await desk.replay(letter_id)

    assert item.letter is not None
    assert (value, names) == (b"not JSON", ["topicwire.dead", "a"])
    assert desk.raw() == [{b"topicwire.dead": b"not JSON", b"a": b"b"}]


def _length(client: redis.Redis, stream: str, number: int) -> Callable[[], object]:
    async def reached() -> bool:
        return int(client.xlen(stream)) == number

    return reached


async def test_a_page_of_monsters_ends_early_and_none_is_missed(desk: Desk) -> None:
    """Letters of several megabytes come a few at a time, each once."""
    ids = [desk.bury(n, fields={b"text": b"x" * 3_000_000, b"n": b"1"}) for n in range(8)]

    shown = await desk.find(Filters(article="nobody's"))
    listed = await desk.find(newest_first=False)

    assert shown == []
    assert [(item.id, item.fields) for item in listed] == [(letter_id, 2) for letter_id in ids]
    assert all(item.size_bytes > 3_000_000 for item in listed)
