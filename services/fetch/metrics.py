"""Metrics of the doors."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from services.fetch.pressure import MEASURES, Load, Pressure
from shared.metrics import Metric

DOOR_ACCEPTED = Metric(
    "topicwire_door_accepted_total",
    "counter",
    "Articles taken in and confirmed by the broker, by door.",
    "Flat: no upstream system pushes and no feed has news; look at the feeds' problems.",
    ("door",),
)
DOOR_REFUSED = Metric(
    "topicwire_door_refused_total",
    "counter",
    "Articles refused at a door with an answer to the caller, by door and reason.",
    "Rising: a producer sends what is no article; the reason tells what to tell it.",
    ("door", "reason"),
)
FEED_POLLS = Metric(
    "topicwire_feed_polls_total",
    "counter",
    "Polls of feeds, by outcome: changed, unchanged, failed.",
    "Many failed: see the log event feed_failed for address and cure.",
    ("outcome",),
)
PUSH_SECONDS = Metric(
    "topicwire_push_seconds",
    "histogram",
    "Time to answer a request at the push door.",
    "Rising: the broker is slow to confirm; look at its disk.",
)
DOOR_HELD = Metric(
    "topicwire_door_held_total",
    "counter",
    "Times a door held back because too much waits: requests answered 429, seconds without polls.",
    "Rising: the stages are slower than the doors; see which measure of topicwire_pressure is 1.",
    ("door",),
)
PRESSURE = Metric(
    "topicwire_pressure",
    "gauge",
    "1 while this measure holds the doors back: entries, bytes (waiting) or memory (the broker's).",
    "Add a replica of the stage that is behind; direct producers must hold back too.",
    ("measure",),
)
WAITING_ENTRIES = Metric(
    "topicwire_waiting_entries",
    "gauge",
    "Entries no consumer has taken up, by the stage they wait for, as the doors see it.",
    "Growing with nobody reading: the stage is not running, or paused.",
    ("stage",),
)
WAITING_BYTES = Metric(
    "topicwire_waiting_bytes",
    "gauge",
    "About how many bytes the waiting entries take in the broker (MEMORY USAGE, in proportion).",
    "Near TOPICWIRE_FETCH_HIGH_BYTES the doors hold back.",
)
BROKER_MEMORY = Metric(
    "topicwire_broker_memory_share",
    "gauge",
    "Share of the broker's maxmemory in use; 0 if it has no limit or does not tell.",
    "Near 1 the broker refuses entries: drain the stages, or raise maxmemory.",
)
FETCH_METRICS = (
    DOOR_ACCEPTED, DOOR_REFUSED, FEED_POLLS, PUSH_SECONDS, DOOR_HELD, PRESSURE, WAITING_ENTRIES,
    WAITING_BYTES, BROKER_MEMORY,
)  # fmt: skip


class FetchMetrics:
    """Counts what came through the doors. One object per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._accepted = DOOR_ACCEPTED.counter(registry)
        self._refused = DOOR_REFUSED.counter(registry)
        self._polls = FEED_POLLS.counter(registry)
        self.push_seconds = PUSH_SECONDS.histogram(registry)
        self._held = DOOR_HELD.counter(registry)
        self._pressure = PRESSURE.gauge(registry)
        self._waiting_entries = WAITING_ENTRIES.gauge(registry)
        self._waiting_bytes = WAITING_BYTES.gauge(registry)
        self._memory = BROKER_MEMORY.gauge(registry)

    def accepted(self, door: str, articles: int) -> None:
        """Count articles the broker has confirmed."""
        self._accepted.labels(door).inc(articles)

    def refused(self, door: str, reason: str) -> None:
        """Count one refusal; `reason` comes from shared.errors.Reason."""
        self._refused.labels(door, reason).inc()

    def held(self, door: str) -> None:
        """Count one time that a door held back."""
        self._held.labels(door).inc()

    def measured(self, load: Load, waiting: Mapping[str, int], pressure: Pressure) -> None:
        """Show what lies in the broker; `waiting`: entries by stage."""
        for stage, entries in waiting.items():
            self._waiting_entries.labels(stage).set(entries)
        self._waiting_bytes.set(load.bytes)
        self._memory.set(load.memory or 0.0)
        for measure in MEASURES:
            self._pressure.labels(measure).set(pressure.holds(measure))

    def polled(self, outcome: str) -> None:
        """Count one poll of a feed."""
        self._polls.labels(outcome).inc()
