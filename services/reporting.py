"""How an evaluation looks in a terminal, and how its progress is told.

What only stands in annotations is not imported: neither numpy nor scikit-learn is needed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from services.console import table, write
from shared.clock import Clock

if TYPE_CHECKING:
    from services.classifier.training.accept import Change
    from services.classifier.training.aims import Aim
    from services.classifier.training.figures import Cases, Evaluation, Figure, Scores
    from services.classifier.training.figures import TopicFigures as Topic

PAIRS_SHOWN = 10
_FIGURES = ["articles", "positives", "precision of yes", "recall", "F1", "yes", "unsure",
            "decided", "decided of positives"]  # fmt: skip
_TELL_EVERY = timedelta(seconds=5)


@dataclass(slots=True)
class Progress:
    """Tells on standard error how far a long evaluation is, every five seconds; a short one not."""

    clock: Clock
    told_at: datetime

    @classmethod
    def start(cls, clock: Clock) -> "Progress":
        """Return a progress that begins now."""
        return cls(clock, clock.now())

    def __call__(self, done: int, all_articles: int) -> None:
        """Tell, if it is time to."""
        if (now := self.clock.now()) - self.told_at >= _TELL_EVERY:
            self.told_at = now
            click.echo(f"{done:,} of {all_articles:,} articles measured", err=True)


def show_evaluation(found: "Evaluation") -> None:
    """Print every table of an evaluation that has something to say."""
    write(topics_table(found))
    write(*map(languages_table, found.topics))
    write(*map(calibration_table, found.topics))
    if any(not pair.right for pair in found.pairs):
        write(pairs_table(found))
    write(*(mistakes_table(topic) for topic in found.topics if topic.worst))


def topics_table(found: "Evaluation") -> Any:
    """Return the figures of each topic: all and clear cases, and both weighted where weights differ."""
    rows = [
        [topic.topic, cases, *figures]
        for topic in found.topics
        for cases, figures in _case_rows(topic.unweighted, topic.weighted)
    ]
    title = (
        f"{found.articles:,} articles, model {found.model}, profile {found.profile}; "
        "unsure counts as no; 95 % intervals"
    )
    return table(title, ["topic", "cases", *_FIGURES], rows)


def languages_table(topic: "Topic") -> Any:
    """Return one topic's figures in each language."""
    rows = [
        [group.language, cases, *figures]
        for group in topic.languages
        for cases, figures in _case_rows(group.unweighted, None)
    ]
    return table(f"{topic.topic} by language", ["language", "cases", *_FIGURES], rows)


def calibration_table(topic: "Topic") -> Any:
    """Return what each tenth of the probabilities promised and what came; empty ones are left out."""
    rows = [
        [
            f"{bin_.low:.1f}–{bin_.high:.1f}",
            f"{bin_.articles:,}",
            f"{bin_.share:.1%}",
            f"{bin_.promised:.3f}",
            share(bin_.observed, digits=3),
        ]
        for bin_ in topic.calibration.bins
        if bin_.promised is not None
    ]
    title = (
        f"{topic.topic}: calibration error {share(topic.calibration.error, digits=3)}, "
        "weighted by sample_weight"
    )
    columns = ["probability", "articles", "share of weight", "promised", "observed"]
    return table(title, columns, rows)


def pairs_table(found: "Evaluation") -> Any:
    """Return the most frequent pairs of true and said topics that differ."""
    wrong = [pair for pair in found.pairs if not pair.right]
    rows = [
        [_names(pair.labelled), _names(pair.said), str(pair.articles), str(pair.clear)]
        for pair in wrong[:PAIRS_SHOWN]
    ]
    right = sum(pair.articles for pair in found.pairs if pair.right)
    title = f"what is said instead; all topics right: {right:,} of {found.articles:,} articles"
    return table(title, ["labelled", "said yes", "articles", "clear"], rows)


def mistakes_table(topic: "Topic") -> Any:
    """Return the worst mistakes on a topic with the words that spoke for it."""
    rows = [
        [
            mistake.title,
            mistake.language,
            f"{'yes' if mistake.labelled else 'no'}{' (borderline)' if mistake.borderline else ''}",
            f"{mistake.decision.value} {mistake.probability:.2f}",
            ", ".join(mistake.words),
            mistake.id,
        ]
        for mistake in topic.worst
    ]
    columns = ["title", "language", "labelled", "said", "words for it", "id"]
    return table(f"{topic.topic}: worst mistakes", columns, rows)


def aims_table(found: "Evaluation", aims: "Iterable[Aim]") -> Any:
    """Return what is aimed at and what was reached."""
    rows = [
        [
            aim.topic,
            aim.what,
            f"{'≤' if aim.is_ceiling else '≥'} {aim.bound:.2f}",
            share(aim.now, digits=3),
            "reached" if aim.reached else "missed",
        ]
        for aim in aims
    ]
    return table(f"aims, profile {found.profile}", ["topic", "figure", "aim", "now", ""], rows)


def changes_table(changes: "Iterable[Change]") -> Any:
    """Return accepted figures beside new ones."""
    rows = [
        [
            change.data,
            change.profile,
            change.topic,
            change.figure,
            share(change.accepted),
            share(change.now),
            "FELL" if change.fell else _direction(change.accepted, change.now),
        ]
        for change in changes
    ]
    columns = ["articles", "profile", "topic", "clear cases", "accepted", "now", ""]
    return table("compared with docs/figures.json", columns, rows)


def share(figure: "Figure", *, digits: int = 2) -> str:
    """Return a share with its interval in brackets; a dash where there is none."""
    if figure.value is None:
        return "–"
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def _case_rows(plain: "Cases", weighted: "Cases | None") -> Iterator[tuple[str, list[str]]]:
    yield "all", _cells(plain.all)
    yield "clear", _cells(plain.clear)
    if weighted is not None:
        yield "all, weighted", _cells(weighted.all)
        yield "clear, weighted", _cells(weighted.clear)


def _cells(scores: "Scores") -> list[str]:
    return [
        f"{scores.articles:,}",
        f"{scores.positives:,}",
        share(scores.precision),
        share(scores.recall),
        share(scores.f1),
        *map(_percent, (scores.said_share, scores.unsure)),
        *map(_percent, (scores.decided, scores.decided_positives)),
    ]


def _direction(before: "Figure", now: "Figure") -> str:
    difference = round((now.value or 0.0) - (before.value or 0.0), 2)
    return f"{difference:+.2f}" if difference else "same"


def _percent(figure: "Figure") -> str:
    return "–" if figure.value is None else f"{figure.value:.1%}"


def _names(topics: Sequence[str]) -> str:
    return " + ".join(topics) or "none"
