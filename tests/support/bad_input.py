"""Bad and odd stream entries, each with its recorded verdict. A new one found in the wild goes here."""

import json

import pytest

from shared.errors import Reason
from tests.support.build import changed, raw

OWN = raw("Text", title="Title")


def flat(**fields: str | bytes) -> dict[bytes, bytes]:
    """Return an entry of flat fields."""
    return {k.encode(): v if isinstance(v, bytes) else v.encode() for k, v in fields.items()}


def data(value: object) -> dict[bytes, bytes]:
    """Return an entry with one JSON field."""
    return {b"data": json.dumps(value).encode()}


def payload(value: bytes) -> dict[bytes, bytes]:
    """Return an entry with one field of raw bytes."""
    return {b"data": value}


def own(**fields: object) -> dict[bytes, bytes]:
    """Return a message of our own schema with some fields replaced."""
    return data(changed(OWN, **fields))


_REFUSED: dict[str, tuple[dict[bytes, bytes], Reason]] = {
    "no fields": ({}, Reason.EMPTY),
    "empty payload": (payload(b""), Reason.NOT_JSON),
    "white space": (payload(b"  \n"), Reason.NOT_JSON),
    "prose": (payload(b"hello"), Reason.NOT_JSON),
    "HTML": (payload(b"<html><p>news</p></html>"), Reason.NOT_JSON),
    "half an object": (payload(b'{"text": "a'), Reason.NOT_JSON),
    "two objects": (payload(b'{"text": "a"}{"text": "b"}'), Reason.NOT_JSON),
    "single quotes": (payload(b"{'text': 'a'}"), Reason.NOT_JSON),
    "trailing comma": (payload(b'{"text": "a",}'), Reason.NOT_JSON),
    "raw line feed in a string": (payload(b'{"text": "a\nb"}'), Reason.NOT_JSON),
    "nested 100,000 deep": (payload(b'{"text":' + b"[" * 100_000), Reason.NOT_JSON),
    "nested deep in an unknown field": (
        payload(b'{"text":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        Reason.NOT_JSON,
    ),
    "a number of 5,000 digits": (payload(b'{"text":"a","id":' + b"9" * 5_000 + b"}"), Reason.NOT_JSON),
    "UTF-16": (payload('{"text": "a"}'.encode("utf-16")), Reason.NOT_UTF8),
    "Latin-1": (payload('{"text": "é"}'.encode("latin-1")), Reason.NOT_UTF8),
    "gzip": (payload(b"\x1f\x8b\x08\x00\x00"), Reason.NOT_UTF8),
    "overlong UTF-8": (payload(b'{"text": "\xc0\x80"}'), Reason.NOT_UTF8),
    "encoded surrogate": (payload(b'{"text": "\xed\xa0\x80"}'), Reason.NOT_UTF8),
    "JSON list": (data(["text"]), Reason.NOT_AN_OBJECT),
    "JSON text": (data("text"), Reason.NOT_AN_OBJECT),
    "JSON number": (data(3), Reason.NOT_AN_OBJECT),
    "JSON null": (data(None), Reason.NOT_AN_OBJECT),
    "JSON true": (data(True), Reason.NOT_AN_OBJECT),
    "empty object": (data({}), Reason.NO_TEXT),
    "title alone": (data({"title": "a"}), Reason.NO_TEXT),
    "empty text": (data({"title": "a", "text": ""}), Reason.NO_TEXT),
    "text of blanks": (data({"text": " \n\t "}), Reason.NO_TEXT),
    "text of controls": (data({"text": "\x00\x01\x1b"}), Reason.NO_TEXT),
    "text null": (data({"text": None}), Reason.NO_TEXT),
    "text in a strange field": (data({"Text": "a"}), Reason.NO_TEXT),
    "flat fields without text": (flat(title="a", url="https://example.org"), Reason.NO_TEXT),
    "two unknown fields": (flat(a="b", c="d"), Reason.NO_TEXT),
    "5,000 unknown fields": ({b"f%d" % n: b"v" for n in range(5_000)}, Reason.NO_TEXT),
    "text a number": (data({"text": 3}), Reason.BAD_FIELD),
    "text a list": (data({"text": ["a"]}), Reason.BAD_FIELD),
    "text an object": (data({"text": {"a": "b"}}), Reason.BAD_FIELD),
    "title a list": (data({"text": "a", "title": ["b"]}), Reason.BAD_FIELD),
    "html true": (data({"text": "a", "html": True}), Reason.BAD_FIELD),
    "id a list": (data({"text": "a", "id": [1]}), Reason.BAD_FIELD),
    "id true": (data({"text": "a", "id": True}), Reason.BAD_FIELD),
    "id a fraction": (data({"text": "a", "id": 1.5}), Reason.BAD_FIELD),
    "id too long": (data({"text": "a", "id": "x" * 501}), Reason.BAD_FIELD),
    "source an object": (data({"text": "a", "source": {"name": "b"}}), Reason.BAD_FIELD),
    "source too long": (flat(text="a", source="x" * 501), Reason.BAD_FIELD),
    "flat text not UTF-8": (flat(text=b"\xff\xfe"), Reason.NOT_UTF8),
    "flat title in Latin-1": (flat(text="a", title="é".encode("latin-1")), Reason.NOT_UTF8),
    "another schema": (data({"schema": "other/1", "text": "a"}), Reason.UNKNOWN_VERSION),
    "a later version of ours": (
        own(schema="topicwire.raw_article/2"),
        Reason.UNKNOWN_VERSION,
    ),
    "schema null": (data({"schema": None, "text": "a"}), Reason.UNKNOWN_VERSION),
    "flat fields with another schema": (flat(schema="2", text="a"), Reason.UNKNOWN_VERSION),
    "our schema without an id": (
        data({"schema": "topicwire.raw_article/1", "text": "a"}),
        Reason.BAD_FIELD,
    ),
    "our schema with a number as text": (own(text=3), Reason.BAD_FIELD),
    "our schema with an unknown door": (own(door="window"), Reason.BAD_FIELD),
    "our schema with a time without zone": (
        own(received_at="2026-11-20T12:00:00"),
        Reason.BAD_FIELD,
    ),
    "our schema with a publication without zone": (
        own(published_at="2026-11-20T12:00:00"),
        Reason.BAD_FIELD,
    ),
    "our schema with an id that is none": (own(article_id="x" * 33), Reason.BAD_FIELD),
    "our schema with a hash that is none": (own(content_hash="x" * 33), Reason.BAD_FIELD),
    "our schema with a trace that is none": (own(trace_id="x" * 33), Reason.BAD_FIELD),
    "our schema with a language that is none": (own(language="x" * 9), Reason.BAD_FIELD),
    "our schema with NUL in the text": (own(text="a\x00b"), Reason.BAD_FIELD),
    "our schema with NUL in a note": (own(notes=["a\x00"]), Reason.BAD_FIELD),
    "our schema with a lone surrogate": (own(text="a\ud800"), Reason.NOT_JSON),
    "broken envelope": ({b"__data__": b"nonsense"}, Reason.NOT_JSON),
    "empty envelope": ({b"__data__": b""}, Reason.NOT_JSON),
}  # fmt: skip
REFUSED = [pytest.param(*case, id=name) for name, case in _REFUSED.items()]

_ACCEPTED: dict[str, tuple[dict[bytes, bytes], dict[str, object], list[str]]] = {
    "escaped lone surrogate": (payload(b'{"text": "a\\ud800b"}'), {"text": "a\ufffdb"}, []),
    "escaped NUL": (data({"text": "a\x00b"}), {"text": "ab"}, []),
    "escape sequence in the title": (
        data({"text": "a", "title": "b\x1b[2J\r\nc"}),
        {"title": "b[2J c"},
        [],
    ),
    "backslash u0000 as text in ours": (own(text="a\\u0000b"), {"text": "a\\u0000b"}, []),
    "id a number": (data({"text": "a", "id": 12}), {"given_id": "12"}, []),
    "empty id": (data({"text": "a", "id": ""}), {"given_id": None}, []),
    "unknown fields beside text": (data({"text": "a", "mood": [1, {}]}), {"text": "a"}, []),
    "key given twice": (payload(b'{"text": "a", "text": "b"}'), {"text": "b"}, []),
    "NaN as date": (payload(b'{"text": "a", "date": NaN}'), {"published_at": None}, ["published_at"]),
    "infinite date": (payload(b'{"text": "a", "date": Infinity}'), {"published_at": None}, ["published_at"]),
    "date of 400 digits": (payload(b'{"text":"a","date":' + b"9" * 400 + b"}"), {"published_at": None}, ["published_at"]),
    "date in words": (data({"text": "a", "date": "yesterday"}), {"published_at": None}, ["published_at"]),
    "date before the web": (data({"text": "a", "date": "1789-07-14"}), {"published_at": None}, ["published_at"]),
    "date far ahead": (data({"text": "a", "date": "2099-01-01"}), {"published_at": None}, ["published_at"]),
    "date at the end of time": (data({"text": "a", "date": "9999-12-31T23:59:59-12:00"}), {"published_at": None}, ["published_at"]),
    "date an object": (data({"text": "a", "date": {"y": 1}}), {"published_at": None}, ["published_at"]),
    "date true": (data({"text": "a", "date": True}), {"published_at": None}, ["published_at"]),
    "address without scheme": (data({"text": "a", "url": "example.org"}), {"url": None}, ["url"]),
    "address of a script": (data({"text": "a", "url": "javascript:alert(1)"}), {"url": None}, ["url"]),
    "address a number": (data({"text": "a", "url": 3}), {"url": None}, ["url"]),
    "address too long": (data({"text": "a", "url": "https://example.org/" + "x" * 4_001}), {"url": None}, ["url"]),
    "address with a lone surrogate": (
        payload(b'{"text":"a","url":"https://example.org/\\ud800"}'),
        {"url": "https://example.org/%EF%BF%BD"},
        [],
    ),
    "language in words": (data({"text": "a", "lang": "German"}), {"language": None}, ["language"]),
    "language with a region": (data({"text": "a", "lang": "pt_BR"}), {"language": "pt"}, []),
    "language a list": (data({"text": "a", "lang": ["de"]}), {"language": None}, ["language"]),
    "all three set aside": (
        data({"text": "a", "lang": 1, "url": "x", "date": "x"}),
        {"language": None, "url": None, "published_at": None},
        ["url", "language", "published_at"],
    ),
}  # fmt: skip
ACCEPTED = [pytest.param(*case, id=name) for name, case in _ACCEPTED.items()]
