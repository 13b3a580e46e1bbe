"""What went wrong: which topics are taken for which others, and the worst mistakes. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.classifier.training.corpus import Example
from services.classifier.training.figures import Mistake, Pair
from shared.messages import Decision, TopicLabel


@dataclass(frozen=True, slots=True)
class Verdict:
    """A labelled article and what the model said of it, topics in the manifest's order."""

    example: Example
    language: str
    topics: tuple[TopicLabel, ...]


def pairs(verdicts: Sequence[Verdict]) -> tuple[Pair, ...]:
    """Count the true label sets against the sets that were said *yes*.

    Wrong pairs come first, by frequency; topics within a set stand in the manifest's order.
    """
    found, clear = Counter[tuple[tuple[str, ...], tuple[str, ...]]](), Counter[object]()
    for verdict in verdicts:
        names = [label.topic for label in verdict.topics]
        said = tuple(label.topic for label in verdict.topics if label.decision is Decision.YES)
        labelled = tuple(name for name in names if name in verdict.example.labels)
        found[labelled, said] += 1
        different = set(labelled) ^ set(said)
        clear[labelled, said] += not different or bool(different - set(verdict.example.borderline))
    made = [
        Pair(labelled=key[0], said=key[1], articles=number, clear=clear[key])
        for key, number in found.items()
    ]
    return tuple(sorted(made, key=lambda p: (p.right, -p.articles, p.labelled, p.said)))


def worst(verdicts: Sequence[Verdict], topic: int, most: int) -> tuple[Mistake, ...]:
    """Return the `most` worst mistakes on a topic (its place in the manifest, from 0).

    Worst is the probability that is farthest from the truth; borderline articles come after all
    clear ones. *unsure* is a mistake only where the topic is labelled.
    """
    wrong = [
        verdict
        for verdict in verdicts
        if (verdict.topics[topic].topic in verdict.example.labels)
        != (verdict.topics[topic].decision is Decision.YES)
    ]
    made = [_mistake(verdict, verdict.topics[topic]) for verdict in wrong]
    made.sort(key=lambda m: (m.borderline, -abs(m.labelled - m.probability), m.id))
    return tuple(made[:most])


def _mistake(verdict: Verdict, label: TopicLabel) -> Mistake:
    example = verdict.example
    return Mistake(
        id=example.id,
        title=example.title or example.text.lstrip().partition("\n")[0][:60],
        language=verdict.language,
        labelled=label.topic in example.labels,
        decision=label.decision,
        probability=label.probability,
        threshold=label.threshold,
        borderline=label.topic in example.borderline,
        words=tuple(item.term for item in label.evidence),
    )
