"""Read dead letters: page by page, by filter, or one with its history. Changes nothing."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from redis.asyncio import Redis

from services.dead import scripts
from shared.delivery.entries import entered_at, id_key
from shared.errors import InvalidArticle
from shared.intake import article_from_entry, queue_arrival
from shared.messages import (
    PACKED_FIELD,
    DeadLetter,
    decode_dead,
    decode_labelled,
    original_fields,
)
from shared.streams import StreamMap

PAGE_ENTRIES = 200
_PAGE_WITH_BYTES = 20  # a letter may hold megabytes
_LETTER_FIELD = b"topicwire.letter"


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """One time a letter was put back: as which entry of which stream, when, by whom, from where."""

    stream: str
    entry_id: str
    at: datetime
    by: str
    host: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter in a list. `letter` is None (and `unreadable` says why) if it is not ours.

    `fields` and `size_bytes` count the whole entry; `replayed` tells that it was put back.
    """

    id: str
    letter: DeadLetter | None
    unreadable: str | None
    fields: int
    size_bytes: int
    replayed: bool


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the entry that died. Bytes that are not UTF-8 are in base64 instead of as text."""

    name: str
    size_bytes: int
    text: str | None = None
    base64: str | None = None


class LetterInFull(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter with the untouched fields, every replay, and the letter it was before.

    `article_id` is the letter's own, or read from the fields if they can be understood.
    """

    id: str
    letter: DeadLetter | None
    unreadable: str | None
    article_id: str | None
    fields: tuple[Field, ...]
    replays: tuple[Replay, ...]
    former_id: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which letters; None means any. `since` and `until` are about when the letter was written."""

    stage: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    article: str | None = None

    def accept(self, letter: DeadLetter | None, article_id: str | None) -> bool:
        """Tell whether a letter is meant; one that can't be read only without conditions on it."""
        if letter is None:
            return not (self.stage or self.reason or self.article)
        return (
            self.stage in {None, letter.stage}
            and self.reason in {None, letter.reason}
            and self.article in {None, article_id}
        )

    @property
    def any(self) -> bool:
        """Whether there is a condition at all."""
        return self != Filters()


async def letters(
    client: Redis,
    streams: StreamMap,
    filters: Filters,
    *,
    newest_first: bool = True,
    replayed: bool = False,
    last: str = "+",
) -> AsyncIterator[Letter]:
    """Yield the letters that `filters` accept, a page in memory at a time; `last`: highest id.

    Of replayed letters the order is that of the replays.
    """
    whole = filters.article is not None
    first, last = ("-", last) if replayed else _bounds(filters, last)
    stream = streams.replayed if replayed else streams.dead
    order = _Order(first, last, newest_first=newest_first)
    async for row in _rows(client, stream, order, whole=whole):
        letter, pairs = _letter(row, replayed=replayed)
        article_id = article_of(letter.letter, dict(unpacked(pairs))) if whole else None
        if filters.accept(letter.letter, article_id) and _within(filters, letter.id):
            yield letter


async def letters_whole(
    client: Redis, streams: StreamMap, *, replayed: bool = False
) -> AsyncIterator[tuple[Letter, list[tuple[bytes, bytes]]]]:
    """Yield every letter, newest first, with the fields of the entry that died."""
    stream = streams.replayed if replayed else streams.dead
    async for row in _rows(client, stream, _Order("-", "+", newest_first=True), whole=True):
        letter, pairs = _letter(row, replayed=replayed)
        yield letter, unpacked(pairs)


async def last_id(client: Redis, streams: StreamMap, *, replayed: bool = False) -> str:
    """Return the id of the newest letter: what is written later is not meant by a command."""
    stream = streams.replayed if replayed else streams.dead
    rows = await client.register_script(scripts.PAGE)(keys=[stream], args=["-", "+", 1, 1, 0])
    return rows[0][0].decode() if rows else "0-1"


async def sums(client: Redis, streams: StreamMap) -> dict[str, int]:
    """Return how many letters were ever `replayed` and `dropped`."""
    found = {"replayed": 0, "dropped": 0}
    kept: Any = await client.hgetall(streams.dead_sums)
    for name, number in kept.items():
        moved = name.decode("utf-8", "replace").partition(" ")[0]
        found[moved] = found.get(moved, 0) + int(number)
    return found


async def known(
    client: Redis, streams: StreamMap, ids: Sequence[str]
) -> dict[str, DeadLetter | None]:
    """Return what is known of each letter that is there, dead or replayed; others are left out."""
    found = {}
    for letter_id in ids:
        pairs, _ = await _read(client, streams, letter_id)
        if pairs:
            found[letter_id] = _decode(pairs[0])[0]
    return found


