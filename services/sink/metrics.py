"""Metrics of the sink, beside those of delivery."""

from prometheus_client import CollectorRegistry

from services.sink.plan import StoreOutcome
from shared.metrics import Metric

STORED = Metric(
    "topicwire_stored_total",
    "counter",
    "Labelled articles committed, by outcome: stored (new), revised, reclassified, duplicate.",
    "Many duplicates: a producer sends again what it has sent; many revised: texts keep changing.",
    ("outcome",),
)
STORE_SECONDS = Metric(
    "topicwire_store_seconds",
    "histogram",
    "Time to write and commit a batch.",
    "Rising: a slow disk, a busy database, or missing indexes.",
)
DOOR_TO_STORE_SECONDS = Metric(
    "topicwire_door_to_store_seconds",
    "histogram",
    "From an article's arrival at its door to its commit in the store.",
    "The latency users see; rising: look at topicwire_oldest_unprocessed_seconds by stage.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
)
SINK_METRICS = (STORED, STORE_SECONDS, DOOR_TO_STORE_SECONDS)


class SinkMetrics:
    """Counts what was stored. One object per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._stored = STORED.counter(registry)
        self.store_seconds = STORE_SECONDS.histogram(registry)
        self._latency = DOOR_TO_STORE_SECONDS.histogram(registry)

    def stored(self, outcome: StoreOutcome, seconds: float) -> None:
        """Count one committed article and how long it was under way."""
        self._stored.labels(outcome.value).inc()
        self._latency.observe(max(0.0, seconds))
