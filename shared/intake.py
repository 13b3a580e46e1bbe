"""Turn whatever a producer handed in into a RawArticle, or say why it is none.

Three shapes are understood, at every door the same fields:

    flat fields         XADD raw * title "…" text "…" lang de
    one JSON object     XADD raw * data '{"title": "…", "text": "…"}'   (any name for the field)
    FastStream envelope XADD raw * __data__ <binary>                     (broker.publish(…))

Only `text` is required. Pure: no input or output, no clock of its own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from shared.errors import InvalidArticle, Reason
from shared.identity import article_id, canonical_url, content_hash
from shared.messages import DATA_FIELD, RAW_SCHEMA, Door, RawArticle, decode_raw
from shared.text import Limits, clean_line, clean_text, cut

ENVELOPE_FIELD = b"__data__"
# Spellings that upstream systems use; the first is ours and wins.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "given_id", "guid"),
    "title": ("title", "headline"),
    "text": ("text", "body", "content"),
    "html": ("html",),
    "url": ("url", "link"),
    "language": ("lang", "language"),
    "source": ("source",),
    "published_at": ("published_at", "published", "date"),
}
ANONYMOUS = "source:-"
_FLAT_FIELDS = frozenset(name.encode() for names in ALIASES.values() for name in names)
# NUL escaped in JSON: an odd number of backslashes, then u0000. PostgreSQL refuses it.
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
_EARLIEST_PUBLICATION = datetime(1990, 1, 1, tzinfo=UTC)  # before the web there were no feeds
_LATEST_AHEAD = timedelta(days=2)  # embargoed stories and wrong time zones


@dataclass(frozen=True, slots=True)
class Arrival:
    """How and when something arrived. `trace_id`: 32 hex digits.

    `producer` names the authenticated client or feed; None lets the article's own `source` decide.
    """

    door: Door
    received_at: datetime
    trace_id: str
    producer: str | None = None
    limits: Limits = field(default_factory=Limits)


def queue_arrival(entry_id: str, entered_at: datetime, limits: Limits | None = None) -> Arrival:
    """Say when a foreign entry arrived: when the broker took it in, the same at every delivery."""
    trace = blake2b(entry_id.encode(), digest_size=16).hexdigest()
    return Arrival("queue", entered_at, trace, limits=limits or Limits())


def article_from_entry(fields: Mapping[bytes, bytes], arrival: Arrival) -> RawArticle:
    """Return the article of a raw stream entry, ours or a foreign producer's.

    Raises InvalidArticle with a reason, whatever the bytes are; never anything else.
    """
    if not fields:
        raise InvalidArticle(Reason.EMPTY, "the entry has no fields")
    if ENVELOPE_FIELD in fields:
        return _article_from_json(_open_envelope(fields[ENVELOPE_FIELD]), arrival)
    if not (_FLAT_FIELDS & fields.keys()):
        return _article_from_json(_only_payload(fields), arrival)
    return article_from_object(_flat_object(fields), arrival)


def parse_json(data: bytes) -> object:
    """Return the JSON value in `data`; raises InvalidArticle if it is not JSON in UTF-8.

    Uses the lenient parser of the standard library: unlike msgspec it takes escaped lone
    surrogates, which `clean_text` then repairs.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidArticle(Reason.NOT_UTF8, f"byte {error.start} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InvalidArticle(Reason.NOT_JSON, f"not JSON: {error}") from error


def parse_object(data: bytes) -> dict[str, object]:
    """Return the JSON object in `data`; raises InvalidArticle if it is something else."""
    value = parse_json(data)
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")
        raise InvalidArticle(
            Reason.NOT_AN_OBJECT, f"the JSON is {kind}; send one object with a field `text`"
        )
    return value


def article_from_object(given: Mapping[str, object], arrival: Arrival) -> RawArticle:
    """Return the article in a producer's object; raises InvalidArticle naming the field.

    Cleans every text, cuts what is over the limits, sets aside (with a note) an address, date or
    language that can't be understood, and settles the identity.
    """
    if "schema" in given and given["schema"] != RAW_SCHEMA:
        raise InvalidArticle(
            Reason.UNKNOWN_VERSION,
            f"schema {given['schema']!r:.80} is not known here; this release reads {RAW_SCHEMA}",
        )
    limits, notes = arrival.limits, list[str]()
    title = clean_line(_text_of(given, "title") or "")
    text = clean_text(_text_of(given, "text") or "")
    if not text:
        raise InvalidArticle(Reason.NO_TEXT, "the article has no text; put it into field `text`")
    content = content_hash(title, text)
    title, _ = cut(title, limits.max_title_chars)
    text, truncated = cut(text, limits.max_text_chars)
    html, _ = cut(clean_text(_text_of(given, "html") or ""), limits.max_html_chars)
    source = _name(given, "source", limits)
    producer = arrival.producer or (f"source:{source}" if source else ANONYMOUS)
    given_id = _name(given, "id", limits)
    url = _url(given, limits, notes)
    return RawArticle(
        schema=RAW_SCHEMA,
        article_id=article_id(producer=producer, given_id=given_id, url=url, content=content),
        producer=producer,
        given_id=given_id,
        content_hash=content,
        title=title,
        text=text,
        html=html or None,
        url=url,
        language=_language(given, notes),
        source=source,
        published_at=_published_at(given, arrival.received_at, notes),
        received_at=arrival.received_at,
        door=arrival.door,
        trace_id=arrival.trace_id,
        truncated_chars=truncated,
        notes=tuple(notes),
    )


def _article_from_json(payload: bytes, arrival: Arrival) -> RawArticle:
    try:
        article = decode_raw(payload)
    except InvalidArticle:
        given = parse_object(payload)
    else:
        return _without_nul(article, payload)
    if given.get("schema") == RAW_SCHEMA:
        return _own_message(payload, given, arrival)
    return article_from_object(given, arrival)


def _without_nul(article: RawArticle, payload: bytes) -> RawArticle:
    """Our doors clean before they write; a message of our schema that is unclean is not theirs."""
    if b"\\u0000" in payload and _ESCAPED_NUL.search(payload):
        raise InvalidArticle(Reason.BAD_FIELD, "a field holds NUL; clean it, or send plain fields")
    return article


def _own_message(payload: bytes, given: dict[str, object], arrival: Arrival) -> RawArticle:
    """Give a message that claims our schema, but does not fit it, its exact error."""
    decode_raw(payload)
    return article_from_object(given, arrival)


def _open_envelope(data: bytes) -> bytes:
    from faststream.redis.parser import BinaryMessageFormatV1  # noqa: PLC0415 heavy, and rare

    try:
        body, _headers = BinaryMessageFormatV1.parse(data)
    except Exception as error:  # the envelope is foreign bytes: whatever it raises, it is invalid
        raise InvalidArticle(Reason.NOT_JSON, f"broken FastStream envelope: {error}") from error
    return body


def _only_payload(fields: Mapping[bytes, bytes]) -> bytes:
    if DATA_FIELD in fields:
        return fields[DATA_FIELD]
    if len(fields) == 1:
        return next(iter(fields.values()))
    names = ", ".join(name.decode("utf-8", "replace")[:40] for name in list(fields)[:6])
    raise InvalidArticle(
        Reason.NO_TEXT,
        f"fields {names}: none is `text`; send flat fields, or one field with a JSON object",
    )


def _flat_object(fields: Mapping[bytes, bytes]) -> dict[str, object]:
    known: dict[str, object] = {}
    for name in (_FLAT_FIELDS | {b"schema"}) & fields.keys():
        try:
            known[name.decode()] = fields[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidArticle(
                Reason.NOT_UTF8, f"field `{name.decode()}`: byte {error.start} is not UTF-8"
            ) from error
    return known


def _value(given: Mapping[str, object], name: str) -> object:
    return next((given[key] for key in ALIASES[name] if given.get(key) not in (None, "")), None)


def _text_of(given: Mapping[str, object], name: str) -> str | None:
    value = _value(given, name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidArticle(
        Reason.BAD_FIELD, f"field `{name}` must be a text, not {type(value).__name__}"
    )


def _name(given: Mapping[str, object], name: str, limits: Limits) -> str | None:
    value = _value(given, name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise InvalidArticle(
            Reason.BAD_FIELD, f"field `{name}` must be a text, not {type(value).__name__}"
        )
    cleaned = clean_line(value or "")
    if len(cleaned) > limits.max_name_chars:
        # Cutting could make two ids one; so refuse.
        raise InvalidArticle(
            Reason.BAD_FIELD,
            f"field `{name}` has {len(cleaned)} characters, {limits.max_name_chars} are allowed",
        )
    return cleaned or None


def _url(given: Mapping[str, object], limits: Limits, notes: list[str]) -> str | None:
    value = _value(given, "url")
    if value is None:
        return None
    url = canonical_url(clean_line(value)) if isinstance(value, str) else None
    if url is None or len(url) > limits.max_url_chars:
        notes.append(f"url set aside, not an absolute http(s) address: {value!r:.200}")
        return None
    return url


def _language(given: Mapping[str, object], notes: list[str]) -> str | None:
    value = _value(given, "language")
    if value is None:
        return None
    match = _LANGUAGE.match(value) if isinstance(value, str) else None
    if match is None:
        notes.append(f"language set aside, not a language tag: {value!r:.80}")
        return None
    return match[0].lower()


def _published_at(
    given: Mapping[str, object], received_at: datetime, notes: list[str]
) -> datetime | None:
    value = _value(given, "published_at")
    if value is None:
        return None
    moment = _moment(value)
    if moment is None or not _EARLIEST_PUBLICATION <= moment <= received_at + _LATEST_AHEAD:
        notes.append(f"published_at set aside, not a plausible time: {value!r:.80}")
        return None
    return moment


def _moment(value: object) -> datetime | None:
    """Read ISO 8601, the dates of mail and RSS, or seconds since 1970; no zone means UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if not isinstance(value, str):
            return None
        text = value.strip()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None


__all__ = [
    "ANONYMOUS",
    "Arrival",
    "article_from_entry",
    "article_from_object",
    "parse_json",
    "parse_object",
    "queue_arrival",
]
