import io
import json
import sys
from pathlib import Path

import pytest

from services.fetch.files import read_articles
from shared.errors import Reason, UsageError
from shared.text import Limits
from tests.support.build import HeldClock

BOM = b"\xef\xbb\xbf"
Read = list[tuple[int, str | Reason]]


def line(text: str) -> bytes:
    """Return one line of JSON Lines."""
    return json.dumps({"text": text}).encode() + b"\n"


def read(name: str) -> Read:
    """Return per item its line and its text, or why it is refused."""
    return [
        (item.line, item.refusal.reason if item.refusal else item.article.text)
        for item in read_articles(name, clock=HeldClock(), limits=Limits())
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a path to write to."""
    return tmp_path / "articles"


CASES: dict[str, tuple[bytes, Read]] = {
    "JSON Lines": (line("a") + line("b"), [(1, "a"), (2, "b")]),
    "no line feed at the end": (line("a") + line("b").rstrip(), [(1, "a"), (2, "b")]),
    "blank lines": (b"\n\n" + line("a") + b"\n  \n" + line("b"), [(3, "a"), (6, "b")]),
    "Windows line ends": (line("a").replace(b"\n", b"\r\n") * 2, [(1, "a"), (2, "a")]),
    "byte order mark": (BOM + line("a") + line("b"), [(1, "a"), (2, "b")]),
    "byte order mark on a blank line": (BOM + b"\n" + line("a"), [(2, "a")]),
    "a bad line between": (
        line("a") + b"{broken\n" + line("b"),
        [(1, "a"), (2, Reason.NOT_JSON), (3, "b")],
    ),
    "a bad line first": (b"{broken\n" + line("b"), [(1, Reason.NOT_JSON), (2, "b")]),
    "a list first, then lines": (b"[1]\n" + line("b"), [(1, Reason.NOT_AN_OBJECT), (2, "b")]),
    "a number between": (line("a") + b"3\n", [(1, "a"), (2, Reason.NOT_AN_OBJECT)]),
    "not UTF-8 between": (line("a") + b'{"text": "\xff"}\n', [(1, "a"), (2, Reason.NOT_UTF8)]),
    "an article without text": (line("a") + b"{}\n", [(1, "a"), (2, Reason.NO_TEXT)]),
    "JSON list": (b'[{"text": "a"},\n{"text": "b"}]', [(1, "a"), (2, "b")]),
    "JSON list over lines": (b'[\n  {"text": "a"},\n  {"text": "b"}\n]\n', [(1, "a"), (2, "b")]),
    "JSON list with others in it": (
        b'[{"text": "a"}, "b", null]',
        [(1, "a"), (2, Reason.NOT_AN_OBJECT), (3, Reason.NOT_AN_OBJECT)],
    ),
    "empty JSON list": (b"[]", []),
    "one object over lines": (b'{\n  "text": "a"\n}\n', [(1, "a")]),
    "one object over lines with a mark": (BOM + b'{\n  "text": "a"\n}\n', [(1, "a")]),
    "plain text": (b"Talks\n\nThey talk.\n", [(1, "They talk.")]),
    "plain text of one line": (b"They talk.", [(1, "They talk.")]),
    "plain text with a mark": (BOM + "Über\nText".encode(), [(1, "Text")]),
    "plain text in Latin-1": ("Über\nText".encode("latin-1"), [(1, Reason.NOT_UTF8)]),
    "plain text in UTF-16": ("a".encode("utf-16"), [(1, Reason.NOT_UTF8)]),
    "nothing": (b"", [(1, Reason.NO_TEXT)]),
    "white space": (b" \n\n\t\n", [(1, Reason.NO_TEXT)]),
    "only a mark": (BOM, [(1, Reason.NO_TEXT)]),
    "lone surrogate": (b'{"text": "a\\ud800"}\n', [(1, "a\ufffd")]),
    "nested without end": (b"[" * 100_000, [(1, Reason.NOT_JSON)]),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*c, id=n) for n, c in CASES.items()])
def test_every_item_of_a_file_is_an_article_or_refused_by_line(
    file: Path, data: bytes, expected: Read
) -> None:
    """Each shape a file may have is read; what is none is told with its line and disturbs no other."""
    file.write_bytes(data)

    assert read(str(file)) == expected


def test_the_first_line_of_a_plain_text_is_its_title(file: Path) -> None:
    """The rest is the text."""
    file.write_bytes(b"\nTalks\nThey talk.\n")

    (item,) = read_articles(str(file), clock=HeldClock(), limits=Limits())

    assert item.article is not None
    assert (item.article.title, item.article.text) == ("Talks", "They talk.")


def test_standard_input_is_read_by_its_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` stands for what is piped in."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line("a") + line("b"))))

    assert read("-") == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_read_is_used_wrongly(tmp_path: Path, name: str) -> None:
    """A file that is not there, or a folder, is named."""
    with pytest.raises(UsageError, match="can't be read"):
        read(str(tmp_path / name))


def test_a_file_is_read_as_it_is_consumed(file: Path) -> None:
    """Line by line: the first article is there before a bad end is met, and no file is too long."""
    file.write_bytes(line("a") * 3)
    items = read_articles(str(file), clock=HeldClock(), limits=Limits())

    assert next(items).line == 1
    items.close()  # type: ignore[attr-defined]


def test_later_lines_are_received_later(file: Path) -> None:
    """Of two lines with one id the second is the newer revision, also in a pipe that runs for days."""
    clock = HeldClock()
    file.write_bytes(b'{"id": "1", "text": "old"}\n{"id": "1", "text": "new"}\n')
    received = []

    for item in read_articles(str(file), clock=clock, limits=Limits()):
        assert item.article is not None
        received.append(item.article.received_at)
        clock.advance(seconds=1)

    assert received[0] < received[1]


def test_the_producer_is_the_name_space_of_the_ids(file: Path) -> None:
    """One id under two producers is two articles."""
    file.write_bytes(b'{"id": "1", "text": "a"}\n')

    def identity(producer: str) -> str:
        (item,) = read_articles(str(file), clock=HeldClock(), limits=Limits(), producer=producer)
        assert item.article is not None
        return item.article.article_id

    assert identity("client:one") != identity("client:two")
