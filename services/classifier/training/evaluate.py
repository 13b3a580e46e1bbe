"""Measure a model on labelled articles: per topic precision, recall, F1, and the unsure share."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.classifier.model import Model
from services.classifier.training.corpus import Example
from shared.clock import Clock
from shared.errors import UsageError
from shared.intake import Arrival, article_from_object
from shared.messages import Decision, LabelledArticle

_BATCH = 128


class TopicFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How one topic came out; `clear` leaves its borderline articles out. *unsure* counts as no."""

    topic: str
    articles: int
    positives: int
    precision: float
    recall: float
    f1: float
    f1_clear: float
    unsure: float


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run: model, articles, and one row per topic."""

    model: str
    articles: int
    topics: tuple[TopicFigures, ...]


def evaluate(model: Model, examples: Sequence[Example], clock: Clock) -> Evaluation:
    """Classify `examples` as the service would and compare with their labels."""
    if not examples:
        raise UsageError("the file holds no labelled articles")
    labelled = list[LabelledArticle]()
    for start in range(0, len(examples), _BATCH):
        batch = examples[start : start + _BATCH]
        labelled += model.classify([_article(example, clock) for example in batch])
    topics = model.manifest.topics
    return Evaluation(
        model=f"{model.manifest.name} {model.manifest.version}",
        articles=len(examples),
        topics=tuple(_figures(topic, examples, labelled) for topic in topics),
    )


def _article(example: Example, clock: Clock) -> Any:
    given = {"id": example.id, "title": example.title, "text": example.text}
    return article_from_object(given, Arrival("file", clock.now(), "0" * 32, "evaluate"))


def _figures(
    topic: str, examples: Sequence[Example], labelled: Sequence[LabelledArticle]
) -> TopicFigures:
    decisions = [
        next(label.decision for label in article.topics if label.topic == topic)
        for article in labelled
    ]
    rows = [
        (topic in example.labels, decision, topic in example.borderline)
        for example, decision in zip(examples, decisions, strict=True)
    ]
    precision, recall, f1 = _scores([row[:2] for row in rows])
    clear = _scores([row[:2] for row in rows if not row[2]])
    return TopicFigures(
        topic=topic,
        articles=len(rows),
        positives=sum(row[0] for row in rows),
        precision=precision,
        recall=recall,
        f1=f1,
        f1_clear=clear[2],
        unsure=round(sum(row[1] is Decision.UNSURE for row in rows) / len(rows), 4),
    )


def _scores(rows: Sequence[tuple[bool, Decision]]) -> tuple[float, float, float]:
    hits = sum(truth and decision is Decision.YES for truth, decision in rows)
    said = sum(decision is Decision.YES for _, decision in rows)
    true = sum(truth for truth, _ in rows)
    precision, recall = hits / max(1, said), hits / max(1, true)
    f1 = 2 * hits / max(1, said + true)
    return round(precision, 4), round(recall, 4), round(f1, 4)
