"""Metrics of the doors."""

from prometheus_client import CollectorRegistry

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
FETCH_METRICS = (DOOR_ACCEPTED, DOOR_REFUSED, FEED_POLLS, PUSH_SECONDS)


class FetchMetrics:
    """Counts what came through the doors. One object per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._accepted = DOOR_ACCEPTED.counter(registry)
        self._refused = DOOR_REFUSED.counter(registry)
        self._polls = FEED_POLLS.counter(registry)
        self.push_seconds = PUSH_SECONDS.histogram(registry)

    def accepted(self, door: str, articles: int) -> None:
        """Count articles the broker has confirmed."""
        self._accepted.labels(door).inc(articles)

    def refused(self, door: str, reason: str) -> None:
        """Count one refusal; `reason` comes from shared.errors.Reason."""
        self._refused.labels(door, reason).inc()

    def polled(self, outcome: str) -> None:
        """Count one poll of a feed."""
        self._polls.labels(outcome).inc()
