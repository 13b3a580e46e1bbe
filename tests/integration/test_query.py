"""Questions to a real store, of either kind."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.sink.migrate import migrate
from services.sink.query import Question, count, find
from services.sink.store import SqlStore
from shared.messages import LabelledArticle
from tests.support.build import NOW, HeldClock, labelled, raw


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    """Yield an empty store with its tables."""
    store = SqlStore(store_url, HeldClock())
    migrate(store.engine)
    yield store
    store.close()


@pytest.fixture
def engine(store: SqlStore) -> Engine:
    """Return an engine on a store that holds three articles."""
    store.save(
        [
            labelled(raw("Путин и Ким.", id="1", source="a", at=NOW)),
            labelled(raw("Größe 100%_", id="2", source="b", at=NOW + timedelta(hours=1))),
            labelled(raw("Plain text", id="3", source="b", at=NOW + timedelta(hours=2))),
        ]
    )
    return store.engine


def texts(engine: Engine, question: Question) -> Sequence[str]:
    """Return the given ids of what is found, in order."""
    found = [article.article_id for article in find(engine, question)]
    names = {labelled_id(number): number for number in ("1", "2", "3")}
    return [names[article_id] for article_id in found]


def labelled_id(number: str) -> str:
    """Return the article id under which `number` is stored."""
    return raw("x", id=number, source="a" if number == "1" else "b").article_id


def test_without_conditions_the_newest_come_first(engine: Engine) -> None:
    """Newest first, up to the limit."""
    assert texts(engine, Question()) == ["3", "2", "1"]
    assert texts(engine, Question(limit=2)) == ["3", "2"]
    assert count(engine) == 3


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(Question(contains="путин"), ["1"], id="Cyrillic, ignoring case"),
        pytest.param(Question(contains="ПУТИН"), ["1"], id="Cyrillic capitals"),
        pytest.param(Question(contains="GRÖSSE"), [], id="sharp s is not two s"),
        pytest.param(Question(contains="GRÖ"), ["2"], id="umlaut, ignoring case"),
        pytest.param(Question(contains="100%_"), ["2"], id="signs of LIKE are themselves"),
        pytest.param(Question(contains="%"), ["2"], id="a percent sign alone"),
        pytest.param(Question(contains="'; DROP TABLE articles; --"), [], id="quotes"),
        pytest.param(Question(source="b"), ["3", "2"], id="source"),
        pytest.param(Question(language="en"), ["3", "2", "1"], id="language"),
        pytest.param(Question(language="de"), [], id="another language"),
        pytest.param(Question(since=NOW + timedelta(hours=1)), ["3", "2"], id="since, included"),
        pytest.param(Question(topic="arms_trade"), ["3", "2", "1"], id="topic means yes"),
        pytest.param(Question(topic="diplomacy"), [], id="no yes for this topic"),
        pytest.param(Question(topic="diplomacy", decision="unsure"), ["3", "2", "1"], id="unsure"),
        pytest.param(Question(topic="ukraine_war", decision="no"), ["3", "2", "1"], id="no"),
        pytest.param(Question(ids=[]), [], id="no ids"),
        pytest.param(Question(ids=["x"]), [], id="unknown id"),
        pytest.param(Question(source="b", contains="plain"), ["3"], id="two conditions"),
    ],
)
def test_each_condition_narrows(engine: Engine, question: Question, expected: list[str]) -> None:
    """Every filter means the same on SQLite and PostgreSQL."""
    assert texts(engine, question) == expected


def test_labels_are_those_of_the_newest_revision_and_model(store: SqlStore) -> None:
    """History is kept but not shown."""
    old = labelled(raw("Old.", id="1", source="a"))
    new = labelled(raw("New.", id="1", source="a", at=NOW + timedelta(hours=1)), model="2")
    store.save([old])
    store.save([new])

    (article,) = find(store.engine, Question())

    assert article.model_version == "2"
    assert article.topics == new.topics


def test_as_many_articles_as_the_command_may_ask_for_come_with_their_labels(
    store: SqlStore,
) -> None:
    """More articles than a statement may have parameters are read in parts."""
    number = 33_000 if store.engine.dialect.name == "sqlite" else 1_000
    one = labelled(raw("Text.", id="1", source="a"))
    store.save([one])
    multiply(store.engine, one, number)

    found = find(store.engine, Question(limit=100_000))

    assert len(found) == number
    assert all(len(article.topics) == 3 for article in found)


def multiply(engine: Engine, one: LabelledArticle, number: int) -> None:
    """Copy the one stored article within the database until there are `number`."""
    serial = sa.text(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :number) "
        "SELECT i FROM n"
    )
    with engine.begin() as connection:
        numbers = [row[0] for row in connection.execute(serial, {"number": number})]
        for table in ("articles", "revisions", "classifications", "labels"):
            reflected = sa.Table(table, sa.MetaData(), autoload_with=connection)
            rows = connection.execute(sa.select(reflected)).mappings().all()
            connection.execute(
                reflected.insert(),
                [{**row, "article_id": f"copy{i}"} for i in numbers for row in rows],
            )
