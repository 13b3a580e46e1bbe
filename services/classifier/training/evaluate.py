"""Measure a model on labelled articles, classified as `topicwire classify` would.

examples ─classify─▶ verdicts ─▶ outcomes per topic ─▶ columns ─bootstrap─▶ figures
                        └─▶ pairs, worst mistakes
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.classifier.model import Model
from services.classifier.training import measures
from services.classifier.training.corpus import Example
from services.classifier.training.figures import (
    Calibration,
    Cases,
    Evaluation,
    LanguageFigures,
    TopicFigures,
)
from services.classifier.training.measures import Outcomes
from services.classifier.training.mistakes import Verdict, pairs, worst
from shared.clock import Clock
from shared.errors import InvalidArticle, UsageError
from shared.intake import Arrival, article_from_object
from shared.messages import Decision, RawArticle

_BATCH = 128
# Called after each batch: articles done, articles in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Measured:
    """The figures of one topic over one group of articles."""

    unweighted: Cases
    weighted: Cases | None
    calibration: Calibration


def open_model(
    folder: Path, clock: Clock, expected_sha256: str | None = None, *, profile: str
) -> Model:
    """Open the model in a profile: the one place where evaluation does. Raises ModelRefused."""
    return Model.open(folder, clock, expected_sha256, profile=profile)


def evaluate(
    model: Model,
    examples: Sequence[Example],
    clock: Clock,
    *,
    profile: str,
    worst_mistakes: int = 5,
    progress: Progress = lambda _done, _all: None,
) -> Evaluation:
    """Classify `examples` and compare with their labels; takes milliseconds an article.

    profile: the one `model` was opened in, for the report; worst_mistakes: so many per topic.
    Raises UsageError if there are no articles, or one that can't be measured.
    """
    topics = model.manifest.topics
    _check(examples, topics)
    verdicts = judge(model, examples, clock, progress)
    outcomes = [_outcomes(verdicts, column) for column in range(len(topics))]
    everywhere, by_language = _measure(outcomes), _by_language(verdicts, outcomes)
    return Evaluation(
        model=f"{model.manifest.name} {model.manifest.version}",
        profile=profile,
        articles=len(verdicts),
        topics=tuple(
            TopicFigures(
                topic=topic,
                unweighted=everywhere[column].unweighted,
                weighted=everywhere[column].weighted,
                calibration=everywhere[column].calibration,
                languages=by_language[column],
                worst=worst(verdicts, column, worst_mistakes),
            )
            for column, topic in enumerate(topics)
        ),
        pairs=pairs(verdicts),
    )


def judge(
    model: Model, examples: Sequence[Example], clock: Clock, progress: Progress
) -> list[Verdict]:
    """Return what the model says of each example, in order."""
    verdicts = list[Verdict]()
    for start in range(0, len(examples), _BATCH):
        batch = examples[start : start + _BATCH]
        labelled = model.classify([_article(example, clock) for example in batch])
        verdicts += [
            Verdict(example, example.tongue or article.language, article.topics)
            for example, article in zip(batch, labelled, strict=True)
        ]
        progress(len(verdicts), len(examples))
    return verdicts


def _check(examples: Sequence[Example], topics: Sequence[str]) -> None:
    if not examples:
        raise UsageError("the file holds no labelled articles")
    for example in examples:
        if unknown := sorted(set(example.labels) - set(topics)):
            raise UsageError(
                f"article {example.id} has labels {unknown} that the model does not know; it "
                f"knows {list(topics)}"
            )
        if example.sample_weight < 0:
            raise UsageError(
                f"article {example.id}: sample_weight {example.sample_weight} is below 0"
            )


def _article(example: Example, clock: Clock) -> RawArticle:
    given = {"id": example.id, "title": example.title, "text": example.text, "lang": example.tongue}
    try:
        return article_from_object(given, Arrival("file", clock.now(), "0" * 32, "evaluate"))
    except InvalidArticle as error:
        raise UsageError(f"article {example.id} can't be classified: {error}") from error


def _outcomes(verdicts: Sequence[Verdict], column: int) -> Outcomes:
    rows = [(verdict.example, verdict.topics[column]) for verdict in verdicts]
    return Outcomes(
        truth=np.array([label.topic in example.labels for example, label in rows]),
        yes=np.array([label.decision is Decision.YES for _, label in rows]),
        unsure=np.array([label.decision is Decision.UNSURE for _, label in rows]),
        clear=np.array([label.topic not in example.borderline for example, label in rows]),
        probability=np.array([label.probability for _, label in rows]),
        weight=np.array([example.sample_weight for example, _ in rows]),
    )


def _by_language(
    verdicts: Sequence[Verdict], outcomes: Sequence[Outcomes]
) -> list[tuple[LanguageFigures, ...]]:
    """Return, per topic, the figures of each language; most articles first."""
    spoken = np.array([verdict.language for verdict in verdicts])
    names, numbers = np.unique(spoken, return_counts=True)
    found: list[list[LanguageFigures]] = [[] for _ in outcomes]
    for name in names[np.argsort(-numbers, kind="stable")]:
        for column, group in enumerate(_measure([o.of(spoken == name) for o in outcomes])):
            found[column].append(
                LanguageFigures(
                    language=str(name), unweighted=group.unweighted, weighted=group.weighted
                )
            )
    return [tuple(languages) for languages in found]


def _measure(outcomes: Sequence[Outcomes]) -> list[_Measured]:
    """Return the figures per topic over one group of articles, resampled for all topics at once."""
    columns = [_columns(topic) for topic in outcomes]
    resampled = measures.resampled_sums(np.concatenate(columns, axis=1))
    spreads = np.split(resampled, len(outcomes), axis=1)
    return [
        _measured(topic, column.sum(axis=0), spread)
        for topic, column, spread in zip(outcomes, columns, spreads, strict=True)
    ]


def _columns(topic: Outcomes) -> Any:
    """Return tallies (all, clear, both weighted: 6 columns each), then the bins."""
    one = np.ones(len(topic.truth))
    weights = (one, topic.clear * one, topic.weight, topic.clear * topic.weight)
    tallies = [measures.tally(topic, weight) for weight in weights]
    return np.concatenate([*tallies, measures.bin_columns(topic)], axis=1)


def _measured(topic: Outcomes, sums: Any, spread: Any) -> _Measured:
    everything = np.ones(len(topic.truth), dtype=bool)
    plain, clear, weighted, weighted_clear = (
        measures.scores(topic, chosen, sums[part], spread[:, part])
        for chosen, part in zip(
            (everything, topic.clear) * 2, (slice(i, i + 6) for i in range(0, 24, 6)), strict=True
        )
    )
    return _Measured(
        unweighted=Cases(all=plain, clear=clear),
        weighted=Cases(all=weighted, clear=weighted_clear) if np.any(topic.weight != 1) else None,
        calibration=measures.calibration(topic, sums[24:], spread[:, 24:]),
    )
