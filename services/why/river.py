"""What the broker knows of an article: entries on the way, dead letters, replays. Read-only.

Streams have no index, so they are read page by page, newest first, up to a limit.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.dead.letters import LetterInFull, letter_in_full, letters_whole
from services.why.life import Held, LabelledEntry, RawEntry, Searched, Seen
from services.why.wanted import Wanted
from shared.delivery.entries import entered_at, id_key
from shared.errors import InvalidArticle
from shared.intake import article_from_entry, queue_arrival
from shared.messages import LabelledArticle, RawArticle, decode_labelled
from shared.streams import Stage, StreamMap

_PAGE_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class River:
    """Everything found in the broker, oldest first, and how far each stream was searched."""

    raw: list[RawEntry] = field(default_factory=list)
    labelled: list[LabelledEntry] = field(default_factory=list)
    dead: list[LetterInFull] = field(default_factory=list)
    searched: list[Searched] = field(default_factory=list)


async def search(client: Redis, streams: StreamMap, wanted: Wanted, limit: int) -> River:
    """Return what the streams hold of `wanted`; raises redis-py's errors."""
    river = River()
    await _raw(client, streams, wanted, limit, river)
    await _labelled(client, streams, wanted, limit, river)
    for replayed in (False, True):
        await _dead(client, streams, wanted, limit, river, replayed=replayed)
    river.raw.sort(key=lambda entry: id_key(entry.id))
    river.labelled.sort(key=lambda entry: id_key(entry.id))
    river.dead.sort(key=lambda letter: id_key(letter.id))
    return river


async def _raw(client: Redis, streams: StreamMap, wanted: Wanted, limit: int, river: River) -> None:
    seen = 0
    async for entry_id, fields in _entries(client, streams.raw, limit):
        seen += 1
        article = _raw_article(fields, entry_id)
        if article is not None and wanted.is_meant(article):
            held = await _held(client, streams.classify, entry_id)
            origin: Any = await client.hget(streams.origins, f"{streams.raw} {entry_id}")
            river.raw.append(
                RawEntry(
                    id=entry_id, entered_at=entered_at(entry_id), article=Seen.of(article),
                    held=held, replay_of=origin.decode() if origin else None,
                )
            )  # fmt: skip
    river.searched.append(await _told(client, streams.raw, seen))


async def _labelled(
    client: Redis, streams: StreamMap, wanted: Wanted, limit: int, river: River
) -> None:
    seen = 0
    async for entry_id, fields in _entries(client, streams.labelled, limit):
        seen += 1
        labelled = _labelled_article(fields)
        if labelled is not None and wanted.is_meant(labelled.article):
            river.labelled.append(
                LabelledEntry(
                    id=entry_id, entered_at=entered_at(entry_id), article=Seen.of(labelled.article),
                    classified_at=labelled.classified_at, model=labelled.model,
                    profile=labelled.profile, abstained=labelled.abstained,
                    topics=labelled.topics, held=await _held(client, streams.store, entry_id),
                )
            )  # fmt: skip
    river.searched.append(await _told(client, streams.labelled, seen))


async def _dead(
    client: Redis, streams: StreamMap, wanted: Wanted, limit: int, river: River, *, replayed: bool
) -> None:
    seen = 0
    async for item, own in letters_whole(client, streams, replayed=replayed):
        if seen == limit:
            break
        seen += 1
        letter, fields = item.letter, dict(own)
        if letter is not None and letter.stage == "store":
            labelled = _labelled_article(fields)
            article = labelled.article if labelled else None
        else:
            article = _raw_article(fields, letter.entry_id if letter else item.id)
        meant = wanted.is_meant(article) if article else wanted.is_mentioned(fields.values())
        known = letter is not None and letter.article_id in wanted.ids
        if meant or known:
            found = await letter_in_full(client, streams, item.id)
            river.dead.extend([found] if found else [])
    stream = streams.replayed if replayed else streams.dead
    river.searched.append(await _told(client, stream, seen))


async def _entries(
    client: Redis, stream: str, limit: int
) -> AsyncIterator[tuple[str, dict[bytes, bytes]]]:
    """Yield entries, newest first, `limit` at the most."""
    last, left = "+", limit
    while left > 0:
        rows: Any = await client.xrevrange(stream, max=last, count=min(_PAGE_ENTRIES, left))
        for entry_id, fields in rows:
            yield entry_id.decode(), fields
        if not rows:
            return
        last, left = f"({rows[-1][0].decode()}", left - len(rows)


async def _told(client: Redis, stream: str, seen: int) -> Searched:
    length = await client.xlen(stream)
    return Searched(where=stream, entries=seen, of=max(length, seen))


async def _held(client: Redis, stage: Stage, entry_id: str) -> Held:
    """Return where an entry stands with the group of its stage."""
    try:
        groups = await client.xinfo_groups(stage.input)
        rows: Any = await client.xpending_range(
            stage.input, stage.group, min=entry_id, max=entry_id, count=1
        )
    except ResponseError:  # there is no such group
        return Held(state="unread")
    if rows:
        row = rows[0]
        return Held(
            state="in work", consumer=row["consumer"].decode(),
            deliveries=row["times_delivered"], idle_ms=row["time_since_delivered"],
        )  # fmt: skip
    delivered = [
        g["last-delivered-id"].decode() for g in groups if g["name"] == stage.group.encode()
    ]
    read = bool(delivered) and id_key(entry_id) <= id_key(delivered[0])
    return Held(state="finished" if read else "unread")


def _raw_article(fields: dict[bytes, bytes], entry_id: str) -> RawArticle | None:
    try:
        return article_from_entry(fields, queue_arrival(entry_id, entered_at(entry_id)))
    except InvalidArticle:
        return None


def _labelled_article(fields: dict[bytes, bytes]) -> LabelledArticle | None:
    try:
        return decode_labelled(fields)
    except InvalidArticle:
        return None
