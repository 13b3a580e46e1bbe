"""The tables. Changing one needs a migration and a line in the changelog.

articles 1──n revisions 1──n classifications 1──n labels
   └─ points at its newest revision and that revision's newest classification
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC: timestamptz in PostgreSQL, ISO text without zone in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand the driver a UTC time; SQLite gets it without its zone."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the time with its zone set."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


_JSON: Any = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# Nothing is NULL, and not the JSON value null.
_JSON_OR_NULL: Any = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)

metadata = sa.MetaData()

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("article_id", sa.String(32), primary_key=True),
    sa.Column("producer", sa.Text, nullable=False),
    sa.Column("given_id", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("door", sa.String(16), nullable=False),
    sa.Column("content_hash", sa.String(32), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("first_received_at", UtcDateTime, nullable=False),
    sa.Column("published_at", UtcDateTime),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("model_sha256", sa.String(64), nullable=False),
    sa.Column("classified_at", UtcDateTime, nullable=False),
    sa.Column("stored_at", UtcDateTime, nullable=False),
    sa.Index("articles_by_time", "received_at"),
    # hash: a B-tree of PostgreSQL takes 2,704 bytes at the most, an address may be longer
    sa.Index("articles_by_url", "url", postgresql_using="hash"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("article_id", sa.String(32), primary_key=True),
    sa.Column("content_hash", sa.String(32), primary_key=True),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text),
    sa.Column("given_language", sa.String(8)),
    sa.Column("trace_id", sa.String(32), nullable=False),
    sa.Column("truncated_chars", sa.Integer, nullable=False),
    sa.Column("notes", _JSON, nullable=False),
)

classifications = sa.Table(
    "classifications",
    metadata,
    sa.Column("article_id", sa.String(32), primary_key=True),
    sa.Column("content_hash", sa.String(32), primary_key=True),
    sa.Column("model_sha256", sa.String(64), primary_key=True),
    sa.Column("model_name", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("cleaner_version", sa.Text, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("language_confidence", sa.Float, nullable=False),
    sa.Column("abstained", sa.Text),
    sa.Column("removed", _JSON, nullable=False),
    sa.Column("classified_at", UtcDateTime, nullable=False),
    sa.Column("profile", sa.Text),
)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("article_id", sa.String(32), primary_key=True),
    sa.Column("content_hash", sa.String(32), primary_key=True),
    sa.Column("model_sha256", sa.String(64), primary_key=True),
    sa.Column("topic", sa.String(64), primary_key=True),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("decision", sa.String(8), nullable=False),
    sa.Column("threshold", sa.Float, nullable=False),
    sa.Column("threshold_no", sa.Float, nullable=False),
    sa.Column("evidence", _JSON, nullable=False),
    sa.Column("passage", _JSON_OR_NULL),
    sa.Index("labels_by_topic", "topic", "decision"),
)
