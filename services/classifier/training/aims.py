"""The figures we aim at on real articles, and which of them an evaluation reaches. Pure.

Two careful readers agree with each other at F1 .94 (arms trade), .95 (diplomacy), .98 (Ukraine
war); nothing above that can be measured. Intervals are wide where positives are few, so aims are
to be passed by a margin.
"""

from collections.abc import Iterator, Mapping

import msgspec

from services.classifier.training.figures import Evaluation, Figure, TopicFigures

# Clear cases, unweighted, at the shipped thresholds.
F1: Mapping[str, Mapping[str, float]] = {
    "accurate": {"arms_trade": 0.80, "diplomacy": 0.90, "ukraine_war": 0.95},
    "fast": {"arms_trade": 0.65, "diplomacy": 0.80, "ukraine_war": 0.90},
}
PRECISION: Mapping[str, Mapping[str, float]] = {
    "accurate": {"arms_trade": 0.90, "diplomacy": 0.93, "ukraine_war": 0.96},
}
# Share of articles decided yes or no, and calibration error: each topic, accurate profile. The error
# only where articles carry weights: probabilities are made for a natural stream.
DECIDED, CALIBRATION_ERROR = 0.85, 0.05
# No language with so many clear positives may have a lower F1: accurate profile.
LANGUAGE_POSITIVES, LANGUAGE_F1 = 20, 0.80


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """One figure and its bound: a floor, or a ceiling where `is_ceiling`."""

    topic: str
    what: str
    bound: float
    now: Figure
    is_ceiling: bool = False

    @property
    def reached(self) -> bool:
        """Whether the figure itself, not its interval, keeps the bound."""
        if self.now.value is None:
            return False
        return self.now.value <= self.bound if self.is_ceiling else self.now.value >= self.bound


def aims(evaluation: Evaluation) -> Iterator[Aim]:
    """Yield each aim that speaks of this evaluation's profile and topics."""
    profile = evaluation.profile
    for topic in evaluation.topics:
        clear = topic.unweighted.clear
        if bound := F1.get(profile, {}).get(topic.topic):
            yield Aim(topic=topic.topic, what="F1, clear", bound=bound, now=clear.f1)
        if bound := PRECISION.get(profile, {}).get(topic.topic):
            what = "precision of yes, clear"
            yield Aim(topic=topic.topic, what=what, bound=bound, now=clear.precision)
        if profile == "accurate":
            yield from _for_every_topic(topic)


def _for_every_topic(topic: TopicFigures) -> Iterator[Aim]:
    decided, error = topic.unweighted.all.decided, topic.calibration.error
    yield Aim(topic=topic.topic, what="decided", bound=DECIDED, now=decided)
    if topic.weighted is not None:  # a corpus without weights is no natural stream
        yield Aim(
            topic=topic.topic, what="calibration error", bound=CALIBRATION_ERROR, now=error,
            is_ceiling=True,
        )  # fmt: skip
    for group in topic.languages:
        clear = group.unweighted.clear
        if clear.positives >= LANGUAGE_POSITIVES:
            what = f"F1, clear, {group.language}"
            yield Aim(topic=topic.topic, what=what, bound=LANGUAGE_F1, now=clear.f1)
