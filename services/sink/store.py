"""The store: the one place with SQL. SQLite (WAL) or PostgreSQL, behind one protocol."""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from services.sink import tables
from services.sink.plan import Head, Planned, StoreOutcome, candidate_ids, plan
from shared.broker import safe_address
from shared.clock import Clock
from shared.errors import SettingsError, StoreUnavailable
from shared.messages import LabelledArticle

_BUSY_TIMEOUT_MS = 10_000
_SQLITE_IDS_AT_ONCE = 500
# SQLSTATE classes (PostgreSQL documentation, appendix A): 22 data, 23 constraint, 54 over a limit;
# and what an operator can mend: 25006 read-only (after a failover), 3F and 42P01 schema or table
# gone, 42501 no permission.
_ARTICLES_FAULT = ("22", "23", "54")
_MENDABLE = ("25006", "3F", "42P01", "42501")


class Store(Protocol):
    """What the sink needs of a database. Calls block: use a thread."""

    def save(self, articles: Sequence[LabelledArticle]) -> Sequence[StoreOutcome]:
        """Write a batch in one transaction and commit it; return one outcome per article.

        May be repeated: the same batch again changes nothing. Raises StoreUnavailable when a later
        try may go well; SQLAlchemy's other errors mean that the batch itself can't be stored.
        """
        ...

    def check(self) -> None:
        """Raise StoreUnavailable if the store can't take a write now."""
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...


class SqlStore:
    """A Store on SQLAlchemy. `read_only` is for verbs that query while the sink writes."""

    def __init__(self, url: str, clock: Clock, *, read_only: bool = False) -> None:
        self.engine, self._clock = open_engine(url, read_only=read_only), clock
        self._writing: Engine = self.engine
        self._insert: Any = sqlite.insert
        if self.engine.dialect.name == "postgresql":
            # If another sink stored one of the batch's ids since it was planned, it must fail and
            # be planned again: in the default mode the upsert would take the other's row for the
            # planned one. SQLite has one writer at a time.
            self._writing = self.engine.execution_options(isolation_level="REPEATABLE READ")
            self._insert = postgresql.insert

    def save(self, articles: Sequence[LabelledArticle]) -> Sequence[StoreOutcome]:
        """See Store.save."""
        with passing_errors("write", self.engine), self._writing.begin() as connection:
            planned = plan(articles, self._heads(connection, candidate_ids(articles)))
            self._write(connection, [item for item in planned if item.writes])
        return [item.outcome for item in planned]

    def check(self) -> None:
        """See Store.check."""
        with passing_errors("open", self.engine), self.engine.connect() as connection:
            connection.execute(sa.select(tables.articles.c.article_id).limit(1))

    def close(self) -> None:
        """See Store.close."""
        self.engine.dispose()

    def _heads(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, Head]:
        table, heads = tables.articles.c, dict[str, Head]()
        for start in range(0, len(ids), _SQLITE_IDS_AT_ONCE):
            query = sa.select(
                table.article_id,
                table.producer,
                table.content_hash,
                table.received_at,
                table.model_sha256,
            ).where(table.article_id.in_(ids[start : start + _SQLITE_IDS_AT_ONCE]))
            for row in connection.execute(query):
                heads[row.article_id] = Head(*row[1:])
        return heads

    def _write(self, connection: Connection, planned: Sequence[Planned]) -> None:
        # Sorted, so that two sinks that share articles take row locks in the same order.
        ordered = sorted(
            planned, key=lambda item: (item.article_id, item.article.article.received_at)
        )
        if not ordered:
            return
        now = self._clock.now()
        connection.execute(self._upsert_articles(), [_article_row(item, now) for item in ordered])
        connection.execute(self._keep_first(tables.revisions), [_revision_row(i) for i in ordered])
        connection.execute(
            self._newest_wins(tables.classifications), [_classification_row(i) for i in ordered]
        )
        connection.execute(
            self._newest_wins(tables.labels), [row for i in ordered for row in _label_rows(i)]
        )

    def _upsert_articles(self) -> Any:
        """Insert, or move the head forward: to a newer revision, or to a newer classification."""
        table = tables.articles
        statement = self._insert(table)
        new = statement.excluded
        moved = (
            "content_hash", "received_at", "published_at", "language", "model_sha256",
            "classified_at", "url", "source", "door", "given_id",
        )  # fmt: skip
        newer = sa.or_(
            new.received_at > table.c.received_at,
            sa.and_(
                new.received_at == table.c.received_at, new.content_hash > table.c.content_hash
            ),
        )
        relabelled = sa.and_(
            new.content_hash == table.c.content_hash, new.classified_at > table.c.classified_at
        )
        return statement.on_conflict_do_update(
            index_elements=["article_id"],
            set_={name: new[name] for name in moved},
            where=sa.or_(newer, relabelled),
        )

    def _keep_first(self, table: sa.Table) -> Any:
        return self._insert(table).on_conflict_do_nothing()

    def _newest_wins(self, table: sa.Table) -> Any:
        statement = self._insert(table)
        keys = [column.name for column in table.primary_key]
        rest = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=rest)


