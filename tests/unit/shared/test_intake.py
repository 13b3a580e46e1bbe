import json
from datetime import UTC, datetime, timedelta

import pytest
from faststream.redis.parser import BinaryMessageFormatV1
from hypothesis import example, given
from hypothesis import strategies as st

from shared.errors import InvalidArticle, Reason
from shared.intake import ALIASES, ANONYMOUS, article_from_entry, article_from_object
from shared.messages import DATA_FIELD, RAW_SCHEMA, RawArticle, decode_raw, encode
from shared.text import Limits
from tests.support.bad_input import ACCEPTED, REFUSED
from tests.support.build import NOW, arrival, changed, raw

GIVEN = {"title": "Title", "text": "Text", "lang": "de-AT", "source": "Gazette", "id": "7"}


def as_json(value: object) -> bytes:
    """Return `value` as a producer would send it."""
    return json.dumps(value).encode()


def taken(fields: dict[bytes, bytes]) -> RawArticle | None:
    """Return the article in an entry, None if it is refused in the proper way."""
    try:
        return article_from_entry(fields, arrival())
    except InvalidArticle as error:
        str(error).encode()  # an error must be fit to be logged and stored
        return None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({k.encode(): v.encode() for k, v in GIVEN.items()}, id="flat fields"),
        pytest.param({b"data": as_json(GIVEN)}, id="JSON in data"),
        pytest.param({b"anything": as_json(GIVEN)}, id="JSON in one field of any name"),
        pytest.param({b"data": as_json(GIVEN), b"hint": b"x"}, id="data beside other fields"),
        pytest.param({b"data": b"\xef\xbb\xbf" + as_json(GIVEN)}, id="byte order mark"),
        pytest.param(
            {
                b"headline": b"Title",
                b"body": b"Text",
                b"language": b"de",
                b"source": b"Gazette",
                b"guid": b"7",
            },
            id="other spellings",
        ),
    ],
)
def test_every_shape_is_the_same_article(fields: dict[bytes, bytes]) -> None:
    """However a producer writes it, it is the same article with the same id."""
    article = article_from_entry(fields, arrival())

    assert (article.title, article.text, article.language) == ("Title", "Text", "de")
    assert article.producer == "source:Gazette"
    assert raw("Text", title="Title", source="Gazette", id="7").article_id == article.article_id


async def test_a_faststream_envelope_is_understood() -> None:
    """An upstream system that publishes with FastStream needs to know nothing of ours."""
    envelope = await BinaryMessageFormatV1.encode(
        message=GIVEN, reply_to=None, headers={"a": "b"}, correlation_id="c"
    )

    assert article_from_entry({b"__data__": envelope}, arrival()).title == "Title"


def test_our_own_message_comes_through_as_it_is() -> None:
    """A door's message is taken over whole: door, times, trace and id are the door's."""
    message = raw("Text", at=datetime(2026, 1, 2, tzinfo=UTC), title="Title")

    assert message == article_from_entry({DATA_FIELD: encode(message)}, arrival())


@pytest.mark.parametrize(("fields", "reason"), REFUSED)
def test_bad_input_is_refused_with_its_reason(fields: dict[bytes, bytes], reason: Reason) -> None:
    """Each recorded piece of bad input gets the recorded verdict, with a detail that helps."""
    with pytest.raises(InvalidArticle) as caught:
        article_from_entry(fields, arrival())

    assert reason is caught.value.reason
    assert 5 < len(caught.value.detail) < 1_000


@pytest.mark.parametrize(("fields", "expected", "notes"), ACCEPTED)
def test_odd_input_is_taken_with_a_note(
    fields: dict[bytes, bytes], expected: dict[str, object], notes: list[str]
) -> None:
    """What can be repaired or set aside is, and a note says so where something was set aside."""
    article = article_from_entry(fields, arrival())

    assert expected == {name: getattr(article, name) for name in expected}
    assert notes == [note.split(" set aside")[0] for note in article.notes]


