"""Which library for the messages: msgspec against pydantic, side by side, on real or own articles.

    python benchmarks/messages.py

Prints ratios first. Decodes and encodes a labelled article with both, validating types.
"""

import gzip
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.intake import Arrival, article_from_object
from shared.messages import (
    LABELLED_SCHEMA,
    Decision,
    Evidence,
    LabelledArticle,
    ModelIdentity,
    RemovedSpan,
    TopicLabel,
)

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "bench" / "articles.jsonl.gz"
ROUNDS, ARTICLES = 7, 500


class PydanticEvidence(BaseModel):
    """The same as shared.messages.Evidence."""

    model_config = ConfigDict(frozen=True)
    term: str
    weight: float
    start: int
    end: int


class PydanticTopic(BaseModel):
    """The same as shared.messages.TopicLabel."""

    model_config = ConfigDict(frozen=True)
    topic: str
    probability: float
    decision: Decision
    threshold: float
    threshold_no: float
    evidence: tuple[PydanticEvidence, ...] = ()


class PydanticRaw(BaseModel):
    """The same as shared.messages.RawArticle, the fields that are always there."""

    model_config = ConfigDict(frozen=True)
    article_id: str
    producer: str
    content_hash: str
    title: str
    text: str
    received_at: datetime
    door: str
    trace_id: str


class PydanticLabelled(BaseModel):
    """The same as shared.messages.LabelledArticle."""

    model_config = ConfigDict(frozen=True)
    article: PydanticRaw
    language: str
    language_confidence: float
    topics: tuple[PydanticTopic, ...]
    model: dict[str, str]
    cleaner_version: str
    classified_at: datetime
    removed: tuple[dict[str, Any], ...] = ()


def texts() -> list[dict[str, Any]]:
    """Return real articles where they are at hand, else those of the corpus."""
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for _, line in zip(range(ARTICLES), lines, strict=False)]
    paths = sorted((ROOT / "corpus" / "articles").glob("*.jsonl"))
    found = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    return found[:ARTICLES]


def labelled(given: dict[str, Any]) -> LabelledArticle:
    """Return a labelled article of usual size around a text."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    raw = article_from_object(
        {"title": given["title"], "text": given["text"]}, Arrival("file", now, "0" * 32)
    )
    evidence = tuple(Evidence(term=f"term{i}", weight=0.5, start=i, end=i + 5) for i in range(6))
    return LabelledArticle(
        schema=LABELLED_SCHEMA,
        article=raw,
        language="de",
        language_confidence=0.99,
        topics=tuple(
            TopicLabel(
                topic=topic,
                probability=0.5,
                decision=Decision.UNSURE,
                threshold=0.6,
                threshold_no=0.3,
                evidence=evidence,
            )
            for topic in ("arms_trade", "diplomacy", "ukraine_war")
        ),
        model=ModelIdentity(name="n", version="v", sha256="0" * 64),
        cleaner_version="1",
        classified_at=now,
        removed=(RemovedSpan(start=0, end=5, reason="date_line"),),
    )


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of several rounds of `work`, in seconds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    messages = [labelled(given) for given in texts()]
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(LabelledArticle)
    adapter = TypeAdapter(PydanticLabelled)
    data = [encoder.encode(message) for message in messages]
    models = [adapter.validate_json(item) for item in data]
    rows = {
        "decode": (
            seconds(lambda: [decoder.decode(item) for item in data]),
            seconds(lambda: [adapter.validate_json(item) for item in data]),
        ),
        "encode": (
            seconds(lambda: [encoder.encode(message) for message in messages]),
            seconds(lambda: [adapter.dump_json(model) for model in models]),
        ),
    }
    size = statistics.mean(map(len, data))
    print(
        f"{len(data)} labelled articles of {size:.0f} bytes on average, median of {ROUNDS} rounds"
    )
    print(f"{'':8} {'msgspec is faster by':>22} {'msgspec/s':>12} {'pydantic/s':>12}")
    for name, (ours, theirs) in rows.items():
        print(
            f"{name:8} {theirs / ours:>21.1f}× {len(data) / ours:>12,.0f} {len(data) / theirs:>12,.0f}"
        )


if __name__ == "__main__":
    main()
