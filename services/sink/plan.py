"""Decide what a batch of labelled articles means for the store. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.identity import contested_id
from shared.messages import LabelledArticle


class StoreOutcome(StrEnum):
    """What became of one labelled article in the store."""

    STORED = "stored"
    REVISED = "revised"
    RECLASSIFIED = "reclassified"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Head:
    """What the store holds of an article: its owner and its newest revision and classification."""

    producer: str
    content_hash: str
    received_at: datetime
    model_sha256: str

    def loses_to(self, other: "Head") -> bool:
        """Whether `other` is the newer revision; equal times are settled by the content's hash."""
        return (self.received_at, self.content_hash) < (other.received_at, other.content_hash)


@dataclass(frozen=True, slots=True)
class Planned:
    """One article with the id it is stored under and what that means."""

    article_id: str
    article: LabelledArticle
    outcome: StoreOutcome

    @property
    def writes(self) -> bool:
        """Whether the store changes at all."""
        return self.outcome is not StoreOutcome.DUPLICATE


def head_of(article: LabelledArticle) -> Head:
    """Return the article as the store would know it."""
    raw = article.article
    return Head(raw.producer, raw.content_hash, raw.received_at, article.model.sha256)


def candidate_ids(articles: Sequence[LabelledArticle]) -> list[str]:
    """Return every id a batch may touch, sorted: the articles' own, and those if contested."""
    own = {article.article.article_id for article in articles}
    other = {contested_id(a.article.article_id, a.article.producer) for a in articles}
    return sorted(own | other)


def plan(articles: Sequence[LabelledArticle], heads: Mapping[str, Head]) -> list[Planned]:
    """Return what becomes of each article, in order, given what the store holds.

    The newest `received_at` wins, earlier revisions are kept, and a producer's differing text for
    an address that another producer brought gets an article of its own: nobody overwrites another.
    """
    known, planned = dict(heads), list[Planned]()
    for article in articles:
        new, key = head_of(article), article.article.article_id
        old = known.get(key)
        if old and old.producer != new.producer and old.content_hash != new.content_hash:
            key = contested_id(key, new.producer)
            old = known.get(key)
        outcome = _outcome(old, new)
        if old is None or old.loses_to(new) or old.content_hash == new.content_hash:
            known[key] = new if old is None or old.loses_to(new) else _relabelled(old, new)
        planned.append(Planned(key, article, outcome))
    return planned


def _outcome(old: Head | None, new: Head) -> StoreOutcome:
    if old is None:
        return StoreOutcome.STORED
    if old.content_hash != new.content_hash:
        return StoreOutcome.REVISED
    if old.model_sha256 != new.model_sha256:
        return StoreOutcome.RECLASSIFIED
    return StoreOutcome.DUPLICATE


def _relabelled(old: Head, new: Head) -> Head:
    return Head(old.producer, old.content_hash, old.received_at, new.model_sha256)
