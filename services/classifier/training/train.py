"""Fit both models on the corpus, calibrate them on held-out folds, save the artefact.

    documents ─▶ features ──▶ terms' scores ───┐ held-out folds ─▶ calibration: fast (terms alone)
              └▶ encoder ───▶ passages' scores ┘                └▶ calibration: accurate (both)

Reproducible to the byte of the predictions: ordered input, fixed seeds, one thread. The vocabulary
is chosen once for all folds: it knows no labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from services.classifier import artefact
from services.classifier.artefact import ACCURATE, FAST, Fitted
from services.classifier.clean import CLEANER_VERSION, clean
from services.classifier.decide import Calibration
from services.classifier.encoder import BUNDLED, open_encoder
from services.classifier.features import (
    build_features,
    build_passage_model,
    build_term_estimator,
    document,
    excerpt,
)
from services.classifier.topics import Topic
from services.classifier.training.corpus import Corpus, Example, targets
from services.classifier.training.vectors import VectorCache
from shared.clock import Clock

FOLDS = 5
# Of held-out articles that are not *no* throughout, the share that may never reach the encoder.
_MAY_DIFFER = 0.005
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Scores by models that have not seen the text, and the truth: each (n_articles, n_topics)."""

    terms: Any
    passages: Any
    truth: Any

    def of(self, profile: str, column: int) -> Any:
        """Return what a profile's calibration of one topic reads: float (n_articles, 1 or 2)."""
        parts = (self.terms,) if profile == FAST else (self.terms, self.passages)
        return np.column_stack([part[:, column] for part in parts])


def train(
    corpus: Corpus,
    folder: Path,
    *,
    clock: Clock,
    progress: Progress,
    encoder: str = BUNDLED,
    cache: Path | None = None,
) -> artefact.Manifest:
    """Train on `corpus`, write model and manifest into `folder`, return the manifest.

    `cache`: a file that keeps the encoder's vectors from one training to the next.
    """
    # Sums over several threads end in other digits each time.
    with threadpool_limits(1):
        fitted, manifest = _fit(corpus, clock, progress, encoder, VectorCache(cache, encoder))
    return artefact.save(folder, fitted, manifest)


