"""Questions to a real store, of either kind."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.sink.migrate import migrate
from services.sink.query import Question, count, find, require_topic, topics
from services.sink.store import SqlStore
from shared.errors import UsageError
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


def test_profile_and_passage_come_back(store: SqlStore) -> None:
    """A passage as it was labelled, and nothing where there was none."""
    new = labelled(raw("Text.", id="1"), profile="accurate")
    store.save([new, labelled(raw("Other.", id="2"), profile="fast")])

    found = {article.profile: article for article in find(store.engine, Question())}

    assert found["accurate"].topics == new.topics
    assert [label.passage is None for label in new.topics] == [False, False, True]
    assert {label.passage for label in found["fast"].topics} == {None}


def test_no_passage_is_null_and_not_a_json_null(store: SqlStore) -> None:
    """Who asks the tables themselves finds labels without a passage by IS NULL."""
    store.save([labelled(raw("Text.", id="1"), profile="fast")])

    with store.engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM labels WHERE passage IS NULL")
        assert connection.execute(query).scalar() == 3


def test_topics_are_those_that_labels_have(engine: Engine) -> None:
    """Each once, in order, whatever their number of labels."""
    assert topics(engine) == ["arms_trade", "diplomacy", "ukraine_war"]


def test_an_unknown_topic_is_refused_with_the_known_ones(engine: Engine) -> None:
    """A misspelt topic is told apart from one without articles."""
    with pytest.raises(UsageError, match=r"'sports'; known: arms_trade, diplomacy, ukraine_war"):
        require_topic(engine, "sports")


@pytest.mark.parametrize(
    "topic", [pytest.param("diplomacy", id="known"), pytest.param(None, id="any")]
)
def test_a_topic_that_labels_have_may_be_asked_for(engine: Engine, topic: str | None) -> None:
    """Also where no label says yes to it."""
    require_topic(engine, topic)


def test_of_an_empty_store_any_topic_may_be_asked(store: SqlStore) -> None:
    """Before the first article nobody can say which topics there will be."""
    require_topic(store.engine, "arms_trade")


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
