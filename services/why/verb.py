"""What `topicwire why` does: ask the store and the broker, as far as they answer."""

import asyncio

from redis.exceptions import RedisError

from services.sink.life import StoredLife, lives
from services.sink.migrate import require_current
from services.sink.settings import SinkSettings
from services.sink.store import open_for_reading
from services.why.life import Life, Searched, outcome, timeline
from services.why.river import River, search
from services.why.showing import show_life
from services.why.wanted import Wanted, wanted
from shared.broker import connected
from shared.errors import TopicwireError

_MOST_ARTICLES = 100
_STORE = "the store"


def why(
    typed: str, producer: str | None, settings: SinkSettings, limit: int, *, as_json: bool
) -> int:
    """Print the life of an article; return 1 if nothing is known of it. Raises UsageError."""
    meant = wanted(typed, producer)
    stored, place = _ask_store(meant, settings)
    river = asyncio.run(_ask_broker(meant, settings, limit))
    life = _life(meant, stored, river, place)
    show_life(life, as_json=as_json)
    return 0 if life.timeline else 1


def _ask_store(meant: Wanted, settings: SinkSettings) -> tuple[list[StoredLife], Searched]:
    try:
        engine = open_for_reading(settings.store_url)
        try:
            require_current(engine)
            found = lives(
                engine, ids=meant.ids, urls=meant.urls, given_id=meant.given_id,
                producers=meant.producers, limit=_MOST_ARTICLES,
            )  # fmt: skip
        finally:
            engine.dispose()
    except TopicwireError as error:
        return [], Searched(where=_STORE, error=str(error))
    return found, Searched(where=_STORE)


async def _ask_broker(meant: Wanted, settings: SinkSettings, limit: int) -> River:
    try:
        async with connected(settings, retries=0) as client:
            return await search(client, settings.streams, meant, limit)
    except (TopicwireError, RedisError, OSError) as error:
        return River(searched=[Searched(where="the broker", error=str(error))])


def _life(meant: Wanted, stored: list[StoredLife], river: River, place: Searched) -> Life:
    found = (stored, river.raw, river.labelled, river.dead)
    ids = [
        *(life.article_id for life in stored),
        *(entry.article.article_id for entry in river.raw),
        *(entry.article.article_id for entry in river.labelled),
        *(letter.article_id for letter in river.dead if letter.article_id),
    ]
    return Life(
        asked=meant.typed,
        article_ids=tuple(dict.fromkeys(ids)),
        outcome=outcome(*found),
        stored=tuple(stored),
        raw=tuple(river.raw),
        labelled=tuple(river.labelled),
        dead=tuple(river.dead),
        searched=(place, *river.searched),
        timeline=tuple(timeline(*found)),
    )