class passing_errors:  # noqa: N801 used as a statement, like contextlib.suppress
    """Turn errors that may pass (away, locked, full, deadlock) into StoreUnavailable."""

    def __init__(self, doing: str, engine: Engine) -> None:
        self._doing, self._engine = doing, engine

    def __enter__(self) -> None:
        """Begin; nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate what passes; let everything else through."""
        if isinstance(error, DBAPIError) and _passes(error):
            where = self._engine.url.render_as_string(hide_password=True)
            raise StoreUnavailable(
                f"can't {self._doing} the store {where}: {str(error.orig).strip()}; nothing is "
                "lost, the sink tries again; check the database, its disk and its permissions"
            ) from error


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Return an engine for `url`, tuned for the sink; raises SettingsError for a bad address."""
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgres", "postgresql"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        _prepare_folder(parsed.get_backend_name(), parsed.database, read_only=read_only)
        engine = sa.create_engine(
            parsed,
            json_serializer=_to_json,
            pool_pre_ping=True,
            connect_args=_connect_arguments(parsed.get_backend_name()),
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise SettingsError(
            f"TOPICWIRE_SINK_STORE_URL {safe_address(url)}: {error}; use sqlite:///path or "
            "postgresql://user:password@host/database (needs `pip install topicwire[postgres]`)"
        ) from error
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, read_only=read_only)
    return engine


def open_for_reading(url: str) -> Engine:
    """Return an engine that only reads; raises SettingsError if there is no such SQLite file."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise SettingsError(
            f"there is no store at {parsed.database}; start the system (`topicwire up`), or name "
            "its data folder with --data-dir or TOPICWIRE_DATA_DIR"
        )
    return open_engine(url, read_only=True)


def _connect_arguments(backend: str) -> dict[str, Any]:
    if backend == "postgresql":
        return {"connect_timeout": 5, "application_name": "topicwire-sink"}
    return {"timeout": _BUSY_TIMEOUT_MS / 1000}


def _prepare_folder(backend: str, database: str | None, *, read_only: bool) -> None:
    if backend != "sqlite" or not database or read_only:
        return
    try:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"the store's folder {Path(database).parent} can't be made: {error.strerror}; set "
            "TOPICWIRE_DATA_DIR or TOPICWIRE_SINK_STORE_URL to a place you may write"
        ) from error


def _tune_sqlite(engine: Engine, *, read_only: bool) -> None:
    """Write-ahead log, and a write lock from the start: a late upgrade of a lock can't be waited for.

    `synchronous=FULL`: with less, a power cut may lose what was committed and acknowledged.
    """

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        # SQLite's own lower() knows ASCII only: a search for ПУТИН would not find Путин.
        connection.create_function("lower", 1, _lower, deterministic=True)
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous=FULL")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _write_ahead(connection: Any) -> None:
    """Switch the write-ahead log on; two that open a new file at once must wait for each other.

    SQLite answers "locked" to the second at once: its busy timeout does not cover this switch.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _passes(error: DBAPIError) -> bool:
    """Tell what no article is to blame for: no article may die of it, and waiting may cure it."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state.startswith(_ARTICLES_FAULT):
        return False
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    # psycopg's InterfaceError: a connection died under it; sqlite3's bare DatabaseError: the file
    # is damaged.
    own = type(error.orig).__name__ in {"InterfaceError", "AdminShutdown", "DatabaseError"}
    return own or state.startswith(_MENDABLE)


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _article_row(item: Planned, now: object) -> dict[str, object]:
    raw = item.article.article
    return {
        "article_id": item.article_id,
        "producer": raw.producer,
        "given_id": raw.given_id,
        "url": raw.url,
        "source": raw.source,
        "door": raw.door,
        "content_hash": raw.content_hash,
        "received_at": raw.received_at,
        "first_received_at": raw.received_at,
        "published_at": raw.published_at,
        "language": item.article.language,
        "model_sha256": item.article.model.sha256,
        "classified_at": item.article.classified_at,
        "stored_at": now,
    }


def _revision_row(item: Planned) -> dict[str, object]:
    raw = item.article.article
    return {
        "article_id": item.article_id,
        "content_hash": raw.content_hash,
        "received_at": raw.received_at,
        "title": raw.title,
        "text": raw.text,
        "html": raw.html,
        "given_language": raw.language,
        "trace_id": raw.trace_id,
        "truncated_chars": raw.truncated_chars,
        "notes": raw.notes,
    }


def _classification_row(item: Planned) -> dict[str, object]:
    article = item.article
    return {
        "article_id": item.article_id,
        "content_hash": article.article.content_hash,
        "model_sha256": article.model.sha256,
        "model_name": article.model.name,
        "model_version": article.model.version,
        "cleaner_version": article.cleaner_version,
        "language": article.language,
        "language_confidence": article.language_confidence,
        "abstained": article.abstained,
        "removed": article.removed,
        "classified_at": article.classified_at,
        "profile": article.profile,
    }


def _label_rows(item: Planned) -> Iterable[dict[str, object]]:
    article = item.article
    for label in article.topics:
        yield {
            "article_id": item.article_id,
            "content_hash": article.article.content_hash,
            "model_sha256": article.model.sha256,
            "topic": label.topic,
            "probability": label.probability,
            "decision": label.decision.value,
            "threshold": label.threshold,
            "threshold_no": label.threshold_no,
            "evidence": label.evidence,
            "passage": label.passage,
        }
