"""Articles, messages and clocks for tests: short to write, realistic in shape."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from shared.intake import Arrival, article_from_object
from shared.messages import (
    LABELLED_SCHEMA,
    Decision,
    Evidence,
    LabelledArticle,
    ModelIdentity,
    Passage,
    RawArticle,
    TopicLabel,
)
from tests.support.services import ROOT

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BENCH_FILE = ROOT.parent / "shared" / "bench" / "articles.jsonl.gz"


@dataclass
class HeldClock:
    """A clock that stands still until it is told to go on."""

    time: datetime = NOW

    def now(self) -> datetime:
        """See shared.clock.Clock."""
        return self.time

    def advance(self, **period: float) -> None:
        """Go on by a timedelta's arguments."""
        self.time += timedelta(**period)


def arrival(at: datetime = NOW, *, producer: str | None = None) -> Arrival:
    """Return an arrival at the push door."""
    return Arrival("push", at, "0" * 32, producer)


def raw(
    text: str = "A text.", *, at: datetime = NOW, producer: str | None = None, **given: object
) -> RawArticle:
    """Return an article as a door would make it from `text` and other given fields."""
    return article_from_object({"text": text, **given}, arrival(at, producer=producer))


def labelled(
    article: RawArticle,
    *,
    model: str = "1",
    at: datetime | None = None,
    profile: str | None = None,
) -> LabelledArticle:
    """Return `article` as the classifier would send it on; `model` is a digit of its hash.

    With the profile `accurate`, what is not a no has its heaviest passage.
    """
    heaviest = Passage(start=0, end=7, weight=2.5) if profile == "accurate" else None
    topics = tuple(
        TopicLabel(
            topic=name,
            probability=probability,
            decision=decision,
            threshold=0.5,
            threshold_no=0.25,
            evidence=(Evidence(term="text", weight=1.5, start=3, end=7),),
            passage=None if decision is Decision.NO else heaviest,
        )
        for name, probability, decision in (
            ("arms_trade", 0.9, Decision.YES),
            ("diplomacy", 0.3, Decision.UNSURE),
            ("ukraine_war", 0.01, Decision.NO),
        )
    )
    return LabelledArticle(
        schema=LABELLED_SCHEMA,
        article=article,
        language="en",
        language_confidence=0.99,
        topics=topics,
        model=ModelIdentity(name="test", version=model, sha256=model * 64),
        cleaner_version="1",
        classified_at=at or article.received_at,
        profile=profile,
    )


def changed(message: "msgspec.Struct", **fields: object) -> dict[str, object]:
    """Return a message as the object its JSON holds, with some fields replaced."""
    value: dict[str, object] = msgspec.to_builtins(message)
    return {**value, **fields}


def real_articles(number: int) -> Iterator[dict[str, str]]:
    """Yield `number` real articles, numbered by id; from beside the repo, else our corpus.

    They repeat with another id when there are not enough.
    """
    source = list(_bench() if BENCH_FILE.is_file() else _corpus())
    for index in range(number):
        title, text = source[index % len(source)]
        yield {"id": f"article-{index:06d}", "title": title, "text": text, "source": "faults"}


def _bench() -> Iterator[tuple[str, str]]:
    with gzip.open(BENCH_FILE, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            yield article["title"], article["text"]


def _corpus() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "corpus" / "articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            yield article.get("title", ""), article["text"]
