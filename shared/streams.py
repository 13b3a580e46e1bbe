"""The map of streams: who writes, who reads, under which group.

    fetch and upstream systems ──▶ raw ──[classifier]──▶ labelled ──[sink]──▶ store
                                    └───────────┬──────────┘
                                               dead

All names share one hash tag, so that one script may touch them together on a cluster.
"""

from dataclasses import dataclass

CLASSIFIER_GROUP = "classifier"
SINK_GROUP = "sink"


@dataclass(frozen=True, slots=True)
class Stage:
    """One consumer group at work: what it reads, what it writes, under which names.

    `output` is None for a stage whose result leaves the broker (the sink). `breaker` is the key
    that is there while the stage is paused, and the prefix of the keys of its window.
    """

    name: str
    group: str
    input: str
    output: str | None
    dead: str
    breaker: str


@dataclass(frozen=True, slots=True)
class StreamMap:
    """The names of all streams under one prefix.

    `prefix` holds the hash tag, for example `{topicwire}`.
    """

    prefix: str = "{topicwire}"

    @property
    def raw(self) -> str:
        """Raw articles: written by fetch and upstream systems, read by the classifier."""
        return f"{self.prefix}:raw"

    @property
    def labelled(self) -> str:
        """Labelled articles: written by the classifier, read by the sink and third parties."""
        return f"{self.prefix}:labelled"

    @property
    def dead(self) -> str:
        """Dead letters of every stage: written by both consumers, read by operators."""
        return f"{self.prefix}:dead"

    @property
    def classify(self) -> Stage:
        """Raw to labelled."""
        return Stage(
            "classify",
            CLASSIFIER_GROUP,
            self.raw,
            self.labelled,
            self.dead,
            self.key("breaker:classify"),
        )

    @property
    def store(self) -> Stage:
        """Labelled to the database."""
        return Stage("store", SINK_GROUP, self.labelled, None, self.dead, self.key("breaker:store"))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Both stages, in the order of an article's way."""
        return self.classify, self.store

    def key(self, name: str) -> str:
        """Return the name of a service's own key, for example `fetch:feeds`."""
        return f"{self.prefix}:{name}"
