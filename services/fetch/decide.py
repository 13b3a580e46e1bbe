"""Decide which entries of a feed are new, and when to ask again. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from shared.messages import RawArticle

_LONGEST_PAUSE = timedelta(hours=6)


class FeedState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of a feed between polls.

    `seen`: content hash by article id of the entries in the last answer; bounded by its length.
    """

    next_poll_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    problem: str | None = None
    last_success_at: datetime | None = None
    seen: Mapping[str, str] = {}


def is_due(state: FeedState, now: datetime) -> bool:
    """Return whether the feed should be asked now."""
    return state.next_poll_at is None or state.next_poll_at <= now


def new_articles(state: FeedState, articles: Sequence[RawArticle]) -> list[RawArticle]:
    """Return the articles that were not in the last answer, or have another text since.

    Oldest last, as feeds have it; of two entries with one id the upper, newer one counts.
    """
    return [
        article
        for article_id, article in _by_id(articles).items()
        if state.seen.get(article_id) != article.content_hash
    ]


def after_success(
    state: FeedState,
    *,
    articles: Sequence[RawArticle] | None,
    etag: str | None,
    last_modified: str | None,
    now: datetime,
    interval: timedelta,
) -> FeedState:
    """Return the state after an answer; `articles` is None if nothing had changed (304)."""
    seen = state.seen
    if articles is not None:
        seen = {key: article.content_hash for key, article in _by_id(articles).items()}
    return FeedState(
        next_poll_at=now + interval,
        etag=etag or (state.etag if articles is None else None),
        last_modified=last_modified or (state.last_modified if articles is None else None),
        last_success_at=now,
        seen=seen,
    )


def after_failure(
    state: FeedState, *, problem: str, now: datetime, interval: timedelta
) -> FeedState:
    """Return the state after a failure: the pause doubles with each, up to six hours."""
    failures = state.failures + 1
    pause = min(interval * 2 ** min(failures, 10), max(_LONGEST_PAUSE, interval))
    return msgspec.structs.replace(
        state, failures=failures, problem=problem[:500], next_poll_at=now + pause
    )


def _by_id(articles: Sequence[RawArticle]) -> dict[str, RawArticle]:
    """Return the first article of each id, in order."""
    found = dict[str, RawArticle]()
    for article in articles:
        found.setdefault(article.article_id, article)
    return found
