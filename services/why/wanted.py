"""Which articles are meant by an id, a producer's own id, or an address. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import UsageError
from shared.identity import article_id, canonical_url, contested_id
from shared.intake import ANONYMOUS
from shared.messages import RawArticle

_ARTICLE_ID = re.compile(r"[gucx][0-9a-f]{24}")
_SPACES = ("client", "source", "feed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: article ids, an address (in both schemes), or a producer's own id.

    `producers`: the name spaces that `given_id` may be of; none means any.
    """

    typed: str
    ids: frozenset[str]
    urls: frozenset[str] = frozenset()
    given_id: str | None = None
    producers: frozenset[str] = frozenset()

    def is_meant(self, article: RawArticle) -> bool:
        """Tell whether `article` is (a revision of) what was asked for."""
        if article.article_id in self.ids:
            return True
        if contested_id(article.article_id, article.producer) in self.ids:
            return True
        if article.url in self.urls:
            return True
        return (
            self.given_id is not None
            and article.given_id == self.given_id
            and (not self.producers or article.producer in self.producers)
        )

    def is_mentioned(self, values: Iterable[bytes]) -> bool:
        """Tell whether bytes that are no article name what was asked for."""
        whole = [name.encode() for name in (self.given_id, *self.ids) if name]
        parts = [b'"%s"' % name for name in whole]
        parts += [url.encode() for url in (*self.urls, self.typed) if self.urls]
        return any(value in whole or any(part in value for part in parts) for value in values)


def wanted(typed: str, producer: str | None) -> Wanted:
    """Return what is meant by `typed`; raises UsageError if it is empty.

    `producer` is a whole name space (`source:wire`) or its name alone (`wire`). An address may
    also be a producer's own id: feeds do that.
    """
    text = typed.strip()
    if not text:
        raise UsageError("name an article: its id, its producer's own id, or its address")
    producers, url = _producers(producer), canonical_url(text)
    own = frozenset(_id(name, text, None) for name in producers or {ANONYMOUS})
    if url is not None:
        rest = url.partition("://")[2]
        urls = frozenset(f"{scheme}://{rest}" for scheme in ("http", "https"))
        return Wanted(text, own | {_id(ANONYMOUS, None, url)}, urls, text, producers)
    if _ARTICLE_ID.fullmatch(text) and not producer:
        return Wanted(text, frozenset([text]))
    return Wanted(text, own, given_id=text, producers=producers)


def _producers(producer: str | None) -> frozenset[str]:
    if producer is None:
        return frozenset()
    known = producer.partition(":")[0] in _SPACES
    return frozenset([producer] if known else [f"{space}:{producer}" for space in _SPACES])


def _id(producer: str, given_id: str | None, url: str | None) -> str:
    return article_id(producer=producer, given_id=given_id, url=url, content="")
