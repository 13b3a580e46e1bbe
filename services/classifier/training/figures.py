"""What an evaluation found: the tree that `topicwire evaluate --json` prints. Only data.

    Evaluation ─┬─ topics ── TopicFigures ─┬─ unweighted, weighted ── Cases ── Scores ── Figure
                │                          ├─ calibration ── Bin
                │                          ├─ languages ── LanguageFigures ── Cases
                │                          └─ worst ── Mistake
                └─ pairs ── Pair

Shares are in 0..1. Importing this needs neither numpy nor scikit-learn.
"""

import msgspec

from shared.messages import Decision


class Figure(msgspec.Struct, frozen=True):
    """A share with its 95 % interval; None where there is nothing to divide by."""

    value: float | None
    low: float | None
    high: float | None


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """How *yes* came out over a set of articles; *unsure* counts as no.

    articles, positives, said: rows behind the figures, never weighted; `said` counts *yes*.
    said_share: share of articles with *yes*; decided: share with yes or no; decided_positives: the
    same among articles that truly are on the topic.
    """

    articles: int
    positives: int
    said: int
    precision: Figure
    recall: Figure
    f1: Figure
    said_share: Figure
    unsure: Figure
    decided: Figure
    decided_positives: Figure


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """All articles, and those alone on which careful readers agree for this topic (`clear`)."""

    all: Scores
    clear: Scores


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """One tenth of the probabilities: what was promised and what came, weighted by sample_weight.

    low, high: the bin's borders, `high` outside but for the last bin; share: of the weight;
    promised: mean probability, None in an empty bin; observed: share that truly is on the topic.
    """

    low: float
    high: float
    articles: int
    share: float
    promised: float | None
    observed: Figure


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How far probabilities can be taken at their word.

    error: expected calibration error, the mean of |promised - observed| over the bins by share.
    Resampling adds chance of its own to each bin, so its interval lies rather too high.
    """

    error: Figure
    bins: tuple[Bin, ...]


class LanguageFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One topic in one language: as given in the file, else as the model identified it."""

    language: str
    unweighted: Cases
    weighted: Cases | None


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """An article on which model and label differ, with the words that spoke for the topic.

    `borderline`: careful readers differ on it, too.
    """

    id: str
    title: str
    language: str
    labelled: bool
    decision: Decision
    probability: float
    threshold: float
    borderline: bool
    words: tuple[str, ...]


class TopicFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one topic; `weighted` is None where every sample_weight is 1."""

    topic: str
    unweighted: Cases
    weighted: Cases | None
    calibration: Calibration
    languages: tuple[LanguageFigures, ...]
    worst: tuple[Mistake, ...]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """How often articles with the topics `labelled` were said to have the topics `said`.

    clear: those of them whose difference is not on borderline topics alone.
    """

    labelled: tuple[str, ...]
    said: tuple[str, ...]
    articles: int
    clear: int

    @property
    def right(self) -> bool:
        """Whether exactly the true topics were said."""
        return self.labelled == self.said


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One model, in one profile, on one set of articles.

    pairs: every pair of label sets that occurs, wrong ones first, most frequent first.
    """

    model: str
    profile: str
    articles: int
    topics: tuple[TopicFigures, ...]
    pairs: tuple[Pair, ...]
