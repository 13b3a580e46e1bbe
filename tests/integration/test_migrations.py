"""Stores that an earlier release filled, brought to this one, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from services.sink import migrations, tables
from services.sink.migrate import head, migrate
from services.sink.plan import StoreOutcome
from services.sink.query import Question, find
from services.sink.store import SqlStore
from tests.support.build import NOW, HeldClock, labelled, raw

ARTICLE = raw("Talks in Geneva.", title="Old", id="1", source="a")
KEYS = {
    "article_id": ARTICLE.article_id,
    "content_hash": ARTICLE.content_hash,
    "model_sha256": "1" * 64,
}
# One article as a store of schema 0001 holds it; what is not named is NULL.
FIRST_SCHEMA: dict[str, dict[str, Any]] = {
    "articles": {
        **KEYS, "producer": ARTICLE.producer, "door": "push", "received_at": NOW,
        "first_received_at": NOW, "language": "en", "classified_at": NOW, "stored_at": NOW,
    },
    "revisions": {
        "article_id": ARTICLE.article_id, "content_hash": ARTICLE.content_hash,
        "received_at": NOW, "title": "Old", "text": "Talks in Geneva.", "trace_id": "0" * 32,
        "truncated_chars": 0, "notes": ["a note"],
    },
    "classifications": {
        **KEYS, "model_name": "test", "model_version": "1", "cleaner_version": "1",
        "language": "en", "language_confidence": 0.9, "classified_at": NOW,
        "removed": [{"start": 0, "end": 5, "reason": "share"}],
    },
    "labels": {
        **KEYS, "topic": "diplomacy", "probability": 0.9, "decision": "yes", "threshold": 0.5,
        "threshold_no": 0.2,
        "evidence": [{"term": "Talks", "weight": 1.0, "start": 4, "end": 9}],
    },
}  # fmt: skip


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    """Yield a store of schema 0001 that holds one article."""
    store = SqlStore(store_url, HeldClock())
    to_schema(store, "0001")
    with store.engine.begin() as connection:
        for name, row in FIRST_SCHEMA.items():
            connection.execute(sa.insert(tables.metadata.tables[name]).values(row))
    yield store
    store.close()


def to_schema(store: SqlStore, revision: str) -> None:
    """Bring the store's tables to a revision, up or down."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        found = MigrationContext.configure(connection).get_current_revision()
        (command.upgrade if found is None else command.downgrade)(config, revision)


def first_columns(store: SqlStore, table: str) -> list[Any]:
    """Return the rows of a table as they are stored, without columns that came later."""
    query = sa.text(f"SELECT {', '.join(FIRST_SCHEMA[table])} FROM {table}")
    with store.engine.connect() as connection:
        return list(connection.execute(query).all())


def columns(store: SqlStore, table: str) -> set[str]:
    """Return the names of a table's columns."""
    return {column["name"] for column in sa.inspect(store.engine).get_columns(table)}


def test_rows_of_the_first_schema_stay_as_they_are(store: SqlStore) -> None:
    """Nothing an earlier release stored is changed; the new columns say nothing of it."""
    before = [first_columns(store, name) for name in FIRST_SCHEMA]

    assert migrate(store.engine) == ("0001", head())

    assert [first_columns(store, name) for name in FIRST_SCHEMA] == before
    (old,) = find(store.engine, Question())
    assert (old.title, old.profile, old.model_version) == ("Old", None, "1")
    (label,) = old.topics
    assert (label.topic, label.passage, label.evidence[0].term) == ("diplomacy", None, "Talks")


def test_a_migrated_store_takes_new_labels_of_an_old_article(store: SqlStore) -> None:
    """The new model's profile and passages stand beside the old labels."""
    migrate(store.engine)
    new = labelled(ARTICLE, model="2", at=NOW + timedelta(hours=1), profile="accurate")

    assert store.save([new]) == [StoreOutcome.RECLASSIFIED]

    (found,) = find(store.engine, Question())
    assert (found.profile, found.topics) == ("accurate", new.topics)


def test_a_migration_can_be_taken_back(store: SqlStore) -> None:
    """Down to the first schema and up again, rows in place."""
    before = [first_columns(store, name) for name in FIRST_SCHEMA]
    migrate(store.engine)

    to_schema(store, "0001")
    assert "profile" not in columns(store, "classifications")
    assert "passage" not in columns(store, "labels")

    assert migrate(store.engine) == ("0001", head())
    assert [first_columns(store, name) for name in FIRST_SCHEMA] == before
