"""Learn which lines repeat across the articles of one host: furniture no list of words knows.

A line counts as furniture when it stands in at least `STORIES_WITH_LINE` other stories of the host,
and in at least a quarter of those in memory. Stories, not articles: what comes back under another
id, revised or delivered twice, shares its longest lines with what is remembered, takes its place,
and never counts against its own lines.

Each replica learns for itself, and forgets when it stops. Training and evaluation don't use this.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.messages import RawArticle

LONGEST_LINE_CHARS = 200
# A quarter keeps a sentence of background, which a newsroom repeats in its articles on one subject.
LEAST_SHARE = 0.25
STORIES_WITH_LINE = 5
STORIES_SEEN = 8
# Budget: 1,000 hosts of 24 stories of at most 24 lines take 90 MB at worst (measured in
# tests/unit/classifier/test_repeats.py on one host); the host unused for longest goes first.
MOST_HOSTS = 1_000
STORIES_REMEMBERED = 24
LINES_REMEMBERED = 24
_LONGEST_LINES = 3


@dataclass(frozen=True, slots=True)
class Story:
    """What is remembered of an article.

    body: hash → length in characters of its three longest lines; lines: hashes of its short lines.
    """

    body: dict[int, int]
    lines: frozenset[int]

    def same_as(self, other: "Story") -> bool:
        """Say whether both tell one story: half of the shorter one's body is in both.

        Half, not all, because a revision changes some lines; not any, because a cookie notice may
        be among the longest lines of every article.
        """
        if self.body and self.body.keys().isdisjoint(other.body):
            return False
        shared = sum(self.body[key] for key in self.body.keys() & other.body.keys())
        return 2 * shared >= min(sum(self.body.values()), sum(other.body.values()))


class RepeatedLines:
    """Remembers the short lines of each host's last stories, within bounds. Not thread-safe."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, tuple[Story, ...]] = OrderedDict()

    def learn(self, article: RawArticle) -> frozenset[str]:
        """Return the lines of `article` that repeat on its host, and remember the article.

        May be repeated: the answer depends on the host's other stories only. Without a URL or a
        source there is no host, and nothing is learnt. Takes about 50 µs.
        """
        host = host_of(article)
        if host is None:
            return frozenset()
        lines = list(dict.fromkeys(filter(None, map(str.strip, article.text.splitlines()))))
        short = {line: hash(line) for line in lines if _may_repeat(line)}
        story = Story(_body(lines), _edges(list(short.values())))
        others = [known for known in self._hosts.get(host, ()) if not story.same_as(known)]
        # The oldest makes room first, so that a second delivery is compared with the same stories.
        others = others[-(STORIES_REMEMBERED - 1) :]
        self._remember(host, (*others, story))
        if len(others) < STORIES_SEEN:
            return frozenset()
        least = max(STORIES_WITH_LINE, LEAST_SHARE * len(others))
        return frozenset(line for line, key in short.items() if _count(key, others) >= least)

    def _remember(self, host: str, stories: tuple[Story, ...]) -> None:
        self._hosts[host] = stories
        self._hosts.move_to_end(host)
        if len(self._hosts) > MOST_HOSTS:
            self._hosts.popitem(last=False)


def host_of(article: RawArticle) -> str | None:
    """Return the host of the article's URL without `www.`, else its source, else None."""
    try:
        host = urlsplit(article.url or "").hostname
    except ValueError:
        host = None
    return (host or "").removeprefix("www.") or (article.source or "").casefold() or None


def _may_repeat(line: str) -> bool:
    return len(line) < LONGEST_LINE_CHARS and any(map(str.isalpha, line))


def _body(lines: Sequence[str]) -> dict[int, int]:
    longest = sorted(lines, key=len, reverse=True)[:_LONGEST_LINES]
    return {hash(line): len(line) for line in longest}


def _edges(keys: Sequence[int]) -> frozenset[int]:
    """Keep what stands at the top and at the end, where furniture stands, of a text of many lines."""
    if len(keys) <= LINES_REMEMBERED:
        return frozenset(keys)
    return frozenset([*keys[: LINES_REMEMBERED // 2], *keys[-LINES_REMEMBERED // 2 :]])


def _count(key: int, stories: Iterable[Story]) -> int:
    return sum(key in story.lines for story in stories)
