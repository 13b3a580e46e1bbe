"""The store on SQLite and PostgreSQL: one effect per article, whatever comes twice, late or at once."""

import os
import random
import sqlite3
import string
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from services.sink import tables
from services.sink.migrate import head, migrate, require_current
from services.sink.plan import StoreOutcome
from services.sink.store import SqlStore
from shared.errors import StoreRefused, StoreUnavailable
from shared.identity import contested_id
from shared.messages import LabelledArticle
from tests.support.build import NOW, HeldClock, labelled, raw
from tests.support.postgres import PostgresServer

URL = "https://example.org/a"
STORED, REVISED = StoreOutcome.STORED, StoreOutcome.REVISED
RECLASSIFIED, DUPLICATE = StoreOutcome.RECLASSIFIED, StoreOutcome.DUPLICATE
TABLES = (tables.articles, tables.revisions, tables.classifications, tables.labels)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    """Yield a migrated, empty store of either kind."""
    with opened(store_url) as store:
        yield store


@contextmanager
def opened(url: str) -> Iterator[SqlStore]:
    """Open a store, migrate it, close it at the end."""
    store = SqlStore(url, HeldClock())
    try:
        migrate(store.engine)
        yield store
    finally:
        store.close()


@pytest.fixture
def postgres_store(postgres: PostgresServer) -> Iterator[SqlStore]:
    """Yield a migrated, empty store on PostgreSQL."""
    with opened(postgres.new_database("store")) as store:
        yield store


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """Return where the SQLite store of a test lies."""
    return tmp_path / "store.db"


@pytest.fixture
def sqlite_store(sqlite_file: Path) -> Iterator[SqlStore]:
    """Yield a migrated, empty SQLite store that waits for locks for a moment only."""
    with opened(f"sqlite:///{sqlite_file}") as store:
        impatient(store)
        yield store


def impatient(store: SqlStore) -> None:
    """Make a store wait 0.1 s for a lock instead of ten: tests have no time."""
    store.engine.dispose()
    sa.event.listen(
        store.engine, "connect", lambda link, _: link.execute("PRAGMA busy_timeout=100")
    )


def article(
    text: str = "One.",
    *,
    minutes: float = 0,
    producer: str = "a",
    model: str = "1",
    url: str = URL,
    classified: float | None = None,
) -> LabelledArticle:
    """Return a labelled article received, and classified, so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    later = at if classified is None else NOW + timedelta(minutes=classified)
    return labelled(raw(text, at=at, producer=producer, url=url), model=model, at=later)


def rows(store: SqlStore, table: sa.Table) -> list[Any]:
    """Return a table's rows, ordered by key."""
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))


def everything(store: SqlStore) -> list[list[Any]]:
    """Return every row of every table."""
    return [rows(store, table) for table in TABLES]


def test_an_article_is_stored_with_its_labels(store: SqlStore) -> None:
    """One article is one row, one revision, one classification and a label per topic."""
    new = article()

    assert store.save([new]) == [STORED]

    (row,) = rows(store, tables.articles)
    (revision,) = rows(store, tables.revisions)
    (classification,) = rows(store, tables.classifications)
    labels = rows(store, tables.labels)
    assert (row.article_id, row.url, row.received_at) == (new.article.article_id, URL, NOW)
    assert (row.stored_at, row.first_received_at, row.door) == (NOW, NOW, "push")
    assert (revision.text, classification.model_name) == ("One.", "test")
    assert [(label.topic, label.decision) for label in labels] == [
        ("arms_trade", "yes"), ("diplomacy", "unsure"), ("ukraine_war", "no"),
    ]  # fmt: skip
    assert labels[0].evidence == [{"term": "text", "weight": 1.5, "start": 3, "end": 7}]


def test_texts_of_all_scripts_come_back_as_they_went(store: SqlStore) -> None:
    """Emoji, right-to-left, combining marks and a text of 200,000 characters survive."""
    text = "Łódź \U0001f600 اقرأ 한국어 a\u0338 \u202eabc " + "x" * 199_000

    store.save([article(text)])

    assert [text] == [row.text for row in rows(store, tables.revisions)]


