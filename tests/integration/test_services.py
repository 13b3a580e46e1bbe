"""The two services as processes: they do their work, and their pages and exit codes tell the truth."""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from services.sink.migrate import migrate
from services.sink.store import SqlStore
from shared.messages import decode_dead, encode, original_fields
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.build import HeldClock, labelled, raw
from tests.support.command import topicwire
from tests.support.postgres import PostgresServer
from tests.support.services import Service
from tests.support.wait import until

STREAMS = StreamMap()
STORY = "The parliament voted on Thursday on new rules for the export of arms to the region."
QUICK = {
    "TOPICWIRE_HOUSEKEEPING_SECONDS": "0.1",
    "TOPICWIRE_POLL_MS": "50",
    "TOPICWIRE_RECLAIM_IDLE_MS": "1000",
}


@contextmanager
def running(name: str, folder: Path, broker: BrokerServer, **environment: str) -> Iterator[Service]:
    """Run a service for the length of a block."""
    service = Service(name, folder, {**QUICK, "TOPICWIRE_BROKER_URL": broker.url, **environment})
    try:
        yield service.start()
    finally:
        service.kill()


def publish(client: "redis.Redis", *texts: str) -> None:
    """Write raw articles as a foreign producer would."""
    for number, text in enumerate(texts):
        client.xadd(STREAMS.raw, {"text": text, "title": f"Title {number}", "lang": "en"})