def _fit(
    corpus: Corpus, clock: Clock, progress: Progress, encoder: str, cache: VectorCache
) -> tuple[Fitted, artefact.Manifest]:
    examples, truth = corpus.examples, np.array(targets(corpus.examples, corpus.names))
    documents = documents_of(examples)
    progress(f"{len(examples)} articles; the encoder reads them")
    vectors = cache.rows(open_encoder(encoder), documents, progress)
    progress("counting words, pieces and concepts")
    features = build_features(corpus.terms)
    rows = features.fit_transform([excerpt(text) for text in documents]).tocsr()
    passages = build_passage_model(len(examples) * (FOLDS - 1) // FOLDS)  # each fold has as many
    terms = build_term_estimator()
    held_out = HeldOut(
        out_of_fold(terms, rows, truth, "terms", progress),
        out_of_fold(passages, vectors, truth, "passages", progress),
        truth,
    )
    calibration = {
        profile: {
            topic.name: calibrate(held_out.of(profile, column), truth[:, column], topic)
            for column, topic in enumerate(corpus.topics)
        }
        for profile in artefact.PROFILES
    }
    progress("fitting on all articles")
    _forget_addresses(features)
    fitted = Fitted(
        terms=_pipeline(features, terms.fit(rows, truth)),
        passages=passages.fit(vectors, truth),
        corpus_rows=vectors.astype(np.float16),
        corpus_ids=tuple(example.id for example in examples),
    )
    manifest = artefact.Manifest(
        schema=artefact.MANIFEST_SCHEMA,
        name="topicwire",
        version="",
        file="",
        sha256="",
        sklearn=sklearn.__version__,
        python=artefact.python_version(),
        features_version=artefact.FEATURES_VERSION,
        encoder=encoder,
        specs=corpus.topics,
        calibration=calibration,
        encoder_from=encoder_from(held_out, calibration),
        languages=tuple(sorted({example.tongue for example in examples})),
        corpus_sha256=corpus.fingerprint(),
        corpus_articles=len(examples),
        cleaner_version=CLEANER_VERSION,
        trained_at=clock.now(),
        figures=figures(held_out, calibration[ACCURATE]),
    )
    return fitted, manifest


def documents_of(examples: Sequence[Example]) -> list[str]:
    """Return the documents as serving would read them: furniture taken out, title first."""
    return [document(example.title, clean(example.text).text) for example in examples]


def out_of_fold(model: Any, rows: Any, truth: Any, name: str, progress: Progress) -> Any:
    """Return scores by models that have not seen the row: float (n_rows, n_topics)."""
    scores = np.zeros(truth.shape)
    folds = KFold(n_splits=min(FOLDS, len(truth)), shuffle=True, random_state=0)
    for number, (learn, test) in enumerate(folds.split(truth), start=1):
        fitted = clone(model).fit(rows[learn], truth[learn])
        scores[test] = np.asarray(fitted.decision_function(rows[test])).reshape(len(test), -1)
        progress(f"{name}: fold {number} of {folds.n_splits}")
    return scores


def calibrate(scores: Any, truth: Any, topic: Topic) -> Calibration:
    """Stack held-out scores by a logistic regression, weighted to the topic's natural prior.

    scores: float (n_articles, n_scores). The thresholds are the topic's own.
    """
    mean, spread = scores.mean(axis=0), scores.std(axis=0)
    stacked = LogisticRegression(C=1.0).fit(
        (scores - mean) / spread, truth, sample_weight=natural_weights(truth, topic.prior)
    )
    weights = stacked.coef_[0] / spread
    return Calibration(
        weights=tuple(float(weight) for weight in weights),
        offset=float(stacked.intercept_[0] - weights @ mean),
        threshold=topic.precision_target,
        threshold_no=topic.no_below,
    )


def natural_weights(truth: Any, prior: float) -> Any:
    """Return a weight per example under which positives have the share `prior`."""
    share = float(np.mean(truth))
    return np.where(truth == 1, prior / share, (1 - prior) / (1 - share))


def encoder_from(held_out: HeldOut, calibration: dict[str, dict[str, Calibration]]) -> float:
    """Return the probability from terms alone below which, on every topic, the encoder is not asked.

    As high as may be while hardly any held-out article below it (`_MAY_DIFFER` of those with
    something to say) would with the encoder be anything but *no* on every topic; never above half
    of `no_below`.
    """
    most = _largest_probability(held_out, FAST, calibration[FAST])
    bounds = [one.threshold_no for one in calibration[ACCURATE].values()]
    speaks = np.any(
        [
            _probabilities(held_out, ACCURATE, column, one) >= one.threshold_no
            for column, one in enumerate(calibration[ACCURATE].values())
        ],
        axis=0,
    )
    below = np.sort(most[speaks])
    if not len(below):  # nothing to judge by: the encoder is always asked
        return 0.0
    return round(min(float(below[int(_MAY_DIFFER * len(below))]), min(bounds) / 2), 6)


def _largest_probability(
    held_out: HeldOut, profile: str, calibration: dict[str, Calibration]
) -> Any:
    columns = enumerate(calibration.values())
    return np.max([_probabilities(held_out, profile, n, one) for n, one in columns], axis=0)


def _probabilities(held_out: HeldOut, profile: str, column: int, one: Calibration) -> Any:
    return np.array([one.probability(row) for row in held_out.of(profile, column).tolist()])


def figures(held_out: HeldOut, calibration: dict[str, Calibration]) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of *yes* on held-out folds, per topic, unweighted."""
    found = {}
    for column, (name, one) in enumerate(calibration.items()):
        truth = held_out.truth[:, column]
        yes = _probabilities(held_out, ACCURATE, column, one) >= one.threshold
        right = int(np.sum(yes & (truth == 1)))
        precision = right / max(1, int(yes.sum()))
        recall = right / max(1, int(truth.sum()))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        values = {"precision": precision, "recall": recall, "f1": f1}
        found[name] = {key: round(value, 4) for key, value in values.items()}
    return found


def _pipeline(features: Any, estimator: Any) -> Any:
    return Pipeline([("features", features), ("topics", estimator)])


def _forget_addresses(features: Any) -> None:
    """Drop what scikit-learn remembers by memory address: it would make each file another."""
    for _, part in features.transformer_list:
        part.__dict__.pop("_stop_words_id", None)
