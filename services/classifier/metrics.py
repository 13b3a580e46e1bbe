"""Metrics of the classifier, beside those of delivery."""

import itertools

from prometheus_client import CollectorRegistry

from services.classifier.artefact import FAST, PROFILES, Manifest
from services.classifier.decide import NOT_SERVED, TOO_SHORT
from services.classifier.furniture import REASONS
from shared.messages import Decision, LabelledArticle
from shared.metrics import Metric, closed

LABELS = Metric(
    "topicwire_labels_total",
    "counter",
    "Decisions made, by topic and decision (yes, no, unsure).",
    "The share of yes or unsure jumps: a new kind of source, or a wrong model; compare models.",
    ("topic", "decision"),
)
LANGUAGES = Metric(
    "topicwire_articles_language_total",
    "counter",
    "Articles classified, by identified language; not served: other.",
    "Many other: a source in a language the model was not trained for.",
    ("language",),
)
ABSTAINED = Metric(
    "topicwire_abstained_total",
    "counter",
    "Articles the model did not decide on, by reason.",
    "Rising too_short: a source sends teasers or empty pages.",
    ("reason",),
)
FURNITURE = Metric(
    "topicwire_furniture_chars_total",
    "counter",
    "Characters of page furniture taken out of texts, by reason.",
    "Jumps: a source changed its pages, or the cleaner eats text; look at removed spans.",
    ("reason",),
)
DECIDED_BY = Metric(
    "topicwire_decided_by_total",
    "counter",
    "Articles by what decided: accurate (the encoder was asked) or fast (terms alone).",
    "The share of accurate rises: more articles near the topics, and more time for each.",
    ("profile",),
)
SCORE_SECONDS = Metric(
    "topicwire_score_seconds",
    "histogram",
    "Time to clean, score and explain a batch.",
    "Rising at the same batch size: longer texts or a busy machine.",
)
MODEL = Metric(
    "topicwire_model_info",
    "gauge",
    "The model in use (always 1).",
    "Two versions at once outside a rollout: a replica did not get the new model.",
    ("name", "version", "sha256"),
)
CLASSIFIER_METRICS = (LABELS, LANGUAGES, ABSTAINED, FURNITURE, DECIDED_BY, SCORE_SECONDS, MODEL)


class ClassifierMetrics:
    """Counts what was decided. One object per process."""

    def __init__(self, registry: CollectorRegistry, manifest: Manifest) -> None:
        self._served = frozenset(manifest.languages)
        self._labels = LABELS.counter(registry)
        self._languages = LANGUAGES.counter(registry)
        self._abstained = ABSTAINED.counter(registry)
        self._furniture = FURNITURE.counter(registry)
        self._decided_by = DECIDED_BY.counter(registry)
        self._start_at_zero(manifest)
        self.score_seconds = SCORE_SECONDS.histogram(registry)
        MODEL.gauge(registry).labels(manifest.name, manifest.version, manifest.sha256).set(1)

    def _start_at_zero(self, manifest: Manifest) -> None:
        """Make the series: a rate needs them from the start; nothing yet is 0, not no answer."""
        for topic, decision in itertools.product(manifest.topics, Decision):
            self._labels.labels(topic, decision.value)
        for profile in PROFILES:
            self._decided_by.labels(profile)
        for reason in (TOO_SHORT, NOT_SERVED):
            self._abstained.labels(reason)
        for reason in REASONS:
            self._furniture.labels(reason)

    def count(self, article: LabelledArticle) -> None:
        """Count one labelled article."""
        self._languages.labels(closed(article.language, self._served)).inc()
        for label in article.topics:
            self._labels.labels(label.topic, label.decision.value).inc()
        self._decided_by.labels(article.profile or FAST).inc()
        if article.abstained:
            self._abstained.labels(article.abstained).inc()
        for span in article.removed:
            self._furniture.labels(closed(span.reason, REASONS)).inc(span.end - span.start)
