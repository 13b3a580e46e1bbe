"""The file door: JSON Lines, a JSON document, or one plain text whose first line is the title."""

import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.errors import InvalidArticle, Reason, UsageError
from shared.intake import Arrival, article_from_object, parse_json
from shared.messages import RawArticle
from shared.text import Limits


@dataclass(frozen=True, slots=True)
class FileItem:
    """One article of a file, or why the line is none. Lines count from 1."""

    line: int
    article: RawArticle | None
    refusal: InvalidArticle | None = None


def read_articles(
    name: str, *, now: datetime, limits: Limits, producer: str | None = None
) -> Iterator[FileItem]:
    """Yield what is in the file `name` (`-`: standard input), one item per article.

    A file that begins with `{` or `[` is JSON or JSON Lines, anything else plain text. Raises
    UsageError if it can't be read.
    """
    data = _read(name)
    for line, given in _objects(data):
        arrival = Arrival("file", now, secrets.token_hex(16), producer, limits)
        try:
            if isinstance(given, InvalidArticle):
                raise given
            yield FileItem(line, article_from_object(given, arrival))
        except InvalidArticle as error:
            yield FileItem(line, None, error)


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from error


def _objects(data: bytes) -> Iterator[tuple[int, dict[str, object] | InvalidArticle]]:
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] not in (b"{", b"["):
        yield 1, _plain_text(data)
        return
    try:
        whole = parse_json(data)
    except InvalidArticle:
        yield from _lines(data)
        return
    for number, item in enumerate(whole if isinstance(whole, list) else [whole], start=1):
        yield number, _object(item)


def _lines(data: bytes) -> Iterator[tuple[int, dict[str, object] | InvalidArticle]]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, _object(parse_json(line))
            except InvalidArticle as error:
                yield number, error


def _object(item: object) -> dict[str, object] | InvalidArticle:
    if isinstance(item, dict):
        return item
    return InvalidArticle(Reason.NOT_AN_OBJECT, "an article is a JSON object with a field `text`")


def _plain_text(data: bytes) -> dict[str, object] | InvalidArticle:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return InvalidArticle(Reason.NOT_UTF8, f"byte {error.start} is not UTF-8")
    title, _, rest = text.strip().partition("\n")
    return {"title": title, "text": rest} if rest.strip() else {"text": title}
