import shutil
from pathlib import Path

import numpy as np
import pytest

from services.classifier.artefact import ACCURATE, FAST, Manifest, load, read_manifest
from services.classifier.decide import Calibration
from services.classifier.model import Model
from services.classifier.topics import Topic
from services.classifier.training.corpus import read_corpus
from services.classifier.training.train import (
    HeldOut,
    calibrate,
    encoder_from,
    figures,
    natural_weights,
    train,
)
from tests.support.build import NOW, HeldClock, raw
from tests.support.command import topicwire
from tests.support.services import ROOT

TOPIC = Topic(name="art", title="art", prior=0.1, precision_target=0.9, no_below=0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a corpus of every fourth English article with one list of terms."""
    folder = tmp_path_factory.mktemp("corpus")
    shutil.copy(ROOT / "corpus" / "topics.toml", folder)
    (folder / "terms").mkdir()
    shutil.copy(ROOT / "corpus" / "terms" / "en.toml", folder / "terms")
    (folder / "articles").mkdir()
    lines = (ROOT / "corpus" / "articles" / "en.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "articles" / "en.jsonl").write_text("".join(lines[::4]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file for vectors that the trainings of these tests share."""
    return tmp_path_factory.mktemp("cache") / "vectors.npz"


def fit(corpus: Path, out: Path, cache: Path | None = None) -> Manifest:
    """Train in this process, where a warning is an error."""
    return train(
        read_corpus(corpus), out, clock=HeldClock(), progress=lambda text: None, cache=cache
    )


def test_the_same_corpus_gives_the_same_file(folder: Path, cache: Path, tmp_path: Path) -> None:
    """To the byte: in another process, with kept vectors or without."""
    first = fit(folder, tmp_path / "first", cache)
    again = fit(folder, tmp_path / "again", cache)
    command = topicwire(
        "train", "--corpus", folder, "--out", "model", folder=tmp_path, seconds=300,
        variables={"PYTHONHASHSEED": "1"},
    )  # fmt: skip

    assert command.code == 0
    assert "Warning" not in command.err
    assert first == again
    assert read_manifest(tmp_path / "model").sha256 == first.sha256
    assert (first.trained_at, first.languages) == (NOW, ("en",))
    assert first.corpus_sha256 == read_corpus(folder).fingerprint()


def test_a_single_topic_is_enough(folder: Path, cache: Path, tmp_path: Path) -> None:
    """One column instead of three, in both profiles; the others' labels are taken off first."""
    corpus = Path(shutil.copytree(folder, tmp_path / "corpus"))
    topics = (corpus / "topics.toml").read_text("utf-8")
    (corpus / "topics.toml").write_text(topics[topics.rindex("[[topic]]") :], "utf-8")
    articles = corpus / "articles" / "en.jsonl"
    text = articles.read_text("utf-8")
    for name in ("arms_trade", "diplomacy"):
        text = text.replace(f'"{name}", ', "").replace(f', "{name}"', "").replace(f'"{name}"', "")
    articles.write_text(text, "utf-8")

    fit(corpus, tmp_path / "model", cache)

    for profile in (ACCURATE, FAST):
        model = Model.open(tmp_path / "model", HeldClock(), profile=profile)
        (labelled,) = model.classify([raw("Shelling at the front near Kharkiv. " * 9)])
        assert [label.topic for label in labelled.topics] == ["ukraine_war"]


def test_a_corpus_needs_no_term_lists(folder: Path, cache: Path, tmp_path: Path) -> None:
    """Words and pieces alone make a model, too."""
    corpus = Path(shutil.copytree(folder, tmp_path / "corpus"))
    shutil.rmtree(corpus / "terms")

    fit(corpus, tmp_path / "model", cache)
    fitted, _ = load(tmp_path / "model")

    assert [name for name, _ in fitted.terms.named_steps["features"].transformer_list] == [
        "word",
        "piece",
    ]


def test_terms_that_no_article_has_do_no_harm(folder: Path, cache: Path, tmp_path: Path) -> None:
    """A list for a language still to come leaves no column, and no error."""
    corpus = Path(shutil.copytree(folder, tmp_path / "corpus"))
    shutil.rmtree(corpus / "terms")
    (corpus / "terms").mkdir()
    (corpus / "terms" / "fi.toml").write_text('weapon = ["panssarivaunu*"]', "utf-8")

    fit(corpus, tmp_path / "model", cache)

    model = Model.open(tmp_path / "model", HeldClock())
    assert model.classify([raw("Panssarivaunut on the road to the town. " * 5)])


@pytest.mark.parametrize("prior", [0.01, 0.1, 0.5])
def test_weights_give_positives_their_natural_share(prior: float) -> None:
    """A corpus has far more of a topic than the news; weighted, it has what the news has."""
    truth = np.array([1] * 40 + [0] * 60)
    weights = natural_weights(truth, prior)

    assert weights[truth == 1].sum() / weights.sum() == pytest.approx(prior)
    assert weights.sum() == pytest.approx(len(truth))


def test_calibrated_probabilities_keep_the_prior() -> None:
    """Their weighted mean is the topic's share of a natural stream, up to the regularisation."""
    rng = np.random.default_rng(0)
    truth = np.array([1] * 400 + [0] * 600)
    scores = np.column_stack([rng.normal(2 * truth - 1, 1.0), rng.normal(truth, 2.0)])

    found = calibrate(scores, truth, TOPIC)

    probabilities = np.array([found.probability(row) for row in scores.tolist()])
    mean = np.average(probabilities, weights=natural_weights(truth, TOPIC.prior))
    assert mean == pytest.approx(TOPIC.prior, abs=0.01)
    assert all(weight > 0 for weight in found.weights)
    assert found.weights[0] > found.weights[1]
    assert (found.threshold, found.threshold_no) == (TOPIC.precision_target, TOPIC.no_below)


def held_out(terms: list[float], passages: list[float]) -> HeldOut:
    """Return held-out scores of one topic."""
    truth = np.array([[int(score > 0)] for score in passages])
    return HeldOut(np.array(terms)[:, None], np.array(passages)[:, None], truth)


FAST_ONE = Calibration(weights=(1.0,), offset=0.0, threshold=0.9, threshold_no=0.1)
BOTH = Calibration(weights=(0.0, 1.0), offset=0.0, threshold=0.9, threshold_no=0.1)
CALIBRATION = {FAST: {"art": FAST_ONE}, ACCURATE: {"art": BOTH}}


def test_the_encoder_is_asked_where_it_may_speak() -> None:
    """The bound lies at the lowest probability from terms of an article that is not surely no."""
    found = encoder_from(held_out([-9.0, -4.0, 5.0], [-9.0, 5.0, 5.0]), CALIBRATION)

    assert found == pytest.approx(FAST_ONE.probability([-4.0]), abs=1e-6)


def test_the_encoder_is_asked_of_all_that_terms_find_half_likely() -> None:
    """However well terms tell them apart, the bound is never above half of no_below."""
    assert encoder_from(held_out([-9.0, 5.0], [-9.0, 5.0]), CALIBRATION) == 0.05


def test_without_an_article_to_judge_by_the_encoder_is_always_asked() -> None:
    """Where every held-out article is no, nothing says below what it can be spared."""
    assert encoder_from(held_out([-9.0, -8.0], [-9.0, -9.0]), CALIBRATION) == 0.0


def test_figures_count_yes() -> None:
    """Two of three yes are right, two of four are found."""
    scores = held_out([0.0] * 6, [9.0, 9.0, 0.5, 0.5, -9.0, -9.0])
    scores.passages[4] = 9.0

    assert figures(scores, CALIBRATION[ACCURATE]) == {
        "art": {"precision": 0.6667, "recall": 0.5, "f1": 0.5714}
    }
