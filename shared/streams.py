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
    def replayed(self) -> str:
        """A stream: dead letters that were put back, as they were; the oldest are let go."""
        return f"{self.prefix}:dead:replayed"

    @property
    def replays(self) -> str:
        """A hash: id of a dead letter → its entry in `replayed`, then one JSON line per replay."""
        return f"{self.prefix}:dead:replays"

    @property
    def origins(self) -> str:
        """A hash: stream and id of an entry that a replay made → id of the dead letter it was."""
        return f"{self.prefix}:dead:origins"

    @property
    def dead_sums(self) -> str:
        """A hash: `replayed` or `dropped`, stage, reason → how many dead letters, ever."""
        return f"{self.prefix}:dead:sums"

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

    def stage(self, name: str) -> Stage | None:
        """Return the stage of that name, None if this release has none."""
        return next((stage for stage in (self.classify, self.store) if stage.name == name), None)

    def key(self, name: str) -> str:
        """Return the name of a service's own key, for example `fetch:feeds`."""
        return f"{self.prefix}:{name}"
