"""Questions to the store: which articles, with which labels, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.sink import tables
from services.sink.store import passing_errors
from shared.errors import UsageError
from shared.messages import Decision, Evidence, Passage, TopicLabel

_IDS_AT_ONCE = 10_000  # SQLite takes 32,766 parameters, PostgreSQL 65,535


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for; None means anything.

    `decision` goes with `topic`. `contains` is looked for in title and text, ignoring case.
    `ids`: only these articles.
    """

    topic: str | None = None
    decision: str | None = None
    language: str | None = None
    source: str | None = None
    since: datetime | None = None
    contains: str | None = None
    ids: Sequence[str] | None = None
    limit: int = 20


class StoredArticle(msgspec.Struct, frozen=True, kw_only=True):
    """One article as the store has it: newest revision, newest labels.

    `profile` is None where the labels are of a release that had only one.
    """

    article_id: str
    title: str
    url: str | None
    source: str | None
    door: str
    language: str
    received_at: datetime
    published_at: datetime | None
    model_version: str
    abstained: str | None
    profile: str | None
    topics: tuple[TopicLabel, ...]


def find(engine: Engine, question: Question) -> list[StoredArticle]:
    """Return matching articles, newest first; raises StoreUnavailable."""
    with passing_errors("read", engine), engine.connect() as connection:
        rows = connection.execute(_articles(question)).all()
        keys = [(row.article_id, row.content_hash, row.model_sha256) for row in rows]
        labels = _labels(connection, [key[0] for key in keys])
    return [
        StoredArticle(
            article_id=row.article_id,
            title=row.title,
            url=row.url,
            source=row.source,
            door=row.door,
            language=row.language,
            received_at=row.received_at,
            published_at=row.published_at,
            model_version=row.model_version,
            abstained=row.abstained,
            profile=row.profile,
            topics=tuple(labels.get(key, ())),
        )
        for row, key in zip(rows, keys, strict=True)
    ]


def topics(engine: Engine) -> list[str]:
    """Return every topic that a stored label has, in order; raises StoreUnavailable.

    Jumps through the index from one topic to the next instead of reading every label
    (wiki.postgresql.org/wiki/Loose_indexscan): milliseconds, however many articles there are.
    """
    column, found = tables.labels.c.topic, list[str]()
    with passing_errors("read", engine), engine.connect() as connection:
        query = sa.select(column).order_by(column).limit(1)
        while (topic := connection.execute(query).scalar()) is not None:
            found.append(topic)
            query = sa.select(column).where(column > topic).order_by(column).limit(1)
    return found


def require_topic(engine: Engine, topic: str | None) -> None:
    """Raise UsageError naming the topics there are, unless a stored label has `topic`.

    None is any topic; of an empty store nobody can say which topics it will have.
    """
    known = topics(engine) if topic is not None else []
    if known and topic not in known:
        raise UsageError(f"no stored label has the topic {topic!r}; known: {', '.join(known)}")


def count(engine: Engine) -> int:
    """Return how many articles the store holds."""
    with passing_errors("read", engine), engine.connect() as connection:
        query = sa.select(sa.func.count()).select_from(tables.articles)
        return int(connection.execute(query).scalar_one())


def _articles(question: Question) -> sa.Select[tuple[object, ...]]:
    head, revision, verdict = tables.articles.c, tables.revisions.c, tables.classifications.c
    same_revision = sa.and_(
        revision.article_id == head.article_id, revision.content_hash == head.content_hash
    )
    same_verdict = sa.and_(
        verdict.article_id == head.article_id,
        verdict.content_hash == head.content_hash,
        verdict.model_sha256 == head.model_sha256,
    )
    query = (
        sa.select(
            head.article_id, head.content_hash, head.model_sha256, head.url, head.source,
            head.door, head.language, head.received_at, head.published_at, revision.title,
            verdict.model_version, verdict.abstained, verdict.profile,
        )
        .join_from(tables.articles, tables.revisions, same_revision)
        .join(tables.classifications, same_verdict)
        .order_by(head.received_at.desc(), head.article_id)
        .limit(question.limit)
    )  # fmt: skip
    return query.where(*_conditions(question))


def _conditions(question: Question) -> list[sa.ColumnElement[bool]]:
    head, revision, label = tables.articles.c, tables.revisions.c, tables.labels.c
    conditions = list[sa.ColumnElement[bool]]()
    if question.topic:
        conditions.append(
            sa.exists().where(
                label.article_id == head.article_id,
                label.content_hash == head.content_hash,
                label.model_sha256 == head.model_sha256,
                label.topic == question.topic,
                label.decision == (question.decision or "yes"),
            )
        )
    if question.language:
        conditions.append(head.language == question.language)
    if question.source:
        conditions.append(head.source == question.source)
    if question.since:
        conditions.append(head.received_at >= question.since)
    if question.ids is not None:
        conditions.append(head.article_id.in_(question.ids))
    if question.contains:
        conditions.append(
            sa.or_(
                revision.title.icontains(question.contains, autoescape=True),
                revision.text.icontains(question.contains, autoescape=True),
            )
        )
    return conditions


def _labels(
    connection: sa.Connection, ids: Sequence[str]
) -> dict[tuple[str, str, str], list[TopicLabel]]:
    table, found = tables.labels.c, dict[tuple[str, str, str], list[TopicLabel]]()
    chunks = [ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE)]
    queries = (
        sa.select(tables.labels).where(table.article_id.in_(chunk)).order_by(table.topic)
        for chunk in chunks
    )
    for row in chain.from_iterable(map(connection.execute, queries)):
        key = (row.article_id, row.content_hash, row.model_sha256)
        found.setdefault(key, []).append(
            TopicLabel(
                topic=row.topic,
                probability=row.probability,
                decision=Decision(row.decision),
                threshold=row.threshold,
                threshold_no=row.threshold_no,
                evidence=tuple(msgspec.convert(row.evidence, list[Evidence])),
                passage=msgspec.convert(row.passage, Passage | None),
            )
        )
    return found