def test_the_same_batch_again_changes_nothing(store: SqlStore) -> None:
    """A batch that was committed but not acknowledged is stored once."""
    batch = [article(), article("Two.", minutes=1), article("Three.", url=f"{URL}/3")]
    store.save(batch)
    before = everything(store)

    store.save(batch)

    assert before == everything(store)


def test_a_duplicate_is_told(store: SqlStore) -> None:
    """The same article, sent again later, is known."""
    store.save([article()])

    assert store.save([article(minutes=5)]) == [DUPLICATE]


def test_a_new_text_is_a_revision_and_the_old_one_is_kept(store: SqlStore) -> None:
    """The article points at its newest text; the earlier one stays readable."""
    store.save([article("One.")])

    assert store.save([article("Two.", minutes=5)]) == [REVISED]

    (row,) = rows(store, tables.articles)
    assert row.content_hash == article("Two.").article.content_hash
    assert (row.received_at, row.first_received_at) == (NOW + timedelta(minutes=5), NOW)
    assert {row.text for row in rows(store, tables.revisions)} == {"One.", "Two."}


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "three batches"])
def test_the_newest_revision_wins_in_whatever_order(
    store: SqlStore, order: tuple[int, ...], together: bool
) -> None:
    """A late redelivery of an old text never takes the article back."""
    texts = [article("One."), article("Two.", minutes=1), article("Three.", minutes=2)]
    arriving = [texts[index] for index in order]

    for batch in [arriving] if together else [[one] for one in arriving]:
        store.save(batch)

    (row,) = rows(store, tables.articles)
    assert row.content_hash == texts[2].article.content_hash
    assert row.received_at == texts[2].article.received_at
    assert len(rows(store, tables.revisions)) == 3


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_equal_times_end_the_same_in_either_order(store: SqlStore, order: tuple[int, int]) -> None:
    """Two texts of one instant: every sink settles on the same one."""
    texts = [article("One."), article("Two.")]

    for index in order:
        store.save([texts[index]])

    (row,) = rows(store, tables.articles)
    assert row.content_hash == max(text.article.content_hash for text in texts)


def test_a_second_model_is_kept_beside_the_first(store: SqlStore) -> None:
    """Classifying anew moves the head to the newer classification and keeps the history."""
    store.save([article(model="1")])

    assert store.save([article(model="2", classified=60)]) == [RECLASSIFIED]

    (row,) = rows(store, tables.articles)
    assert row.model_sha256 == "2" * 64
    assert {c.model_sha256 for c in rows(store, tables.classifications)} == {"1" * 64, "2" * 64}
    assert len(rows(store, tables.labels)) == 6


def test_an_old_models_late_word_does_not_move_the_head(store: SqlStore) -> None:
    """A redelivered classification by the former model is kept, but is not the newest."""
    store.save([article(model="2", classified=60)])

    store.save([article(model="1", classified=0)])

    (row,) = rows(store, tables.articles)
    assert row.model_sha256 == "2" * 64
    assert len(rows(store, tables.classifications)) == 2


def test_two_producers_at_one_address_do_not_overwrite_each_other(store: SqlStore) -> None:
    """The second producer's text becomes an article of its own, also when it comes again."""
    ours, theirs = article("One."), article("Other.", producer="b", minutes=1)

    assert store.save([ours]) == [STORED]
    assert store.save([theirs]) == [STORED]
    assert store.save([ours, theirs]) == [DUPLICATE, DUPLICATE]

    expected = {
        (ours.article.article_id, "a"),
        (contested_id(ours.article.article_id, "b"), "b"),
    }
    assert expected == {(row.article_id, row.producer) for row in rows(store, tables.articles)}


def test_a_batch_of_thousands_is_one_transaction(store: SqlStore) -> None:
    """Looking up ids is cut into pieces a database takes."""
    batch = [article(f"Text {number}.", url=f"{URL}/{number}") for number in range(2_000)]

    assert set(store.save(batch)) == {STORED}
    assert set(store.save(batch)) == {DUPLICATE}
    assert len(rows(store, tables.articles)) == 2_000


