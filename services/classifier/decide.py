"""From scores to yes, no or unsure. Pure."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.messages import Decision

# Below this many letters a text says too little; the model abstains.
MIN_LETTERS = 40
_LOOKED_AT_CHARS = 2_000  # as many as words are read from
TOO_SHORT, NOT_SERVED = "too_short", "language_not_served"
# Language identification must be this sure before an article is turned away for its language. Of
# 3,141 articles in languages served none seemed to be in another after 300 characters, and after 100
# four did so from .4 upwards; transliterated Russian is taken for Slovene or Slovak at .46 to .52.
_SURE_OF_LANGUAGE = 0.4


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one topic's scores become a probability and a decision.

    probability = 1 / (1 + exp(-(weights · scores + offset))): logistic stacking (Wolpert 1992) with
    Platt's sigmoid (1999), fitted on scores of held-out folds and weighted to the topic's prior in
    a natural stream. One weight per score: terms, then passages. *yes* from `threshold` upwards,
    *no* below `threshold_no`.
    """

    weights: tuple[float, ...]
    offset: float
    threshold: float
    threshold_no: float

    def logit(self, scores: Sequence[float]) -> float:
        """Return the log-odds for one score per weight."""
        pairs = zip(self.weights, scores, strict=True)
        return sum((weight * score for weight, score in pairs), self.offset)

    def probability(self, scores: Sequence[float]) -> float:
        """Return the calibrated probability, 0..1."""
        return 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, self.logit(scores)))))

    def decide(self, probability: float) -> Decision:
        """Return the decision for a probability."""
        if probability >= self.threshold:
            return Decision.YES
        return Decision.NO if probability < self.threshold_no else Decision.UNSURE


def abstention(
    title: str, clean_text: str, language: str, confidence: float, served: Collection[str]
) -> str | None:
    """Return why the model should not decide at all, or None."""
    letters = sum(map(str.isalpha, f"{title}{clean_text}"[:_LOOKED_AT_CHARS]))
    if letters < MIN_LETTERS:
        return TOO_SHORT
    if language not in served and confidence >= _SURE_OF_LANGUAGE:
        return NOT_SERVED
    return None
