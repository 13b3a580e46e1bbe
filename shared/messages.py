"""The messages that travel between services: versioned, frozen, in the past tense.

A message may gain fields, never lose or retype one; readers ignore what they do not know.
Every stream entry of ours has one field, `data`, that holds the message as JSON (UTF-8); a dead
letter has the field `topicwire.dead` instead, followed by the untouched fields of the entry that
failed. JSON Schema: docs/schemas/, stream map: docs/asyncapi.yaml, golden files: tests/messages/.

msgspec was measured against pydantic before it was chosen: docs/decisions/0002-messages.md.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from shared.errors import InvalidArticle, Reason

RAW_SCHEMA: Final = "topicwire.raw_article/1"
LABELLED_SCHEMA: Final = "topicwire.labelled_article/1"
DEAD_SCHEMA: Final = "topicwire.dead_letter/1"

DATA_FIELD: Final = b"data"
DEAD_FIELD: Final = b"topicwire.dead"
PACKED_FIELD: Final = b"topicwire.packed"

Door = Literal["feed", "page", "push", "queue", "file"]
# The store's columns are as long as this, and times without a zone can't be compared with ours.
Digest = Annotated[str, msgspec.Meta(max_length=32)]
LanguageCode = Annotated[str, msgspec.Meta(max_length=8)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Decision(StrEnum):
    """What the classifier says of one topic."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class RawArticle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article as it came through a door, cleaned of what stores and logs choke on.

    `article_id` is stable (shared.identity); `producer` is the name space of `given_id`;
    `content_hash` covers the title and the whole text, also what `truncated_chars` counts as cut
    off. Times are UTC. `received_at` is our own clock's (the broker's for the queue door), and
    orders revisions. `notes` tell what was repaired or set aside at the door.
    """

    schema: Literal["topicwire.raw_article/1"]
    article_id: Digest
    producer: str
    content_hash: Digest
    title: str
    text: str
    received_at: Moment
    door: Door
    trace_id: Digest
    given_id: str | None = None
    url: str | None = None
    html: str | None = None
    language: LanguageCode | None = None
    source: str | None = None
    published_at: Moment | None = None
    truncated_chars: int = 0
    notes: tuple[str, ...] = ()


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A term that spoke for (weight > 0) or against a topic.

    `weight` is the term's part of the model's score, in log-odds; `start` and `end` are character
    offsets of its first occurrence in the clean text (title, line feed, text).
    """

    term: str
    weight: float
    start: int
    end: int


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """The passage that weighed most with the sentence encoder.

    `weight`: by how much the encoder's score for the topic falls without it, in log-odds; `start`
    and `end` are offsets as in Evidence.
    """

    start: int
    end: int
    weight: float


class TopicLabel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the model says of one topic.

    `probability` is in 0..1; it is *yes* from `threshold` upwards, *no* below `threshold_no`,
    and *unsure* between.
    """

    topic: str
    probability: float
    decision: Decision
    threshold: float
    threshold_no: float
    evidence: tuple[Evidence, ...] = ()
    passage: Passage | None = None


class RemovedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of page furniture: character offsets into the raw text, and why it was taken out."""

    start: int
    end: int
    reason: str


class ModelIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Which model spoke: `sha256` is that of the artefact's file and tells models apart."""

    name: str
    version: str
    sha256: str


class LabelledArticle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article with its topics, and everything needed to explain and to repeat the labelling.

    The clean text is derived: `article.text` without the `removed` spans. `abstained` says why the
    model did not decide (every topic is then *unsure*), for example `too_short`. `profile`:
    `accurate` (terms and sentence encoder) or `fast` (terms alone decided).
    """

    schema: Literal["topicwire.labelled_article/1"]
    article: RawArticle
    language: LanguageCode
    language_confidence: float
    topics: tuple[TopicLabel, ...]
    model: ModelIdentity
    cleaner_version: str
    classified_at: Moment
    removed: tuple[RemovedSpan, ...] = ()
    abstained: str | None = None
    profile: str | None = None


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why an entry was given up; the entry's own bytes follow it in the same stream entry.

    `stage`: which stage gave up. `blame`: `producer` (the entry was wrong) or `processing` (we
    failed on it). `attempts` counts deliveries. `entered_at` is the entry's time in its stream.
    """

    schema: Literal["topicwire.dead_letter/1"]
    stage: str
    reason: str
    error: str
    blame: Literal["producer", "processing"]
    stream: str
    entry_id: str
    attempts: int
    entered_at: Moment
    died_at: Moment
    consumer: str
    article_id: str | None = None


M = TypeVar("M")

_encoder = msgspec.json.Encoder()
_raw_decoder = msgspec.json.Decoder(RawArticle)
_labelled_decoder = msgspec.json.Decoder(LabelledArticle)
_dead_decoder = msgspec.json.Decoder(DeadLetter)


def encode(message: RawArticle | LabelledArticle | DeadLetter) -> bytes:
    """Return `message` as JSON in UTF-8."""
    return _encoder.encode(message)


def decode_raw(data: bytes) -> RawArticle:
    """Return the raw article in `data`; raises InvalidArticle naming the field that is wrong."""
    return _decode(_raw_decoder, data)


def decode_labelled(fields: Mapping[bytes, bytes]) -> LabelledArticle:
    """Return the labelled article of a stream entry; raises InvalidArticle if there is none."""
    data = fields.get(DATA_FIELD)
    if data is None:
        raise InvalidArticle(Reason.NO_TEXT, "the entry has no field `data`")
    return _decode(_labelled_decoder, data)


def decode_dead(fields: Mapping[bytes, bytes]) -> DeadLetter:
    """Return the dead letter of a stream entry; raises InvalidArticle if there is none."""
    data = fields.get(DEAD_FIELD)
    if data is None:
        raise InvalidArticle(Reason.EMPTY, "the entry has no field `topicwire.dead`")
    return _decode(_dead_decoder, data)


def original_fields(fields: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Return the entry that died, byte for byte, from the fields of its dead letter.

    An entry of more than 3,000 fields was packed: names and values in turn, each as its length in
    digits, a colon, and its bytes (a netstring without the comma).
    """
    own = {name: value for name, value in fields.items() if name != DEAD_FIELD}
    if own.keys() != {PACKED_FIELD}:
        return own
    parts, rest = list[bytes](), memoryview(own[PACKED_FIELD])
    while rest:
        length, _, _ = bytes(rest[:16]).partition(b":")
        start, end = len(length) + 1, len(length) + 1 + int(length)
        parts.append(bytes(rest[start:end]))
        rest = rest[end:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _decode(decoder: "msgspec.json.Decoder[M]", data: bytes) -> M:
    try:
        return decoder.decode(data)
    except UnicodeDecodeError as error:
        raise InvalidArticle(Reason.NOT_UTF8, f"the message is not UTF-8: {error}") from error
    except msgspec.ValidationError as error:
        reason = Reason.UNKNOWN_VERSION if ".schema`" in str(error) else Reason.BAD_FIELD
        raise InvalidArticle(reason, str(error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidArticle(Reason.NOT_JSON, str(error)) from error
