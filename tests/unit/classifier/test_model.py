from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from services.classifier.clean import clean, without_spans
from services.classifier.features import document
from services.classifier.model import Model
from services.classifier.topics import NAMES
from services.classifier.training.corpus import default_folder, read_folder
from shared.messages import Decision
from tests.support.build import NOW, HeldClock, raw

STORY = (
    "The ministry of defence signed a contract for forty howitzers and ammunition. "
    "The arms export was approved by the government after talks between the ministers."
)


@pytest.fixture
def model(model_folder: Path) -> Model:
    """Return the small trained model."""
    return Model.open(model_folder, HeldClock())


def test_every_topic_is_labelled_in_the_manifests_order(model: Model) -> None:
    """A labelled article speaks of every topic and names the model that spoke."""
    (labelled,) = model.classify([raw(STORY, title="Howitzers")])

    assert [label.topic for label in labelled.topics] == list(NAMES)
    assert labelled.model == model.manifest.identity
    assert (labelled.language, labelled.abstained, labelled.classified_at) == ("en", None, NOW)


def test_decisions_follow_from_probability_and_thresholds(model: Model) -> None:
    """What the message carries is enough to repeat the decision."""
    articles = [raw(e.text, title=e.title) for e in read_folder(default_folder())[:60]]

    for labelled in model.classify(articles):
        for label in labelled.topics:
            expected = (
                Decision.YES
                if label.probability >= label.threshold
                else Decision.NO
                if label.probability < label.threshold_no
                else Decision.UNSURE
            )
            assert expected is label.decision, label


def test_a_probability_that_rounds_up_to_the_threshold_is_yes(model: Model) -> None:
    """The published probability decides, not the digits behind it."""
    examples = read_folder(default_folder())[:60]
    scores = model.score([document(e.title, e.text) for e in examples]).values[:, 0]
    old = model.manifest.calibration[NAMES[0]]
    number, exact = next(
        (index, probability)
        for index, probability in enumerate(old.probability(float(score)) for score in scores)
        if round(probability, 4) > probability and not clean(examples[index].text).removed
    )
    edge = replace(old, threshold=round(exact, 4), threshold_no=0.0)
    calibration = {**model.manifest.calibration, NAMES[0]: edge}
    model.manifest = msgspec.structs.replace(model.manifest, calibration=calibration)

    (labelled,) = model.classify([raw(examples[number].text, title=examples[number].title)])

    assert labelled.topics[0].probability == edge.threshold
    assert labelled.topics[0].decision is Decision.YES


def test_evidence_offsets_count_in_title_and_clean_text(model: Model) -> None:
    """A reader of the message finds each term where it is said to be."""
    article = raw(f"Anzeige\n{STORY}", title="Howitzers for the army")

    (labelled,) = model.classify([article])

    text = document(article.title, without_spans(article.text, labelled.removed))
    evidence = [item for label in labelled.topics for item in label.evidence]
    assert evidence
    assert all(text[item.start : item.end] == item.term for item in evidence)


def test_a_text_too_short_to_read_is_unsure_on_every_topic(model: Model) -> None:
    """The model abstains, and says why."""
    (labelled,) = model.classify([raw("Short.")])

    assert labelled.abstained == "too_short"
    assert {Decision.UNSURE} == {label.decision for label in labelled.topics}


def test_a_batch_is_classified_as_each_alone(model: Model) -> None:
    """Neighbours do not change an article's labels."""
    articles = [raw(STORY, title="One"), raw("Short."), raw("Ein Text ueber das Wetter. " * 9)]

    assert model.classify(articles) == [model.classify([a])[0] for a in articles]


def test_an_empty_batch_is_empty(model: Model) -> None:
    """No article, no label, no error."""
    assert model.classify([]) == []
