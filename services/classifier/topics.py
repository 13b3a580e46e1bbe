"""The topics served, and what is assumed about each in a natural stream of news.

`prior`: the share of articles on the topic in an ordinary stream; a training corpus has far more,
so probabilities are corrected from the one to the other (docs/model.md).
`precision_target`: of what is called *yes*, the share that shall be right.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its name in messages and tables, its prior and its precision target."""

    name: str
    title: str
    prior: float
    precision_target: float = 0.9


TOPICS = (
    Topic("arms_trade", "arms trade", prior=0.03),
    Topic("diplomacy", "diplomacy", prior=0.12),
    Topic("ukraine_war", "Ukraine war", prior=0.10),
)
NAMES = tuple(topic.name for topic in TOPICS)
