"""From a feed's bytes to raw articles: parse, take in, settle identities."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.fetch.parse import FeedEntry, ParsedFeed
from shared.errors import InvalidArticle
from shared.identity import content_hash
from shared.intake import Arrival, article_from_object
from shared.messages import RawArticle
from shared.text import Limits, clean_line, cut


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The entries of one feed answer: articles, and why others are none."""

    articles: Sequence[RawArticle]
    refused: Sequence[InvalidArticle]


def take_in(feed: ParsedFeed, url: str, *, now: datetime, limits: Limits) -> TakenIn:
    """Return the articles of a parsed feed.

    An entry with an address is identified by it; its guid counts only where there is none, in the
    feed's own name space.
    """
    articles, refused = list[RawArticle](), list[InvalidArticle]()
    for entry in feed.entries:
        arrival = Arrival("feed", now, secrets.token_hex(16), f"feed:{url}"[:500], limits)
        try:
            articles.append(article_from_object(_given(entry, feed, url, limits), arrival))
        except InvalidArticle as error:
            refused.append(error)
    return TakenIn(articles, refused)


def _given(entry: FeedEntry, feed: ParsedFeed, url: str, limits: Limits) -> dict[str, object]:
    return {
        "id": None if entry.url else _short_guid(entry.guid or "", limits),
        "url": entry.url,
        "title": entry.title,
        "text": entry.text,
        "lang": feed.language,
        "source": cut(clean_line(feed.title) or url, limits.max_name_chars)[0],
        "published_at": entry.published,
    }


def _short_guid(guid: str, limits: Limits) -> str:
    """Return a guid that fits; a longer one as its hash: cutting could make two guids one."""
    line = clean_line(guid)
    return line if len(line) <= limits.max_name_chars else content_hash("guid", line)