def test_the_longest_address_is_stored(store: SqlStore) -> None:
    """An address at the limit of 4,000 characters fits every index."""
    tail = "".join(random.Random(0).choices(string.ascii_letters + string.digits, k=3_900))
    long = article(url=f"{URL}/{tail}")

    assert store.save([long]) == [STORED]
    assert [long.article.url] == [row.url for row in rows(store, tables.articles)]


def test_two_sinks_with_two_producers_at_once_do_not_mix_them(
    postgres_store: SqlStore, postgres: PostgresServer
) -> None:
    """If another sink stores the address first, in between, the batch is planned again."""
    ours, theirs = article("One."), article("Other.", producer="b", minutes=1)
    other = SqlStore(postgres.url("store"), HeldClock())
    caught: list[BaseException] = []

    def save_theirs() -> None:
        try:
            other.save([theirs])
        except StoreUnavailable as error:
            caught.append(error)

    # Holding the lock on the address's row, uncommitted, until the other sink waits for it.
    with postgres_store.engine.begin() as connection:
        saving = threading.Thread(target=save_theirs)
        from services.sink.plan import plan

        postgres_store._write(connection, plan([ours], {}))
        saving.start()
        _wait_for_lock(postgres)
    saving.join(10)

    assert len(caught) == 1
    other.save([theirs])
    other.close()
    heads = {row.producer: row.content_hash for row in rows(postgres_store, tables.articles)}
    assert heads == {"a": ours.article.content_hash, "b": theirs.article.content_hash}


def test_an_empty_database_is_brought_to_head(store_url: str) -> None:
    """A first start makes the tables; a second finds nothing to do."""
    store = SqlStore(store_url, HeldClock())
    try:
        assert migrate(store.engine) == (None, head())
        assert migrate(store.engine) == (head(), head())
        require_current(store.engine)
        store.check()
    finally:
        store.close()


