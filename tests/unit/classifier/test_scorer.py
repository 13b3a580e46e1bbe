from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from services.classifier.artefact import ACCURATE, FAST, Fitted, Manifest, load
from services.classifier.encoder import BUNDLED, Encoder, Vectors, open_encoder
from services.classifier.passages import encode, passages
from services.classifier.scorer import Scorer
from services.classifier.training.corpus import default_folder, read_folder
from services.classifier.training.train import documents_of
from shared.errors import ModelRefused

WEATHER = (
    "Weather\n" + "On Sunday it will be sunny and warm, with a light wind from the west. " * 12
)
HOWITZERS = (
    "Howitzers sold\nThe ministry signed a contract for forty howitzers and ammunition. "
    "The government approved the arms export after talks between the ministers. " * 12
)


class ListeningEncoder:
    """The bundled encoder; keeps the texts it was asked for."""

    dimensions = 512

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.asked = encoder, list[str]()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See Encoder.encode."""
        self.asked += texts
        return self._encoder.encode(texts)


@pytest.fixture(scope="module")
def trained(model_folder: Path) -> tuple[Fitted, Manifest]:
    """Return the small trained model."""
    return load(model_folder)


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    """Return the bundled encoder, loaded once."""
    return open_encoder(BUNDLED)


@pytest.fixture
def encoder(bundled: Encoder) -> ListeningEncoder:
    """Return an encoder that was not asked yet."""
    return ListeningEncoder(bundled)


@pytest.fixture
def scorer_from(
    trained: tuple[Fitted, Manifest], encoder: ListeningEncoder
) -> Callable[[float], Scorer]:
    """Return what makes an accurate scorer that asks the encoder from a probability upwards."""
    fitted, manifest = trained

    def make(encoder_from: float) -> Scorer:
        changed = msgspec.structs.replace(manifest, encoder_from=encoder_from)
        scorer = Scorer(fitted, changed, ACCURATE, encoder)
        encoder.asked.clear()
        return scorer

    return make


@pytest.fixture(scope="module")
def documents() -> list[str]:
    """Return some documents of every language of the corpus."""
    return documents_of(read_folder(default_folder())[::40])


def test_the_fast_profile_never_asks_the_encoder(
    trained: tuple[Fitted, Manifest], encoder: ListeningEncoder
) -> None:
    """Neither at the start nor for an article, however near the topics."""
    scores = Scorer(*trained, FAST, encoder).score([HOWITZERS, WEATHER])

    assert encoder.asked == []
    assert scores.places == {}
    assert [scores.profile(index) for index in (0, 1)] == [FAST, FAST]
    assert [len(scores.of(0, topic)) for topic in range(3)] == [1, 1, 1]
    assert scores.heaviest_passage(0, 0) is None


def test_the_fast_profile_needs_no_encoder_at_all(trained: tuple[Fitted, Manifest]) -> None:
    """A model whose encoder is not installed here still decides by terms."""
    fitted, manifest = trained
    foreign = msgspec.structs.replace(manifest, encoder="sentence-transformers:some/model")

    assert Scorer(fitted, foreign, FAST).score([HOWITZERS]).terms.shape == (1, 3)
    with pytest.raises(ModelRefused, match="pip install sentence-transformers"):
        Scorer(fitted, foreign, ACCURATE)


def test_the_accurate_profile_loads_the_encoder_at_the_start(
    trained: tuple[Fitted, Manifest], encoder: ListeningEncoder
) -> None:
    """What can't be loaded fails there and not at the first article."""
    Scorer(*trained, ACCURATE, encoder)

    assert encoder.asked == ["."]


