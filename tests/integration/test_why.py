"""The life of an article, asked of a real broker and of a real store."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import redis
from redis.asyncio import Redis

from services.sink.life import lives
from services.sink.migrate import migrate
from services.sink.store import SqlStore
from services.why.river import River, search
from services.why.wanted import wanted
from shared.broker import connect
from shared.messages import DEAD_SCHEMA, DeadLetter, encode
from tests.support.broker import BrokerServer
from tests.support.build import NOW, HeldClock, labelled, raw
from tests.support.delivery import STREAMS, quick_settings

ARTICLE = raw("A story.", title="A title", id="42", source="wire", url="https://example.org/a")
NAMES = (ARTICLE.article_id, "42", "http://example.org/a")


@pytest.fixture
def client(any_broker: BrokerServer) -> Iterator[redis.Redis]:
    """Yield a blocking client."""
    with any_broker.client() as client:
        yield client


@pytest.fixture
async def link(any_broker: BrokerServer) -> AsyncIterator[Redis]:
    """Yield the client the verb uses."""
    link = connect(quick_settings(any_broker))
    yield link
    await link.aclose()


async def look(link: Redis, name: str = ARTICLE.article_id, limit: int = 1_000) -> River:
    """Search the streams."""
    return await search(link, STREAMS, wanted(name, None), limit)


@pytest.mark.parametrize("name", NAMES)
async def test_an_article_is_found_in_every_stream(
    client: redis.Redis, link: Redis, name: str
) -> None:
    """By its id, its producer's own id and its address; neighbours are not."""
    for article in (raw("Another."), ARTICLE):
        client.xadd(STREAMS.raw, {"data": encode(article)})
        client.xadd(STREAMS.labelled, {"data": encode(labelled(article))})
        bury(client, encode(article))

    river = await look(link, name)

    assert [entry.article.title for entry in river.raw] == ["A title"]
    assert [entry.article.title for entry in river.labelled] == ["A title"]
    assert [letter.article_id for letter in river.dead] == [ARTICLE.article_id]
    assert [(place.where, place.entries, place.cut) for place in river.searched] == [
        (STREAMS.raw, 2, False), (STREAMS.labelled, 2, False),
        (STREAMS.dead, 2, False), (STREAMS.replayed, 0, False),
    ]  # fmt: skip


async def test_who_holds_an_entry_is_told(client: redis.Redis, link: Redis) -> None:
    """Unread without a group and after its position, in work while pending, then finished."""
    entry_id = client.xadd(STREAMS.raw, {"data": encode(ARTICLE)})
    stage, states = STREAMS.classify, list[str]()

    states.append((await look(link)).raw[0].held.state)
    client.xgroup_create(STREAMS.raw, stage.group, id="0")
    states.append((await look(link)).raw[0].held.state)
    client.xreadgroup(stage.group, "worker", {STREAMS.raw: ">"})
    held = (await look(link)).raw[0].held
    client.xack(STREAMS.raw, stage.group, entry_id)
    states.append((await look(link)).raw[0].held.state)

    assert states == ["unread", "unread", "finished"]
    assert (held.state, held.consumer, held.deliveries) == ("in work", "worker", 1)


async def test_a_search_that_is_cut_says_so(client: redis.Redis, link: Redis) -> None:
    """The newest entries are looked at; an older one is not found and nobody claims it is not there."""
    client.xadd(STREAMS.raw, {"data": encode(ARTICLE)})
    for _ in range(500):
        client.xadd(STREAMS.raw, {"text": "x"})

    few, all_of_it = await look(link, limit=300), await look(link)

    assert (few.raw, few.searched[0].cut, few.searched[0].entries) == ([], True, 300)
    assert (len(all_of_it.raw), all_of_it.searched[0].cut) == (1, False)


async def test_a_letter_nobody_can_read_is_found_by_its_producer_s_id(
    client: redis.Redis, link: Redis
) -> None:
    """The bytes name it, though they are no article."""
    bury(client, b'{"id": "42", "text": "\xff"}')

    assert len((await look(link, "42")).dead) == 1
    assert (await look(link, "43")).dead == []


async def test_garbage_in_every_stream_is_passed_over(client: redis.Redis, link: Redis) -> None:
    """Whatever lies there, the search ends and finds the article."""
    for stream in (STREAMS.raw, STREAMS.labelled, STREAMS.dead, STREAMS.replayed):
        client.xadd(stream, {b"\xff": b"\xfe"})
        client.xadd(stream, {b"data": b"{"})
    client.xadd(STREAMS.raw, {"data": encode(ARTICLE)})

    assert len((await look(link)).raw) == 1


def bury(client: redis.Redis, data: bytes) -> None:
    """Write a dead letter about `data`."""
    letter = DeadLetter(
        schema=DEAD_SCHEMA, stage="classify", reason="processing_failed", error="no",
        blame="processing", stream=STREAMS.raw, entry_id="1-1", attempts=5, entered_at=NOW,
        died_at=NOW, consumer="me",
    )  # fmt: skip
    client.xadd(STREAMS.dead, {"topicwire.dead": encode(letter), "data": data})


@pytest.mark.parametrize("name", NAMES)
def test_the_store_tells_revisions_and_every_model_s_word(store_url: str, name: str) -> None:
    """The row, each text it had, each classification, and the newest decisions."""
    store = SqlStore(store_url, HeldClock())
    migrate(store.engine)
    later = NOW + timedelta(hours=1)
    newer = raw("A new story.", at=later, id="42", source="wire", url="https://example.org/a")
    store.save([labelled(raw("Another."))])
    store.save([labelled(ARTICLE)])
    store.save([labelled(newer, model="2", at=later, profile="fast")])
    meant = wanted(name, None)

    (found,) = lives(
        store.engine, ids=meant.ids, urls=meant.urls, given_id=meant.given_id,
        producers=meant.producers, limit=10,
    )  # fmt: skip

    store.close()
    assert (found.article_id, found.producer) == (ARTICLE.article_id, "source:wire")
    assert (found.first_received_at, found.received_at, found.stored_at) == (NOW, later, NOW)
    assert [revision.received_at for revision in found.revisions] == [NOW, later]
    assert [verdict.profile for verdict in found.verdicts] == [None, "fast"]
    assert [label.topic for label in found.topics] == ["arms_trade", "diplomacy", "ukraine_war"]
