"""What the store knows of one article: its row, every revision, every classification."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.sink import tables
from services.sink.query import Question, find
from services.sink.store import passing_errors
from shared.messages import TopicLabel

S = TypeVar("S", bound=msgspec.Struct)


class StoredRevision(msgspec.Struct, frozen=True, kw_only=True):
    """One text under the article's id. `notes` tell what was set aside at the door."""

    content_hash: str
    received_at: datetime
    title: str
    trace_id: str
    truncated_chars: int
    notes: tuple[str, ...]


class StoredVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one model said of one revision."""

    content_hash: str
    model_name: str
    model_version: str
    model_sha256: str
    profile: str | None
    abstained: str | None
    language: str
    classified_at: datetime


class StoredLife(msgspec.Struct, frozen=True, kw_only=True):
    """An article as stored; `topics` are those of the newest revision and its newest model."""

    article_id: str
    producer: str
    given_id: str | None
    url: str | None
    source: str | None
    door: str
    first_received_at: datetime
    received_at: datetime
    published_at: datetime | None
    stored_at: datetime
    revisions: tuple[StoredRevision, ...]
    verdicts: tuple[StoredVerdict, ...]
    topics: tuple[TopicLabel, ...]


def lives(
    engine: Engine,
    *,
    ids: Collection[str],
    urls: Collection[str],
    given_id: str | None,
    producers: Collection[str],
    limit: int,
) -> list[StoredLife]:
    """Return the articles with one of `ids` or `urls`, or the producer's own id, oldest first.

    Without `producers` an own id may be anybody's (that reads the whole table). Raises
    StoreUnavailable.
    """
    head = tables.articles.c
    meant: list[sa.ColumnElement[bool]] = [head.article_id.in_(ids)]
    if urls:
        meant.append(head.url.in_(urls))
    if given_id is not None:
        own = head.given_id == given_id
        meant.append(sa.and_(own, head.producer.in_(producers)) if producers else own)
    query = sa.select(tables.articles).where(sa.or_(*meant)).order_by(head.received_at).limit(limit)
    with passing_errors("read", engine), engine.connect() as connection:
        rows = connection.execute(query).all()
        found = [row.article_id for row in rows]
        revisions = _by_article(connection, tables.revisions, "received_at", found)
        verdicts = _by_article(connection, tables.classifications, "classified_at", found)
    topics = {a.article_id: a.topics for a in find(engine, Question(ids=found, limit=limit))}
    return [
        StoredLife(
            **{name: getattr(row, name) for name in StoredLife.__struct_fields__[:10]},
            revisions=tuple(_fill(StoredRevision, r) for r in revisions.get(row.article_id, ())),
            verdicts=tuple(_fill(StoredVerdict, v) for v in verdicts.get(row.article_id, ())),
            topics=topics.get(row.article_id, ()),
        )
        for row in rows
    ]


def _by_article(
    connection: sa.Connection, table: sa.Table, order: str, ids: Collection[str]
) -> dict[str, list[sa.RowMapping]]:
    query = sa.select(table).where(table.c.article_id.in_(ids)).order_by(table.c[order])
    found = dict[str, list[sa.RowMapping]]()
    for row in connection.execute(query).mappings():
        found.setdefault(row["article_id"], []).append(row)
    return found


def _fill(kind: type[S], row: sa.RowMapping) -> S:
    return msgspec.convert({name: row[name] for name in kind.__struct_fields__}, kind)