def test_the_encoder_is_asked_from_the_manifests_bound_upwards(
    scorer_from: Callable[[float], Scorer],
    encoder: ListeningEncoder,
    trained: tuple[Fitted, Manifest],
    documents: list[str],
) -> None:
    """Of exactly the articles with a topic that terms alone find as probable as that, or more."""
    manifest = trained[1]
    terms = scorer_from(1.1).score(documents).terms
    assert encoder.asked == []
    fast = [manifest.calibration[FAST][name] for name in manifest.topics]
    most = [
        max(one.probability([s]) for one, s in zip(fast, row, strict=True))
        for row in terms.tolist()
    ]
    bound = sorted(most)[len(most) // 2]

    scores = scorer_from(bound).score(documents)

    expected = [index for index, probability in enumerate(most) if probability >= bound]
    assert 0 < len(expected) < len(documents)
    assert list(scores.places) == expected
    assert [scores.profile(i) == ACCURATE for i in range(len(documents))] == [
        i in expected for i in range(len(documents))
    ]
    assert len(encoder.asked) == sum(1 + len(passages(documents[index])) for index in expected)


def test_with_a_bound_of_nothing_every_article_is_encoded(
    scorer_from: Callable[[float], Scorer], documents: list[str]
) -> None:
    """0 means all."""
    assert list(scorer_from(0.0).score(documents).places) == list(range(len(documents)))


def test_places_in_a_mixed_batch_are_the_right_articles(
    scorer_from: Callable[[float], Scorer], documents: list[str]
) -> None:
    """Each article has in the batch the scores, spans and vectors it has alone."""
    every = scorer_from(0.0)
    mixed = scorer_from(0.02).score(documents)
    assert 0 < len(mixed.places) < len(documents)

    for index, place in mixed.places.items():
        alone = every.score([documents[index]])
        np.testing.assert_allclose(mixed.terms[index], alone.terms[0], atol=1e-9)
        np.testing.assert_allclose(mixed.passages[place], alone.passages[0], atol=1e-3)
        np.testing.assert_allclose(mixed.falls[place], alone.falls[0], atol=1e-3)
        np.testing.assert_allclose(mixed.encoded[place], alone.encoded[0], atol=1e-5)
        assert mixed.spans[place] == alone.spans[0] == passages(documents[index])


def test_the_heaviest_passage_is_the_one_without_which_the_score_falls_most(
    scorer_from: Callable[[float], Scorer], trained: tuple[Fitted, Manifest], bundled: Encoder
) -> None:
    """Computed by hand: the passage model on the row of the others."""
    document = (
        f"Weather\n{'It will be sunny and warm. ' * 25}\n{HOWITZERS[15:700]}\n{'Rain. ' * 110}"
    )
    scores = scorer_from(0.0).score([document])
    encoded = encode(bundled, [document])
    model = trained[0].passages
    falls = model.decision_function(encoded.rows) - model.decision_function(
        encoded.rows_without()[0]
    )

    for topic in range(3):
        found = scores.heaviest_passage(0, topic)
        heaviest = int(np.argmax(falls[:, topic]))
        if falls[heaviest, topic] <= 0:
            assert found is None
        else:
            assert found is not None
            assert found.span == passages(document)[heaviest]
            assert found.weight == pytest.approx(falls[heaviest, topic], abs=1e-3)
    arms = scores.heaviest_passage(0, 0)
    assert arms is not None
    assert "howitzers" in document[arms.span.start : arms.span.end]


def test_the_nearest_articles_come_nearest_first(
    scorer_from: Callable[[float], Scorer], trained: tuple[Fitted, Manifest]
) -> None:
    """An article of the corpus is nearest to itself; likeness is a cosine and falls."""
    fitted = trained[0]
    (example,) = [e for e in read_folder(default_folder()) if e.id == fitted.corpus_ids[7]]
    scorer = scorer_from(0.0)
    scores = scorer.score(documents_of([example]))

    nearest = scorer.nearest(scores, 0, most=5)

    assert nearest[0] == (example.id, pytest.approx(1.0, abs=1e-3))
    assert len(nearest) == 5
    assert [likeness for _, likeness in nearest] == sorted((n[1] for n in nearest), reverse=True)
    assert all(-1 <= likeness <= 1.001 for _, likeness in nearest)


def test_what_was_not_encoded_has_no_nearest(scorer_from: Callable[[float], Scorer]) -> None:
    """Terms alone know no neighbours."""
    scorer = scorer_from(1.1)

    assert scorer.nearest(scorer.score([WEATHER]), 0) == []
