"""Which sentence carries a label: the scores are computed again without each sentence. Pure.

    document ─▶ sentences of the excerpt ─▶ the document without each ─▶ one batch ─▶ falls

The answer to "what would the model have said without it?": the encoder is asked, or not, as it
would be of such an article. For people who look at one article: it takes as long as classifying
one article per sentence (half a second with the encoder), so the service does not do it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np

from services.classifier.artefact import Manifest
from services.classifier.features import EXCERPT_CHARS
from services.classifier.passages import PASSAGE_CHARS, Span, sentences
from services.classifier.scorer import Scores

# 2,000 characters of real news hold 8 to 30 sentences; more are a list, or an attack on our time.
MOST_SENTENCES = 60


class Scoring(Protocol):
    """What this needs of a Scorer. May block for seconds."""

    def score(self, documents: Sequence[str]) -> Scores:
        """Return the scores of documents; see Scorer.score."""
        ...


class CarryingSentence(msgspec.Struct, frozen=True, kw_only=True):
    """The sentence without which a topic's log-odds would fall most, by `weight` (> 0).

    `start` and `end` are offsets as in Evidence; `probability_without`: what the model would have
    said without it, 0..1.
    """

    start: int
    end: int
    text: str
    weight: float
    probability_without: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What became of the scores. Topics in the manifest's order.

    scores: of the document (index 0), then of it without each sentence; spans: the sentences;
    log_odds, probabilities: float (1 + n_sentences, n_topics), calibrated, rows as in `scores`.
    """

    document: str
    spans: Sequence[Span]
    scores: Scores
    log_odds: Any
    probabilities: Any

    def carrying(self, topic: int) -> CarryingSentence | None:
        """Return the sentence that carries a topic most; None if none speaks for it."""
        falls = self.log_odds[0, topic] - self.log_odds[1:, topic]
        heaviest = int(np.argmax(falls)) if len(falls) else 0
        if not len(falls) or falls[heaviest] <= 0:
            return None
        span = self.spans[heaviest]
        return CarryingSentence(
            start=span.start,
            end=span.end,
            text=self.document[span.start : span.end],
            weight=round(float(falls[heaviest]), 4),
            probability_without=round(float(self.probabilities[1 + heaviest, topic]), 4),
        )


def leave_one_out(scorer: Scoring, manifest: Manifest, document: str) -> LeftOut:
    """Return the scores of `document` and of it without each sentence of its excerpt.

    The text after a sentence moves up, as it would in the article.
    """
    spans = excerpt_sentences(document)
    variants = [without(document, span) for span in spans]
    scores = scorer.score([document, *variants])
    calibrations = [
        [manifest.calibration[scores.profile(index)][topic] for topic in manifest.topics]
        for index in range(1 + len(variants))
    ]
    pairs = [
        [(one, scores.of(index, column)) for column, one in enumerate(row)]
        for index, row in enumerate(calibrations)
    ]
    return LeftOut(
        document,
        spans,
        scores,
        np.array([[one.logit(own) for one, own in row] for row in pairs]),
        np.array([[one.probability(own) for one, own in row] for row in pairs]),
    )


def excerpt_sentences(document: str) -> list[Span]:
    """Return the first 60 sentences that begin in the excerpt; the last may end after it."""
    found = sentences(document, EXCERPT_CHARS + PASSAGE_CHARS)
    return [span for span in found if span.start < EXCERPT_CHARS][:MOST_SENTENCES]


def without(document: str, span: Span) -> str:
    """Return `document` without a sentence and the white space after it.

    The line feed that ends the title stays: what follows must not become the title.
    """
    title_end, end = document.find("\n"), span.end
    while end < len(document) and document[end].isspace() and end != title_end:
        end += 1
    return document[: span.start] + document[end:]
