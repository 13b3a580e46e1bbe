import json
from pathlib import Path

import msgspec
import pytest

from shared.errors import InvalidArticle, Reason
from shared.messages import (
    DATA_FIELD,
    DEAD_FIELD,
    DeadLetter,
    LabelledArticle,
    RawArticle,
    decode_dead,
    decode_labelled,
    decode_raw,
    encode,
)
from tests.support.build import changed, labelled, raw

GOLDEN = Path(__file__).parents[2] / "messages"
Message = RawArticle | LabelledArticle | DeadLetter


def decode(data: bytes, path: Path) -> Message:
    """Decode as the reader of that golden file's message would."""
    if path.stem.startswith("raw"):
        return decode_raw(data)
    if path.stem.startswith("labelled"):
        return decode_labelled({DATA_FIELD: data})
    return decode_dead({DEAD_FIELD: data})


GOLDEN_FILES = [pytest.param(path, id=path.stem) for path in sorted(GOLDEN.glob("*.json"))]


def test_there_is_a_golden_file_of_every_message() -> None:
    """A new message or version needs its golden file."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == {
        "raw_article-1", "raw_article-1-smallest", "labelled_article-1", "labelled_article-1-full",
        "dead_letter-1",
    }  # fmt: skip


@pytest.mark.parametrize("path", GOLDEN_FILES)
def test_a_golden_message_reads_and_writes_the_same(path: Path) -> None:
    """What any release wrote is read, and written again with the same meaning."""
    golden = path.read_bytes()

    again = encode(decode(golden, path))

    assert json.loads(golden) == json.loads(again)


@pytest.mark.parametrize("path", GOLDEN_FILES)
def test_unknown_fields_are_ignored_at_every_level(path: Path) -> None:
    """A later release may add fields without breaking this one."""
    golden = path.read_bytes()

    more = json.dumps(_with_more(json.loads(golden))).encode()
    assert decode(golden, path) == decode(more, path)


@pytest.mark.parametrize("path", GOLDEN_FILES)
def test_a_missing_required_field_is_named(path: Path) -> None:
    """A message without one of its required fields is refused, and the error says which."""
    message = json.loads(path.read_bytes())
    kind = type(decode(path.read_bytes(), path))

    for name in [field.name for field in msgspec.structs.fields(kind) if field.required]:
        without = {key: value for key, value in message.items() if key != name}
        with pytest.raises(InvalidArticle, match=name):
            decode(json.dumps(without).encode(), path)


def test_all_required_fields_are_as_they_were() -> None:
    """A message may gain optional fields, never a required one: old writers would be refused."""
    smallest = json.loads((GOLDEN / "raw_article-1-smallest.json").read_bytes())
    required = {f.name for f in msgspec.structs.fields(RawArticle) if f.required}

    assert set(smallest) == required


def test_the_full_golden_message_has_every_field() -> None:
    """A field that a message gains comes into the golden file; those before it stay as they are."""
    full = decode_labelled({DATA_FIELD: (GOLDEN / "labelled_article-1-full.json").read_bytes()})
    first = decode_labelled({DATA_FIELD: (GOLDEN / "labelled_article-1.json").read_bytes()})

    parts = [full, full.article, full.topics[0], full.topics[0].passage]
    assert [part for part in parts if _left_out(part)] == []
    assert (first.profile, {label.passage for label in first.topics}) == (None, {None})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"schema": "topicwire.labelled_article/2"}, Reason.UNKNOWN_VERSION, id="v2"),
        pytest.param(
            {"article": changed(raw(), schema="topicwire.raw_article/2")},
            Reason.UNKNOWN_VERSION,
            id="v2 inside",
        ),
        pytest.param({"topics": "none"}, Reason.BAD_FIELD, id="wrong type"),
        pytest.param({"topics": [{"topic": "a"}]}, Reason.BAD_FIELD, id="half a topic"),
        pytest.param({"classified_at": "2026-11-20T12:00:00"}, Reason.BAD_FIELD, id="no zone"),
    ],
)
def test_a_labelled_article_that_does_not_fit_is_refused_with_its_reason(
    fields: dict[str, object], reason: Reason
) -> None:
    """The sink can tell a newer classifier from a broken message."""
    data = json.dumps(changed(labelled(raw()), **fields)).encode()

    with pytest.raises(InvalidArticle) as caught:
        decode_labelled({DATA_FIELD: data})

    assert reason is caught.value.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", Reason.NOT_JSON, id="empty"),
        pytest.param(b"\xff", Reason.NOT_JSON, id="no JSON at all"),
        pytest.param(b'{"schema":"\xff"}', Reason.NOT_UTF8, id="not UTF-8"),
        pytest.param(b'{"x":' + b"[" * 100_000, Reason.NOT_JSON, id="nested too deep"),
    ],
)
def test_bytes_that_are_no_message_are_refused(data: bytes, reason: Reason) -> None:
    """Whatever lies in the labelled stream, the sink gets a reason and no other error."""
    with pytest.raises(InvalidArticle) as caught:
        decode_labelled({DATA_FIELD: data})

    assert reason is caught.value.reason


def test_entries_without_our_field_are_refused() -> None:
    """An entry that somebody else wrote into our streams is told apart."""
    with pytest.raises(InvalidArticle, match="data"):
        decode_labelled({b"other": b"x"})
    with pytest.raises(InvalidArticle, match=r"topicwire\.dead"):
        decode_dead({b"other": b"x"})


def test_messages_come_back_as_they_went() -> None:
    """A round trip through JSON loses nothing."""
    article = raw("Text \U0001f600", title="Łódź", url="https://example.org/", notes=["a"])

    assert article == decode_raw(encode(article))
    assert labelled(article) == decode_labelled({DATA_FIELD: encode(labelled(article))})


def _left_out(message: object) -> set[str]:
    assert isinstance(message, msgspec.Struct)
    return set(message.__struct_fields__) - msgspec.to_builtins(message).keys()


def _with_more(value: object) -> object:
    if isinstance(value, dict):
        return {**{key: _with_more(inner) for key, inner in value.items()}, "later": [1, {}]}
    return [_with_more(inner) for inner in value] if isinstance(value, list) else value