def test_migrations_make_what_the_code_expects(store: SqlStore) -> None:
    """Tables in code and tables by migration are the same: nobody forgot a migration."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, tables.metadata) == []


def test_a_newer_database_is_refused_untouched(store: SqlStore) -> None:
    """An old release does not write into a schema it does not know."""
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreRefused, match=r"9999.*newer"):
        migrate(store.engine)
    with pytest.raises(StoreRefused, match=r"9999.*newer"):
        require_current(store.engine)


def test_in_refuse_mode_an_old_database_names_the_command(store_url: str) -> None:
    """Operators who migrate themselves read what to run, and never the password."""
    store = SqlStore(store_url, HeldClock())
    try:
        with pytest.raises(StoreRefused, match="topicwire migrate") as caught:
            require_current(store.engine)
    finally:
        store.close()

    assert "secret" not in str(caught.value)


def test_two_sinks_may_migrate_at_once(store_url: str) -> None:
    """Both start together: one migrates, the other waits and finds it done."""
    stores = [SqlStore(store_url, HeldClock()) for _ in range(2)]
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda s=store: found.append(migrate(s.engine))) for store in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for store in stores:
        store.close()

    assert sorted(map(str, found)) == sorted(map(str, [(None, head()), (head(), head())]))


def test_a_full_disk_passes(sqlite_store: SqlStore) -> None:
    """With no room left nothing is half written; with room again the same batch goes in."""
    limit = {"pages": 60}
    sa.event.listen(
        sqlite_store.engine,
        "connect",
        lambda link, _: link.execute(f"PRAGMA max_page_count={limit['pages']}"),
    )
    sqlite_store.engine.dispose()
    batch = [article("x" * 5_000 + str(n), url=f"{URL}/{n}") for n in range(100)]

    with pytest.raises(StoreUnavailable, match="full"):
        sqlite_store.save(batch)

    assert everything(sqlite_store) == [[], [], [], []]
    limit["pages"] = 1_000_000
    sqlite_store.engine.dispose()
    assert set(sqlite_store.save(batch)) == {STORED}


def test_a_lock_held_by_another_passes(sqlite_store: SqlStore, sqlite_file: Path) -> None:
    """While somebody else writes, the store is unavailable; afterwards it works."""
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="locked"):
        sqlite_store.save([article()])
    with pytest.raises(StoreUnavailable, match="locked"):
        sqlite_store.check()

    other.execute("ROLLBACK")
    other.close()
    assert sqlite_store.save([article()]) == [STORED]


def test_a_reader_does_not_hinder_the_writer(sqlite_store: SqlStore, sqlite_file: Path) -> None:
    """Queries run while the sink writes, and do not see half a batch."""
    sqlite_store.save([article()])
    reading = SqlStore(f"sqlite:///{sqlite_file}", HeldClock(), read_only=True)

    with reading.engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(tables.articles)
        assert connection.scalar(count) == 1
        assert sqlite_store.save([article("Two.", url=f"{URL}/2")]) == [STORED]
        assert connection.scalar(count) == 1

    reading.close()


def test_a_read_only_file_passes() -> None:
    """A file that can't be written is an outage that somebody can end, not an article's fault."""
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/store.db") as store:
        impatient(store)
        store.save([article()])
        store.engine.dispose()

        with _unwritable(Path(folder)):
            with pytest.raises(StoreUnavailable, match="readonly"):
                store.save([article("Two.", minutes=1)])
            with pytest.raises(StoreUnavailable, match="readonly"):
                store.check()
            store.engine.dispose()

        assert store.save([article("Two.", minutes=1)]) == [REVISED]


def test_a_database_that_is_away_passes(postgres_store: SqlStore, postgres: PostgresServer) -> None:
    """PostgreSQL stopped at once and started again: unavailable, then the same batch goes in."""
    postgres_store.save([article()])

    postgres.stop()
    try:
        with pytest.raises(StoreUnavailable) as caught:
            postgres_store.save([article("Two.", minutes=1)])
        with pytest.raises(StoreUnavailable):
            postgres_store.check()
    finally:
        postgres.start()

    assert "secret" not in str(caught.value)
    assert postgres_store.save([article("Two.", minutes=1)]) == [REVISED]


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [
        pytest.param(
            "ALTER DATABASE store SET default_transaction_read_only = on",
            "ALTER DATABASE store SET default_transaction_read_only = off",
            id="read-only after a failover",
        ),
        pytest.param(
            "ALTER TABLE labels RENAME TO gone", "ALTER TABLE gone RENAME TO labels", id="table gone"
        ),
        pytest.param(
            "ALTER ROLE postgres SET role = pg_monitor", "ALTER ROLE postgres RESET role", id="no permission"
        ),
    ],
)  # fmt: skip
def test_a_database_that_refuses_everybody_passes(
    postgres_store: SqlStore, postgres: PostgresServer, break_it: str, mend_it: str
) -> None:
    """What no article can be blamed for costs no article: the sink waits until it is mended."""
    with postgres.connect("store") as connection:
        connection.execute(break_it)  # type: ignore[call-overload]
        postgres_store.engine.dispose()
        try:
            with pytest.raises(StoreUnavailable):
                postgres_store.save([article()])
        finally:
            connection.execute(mend_it)  # type: ignore[call-overload]
        postgres_store.engine.dispose()

    assert postgres_store.save([article()]) == [STORED]


def test_a_cut_connection_passes(postgres_store: SqlStore, postgres: PostgresServer) -> None:
    """When an administrator ends our connections, the next try has a new one."""
    postgres_store.save([article()])
    with postgres.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'store'"
        )

    assert postgres_store.save([article("Two.", minutes=1)]) == [REVISED]


def test_what_an_article_is_to_blame_for_does_not_pass(postgres_store: SqlStore) -> None:
    """A value that the database refuses for ever must fail, or it would hold up all others."""
    bad = labelled(msgspec.structs.replace(raw("Text"), title="a\x00b"))

    with pytest.raises(sa.exc.DataError):
        postgres_store.save([bad])


@contextmanager
def _unwritable(folder: Path) -> Iterator[None]:
    """Take away the right to write in `folder`; root has every right, so become nobody."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65_534)
        yield
    finally:
        os.seteuid(me)
        folder.chmod(0o755)
        for path in folder.iterdir():
            path.chmod(0o644)


def _wait_for_lock(postgres: PostgresServer) -> None:
    from tests.support.wait import until

    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with postgres.connect() as connection:
        until(lambda: connection.execute(query).fetchone() == (1,), "the other sink waits")
