"""`topicwire dead` as an operator types it: with a running system, and on a bare broker."""

import json
import re
from pathlib import Path

import pytest

from shared.messages import DEAD_SCHEMA, DeadLetter, encode
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.build import NOW
from tests.support.command import Ended, LocalSystem, topicwire
from tests.support.wait import until

STREAMS = StreamMap()
ARTICLE = {"title": "Frigates for Lima", "text": "The navy signed a contract for two frigates with a Korean shipyard on Tuesday. The ships cost 900 million dollars.", "id": "died-of-it", "source": "dead-letters-test"}  # fmt: skip


def test_poison_dies_is_found_shown_replayed_and_then_stored(running: LocalSystem) -> None:
    """The runbook: list, show, mend the cause, replay, results."""
    entry_id = deliver_in_vain(running)
    letter = until(lambda: find(running, entry_id), "the entry is dead", seconds=60)
    bury_the_dying(running)

    shown = running.run("dead", "show", letter["id"])
    bytes_of_text = running.run("dead", "show", letter["id"], "--raw", "text")
    replayed = running.run("dead", "replay", letter["id"])
    repeated = running.run("dead", "replay", letter["id"])

    assert (shown.code, replayed.code, repeated.code) == (0, 0, 0)
    assert all(word in shown.out for word in ("delivery_limit", "Frigates for Lima", "text"))
    assert bytes_of_text.out == ARTICLE["text"]
    assert "1 replayed" in replayed.err
    assert "0 replayed, 1 were before" in repeated.err
    full = running.run("dead", "show", letter["id"], "--json").lines()[0]
    stored = running.wait_stored(full["article_id"])
    assert [article.title for article in stored] == [ARTICLE["title"]]
    assert len(full["replays"]) == 1
    assert find(running, entry_id) is None
    life = running.run("why", ARTICLE["id"], "--producer", ARTICLE["source"]).out
    assert all(word in life for word in ("stored", "died", "delivery_limit", "replayed"))


def deliver_in_vain(running: LocalSystem) -> str:
    """Read an entry as a consumer that dies of it again and again; return the entry's id."""
    group, stream = STREAMS.classify.group, STREAMS.raw
    with running.client() as client:
        pipe = client.pipeline(transaction=True)  # so that the classifier does not come before
        pipe.xadd(stream, ARTICLE)  # type: ignore[arg-type]
        pipe.xreadgroup(group, "dying", {stream: ">"}, count=1_000)
        entry_id: bytes = pipe.execute()[0]
        client.xclaim(stream, group, "dying", 0, [entry_id], idle=600_000, retrycount=99)
    return entry_id.decode()


def bury_the_dying(running: LocalSystem) -> None:
    """Remove the consumer once others have taken over whatever it held."""
    group, stream = STREAMS.classify.group, STREAMS.raw
    with running.client() as client:
        until(
            lambda: not client.xpending_range(stream, group, "-", "+", 1, consumername="dying"),
            "nothing is left to the dying consumer", seconds=60,
        )  # fmt: skip
        client.xgroup_delconsumer(stream, group, "dying")


def find(running: LocalSystem, entry_id: str) -> dict[str, str] | None:
    """Return the line of `dead list --json` about an entry."""
    done = running.run("dead", "list", "--reason", "delivery_limit", "--json")
    lines = [line for line in done.lines() if line["letter"]["entry_id"] == entry_id]
    return lines[0] if lines else None


@pytest.fixture
def broker(valkey: BrokerServer) -> BrokerServer:
    """Return a broker with three dead letters, two of which hold bytes that are no text."""
    with valkey.client() as client:
        for number, reason in enumerate(("not_utf8", "not_utf8", "no_text"), start=1):
            letter = DeadLetter(
                schema=DEAD_SCHEMA, stage="classify", reason=reason, error="\x1b]0;owned\x07",
                blame="producer", stream=STREAMS.raw, entry_id=f"{number}-1", attempts=1,
                entered_at=NOW, died_at=NOW, consumer="me",
            )  # fmt: skip
            fields = {"topicwire.dead": encode(letter), "text": b"\xff\x1b[2J", "long": b"x" * 999}
            client.xadd(STREAMS.dead, fields, id=f"{number}-0")  # type: ignore[arg-type]
    return valkey


def dead(broker: BrokerServer, folder: Path, *arguments: str) -> Ended:
    """Run `topicwire dead …` on a broker."""
    return topicwire(
        "dead", *arguments, folder=folder, variables={"TOPICWIRE_BROKER_URL": broker.url}
    )


