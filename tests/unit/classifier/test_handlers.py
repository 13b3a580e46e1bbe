from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry

from services.classifier.handlers import ClassifyEntries
from services.classifier.metrics import ClassifierMetrics
from services.classifier.model import Model
from services.classifier.repeats import RepeatedLines
from shared.delivery import Entry, Forward, Outcome
from shared.messages import DATA_FIELD, LabelledArticle, decode_labelled
from shared.text import Limits
from tests.support.build import HeldClock

SLOGAN = "The voice of the valley since 1921"
STORY = "On day {0} the council of town {0} met to talk about item {0} of its list at length."


@pytest.fixture
def registry() -> CollectorRegistry:
    """Return the process's registry of metrics."""
    return CollectorRegistry()


@pytest.fixture
def handler(model_folder: Path, registry: CollectorRegistry) -> ClassifyEntries:
    """Return the classifier's processor as the service wires it."""
    model = Model.open(model_folder, HeldClock())
    metrics = ClassifierMetrics(registry, model.manifest)
    return ClassifyEntries(model, Limits(), metrics, structlog.get_logger("test"), RepeatedLines())


def entry(number: int, text: str) -> Entry:
    """Return the entry a foreign producer of one host would write."""
    fields = {"title": f"Day {number}", "text": text, "url": f"https://valley.example/{number}"}
    encoded = {name.encode(): value.encode() for name, value in fields.items()}
    return Entry(f"1790000000000-{number}", encoded)


def article_of(outcome: Outcome) -> LabelledArticle:
    """Return the labelled article an outcome forwards."""
    assert isinstance(outcome, Forward)
    return decode_labelled({DATA_FIELD: outcome.payload})


async def test_a_redelivered_article_is_labelled_as_before(handler: ClassifyEntries) -> None:
    """What the service learnt of a host's lines from an article does not change that article."""
    await handler.process([entry(n, f"{STORY.format(n)}\n{SLOGAN}") for n in range(10)])
    again = entry(99, f"{STORY.format(99)}\n{SLOGAN}")

    (first,) = await handler.process([again])
    (second,) = await handler.process([again])
    handler.close()

    assert article_of(first) == article_of(second)
    assert [span.reason for span in article_of(first).removed] == ["repeated"]


async def test_removed_characters_are_counted_by_reason(
    handler: ClassifyEntries, registry: CollectorRegistry
) -> None:
    """Metrics say what kind of furniture went, in characters, line feeds among them."""
    await handler.process([entry(1, f"Anzeige\n{STORY.format(1)}\nFoto: Jane Doe/dpa")])
    handler.close()

    def removed(reason: str) -> float | None:
        return registry.get_sample_value("topicwire_furniture_chars_total", {"reason": reason})

    assert removed("advert") == len("Anzeige\n")
    assert removed("image_credit") == len("Foto: Jane Doe/dpa")


async def test_languages_are_counted_that_the_model_serves(
    handler: ClassifyEntries, registry: CollectorRegistry
) -> None:
    """Which they are says the model, here one of German and English; any other counts as other."""
    french = "Le conseil municipal s'est réuni hier pour parler longuement de la liste des travaux."
    await handler.process([entry(1, STORY.format(1)), entry(2, french)])
    handler.close()

    def counted(language: str) -> float | None:
        return registry.get_sample_value(
            "topicwire_articles_language_total", {"language": language}
        )

    assert (counted("en"), counted("other"), counted("fr")) == (1, 1, None)


async def test_every_decision_is_counted_by_the_models_topics(
    handler: ClassifyEntries, registry: CollectorRegistry
) -> None:
    """One article, one decision a topic, one profile; nothing names a topic but the model."""
    (outcome,) = await handler.process([entry(1, STORY.format(1))])
    handler.close()

    labelled = article_of(outcome)
    for label in labelled.topics:
        labels = {"topic": label.topic, "decision": label.decision.value}
        assert registry.get_sample_value("topicwire_labels_total", labels) == 1
    decided_by = {"profile": labelled.profile or ""}
    assert registry.get_sample_value("topicwire_decided_by_total", decided_by) == 1


def test_every_series_of_a_closed_set_is_there_from_the_start(
    handler: ClassifyEntries, registry: CollectorRegistry
) -> None:
    """A panel of a topic that never had a yes shows nought and not nothing."""
    handler.close()
    value = registry.get_sample_value

    for topic in ("arms_trade", "diplomacy", "ukraine_war"):
        for decision in ("yes", "no", "unsure"):
            assert value("topicwire_labels_total", {"topic": topic, "decision": decision}) == 0
    assert value("topicwire_decided_by_total", {"profile": "accurate"}) == 0
    assert value("topicwire_abstained_total", {"reason": "language_not_served"}) == 0
