"""The file door: JSON Lines, a JSON document, or one plain text whose first line is the title."""

import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shared.clock import Clock
from shared.errors import InvalidArticle, Reason, UsageError
from shared.intake import Arrival, article_from_object, parse_json
from shared.messages import RawArticle
from shared.text import Limits

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FileItem:
    """One article of a file, or why the line is none. Lines count from 1."""

    line: int
    article: RawArticle | None
    refusal: InvalidArticle | None = None


def read_articles(
    name: str, *, clock: Clock, limits: Limits, producer: str | None = None
) -> Iterator[FileItem]:
    """Yield what is in the file `name` (`-`: standard input), one item per article.

    A file that begins with `{` or `[` is JSON or JSON Lines, anything else plain text. Each line is
    stamped as it is read, so that of two with one id the later is the newer. Raises UsageError if
    it can't be read.
    """
    with _opened(name) as file:
        for line, given in _objects(file):
            arrival = Arrival("file", clock.now(), secrets.token_hex(16), producer, limits)
            try:
                if isinstance(given, InvalidArticle):
                    raise given
                yield FileItem(line, article_from_object(given, arrival))
            except InvalidArticle as error:
                yield FileItem(line, None, error)


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    try:
        if name == "-":
            yield sys.stdin.buffer
        else:
            with Path(name).open("rb") as file:
                yield file
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from error


def _objects(file: IO[bytes]) -> Iterator[tuple[int, dict[str, object] | InvalidArticle]]:
    """Yield objects line by line where the first line is one; else the file is one document."""
    first, skipped = b"", 0
    for first in file:
        if first.removeprefix(_BYTE_ORDER_MARK).strip():
            break
        skipped += 1
    if first.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] not in (b"{", b"["):
        yield 1, _plain_text(first + file.read())
    elif isinstance(given := _parsed(first), dict):
        yield skipped + 1, given
        yield from _lines(file, skipped + 2)
    else:
        yield from _document(first + file.read(), skipped + 1)


def _document(data: bytes, start: int) -> Iterator[tuple[int, dict[str, object] | InvalidArticle]]:
    try:
        whole = parse_json(data)
    except InvalidArticle:
        yield from _lines(iter(data.splitlines()), start)
        return
    for number, item in enumerate(whole if isinstance(whole, list) else [whole], start=1):
        yield number, _object(item)


def _lines(
    lines: Iterable[bytes], start: int
) -> Iterator[tuple[int, dict[str, object] | InvalidArticle]]:
    for number, line in enumerate(lines, start=start):
        if line.strip():
            yield number, _parsed(line)


def _parsed(line: bytes) -> dict[str, object] | InvalidArticle:
    try:
        return _object(parse_json(line))
    except InvalidArticle as error:
        return error


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