def test_a_letter_can_not_steer_the_terminal(broker: BrokerServer, tmp_path: Path) -> None:
    """Escapes are made visible; `--raw` alone writes them as they are."""
    listed, shown = dead(broker, tmp_path, "list"), dead(broker, tmp_path, "show", "1-0")

    assert (listed.code, shown.code) == (0, 0)
    assert "\x1b" not in listed.out + shown.out
    assert r"\xff\x1b[2J" in shown.out
    assert "--raw long" in shown.out
    assert "3 shown; 3 dead, 0 replayed and 0 dropped so far" in listed.err


def test_programs_get_json(broker: BrokerServer, tmp_path: Path) -> None:
    """One line a letter; bytes that are no text are in base64."""
    listed = dead(broker, tmp_path, "list", "--json", "--limit", "2")
    shown = dead(broker, tmp_path, "show", "1-0", "--json").lines()[0]

    assert [line["id"] for line in listed.lines()] == ["3-0", "2-0"]
    assert "--limit shows more" in listed.err
    assert [(f["name"], f["text"], f["base64"]) for f in shown["fields"]] == [
        ("text", None, "/xtbMko="),
        ("long", "x" * 999, None),
    ]


def test_dropping_asks_first(broker: BrokerServer, tmp_path: Path) -> None:
    """Where nobody can be asked, --yes must be said; what was dropped is counted."""
    refused = dead(broker, tmp_path, "drop", "--reason", "not_utf8")
    dropped = dead(broker, tmp_path, "drop", "--reason", "not_utf8", "--yes")
    status = topicwire(
        "status", "--json", folder=tmp_path, variables={"TOPICWIRE_BROKER_URL": broker.url}
    )

    assert (refused.code, dropped.code) == (2, 0)
    assert "--yes" in refused.err
    assert "2 dropped" in dropped.err
    sums = json.loads(status.out)
    assert (sums["dead_letters"], sums["dead_replayed"], sums["dead_dropped"]) == (1, 0, 2)


def test_everything_is_replayed_once(broker: BrokerServer, tmp_path: Path) -> None:
    """All of it, and then there is nothing left to do."""
    first = dead(broker, tmp_path, "replay", "--all", "--json")
    second = dead(broker, tmp_path, "replay", "--all")
    kept = dead(broker, tmp_path, "list", "--replayed", "--json")

    assert [line["id"] for line in first.lines()] == ["1-0", "2-0", "3-0"]
    assert {line["outcome"] for line in first.lines()} == {"replayed"}
    assert (second.code, second.out) == (0, "")
    assert [line["id"] for line in kept.lines()] == ["3-0", "2-0", "1-0"]
    with broker.client() as client:
        assert client.xlen(STREAMS.raw) == 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(["show", "9-9"], 1, "there is no dead letter 9-9", id="show: unknown"),
        pytest.param(["show", "first"], 2, "is not the id", id="show: no id"),
        pytest.param(["show", "1", "--raw", "b"], 1, "there are: text, long", id="no such field"),
        pytest.param(["replay", "1-0", "9-9"], 1, "no dead letter 9-9", id="replay: one unknown"),
        pytest.param(["replay"], 2, "name ids, or filters, or --all", id="replay: nothing"),
        pytest.param(["replay", "1-0", "--all"], 2, "name ids, or", id="replay: two ways"),
        pytest.param(["replay", "--all", "--again"], 2, "--again", id="replay: all again"),
        pytest.param(["drop", "--yes"], 2, "name ids, or filters, or --all", id="drop: nothing"),
        pytest.param(["drop", "9-9", "--yes"], 1, "no dead letter 9-9", id="drop: unknown"),
        pytest.param(["list", "--stage", "fetch"], 2, "'fetch' is not one of", id="no such stage"),
    ],
)
def test_mistakes_are_told(
    broker: BrokerServer, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    """Code 2 for what was typed wrongly, 1 for what is not there; never a traceback."""
    done = dead(broker, tmp_path, *arguments)

    assert (done.code, message in done.err) == (code, True), done.err
    assert "Traceback" not in done.err


def test_without_a_broker_the_cure_is_named(tmp_path: Path) -> None:
    """Exit code 1."""
    variables = {"TOPICWIRE_BROKER_URL": "redis://127.0.0.1:1/0"}

    done = topicwire("dead", "list", folder=tmp_path, variables=variables)

    assert (done.code, "topicwire up" in done.err) == (1, True)


@pytest.mark.parametrize("verb", ["list", "show", "replay", "drop"])
def test_every_verb_teaches_by_example(verb: str, tmp_path: Path) -> None:
    """`--help` shows a line that can be typed."""
    done = topicwire("dead", verb, "--help", folder=tmp_path)

    assert done.code == 0
    assert re.search(rf"topicwire dead {verb}\b(?! \[OPTIONS\])", done.out)
