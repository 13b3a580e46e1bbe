"""From scores to yes, no or unsure. Pure."""

import math
from dataclasses import dataclass

from shared.messages import Decision

# Below this many letters a text says too little; the model abstains.
MIN_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one topic's score becomes a probability and a decision.

    probability = 1 / (1 + exp(-(slope * score + offset))) (Platt 1999), fitted on scores of
    held-out folds and weighted to the topic's prior in a natural stream. *yes* from `threshold`,
    *no* below `threshold_no`.
    """

    slope: float
    offset: float
    threshold: float
    threshold_no: float

    def probability(self, score: float) -> float:
        """Return the calibrated probability, 0..1."""
        return 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, self.slope * score + self.offset))))

    def decide(self, probability: float) -> Decision:
        """Return the decision for a probability."""
        if probability >= self.threshold:
            return Decision.YES
        return Decision.NO if probability < self.threshold_no else Decision.UNSURE


def abstention(title: str, clean_text: str) -> str | None:
    """Return why the model should not decide at all, or None."""
    letters = sum(map(str.isalpha, f"{title}{clean_text}"[: 10 * MIN_LETTERS]))
    return "too_short" if letters < MIN_LETTERS else None