def test_text_beyond_the_limit_is_cut_and_counted() -> None:
    """A book is cut, the number of lost characters is told, and the hash covers the whole."""
    long, longer = "x" * 1_500, "x" * 1_501
    at = arrival()
    bounded = type(at)(at.door, at.received_at, at.trace_id, limits=Limits(max_text_chars=1_000))

    article = article_from_object({"text": long}, bounded)

    assert (len(article.text), article.truncated_chars) == (1_000, 500)
    assert article.content_hash != article_from_object({"text": longer}, bounded).content_hash


@pytest.mark.parametrize(
    ("source", "producer", "expected"),
    [
        pytest.param(None, None, ANONYMOUS, id="nobody says"),
        pytest.param("Gazette", None, "source:Gazette", id="the article says"),
        pytest.param("Gazette", "client:a", "client:a", id="the door knows better"),
    ],
)
def test_producer_is_who_the_door_knows(
    source: str | None, producer: str | None, expected: str
) -> None:
    """A logged-in client can't write into another's name space by naming its source."""
    assert expected == raw("Text", source=source, producer=producer).producer


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2026-11-20T08:00:00Z", datetime(2026, 11, 20, 8, tzinfo=UTC), id="ISO"),
        pytest.param("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), id="day"),
        pytest.param("2026-11-20T08:00:00+02:00", datetime(2026, 11, 20, 6, tzinfo=UTC), id="zone"),
        pytest.param(
            "Fri, 20 Nov 2026 08:00:00 GMT", datetime(2026, 11, 20, 8, tzinfo=UTC), id="mail"
        ),
        pytest.param(1_795_000_000, datetime.fromtimestamp(1_795_000_000, UTC), id="seconds"),
    ],
)
def test_published_at_reads_the_usual_spellings(written: object, expected: datetime) -> None:
    """ISO, mail dates and seconds since 1970 are moments in UTC."""
    assert expected == raw("Text", published_at=written).published_at


KEYS = st.sampled_from(["schema", *(name for names in ALIASES.values() for name in names)])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None)),
    st.sampled_from([RAW_SCHEMA, "https://example.org/a?b=%zz", "2026-11-20", "9999-12-31", "de"]),
)  # fmt: skip
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))
OBJECTS = st.dictionaries(KEYS, VALUES)
OWN = raw("Text", title="Title", url="https://example.org/")
BENT = st.dictionaries(st.sampled_from(OWN.__struct_fields__), VALUES).map(
    lambda fields: changed(OWN, **fields)
)
PAYLOADS = st.one_of(
    st.binary(),
    VALUES.map(as_json),
    OBJECTS.map(as_json),
    BENT.map(as_json),
    st.integers(0, 200_000).map(lambda depth: b'{"text":"a","url":' + b"[" * depth),
)
ENTRIES = st.one_of(
    st.dictionaries(st.binary(), st.binary()),
    st.dictionaries(KEYS.map(str.encode), PAYLOADS),
    st.fixed_dictionaries({b"data": PAYLOADS}),
    st.fixed_dictionaries({b"__data__": st.binary()}),
    st.fixed_dictionaries({b"__data__": PAYLOADS.map(lambda p: b"\x89BIN\x0d\x0a\x1a\x0a" + p)}),
)


@given(ENTRIES)
@example({b"data": b'{"x":' + b"[" * 100_000})
@example({b"data": b'{"text":"a","url":' + b"[" * 300 + b"]" * 300 + b"}"})
def test_whatever_the_bytes_it_is_an_article_or_invalid(fields: dict[bytes, bytes]) -> None:
    """Never anything but InvalidArticle is raised; what is taken travels and can be stored."""
    article = taken(fields)

    if article is not None:
        assert article == decode_raw(encode(article))
        assert "\x00" not in f"{article.title}{article.text}{article.html}{article.url}"
        assert isinstance(article.received_at - NOW, timedelta)