async def letter_in_full(client: Redis, streams: StreamMap, letter_id: str) -> LetterInFull | None:
    """Return everything about one letter, None if there is none of that id."""
    pairs, lines = await _read(client, streams, letter_id)
    if not pairs:
        return None
    letter, unreadable = _decode(pairs[0])
    own = unpacked(pairs)
    former: Any = None
    if letter is not None:
        former = await client.hget(streams.origins, f"{letter.stream} {letter.entry_id}")
    return LetterInFull(
        id=letter_id,
        letter=letter,
        unreadable=unreadable,
        article_id=article_of(letter, dict(own)),
        fields=tuple(_field(name, value) for name, value in own),
        replays=tuple(msgspec.json.decode(line, type=Replay) for line in lines.splitlines()),
        former_id=former.decode() if former else None,
    )


async def raw_field(
    client: Redis, streams: StreamMap, letter_id: str, name: str
) -> tuple[bytes | None, list[str]]:
    """Return the bytes of one field of the entry that died, and the names there are."""
    pairs, _ = await _read(client, streams, letter_id)
    own = unpacked(pairs)
    wanted = name.encode("utf-8", "surrogateescape")
    return dict(own).get(wanted), [_shown(key) for key, _ in own]


def unpacked(pairs: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the fields of the entry that died, in order; a field given twice is there twice."""
    own = list(pairs[1:])
    if [name for name, _ in own] != [PACKED_FIELD]:
        return own
    try:
        return list(original_fields(dict(own)).items())
    except ValueError:  # a producer's own field of that name
        return own


def article_of(letter: DeadLetter | None, fields: dict[bytes, bytes]) -> str | None:
    """Return the id of the article that died: the letter's word, or what its fields say.

    An entry that failed in our processing can be read; one that its producer got wrong can't.
    """
    if letter is None or letter.article_id:
        return letter.article_id if letter else None
    try:
        if letter.stage == "store":
            return decode_labelled(fields).article.article_id
        return article_from_entry(
            fields, queue_arrival(letter.entry_id, letter.entered_at)
        ).article_id
    except InvalidArticle:
        return None


@dataclass(frozen=True, slots=True)
class _Order:
    """Which ids to read, and from which end."""

    first: str
    last: str
    newest_first: bool


async def _rows(
    client: Redis, stream: str, order: _Order, *, whole: bool
) -> AsyncIterator[Sequence[Any]]:
    """Yield the rows of one page after the other; `whole`: with all fields."""
    first, last = order.first, order.last
    most = _PAGE_WITH_BYTES if whole else PAGE_ENTRIES
    page = client.register_script(scripts.PAGE)
    while True:
        args: list[str | int] = [first, last, most, int(order.newest_first), int(whole)]
        rows = await page(keys=[stream], args=args)
        for row in rows:
            yield row
        if not rows:
            return
        edge = f"({rows[-1][0].decode()}"
        first, last = (first, edge) if order.newest_first else (edge, last)


async def _read(
    client: Redis, streams: StreamMap, letter_id: str
) -> tuple[list[tuple[bytes, bytes]], str]:
    keys = [streams.dead, streams.replayed, streams.replays, streams.origins]
    parts, lines = await client.register_script(scripts.READ)(keys=keys, args=[letter_id])
    return _pairs(parts), lines.decode()


def _letter(row: Sequence[Any], *, replayed: bool) -> tuple[Letter, list[tuple[bytes, bytes]]]:
    """Return a row of a page, and the fields that came with it."""
    entry_id, fields, size, parts = row
    pairs, name = _pairs(parts), entry_id.decode()
    if replayed and pairs and pairs[0][0] == _LETTER_FIELD:
        name = pairs.pop(0)[1].decode()
    letter, unreadable = _decode(pairs[0] if pairs else (b"", b""))
    found = Letter(
        id=name, letter=letter, unreadable=unreadable, replayed=replayed,
        fields=fields - 1 - replayed, size_bytes=size,
    )  # fmt: skip
    return found, pairs


def _decode(pair: tuple[bytes, bytes]) -> tuple[DeadLetter | None, str | None]:
    """Read the first field; later ones of that name are the dead entry's own."""
    try:
        return decode_dead(dict([pair])), None
    except InvalidArticle as error:
        return None, str(error)


def _pairs(parts: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(parts[::2], parts[1::2], strict=True))


def _field(name: bytes, value: bytes) -> Field:
    try:
        return Field(name=_shown(name), size_bytes=len(value), text=value.decode())
    except UnicodeDecodeError:
        encoded = base64.b64encode(value).decode()
        return Field(name=_shown(name), size_bytes=len(value), base64=encoded)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _bounds(filters: Filters, last: str) -> tuple[str, str]:
    """Return the ids between which letters of the wanted time lie."""
    first = str(_milliseconds(filters.since)) if filters.since else "-"
    if filters.until is None:
        return first, last
    until = f"{max(1, _milliseconds(filters.until))}-0"  # nothing is before 0-0, says the broker
    nearer = last == "+" or id_key(until) <= id_key(last)
    return first, f"({until}" if nearer else last


def _within(filters: Filters, letter_id: str) -> bool:
    written = entered_at(letter_id)
    return (filters.since is None or filters.since <= written) and (
        filters.until is None or written < filters.until
    )


def _milliseconds(moment: datetime) -> int:
    return max(0, int(moment.astimezone(UTC).timestamp() * 1000))
