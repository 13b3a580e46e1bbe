"""Where an article stands, and the order of what happened to it."""

from datetime import timedelta

import pytest

from services.dead.letters import LetterInFull, Replay
from services.sink.life import StoredLife, StoredRevision, StoredVerdict
from services.why.life import Held, LabelledEntry, RawEntry, Seen, outcome, timeline
from shared.messages import DEAD_SCHEMA, DeadLetter
from tests.support.build import NOW, labelled, raw

ARTICLE = raw(title="A title", id="1")
SENT = labelled(ARTICLE, at=NOW + timedelta(seconds=2), profile="accurate")


def raw_entry(state: str = "finished", *, replay_of: str | None = None) -> RawEntry:
    """Return the article in the raw stream."""
    held = Held(state=state, consumer="me", deliveries=2, idle_ms=9) if state == "in work" else None
    return RawEntry(
        id="1-0", entered_at=NOW + timedelta(seconds=1), article=Seen.of(ARTICLE),
        held=held or Held(state=state), replay_of=replay_of,
    )  # fmt: skip


def labelled_entry(state: str = "finished") -> LabelledEntry:
    """Return the article in the labelled stream."""
    return LabelledEntry(
        id="2-0", entered_at=NOW + timedelta(seconds=3), article=Seen.of(ARTICLE),
        classified_at=SENT.classified_at, model=SENT.model, profile=SENT.profile, abstained=None,
        topics=SENT.topics, held=Held(state=state),
    )  # fmt: skip


def stored() -> StoredLife:
    """Return the article's row."""
    return StoredLife(
        article_id=ARTICLE.article_id, producer=ARTICLE.producer, given_id="1", url=None,
        source=None, door="push", first_received_at=NOW, received_at=NOW, published_at=None,
        stored_at=NOW + timedelta(seconds=4), topics=SENT.topics,
        revisions=(
            StoredRevision(
                content_hash="c", received_at=NOW, title="A title", trace_id=ARTICLE.trace_id,
                truncated_chars=0, notes=("url set aside",),
            ),
        ),
        verdicts=(
            StoredVerdict(
                content_hash="c", model_name="m", model_version="7", model_sha256="a",
                profile="fast", abstained=None, language="en", classified_at=SENT.classified_at,
            ),
        ),
    )  # fmt: skip


def dead_letter(*, replayed: bool = False) -> LetterInFull:
    """Return the article's dead letter."""
    letter = DeadLetter(
        schema=DEAD_SCHEMA, stage="classify", reason="processing_failed", error="ValueError: no",
        blame="processing", stream="raw", entry_id="1-0", attempts=5, entered_at=NOW,
        died_at=NOW + timedelta(minutes=1), consumer="me",
    )  # fmt: skip
    replay = Replay(
        stream="raw", entry_id="9-0", at=NOW + timedelta(minutes=2), by="ann", host="desk"
    )
    return LetterInFull(
        id="5-0", letter=letter, unreadable=None, article_id=ARTICLE.article_id, fields=(),
        replays=(replay,) if replayed else (), former_id=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("store", "raws", "sent", "dead", "expected"),
    [
        pytest.param([], [], [], [], "nothing known", id="nothing"),
        pytest.param([stored()], [raw_entry()], [labelled_entry()], [], "stored", id="stored"),
        pytest.param([], [raw_entry("unread")], [], [], "in flight", id="waits"),
        pytest.param([stored()], [raw_entry("in work")], [], [], "in flight", id="a revision"),
        pytest.param([], [raw_entry()], [labelled_entry("unread")], [], "in flight", id="labelled"),
        pytest.param([], [raw_entry()], [], [dead_letter()], "dead", id="dead"),
        pytest.param([stored()], [], [], [dead_letter()], "stored, and dead", id="both"),
        pytest.param([stored()], [], [], [dead_letter(replayed=True)], "stored", id="replayed"),
        pytest.param([], [raw_entry()], [labelled_entry()], [], "gone", id="the store is empty"),
    ],
)
def test_an_article_stands_at_one_place(
    store: list[StoredLife],
    raws: list[RawEntry],
    sent: list[LabelledEntry],
    dead: list[LetterInFull],
    expected: str,
) -> None:
    """What is still on its way goes first, what was replayed is not dead."""
    assert outcome(store, raws, sent, dead) == expected


def test_the_timeline_is_in_order_and_tells_each_thing_once() -> None:
    """What the store and the streams both know stands there once."""
    events = timeline(
        [stored()], [raw_entry(replay_of="4-0")], [labelled_entry()], [dead_letter(replayed=True)]
    )

    assert [event.what for event in events] == [
        "received", "raw entry", "classified", "labelled entry", "stored", "died", "replayed",
    ]  # fmt: skip
    assert "url set aside" in events[0].detail
    assert "dead letter 4-0" in events[1].detail
    assert "arms_trade yes 0.90 (text)" in events[2].detail
    assert "by ann on desk, as 9-0" in events[-1].detail


def test_without_the_store_the_streams_tell_the_same() -> None:
    """Who holds an entry, and which delivery it is, is said."""
    events = timeline([], [raw_entry("in work")], [labelled_entry()], [])

    assert [event.what for event in events] == [
        "received", "raw entry", "classified", "labelled entry",
    ]  # fmt: skip
    assert "in work at me, delivery 2, 9 ms ago" in events[1].detail
    assert "accurate" in events[2].detail
