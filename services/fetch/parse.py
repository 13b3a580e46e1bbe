"""Bytes to feed entries, by feedparser. Pure, and run in a child process with limits.

feedparser is safe against entity tricks but quadratic on some input (539 KB took 20 s), so a feed
gets 5 CPU seconds and 1 GB of address space, and only its own poll fails when it takes more.
"""

import io
import multiprocessing
import os
import re
import resource
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from w3lib.html import remove_comments, remove_tags, remove_tags_with_content, replace_entities

from shared.errors import SourceUnavailable

MAX_ENTRIES = 500
_CPU_SECONDS = 5
_ADDRESS_SPACE_BYTES = 1 << 30
_BLOCK_ENDS = re.compile(r"(?i)</(p|div|h[1-6]|li|ul|ol|blockquote|section|tr|table)>|<br\s*/?>")
# feedparser fails on the whole feed when a number names no character: a surrogate, or past the end.
_CHARACTER_NUMBERS = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_NO_CHARACTER = b"&#65533;"
_SURROGATES = (0xD800, 0xDFFF)
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as the feed gives it; texts are plain, HTML is taken out."""

    guid: str | None
    url: str | None
    title: str
    text: str
    published: str | None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed: its title, language tag and entries, newest first as most feeds have it."""

    title: str
    language: str | None
    entries: tuple[FeedEntry, ...]


class ParserProcess:
    """Parses feeds in a reused child process; a feed that kills it fails alone."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def parse(self, data: bytes, url: str, content_type: str) -> ParsedFeed:
        """Return the feed in `data`; raises SourceUnavailable saying what is wrong. Blocks."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, context, initializer=_end_with_parent, max_tasks_per_child=1_000
            )
        try:
            return self._pool.submit(_parse_limited, data, url, content_type).result()
        except BrokenProcessPool as error:
            self._pool = None
            raise SourceUnavailable(
                f"{url}: parsing took more than {_CPU_SECONDS} s or {_ADDRESS_SPACE_BYTES} bytes"
            ) from error

    def close(self) -> None:
        """End the child."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def parse_feed(data: bytes, url: str, content_type: str = "") -> ParsedFeed:
    """Return the RSS or Atom feed in `data`; raises SourceUnavailable if it is something else."""
    import feedparser  # noqa: PLC0415 only the child needs it

    headers = {"content-type": content_type, "content-location": url}
    repaired = _CHARACTER_NUMBERS.sub(_known_character, data)
    found = feedparser.parse(io.BytesIO(repaired), response_headers=headers)
    if not found.get("version") and not found.entries:
        raise SourceUnavailable(f"{url} {_what_instead(data)}")
    return ParsedFeed(
        title=str(found.feed.get("title", "")),
        language=found.feed.get("language"),
        entries=tuple(_entry(entry) for entry in found.entries[:MAX_ENTRIES]),
    )


def html_to_text(html: str) -> str:
    """Return the text of an HTML fragment, a blank line between blocks."""
    without = remove_tags_with_content(remove_comments(html), ("script", "style"))
    text = replace_entities(remove_tags(_BLOCK_ENDS.sub("\n\n", without)))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _parse_limited(data: bytes, url: str, content_type: str) -> ParsedFeed:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + _CPU_SECONDS + 1)
    _limit(resource.RLIMIT_AS, _ADDRESS_SPACE_BYTES)
    try:
        return parse_feed(data, url, content_type)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 foreign bytes: whatever it raises, the feed is bad
        raise SourceUnavailable(f"{url} can't be parsed: {type(error).__name__}: {error}") from None


def _limit(kind: int, most: int) -> None:
    """Set a soft limit; the hard one, which may be lower, stays."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _end_with_parent() -> None:
    """End this child when its parent dies, however it dies; leave Ctrl-C to the parent.

    A pool's child holds both ends of its own queue, so it would wait for work for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _entry(entry: object) -> FeedEntry:
    get = entry.get  # type: ignore[attr-defined]
    bodies = [part.get("value", "") for part in get("content", [])]
    html = max([*bodies, get("summary", "")], key=len)
    title = html_to_text(get("title", ""))
    return FeedEntry(
        guid=get("id"),
        url=get("link"),
        title=title,
        text=html_to_text(html) or title,
        published=get("published") or get("updated"),
    )


def _known_character(match: re.Match[bytes]) -> bytes:
    """Return a numeric character reference as it is, or one that names a character."""
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    number = int(digits.lstrip(b"0")[:8] or b"0", base)  # eight digits are past the end anyway
    known = number <= sys.maxunicode and not _SURROGATES[0] <= number <= _SURROGATES[1]
    return match[0] if known else _NO_CHARACTER


def _what_instead(data: bytes) -> str:
    start = data[:2_000].lstrip().lower()
    if not start:
        return "answered with an empty body, not a feed"
    if b"<html" in start or start.startswith(b"<!doctype html"):
        return "is an HTML page, not a feed; look on that page for the feed's own address"
    return "is neither RSS nor Atom"
