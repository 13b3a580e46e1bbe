"""Services killed under load: afterwards every article is there, once."""

import logging
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from services.sink import tables
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.build import real_articles
from tests.support.services import Service
from tests.support.wait import until

ARTICLES = int(os.environ.get("TOPICWIRE_FAULTS_ARTICLES", "3000"))
SEED = int(os.environ.get("TOPICWIRE_FAULTS_SEED", "0")) or random.randrange(1, 10**6)
ARTICLES_A_KILL = 400
STREAMS = StreamMap()
logger = logging.getLogger("faults")


@dataclass(frozen=True)
class House:
    """A broker, two classifiers, a sink and their SQLite store."""

    broker: "redis.Redis"
    services: list[Service]
    engine: sa.Engine

    def stored(self) -> int:
        """Return how many articles the store holds."""
        query = sa.select(sa.func.count()).select_from(tables.articles)
        with self.engine.connect() as connection:
            return connection.scalar(query) or 0

    def unfinished(self) -> int:
        """Return how many entries of either stage are pending or unread."""
        groups = [
            info
            for stage in (STREAMS.classify, STREAMS.store)
            for info in self.broker.xinfo_groups(stage.input)
        ]
        return sum(info["pending"] + (info["lag"] or 0) for info in groups)


@contextmanager
def house(server: BrokerServer, folder: Path, model: Path) -> Iterator[House]:
    """Run the services with small batches and a short idle time, so that kills hit work."""
    environment = {
        "TOPICWIRE_BROKER_URL": server.url,
        "TOPICWIRE_BATCH_ENTRIES": "64",
        "TOPICWIRE_RECLAIM_IDLE_MS": "3000",
        "TOPICWIRE_HOUSEKEEPING_SECONDS": "0.5",
        "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model),
    }
    services = [Service(n, folder, environment) for n in ("classifier", "classifier", "sink")]
    engine = sa.create_engine(f"sqlite:///{folder / 'topicwire.db'}")
    with server.client() as client:
        try:
            for service in services:
                service.start()
            for service in services:
                service.wait_ready()
            yield House(client, services, engine)
        finally:
            for service in services:
                service.kill()
            engine.dispose()


def publish(client: "redis.Redis", articles: Iterator[dict[str, str]]) -> int:
    """Write articles as flat fields, as a foreign producer would; return how many."""
    pipe = client.pipeline(transaction=False)
    for article in articles:
        pipe.xadd(STREAMS.raw, article)
    return len(pipe.execute())


@pytest.mark.slow
@pytest.mark.timeout(60 + ARTICLES // 10)
def test_nothing_is_lost_or_doubled_when_services_are_killed(
    valkey: BrokerServer, tmp_path: Path, model_folder: Path
) -> None:
    """SIGKILL at random amid the work: exact rows, exact publications, no dead letter, none pending."""
    chance, kills, begun = random.Random(SEED), 0, time.monotonic()
    articles = real_articles(ARTICLES)
    with house(valkey, tmp_path, model_folder) as running:
        published = 0
        while batch := publish(running.broker, islice(articles, ARTICLES_A_KILL)):
            published += batch
            mark = published - chance.randrange(1, batch)
            until(lambda: running.stored() >= mark, f"{mark} rows; seed {SEED}", seconds=120)  # noqa: B023 called at once
            for victim in chance.sample(running.services, chance.choice([1, 1, 2])):
                victim.kill()
                victim.start()
                kills += 1
        until(
            lambda: running.stored() >= ARTICLES and not running.unfinished(),
            f"{ARTICLES} rows and nothing pending; seed {SEED}",
            seconds=120,
        )
        seconds = time.monotonic() - begun

        logger.info("%d articles, %d kills, %.0f s, seed %d", ARTICLES, kills, seconds, SEED)
        assert running.stored() == ARTICLES
        assert running.broker.xlen(STREAMS.dead) == 0
        added = [
            running.broker.xinfo_stream(name)["entries-added"]
            for name in (STREAMS.raw, STREAMS.labelled)
        ]
        assert added == [ARTICLES, ARTICLES]
        with running.engine.connect() as connection:
            ids = connection.scalars(sa.select(tables.articles.c.given_id)).all()
            revisions = connection.scalar(sa.select(sa.func.count()).select_from(tables.revisions))
            classified = connection.scalar(
                sa.select(sa.func.count()).select_from(tables.classifications)
            )
        assert sorted(map(str, ids)) == [f"article-{n:06d}" for n in range(ARTICLES)]
        assert (revisions, classified) == (ARTICLES, ARTICLES)


def test_rolling_sigterm_redelivers_nothing(
    valkey: BrokerServer, tmp_path: Path, model_folder: Path
) -> None:
    """Each service told to stop under load drains, ends with 0, and leaves nothing to be reclaimed."""
    with house(valkey, tmp_path, model_folder) as running:
        publish(running.broker, real_articles(600))
        until(lambda: running.stored() > 0, "the first row")
        for service in running.services:
            assert service.stop() == 0
            service.start()

        for service in running.services:
            service.wait_ready()
        until(lambda: running.stored() == 600 and not running.unfinished(), "all rows", seconds=60)

        assert running.broker.xlen(STREAMS.dead) == 0
        assert running.broker.xinfo_stream(STREAMS.labelled)["entries-added"] == 600
        assert all("entries_reclaimed" not in service.log_text() for service in running.services)
