"""What was found of an article, and the order in which it happened. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from services.dead.letters import LetterInFull
from services.sink.life import StoredLife
from shared.messages import Decision, ModelIdentity, RawArticle, TopicLabel

_WORDS = 4


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """A place that was asked: how many entries of how many were looked at, or why it can't tell."""

    where: str
    entries: int | None = None
    of: int | None = None
    error: str | None = None

    @property
    def cut(self) -> bool:
        """Whether older entries were left unseen."""
        return (self.entries or 0) < (self.of or 0)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands with its stage: unread, in work (whose, which delivery), finished."""

    state: str
    consumer: str | None = None
    deliveries: int | None = None
    idle_ms: int | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An article in a stream, without its text."""

    article_id: str
    producer: str
    given_id: str | None
    url: str | None
    title: str
    content_hash: str
    door: str
    trace_id: str
    received_at: datetime
    published_at: datetime | None
    notes: tuple[str, ...]

    @classmethod
    def of(cls, article: RawArticle) -> "Seen":
        """Return what is shown of `article`."""
        return cls(**{name: getattr(article, name) for name in cls.__struct_fields__})


class RawEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the raw stream. `replay_of`: the dead letter it was, if it was replayed."""

    id: str
    entered_at: datetime
    article: Seen
    held: Held
    replay_of: str | None


class LabelledEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the labelled stream, with what the model said."""

    id: str
    entered_at: datetime
    article: Seen
    classified_at: datetime
    model: ModelIdentity
    profile: str | None
    abstained: str | None
    topics: tuple[TopicLabel, ...]
    held: Held


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline."""

    at: datetime
    what: str
    detail: str


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of what was asked for, where it was looked for, and the timeline."""

    asked: str
    article_ids: tuple[str, ...]
    outcome: str
    stored: tuple[StoredLife, ...]
    raw: tuple[RawEntry, ...]
    labelled: tuple[LabelledEntry, ...]
    dead: tuple[LetterInFull, ...]
    searched: tuple[Searched, ...]
    timeline: tuple[Event, ...]


def outcome(
    stored: Sequence[StoredLife],
    raw: Sequence[RawEntry],
    labelled: Sequence[LabelledEntry],
    dead: Sequence[LetterInFull],
) -> str:
    """Return the one word for where the article stands now.

    `in flight` goes before `stored`: a revision may be on its way. A letter that was replayed is
    not dead any more.
    """
    held = [entry.held for entry in raw] + [entry.held for entry in labelled]
    if any(each.state != "finished" for each in held):
        return "in flight"
    if any(not letter.replays for letter in dead):
        return "stored, and dead" if stored else "dead"
    if stored:
        return "stored"
    return "gone" if raw or labelled or dead else "nothing known"


def timeline(
    stored: Sequence[StoredLife],
    raw: Sequence[RawEntry],
    labelled: Sequence[LabelledEntry],
    dead: Sequence[LetterInFull],
) -> list[Event]:
    """Return what happened, in order; what the store and a stream both tell is told once."""
    events = [event for life in stored for event in _stored(life)]
    told = {revision.trace_id for life in stored for revision in life.revisions}
    for entry in raw:
        if entry.article.trace_id not in told:
            told.add(entry.article.trace_id)
            events.append(_received(entry.article))
        events.append(_entry("raw entry", entry.id, entry.entered_at, entry.held, entry.replay_of))
    classified = {verdict.classified_at for life in stored for verdict in life.verdicts}
    for sent in labelled:
        if sent.classified_at not in classified:
            events.append(_classified(sent))
        events.append(_entry("labelled entry", sent.id, sent.entered_at, sent.held, None))
    events += [event for letter in dead for event in _died(letter)]
    return sorted(events, key=lambda event: event.at)


def decisions(topics: Sequence[TopicLabel]) -> str:
    """Return the topics that are not a no, with probability and the words that decided."""
    shown = []
    for label in topics:
        if label.decision is not Decision.NO:
            words = ", ".join(item.term for item in label.evidence[:_WORDS])
            shown.append(
                f"{label.topic} {label.decision.value} {label.probability:.2f}"
                + (f" ({words})" if words else "")
            )
    return "; ".join(shown) or "no to every topic"


def _stored(life: StoredLife) -> list[Event]:
    events = []
    if life.published_at:
        events.append(Event(at=life.published_at, what="published", detail="says its producer"))
    for number, revision in enumerate(life.revisions, start=1):
        first = f"door {life.door}, producer {life.producer}" if number == 1 else "a new text"
        notes = "".join(f"; {note}" for note in revision.notes)
        events.append(
            Event(
                at=revision.received_at,
                what="received" if number == 1 else f"revision {number}",
                detail=f"{first}: {revision.title}{notes}; trace {revision.trace_id}",
            )
        )
    for verdict in life.verdicts:
        newest = verdict is life.verdicts[-1]
        said = verdict.abstained or (decisions(life.topics) if newest else "")
        events.append(
            Event(
                at=verdict.classified_at,
                what="classified",
                detail=f"{_model(verdict.model_version, verdict.profile)}: {said}".rstrip(": "),
            )
        )
    events.append(Event(at=life.stored_at, what="stored", detail=f"first, as {life.article_id}"))
    return events


def _received(article: Seen) -> Event:
    notes = "".join(f"; {note}" for note in article.notes)
    published = (
        f"; published {article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else ""
    )
    detail = f"door {article.door}, producer {article.producer}: {article.title}{published}{notes}"
    return Event(at=article.received_at, what="received", detail=detail)


def _entry(what: str, entry_id: str, at: datetime, held: Held, replay_of: str | None) -> Event:
    detail = f"{entry_id}, {held.state}"
    if held.consumer:
        detail += f" at {held.consumer}, delivery {held.deliveries}, {held.idle_ms} ms ago"
    if replay_of:
        detail += f"; it was dead letter {replay_of}"
    return Event(at=at, what=what, detail=detail)


def _classified(sent: LabelledEntry) -> Event:
    said = sent.abstained or decisions(sent.topics)
    return Event(
        at=sent.classified_at,
        what="classified",
        detail=f"{_model(sent.model.version, sent.profile)}: {said}",
    )


def _model(version: str, profile: str | None) -> str:
    return f"model {version}" + (f", {profile}" if profile else "")


def _died(found: LetterInFull) -> list[Event]:
    letter = found.letter
    if letter is None:
        return []
    detail = (
        f"{letter.stage}, {letter.reason}: {letter.error[:200]}; dead letter {found.id}, "
        f"after {letter.attempts} deliveries of {letter.entry_id}"
    )
    if found.former_id:
        detail += f", which was {found.former_id} before"
    replays = [
        Event(
            at=replay.at.astimezone(UTC),
            what="replayed",
            detail=f"{found.id} by {replay.by} on {replay.host}, as {replay.entry_id}",
        )
        for replay in found.replays
    ]
    return [Event(at=letter.died_at, what="died", detail=detail), *replays]
