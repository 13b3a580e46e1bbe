"""`topicwire why` as somebody types it who misses an article."""

import json
from pathlib import Path

import pytest

from services.sink.migrate import migrate
from services.sink.store import SqlStore
from shared.messages import encode
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.build import HeldClock, labelled, raw
from tests.support.command import Ended, LocalSystem, topicwire

ARTICLE = raw("A story of frigates.", title="Frigates\u202e", id="42", source="wire")
GIVEN = {"title": "Envoys meet", "text": "Foreign ministers of both countries agreed on Monday to reopen their embassies after talks in Vienna.", "url": "https://why.example.org/envoys?utm_source=feed"}  # fmt: skip


@pytest.mark.parametrize("by", ["id", "address"])
def test_a_stored_article_tells_its_whole_life(running: LocalSystem, by: str) -> None:
    """From the door to the row, for people and for programs."""
    (article_id,) = running.post(GIVEN)
    running.wait_stored(article_id)
    name = article_id if by == "id" else GIVEN["url"]

    shown, told = running.run("why", name), running.run("why", name, "--json")

    assert (shown.code, told.code) == (0, 0)
    assert all(word in shown.out for word in ("received", "door push", "classified", "stored"))
    life = told.lines()[0]
    assert life["article_ids"] == [article_id]
    assert life["outcome"] == "stored"
    assert life["stored"][0]["stored_at"]
    assert {place["error"] for place in life["searched"]} == {None}


def why(name: str, folder: Path, *options: str, url: str = "redis://127.0.0.1:1/0") -> Ended:
    """Run `topicwire why` in a folder."""
    variables = {"TOPICWIRE_BROKER_URL": url}
    return topicwire("why", name, *options, folder=folder, variables=variables)


def test_without_a_store_the_broker_is_asked(valkey: BrokerServer, tmp_path: Path) -> None:
    """What could not be asked is said; what is known is shown, safe for the terminal."""
    with valkey.client() as client:
        client.xadd(StreamMap().raw, {"data": encode(ARTICLE)})

    done = why("42", tmp_path, "--producer", "wire", url=valkey.url)

    assert done.code == 0
    assert "in flight" in done.out
    assert r"Frigates\u202e" in done.out or "Frigates" in done.out
    assert "\u202e" not in done.out
    assert "not asked: the store: there is no store at" in done.err


def test_without_a_broker_the_store_is_asked(tmp_path: Path) -> None:
    """The row and its decisions are there."""
    (tmp_path / "topicwire-data").mkdir()
    store = SqlStore(f"sqlite:///{tmp_path / 'topicwire-data' / 'topicwire.db'}", HeldClock())
    migrate(store.engine)
    store.save([labelled(ARTICLE)])
    store.close()

    done, told = why("42", tmp_path), why(ARTICLE.article_id, tmp_path, "--json")

    assert (done.code, told.code) == (0, 0)
    assert "arms_trade yes 0.90 (text)" in " ".join(done.out.split())
    assert "not asked: the broker" in done.err
    assert json.loads(told.out)["stored"][0]["producer"] == "source:wire"


def test_of_a_stranger_nothing_is_known_and_it_is_said_where_it_was_looked_for(
    valkey: BrokerServer, tmp_path: Path
) -> None:
    """Exit code 1, each place, and what may be the matter."""
    with valkey.client() as client:
        for _ in range(3):
            client.xadd(StreamMap().raw, {"text": "x"})

    done = why("https://example.org/stranger", tmp_path, "--limit", "2", url=valkey.url)

    assert done.code == 1
    assert "nothing known of https://example.org/stranger" in done.out
    assert "the newest 2 of 3 entries of {topicwire}:raw" in done.err
    assert "all 0 entries of {topicwire}:dead" in done.err
    assert "refused" in done.err


def test_an_empty_name_is_wrong_use(tmp_path: Path) -> None:
    """Code 2."""
    assert why("", tmp_path).code == 2
