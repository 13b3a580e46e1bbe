"""Metrics: declared once as data, built once per process, served by shared.health.

Labels come from closed sets only (stage, reason, topic, …), never from articles; `closed` maps
anything else to `other`. docs/metrics.md is generated from the declarations.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

OTHER = "other"
SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
ENTRIES_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: what it counts, and what an operator does when it looks wrong."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    action: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = SECONDS_BUCKETS

    def counter(self, registry: CollectorRegistry) -> Counter:
        """Build the counter in `registry`."""
        return Counter(self.name, self.help, self.labels, registry=registry)

    def gauge(self, registry: CollectorRegistry) -> Gauge:
        """Build the gauge in `registry`."""
        return Gauge(self.name, self.help, self.labels, registry=registry)

    def histogram(self, registry: CollectorRegistry) -> Histogram:
        """Build the histogram in `registry`."""
        return Histogram(self.name, self.help, self.labels, registry=registry, buckets=self.buckets)


def closed(value: str, allowed: Collection[str]) -> str:
    """Return `value` if it is in the closed set, else `other`: keeps the number of series bounded."""
    return value if value in allowed else OTHER


ENTRIES_IN = Metric(
    "topicwire_entries_in_total",
    "counter",
    "Stream entries taken up by a stage, redeliveries included.",
    "Flat while the queue grows: the stage is stuck; look at its log and /healthz.",
    ("stage",),
)
ENTRIES_OUT = Metric(
    "topicwire_entries_out_total",
    "counter",
    "Stream entries a stage finished: published onwards or committed to the store.",
    "Falls behind topicwire_entries_in_total: see dead letters and redeliveries.",
    ("stage",),
)
DEAD_LETTERS = Metric(
    "topicwire_dead_letters_total",
    "counter",
    "Stream entries given up, by stage and reason.",
    "`topicwire dead list` names stage, reason and error; docs/operations.md has the runbook.",
    ("stage", "reason"),
)
REDELIVERIES = Metric(
    "topicwire_redeliveries_total",
    "counter",
    "Stream entries taken over because a consumer left them unfinished.",
    "Rising: consumers die or hang; look for restarts, memory kills and poison entries.",
    ("stage",),
)
RACES_LOST = Metric(
    "topicwire_races_lost_total",
    "counter",
    "Finished entries that another consumer had finished first; nothing was published twice.",
    "Rising: TOPICWIRE_RECLAIM_IDLE_MS is too short for the batch time.",
    ("stage",),
)
ENTRIES_VANISHED = Metric(
    "topicwire_entries_vanished_total",
    "counter",
    "Entries that were delivered but deleted from the stream before they were finished: lost.",
    "Somebody deletes or trims our streams by hand; find out who, and stop it.",
    ("stage",),
)
GROUPS_RECREATED = Metric(
    "topicwire_groups_recreated_total",
    "counter",
    "Times a vanished stream or consumer group was made again, reading from the start.",
    "The broker lost data (FLUSHALL, no persistence, eviction): check its settings.",
    ("stage",),
)
FAILURES = Metric(
    "topicwire_processing_failures_total",
    "counter",
    "Entries or batches whose processing raised an error of ours; they are retried.",
    "Read the log event `processing_failed`.",
    ("stage",),
)
BATCH_SECONDS = Metric(
    "topicwire_batch_seconds",
    "histogram",
    "Time from taking up a batch to its acknowledgement.",
    "Near TOPICWIRE_RECLAIM_IDLE_MS / 10: make batches smaller or the idle time longer.",
    ("stage",),
)
BATCH_ENTRIES = Metric(
    "topicwire_batch_entries",
    "histogram",
    "Entries per batch.",
    "Always at the largest size: the stage is behind; add a replica.",
    ("stage",),
    ENTRIES_BUCKETS,
)
QUEUE_ENTRIES = Metric(
    "topicwire_queue_entries",
    "gauge",
    "Entries not yet taken up by the stage's consumer group.",
    "Growing: the stage is slower than the doors; add a replica.",
    ("stage",),
)
PENDING_ENTRIES = Metric(
    "topicwire_pending_entries",
    "gauge",
    "Entries taken up but not yet acknowledged by the stage's consumer group.",
    "Stays up without traffic: a consumer died; reclaim takes over after the idle time.",
    ("stage",),
)
OLDEST_SECONDS = Metric(
    "topicwire_oldest_unprocessed_seconds",
    "gauge",
    "Age of the oldest article the stage has not finished, by our own clock at the door.",
    "The main indicator of lag. Rising: the stage is stuck or too slow.",
    ("stage",),
)
TRIMMED = Metric(
    "topicwire_trimmed_entries_total",
    "counter",
    "Finished entries removed from a stage's input.",
    "Flat while the stream grows: a group pins it; see topicwire_foreign_group_lag_seconds.",
    ("stage",),
)
FOREIGN_LAG = Metric(
    "topicwire_foreign_group_lag_seconds",
    "gauge",
    "How far the slowest third party's consumer group on the stage's input is behind.",
    "Above TOPICWIRE_FOREIGN_GROUP_HOURS it no longer pins trimming and loses entries: warn them.",
    ("stage",),
)
BREAKER_PAUSED = Metric(
    "topicwire_breaker_paused",
    "gauge",
    "1 while the stage is paused because too many entries failed in our processing, else 0.",
    "Read the cause in /readyz or `topicwire status`, mend it, then `topicwire resume STAGE`.",
    ("stage",),
)
BREAKER_TRIPS = Metric(
    "topicwire_breaker_trips_total",
    "counter",
    "Times the breaker paused the stage, counted by the replica that noticed.",
    "Again after a resume: the cause is not mended; compare the error in the log event `paused`.",
    ("stage",),
)

DELIVERY_METRICS = (
    ENTRIES_IN, ENTRIES_OUT, DEAD_LETTERS, REDELIVERIES, RACES_LOST, ENTRIES_VANISHED,
    GROUPS_RECREATED, FAILURES, BATCH_SECONDS, BATCH_ENTRIES, QUEUE_ENTRIES, PENDING_ENTRIES,
    OLDEST_SECONDS, TRIMMED, FOREIGN_LAG, BREAKER_PAUSED, BREAKER_TRIPS,
)  # fmt: skip

BROKER_RISK = Metric(
    "topicwire_broker_risk",
    "gauge",
    "Whether the broker was set up to lose data at the start: 1 it is, 0 it is not, -1 it can't tell.",
    "1: read the log event `broker_may_lose_data` or `topicwire status` for the cure.",
    ("check",),
)
SERVICE_METRICS = (BROKER_RISK,)


class DeliveryMetrics:
    """The metrics of one stage's delivery, bound to that stage."""

    def __init__(self, stage: str, registry: CollectorRegistry) -> None:
        self.entries_in = ENTRIES_IN.counter(registry).labels(stage)
        self.entries_out = ENTRIES_OUT.counter(registry).labels(stage)
        self._dead = DEAD_LETTERS.counter(registry)
        self.redeliveries = REDELIVERIES.counter(registry).labels(stage)
        self.races_lost = RACES_LOST.counter(registry).labels(stage)
        self.vanished = ENTRIES_VANISHED.counter(registry).labels(stage)
        self.groups_recreated = GROUPS_RECREATED.counter(registry).labels(stage)
        self.failures = FAILURES.counter(registry).labels(stage)
        self.batch_seconds = BATCH_SECONDS.histogram(registry).labels(stage)
        self.batch_entries = BATCH_ENTRIES.histogram(registry).labels(stage)
        self.queue_entries = QUEUE_ENTRIES.gauge(registry).labels(stage)
        self.pending_entries = PENDING_ENTRIES.gauge(registry).labels(stage)
        self.oldest_seconds = OLDEST_SECONDS.gauge(registry).labels(stage)
        self.trimmed = TRIMMED.counter(registry).labels(stage)
        self.foreign_lag = FOREIGN_LAG.gauge(registry).labels(stage)
        self.breaker_paused = BREAKER_PAUSED.gauge(registry).labels(stage)
        self.breaker_trips = BREAKER_TRIPS.counter(registry).labels(stage)
        self._stage = stage

    def dead(self, reason: str) -> None:
        """Count one dead letter; `reason` comes from a closed set."""
        self._dead.labels(self._stage, reason).inc()