def count(url: str, table: str = "articles") -> int:
    """Return the number of rows of a table."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            return int(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)
    finally:
        engine.dispose()


def test_articles_travel_from_the_raw_stream_to_rows(
    any_broker: BrokerServer, tmp_path: Path, model_folder: Path
) -> None:
    """What is good becomes rows, what is bad a dead letter; metrics count it; SIGTERM drains with 0."""
    database = f"sqlite:///{tmp_path / 'topicwire.db'}"
    with (
        any_broker.client() as client,
        running(
            "classifier", tmp_path, any_broker, TOPICWIRE_CLASSIFIER_MODEL_DIR=str(model_folder)
        ) as classifier,
        running("sink", tmp_path, any_broker) as sink,
    ):
        classifier.wait_ready()
        sink.wait_ready()
        publish(client, *(f"{STORY} Number {number}." for number in range(20)))
        client.xadd(STREAMS.raw, {b"text": b"\xff\xfe"})
        client.xadd(STREAMS.labelled, {b"data": b"nonsense"})
        until(lambda: count(database) == 20 and client.xlen(STREAMS.dead) == 2, "rows", seconds=20)

        for service in (classifier, sink):
            assert service.page("/healthz").status == 200
            assert service.page("/readyz").status == 200
        labels = classifier.metric("topicwire_labels_total")
        assert (labels, classifier.metric("topicwire_entries_out_total")) == (60, 20)
        assert classifier.metric("topicwire_dead_letters_total", reason="not_utf8") == 1
        assert sink.metric("topicwire_dead_letters_total", reason="not_json") == 1
        until(lambda: sink.metric("topicwire_stored_total", outcome="stored") == 20, "counted")
        assert sink.metric("topicwire_door_to_store_seconds_count") == 20

        assert (classifier.stop(), sink.stop()) == (0, 0)
        for stage in (STREAMS.classify, STREAMS.store):
            assert client.xpending(stage.input, stage.group)["pending"] == 0
            assert client.xinfo_consumers(stage.input, stage.group) == []
        letters = [fields for _, fields in client.xrange(STREAMS.dead)]
        assert {decode_dead(letter).stage for letter in letters} == {"classify", "store"}
        assert {b"text": b"\xff\xfe"} in [original_fields(letter) for letter in letters]


def test_the_sink_says_that_its_store_is_away(
    valkey: BrokerServer, tmp_path: Path, model_folder: Path, postgres: PostgresServer
) -> None:
    """Away at the start or amid work: unready naming the store, alive, and nothing is lost."""
    database = postgres.new_database("store")
    postgres.stop()
    try:
        with (
            valkey.client() as client,
            running(
                "classifier", tmp_path, valkey, TOPICWIRE_CLASSIFIER_MODEL_DIR=str(model_folder)
            ),
            running("sink", tmp_path, valkey, TOPICWIRE_SINK_STORE_URL=database) as sink,
        ):
            _unready(sink, "store")
            postgres.start()
            sink.wait_ready()
            publish(client, f"{STORY} One.")
            until(lambda: count(database) == 1, "the first row", seconds=20)

            postgres.stop()
            publish(client, f"{STORY} Two.")
            _unready(sink, "store")
            assert "secret" not in sink.log_text()

            postgres.start()
            until(lambda: count(database) == 2, "the second row", seconds=30)
            sink.wait_ready()
            assert client.xlen(STREAMS.dead) == 0
            assert sink.stop() == 0
    finally:
        postgres.stop()
        postgres.start()


@pytest.mark.parametrize("name", ["classifier", "sink"])
def test_a_service_says_that_its_broker_is_away(
    valkey: BrokerServer, tmp_path: Path, model_folder: Path, name: str
) -> None:
    """Unready naming the broker, but alive; ready again when the broker is back."""
    environment = {"TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model_folder)}
    with running(name, tmp_path, valkey, **environment) as service:
        service.wait_ready()

        valkey.kill()

        _unready(service, "broker")
        valkey.start()
        service.wait_ready()


def test_a_sink_that_has_not_met_its_broker_is_not_ready(
    valkey: BrokerServer, tmp_path: Path
) -> None:
    """Nobody sends it work, or takes its predecessor away, before it has connected once."""
    valkey.kill()
    with running("sink", tmp_path, valkey) as sink:
        _unready(sink, "broker")

        valkey.start()
        sink.wait_ready()


def test_a_sink_that_fails_pauses_until_it_is_told_to_go_on(
    valkey: BrokerServer, tmp_path: Path
) -> None:
    """Unready with cause and cure, alive, over a restart too; then all is stored and nothing buried."""
    database, told = tmp_path / "topicwire.db", {"TOPICWIRE_BROKER_URL": valkey.url}
    with valkey.client() as client, running("sink", tmp_path, valkey) as sink:
        sink.wait_ready()
        _break(database)
        publish_labelled(client, 60)
        _unready(sink, "breaker")
        assert "topicwire resume store" in sink.page("/readyz").checks["breaker"]
        assert sink.metric("topicwire_breaker_trips_total") == 1
        assert sink.log_text().count('"event": "paused"') == 1

        assert sink.stop() == 0
        sink.start()
        _unready(sink, "breaker")
        status = topicwire("status", folder=tmp_path, variables=told)
        assert "topicwire resume store" in " ".join(status.out.split())
        assert client.xpending(STREAMS.labelled, STREAMS.store.group)["pending"] == 60

        _mend(database)
        resumed = topicwire("resume", "store", folder=tmp_path, variables=told)
        assert (resumed.code, "broken on purpose" in resumed.out) == (0, True)
        sink.wait_ready()
        until(lambda: count(f"sqlite:///{database}") == 60, "all are stored", seconds=20)
        assert client.xlen(STREAMS.dead) == 0
        again = topicwire("resume", "store", folder=tmp_path, variables=told)
        assert (again.code, again.out) == (0, "store was not paused\n")


def test_a_producer_of_garbage_halts_nobody(valkey: BrokerServer, tmp_path: Path) -> None:
    """Hundreds of entries that are no article become dead letters; the good ones are stored."""
    with valkey.client() as client, running("sink", tmp_path, valkey) as sink:
        for _ in range(300):
            client.xadd(STREAMS.labelled, {b"data": b"nonsense"})
        publish_labelled(client, 20)

        until(lambda: client.xlen(STREAMS.dead) == 300, "300 dead letters", seconds=30)
        until(lambda: count(f"sqlite:///{tmp_path / 'topicwire.db'}") == 20, "20 rows", seconds=20)
        assert sink.page("/readyz").checks["breaker"] == "ok"
        assert sink.metric("topicwire_breaker_trips_total") == 0


def publish_labelled(client: "redis.Redis", number: int) -> None:
    """Write labelled articles as the classifier would."""
    for n in range(number):
        client.xadd(STREAMS.labelled, {"data": encode(labelled(raw(f"{STORY} {n}.", id=n)))})


def _break(database: Path) -> None:
    """Make the store refuse every article for good."""
    with contextlib.closing(sqlite3.connect(database)) as store:
        store.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON articles BEGIN "
            "SELECT RAISE(ABORT, 'broken on purpose'); END"
        )
        store.commit()


def _mend(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as store:
        store.execute("DROP TRIGGER broken")
        store.commit()


def _broken_settings(_folder: Path) -> dict[str, str]:
    return {"TOPICWIRE_BATCH_ENTRIES": "many"}


def _unknown_setting(_folder: Path) -> dict[str, str]:
    return {"TOPICWIRE_SINK_PROT": "1", "TOPICWIRE_CLASSIFIER_PROT": "1"}


def _no_model(folder: Path) -> dict[str, str]:
    return {"TOPICWIRE_CLASSIFIER_MODEL_DIR": str(folder / "nowhere")}


def _truncated_model(folder: Path) -> dict[str, str]:
    (folder / "model-1.joblib").write_bytes(b"half a mod")
    manifest = json.loads((folder / "good" / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "file": "model-1.joblib"}))
    return {"TOPICWIRE_CLASSIFIER_MODEL_DIR": str(folder)}


def _another_model(folder: Path) -> dict[str, str]:
    return {
        "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(folder / "good"),
        "TOPICWIRE_CLASSIFIER_MODEL_SHA256": "f" * 64,
    }


def _newer_store(folder: Path) -> dict[str, str]:
    store = SqlStore(f"sqlite:///{folder / 'topicwire.db'}", HeldClock())
    migrate(store.engine)
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    return {}


def _store_nowhere(_folder: Path) -> dict[str, str]:
    return {"TOPICWIRE_SINK_STORE_URL": "mongodb://u:secret@host/x"}


def _store_not_migrated(_folder: Path) -> dict[str, str]:
    return {"TOPICWIRE_SINK_MIGRATE": "refuse"}


@pytest.mark.parametrize(
    ("name", "spoil", "code", "cause"),
    [
        pytest.param("sink", _broken_settings, 2, "TOPICWIRE_BATCH_ENTRIES", id="wrong value"),
        pytest.param("sink", _unknown_setting, 2, "TOPICWIRE_SINK_PORT", id="unknown variable"),
        pytest.param("sink", _store_nowhere, 2, "TOPICWIRE_SINK_STORE_URL", id="odd store"),
        pytest.param("sink", _newer_store, 1, "newer than this release", id="newer store"),
        pytest.param("sink", _store_not_migrated, 1, "topicwire migrate", id="not migrated"),
        pytest.param("classifier", _no_model, 1, "topicwire train", id="no model"),
        pytest.param("classifier", _truncated_model, 1, "truncated", id="truncated model"),
        pytest.param("classifier", _another_model, 1, "MODEL_SHA256", id="another model"),
    ],
)
def test_a_start_that_can_not_succeed_ends_with_one_line_that_helps(
    valkey: BrokerServer,
    tmp_path: Path,
    model_folder: Path,
    name: str,
    spoil: Callable[[Path], dict[str, str]],
    code: int,
    cause: str,
) -> None:
    """Wrong settings end with 2, everything else with 1; cause and cure are told, no traceback."""
    (tmp_path / "good").symlink_to(model_folder)
    with running(name, tmp_path, valkey, **spoil(tmp_path)) as service:
        assert service.wait_exit() == code

        assert cause in service.log_text()
        assert "Traceback" not in service.log_text()
        assert "secret" not in service.log_text()


def test_a_taken_port_is_told(valkey: BrokerServer, tmp_path: Path) -> None:
    """The second sink on one port ends, and names the variable."""
    with running("sink", tmp_path, valkey) as first:
        first.wait_ready()
        with running("sink", tmp_path, valkey, TOPICWIRE_SINK_PORT=str(first.port)) as second:
            assert second.wait_exit() == 1
            assert "TOPICWIRE_SINK_PORT" in second.log_text()
            assert "Traceback" not in second.log_text()
        assert first.page("/readyz").status == 200


def test_metrics_and_health_agree_on_an_idle_service(valkey: BrokerServer, tmp_path: Path) -> None:
    """Nothing to do is healthy: no lag, no age, nothing pending."""
    with running("sink", tmp_path, valkey) as sink:
        sink.wait_ready()

        for gauge in ("oldest_unprocessed_seconds", "queue_entries", "pending_entries"):
            assert sink.metric(f"topicwire_{gauge}", stage="store") == 0
        assert set(sink.page("/healthz").checks.values()) == {"ok"}
        checks = {"broker", "store", "work", "reader", "reclaim", "breaker"}
        assert checks == set(sink.page("/readyz").checks)


def _unready(service: Service, what: str) -> None:
    """Wait until /readyz says that `what` is wrong; /healthz must go on saying that we live."""
    until(
        lambda: (
            service.page("/readyz").status == 503
            and service.page("/readyz").checks.get(what, "ok") != "ok"
        ),
        f"/readyz names {what}",
        seconds=40,
    )
    assert service.page("/healthz").status == 200
