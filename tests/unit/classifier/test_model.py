from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from services.classifier.artefact import ACCURATE, FAST, PROFILES
from services.classifier.clean import clean, without_spans
from services.classifier.features import document
from services.classifier.model import Model
from services.classifier.training.corpus import default_folder, read_folder
from shared.messages import Decision, LabelledArticle, RawArticle, decode_labelled, encode
from tests.support.build import NOW, HeldClock, raw

STORY = (
    "The ministry of defence signed a contract for forty howitzers and ammunition. "
    "The arms export was approved by the government after talks between the ministers."
)


@pytest.fixture(scope="module", params=PROFILES)
def model(request: pytest.FixtureRequest, model_folder: Path) -> Model:
    """Return the small trained model in each profile."""
    return Model.open(model_folder, HeldClock(), profile=request.param)


@pytest.fixture(scope="module")
def articles() -> list[RawArticle]:
    """Return some articles of every language of the corpus."""
    return [raw(e.text, title=e.title) for e in read_folder(default_folder())[::18]]


@pytest.fixture(scope="module")
def labelled(model: Model, articles: list[RawArticle]) -> list[LabelledArticle]:
    """Return them as one batch labels them."""
    return model.classify(articles)


def test_every_topic_is_labelled_in_the_manifests_order(model: Model) -> None:
    """A labelled article speaks of every topic and names the model that spoke."""
    (labelled,) = model.classify([raw(STORY, title="Howitzers")])

    assert [label.topic for label in labelled.topics] == list(model.manifest.topics)
    assert labelled.model == model.manifest.identity
    assert (labelled.language, labelled.abstained, labelled.classified_at) == ("en", None, NOW)
    assert labelled.profile == model.scorer.profile


def test_decisions_follow_from_the_published_probability(labelled: list[LabelledArticle]) -> None:
    """What the message carries is enough to repeat the decision."""
    decided = [article for article in labelled if article.abstained is None]
    for label in (label for article in decided for label in article.topics):
        expected = (
            Decision.YES
            if label.probability >= label.threshold
            else Decision.NO
            if label.probability < label.threshold_no
            else Decision.UNSURE
        )
        assert expected is label.decision, label
        assert label.probability == round(label.probability, 4)

    assert decided


def test_thresholds_are_those_of_the_profile_that_decided(
    model: Model, labelled: list[LabelledArticle]
) -> None:
    """In the accurate profile, too, an article far from every topic is decided by terms alone."""
    profiles = {article.profile for article in labelled}
    for article in labelled:
        assert article.profile is not None
        calibration = model.manifest.calibration[article.profile]
        for label in article.topics:
            own = calibration[label.topic]
            assert (label.threshold, label.threshold_no) == (own.threshold, own.threshold_no)

    assert profiles == ({FAST} if model.scorer.profile == FAST else {FAST, ACCURATE})


def test_a_probability_that_rounds_up_to_the_threshold_is_yes(
    model_folder: Path, articles: list[RawArticle]
) -> None:
    """The published probability decides, not the digits behind it."""
    model = Model.open(model_folder, HeldClock(), profile=FAST)
    topic = model.manifest.topics[0]
    served = [article for article in articles if not model.classify([article])[0].abstained]
    scores = model.scorer.score([document(a.title, clean(a.text).text) for a in served])
    old = model.manifest.calibration[FAST][topic]
    number, exact = next(
        (index, probability)
        for index in range(len(served))
        if round(probability := old.probability(scores.of(index, 0)), 4) > probability
    )
    edge = replace(old, threshold=round(exact, 4), threshold_no=0.0)
    calibration = {
        **model.manifest.calibration,
        FAST: {**model.manifest.calibration[FAST], topic: edge},
    }
    model.manifest = msgspec.structs.replace(model.manifest, calibration=calibration)

    (labelled,) = model.classify([served[number]])

    assert labelled.topics[0].probability == edge.threshold
    assert labelled.topics[0].decision is Decision.YES


def test_evidence_and_passage_point_into_title_and_clean_text(
    labelled: list[LabelledArticle],
) -> None:
    """A reader of the message finds each term, and the passage, where they are said to be."""
    for found in labelled:
        text = document(found.article.title, without_spans(found.article.text, found.removed))
        for label in found.topics:
            assert all(text[item.start : item.end] == item.term for item in label.evidence)
            if label.passage is not None:
                assert 0 <= label.passage.start < label.passage.end <= len(text)
                assert label.passage.weight >= 0


def test_furniture_is_not_counted_in_offsets(model: Model) -> None:
    """They count in the clean text: what the cleaner took out before is not there."""
    article = raw(f"Anzeige\n{STORY}", title="Howitzers for the army")

    (labelled,) = model.classify([article])

    text = document(article.title, without_spans(article.text, labelled.removed))
    evidence = [item for label in labelled.topics for item in label.evidence]
    assert "Anzeige" not in text
    assert evidence
    assert all(text[item.start : item.end] == item.term for item in evidence)


def test_a_passage_is_told_where_the_encoder_was_asked(labelled: list[LabelledArticle]) -> None:
    """For yes and unsure; a no needs none, and terms alone have none."""
    passages = [
        (article.profile, label.decision)
        for article in labelled
        for label in article.topics
        if label.passage is not None
    ]

    assert {profile for profile, _ in passages} <= {ACCURATE}
    assert Decision.NO not in {decision for _, decision in passages}
    assert passages or {article.profile for article in labelled} == {FAST}


def test_an_article_is_labelled_alone_as_in_a_batch(
    model: Model, articles: list[RawArticle], labelled: list[LabelledArticle]
) -> None:
    """Neighbours change neither probability nor decision nor words; a passage's weight by 1e-3."""
    for article, together in zip(articles, labelled, strict=True):
        (alone,) = model.classify([article])
        assert without_weights(alone) == without_weights(together)
        for one, other in zip(alone.topics, together.topics, strict=True):
            if one.passage is not None and other.passage is not None:
                assert one.passage.weight == pytest.approx(other.passage.weight, abs=1e-3)


def without_weights(article: LabelledArticle) -> LabelledArticle:
    """Return the article without what the last bits of the encoder may change."""
    topics = tuple(msgspec.structs.replace(topic, passage=None) for topic in article.topics)
    return msgspec.structs.replace(article, topics=topics)


def test_what_is_labelled_travels(labelled: list[LabelledArticle]) -> None:
    """Every labelled article is a message that reads as it was written."""
    for article in labelled:
        assert decode_labelled({b"data": encode(article)}) == article


def test_an_empty_batch_is_empty(model: Model) -> None:
    """No article, no label, no error."""
    assert model.classify([]) == []
