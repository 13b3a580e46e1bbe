"""Fit the pipeline on the corpus, calibrate it on held-out folds, save the artefact.

Reproducible to the byte of the predictions: ordered input, fixed seeds, one thread.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from services.classifier import artefact
from services.classifier.clean import CLEANER_VERSION, clean
from services.classifier.decide import Calibration
from services.classifier.features import build_pipeline, document
from services.classifier.topics import NAMES, TOPICS, Topic
from services.classifier.training.corpus import Example, fingerprint, targets
from shared.clock import Clock

FOLDS = 5
Progress = Callable[[str], None]


def train(
    examples: Sequence[Example], folder: Path, *, clock: Clock, progress: Progress
) -> artefact.Manifest:
    """Train on `examples`, write model and manifest into `folder`, return the manifest."""
    documents, truth = documents_of(examples), np.array(targets(examples))
    progress(f"{len(examples)} articles; scoring each with a model that has not seen it")
    held_out = out_of_fold(documents, truth, progress)
    calibration = {
        topic.name: calibrate(held_out[:, column], truth[:, column], topic)
        for column, topic in enumerate(TOPICS)
    }
    progress("fitting on all articles")
    pipeline = build_pipeline().fit(documents, truth)
    manifest = artefact.Manifest(
        schema=artefact.MANIFEST_SCHEMA,
        name="topicwire-linear",
        version="",
        file="",
        sha256="",
        sklearn=sklearn.__version__,
        python=artefact.python_version(),
        topics=NAMES,
        calibration=calibration,
        corpus_sha256=fingerprint(examples),
        corpus_articles=len(examples),
        cleaner_version=CLEANER_VERSION,
        trained_at=clock.now(),
        figures=figures(held_out, truth, calibration),
    )
    return artefact.save(folder, pipeline, manifest)


def documents_of(examples: Sequence[Example]) -> list[str]:
    """Return the documents as serving would vectorise them: furniture taken out, title first."""
    return [document(example.title, clean(example.text).text) for example in examples]


def out_of_fold(documents: Sequence[str], truth: Any, progress: Progress) -> Any:
    """Return scores by models that have not seen the text: float (n_documents, n_topics)."""
    scores = np.zeros(truth.shape)
    folds = KFold(n_splits=min(FOLDS, len(documents)), shuffle=True, random_state=0)
    for number, (learn, test) in enumerate(folds.split(documents), start=1):
        pipeline = clone(build_pipeline()).fit([documents[i] for i in learn], truth[learn])
        scores[test] = pipeline.decision_function([documents[i] for i in test])
        progress(f"fold {number} of {folds.n_splits}")
    return scores


def calibrate(scores: Any, truth: Any, topic: Topic) -> Calibration:
    """Fit Platt's sigmoid to held-out scores, weighted to the topic's natural prior.

    The threshold is where the weighted F1 is best; *unsure* reaches down to half of it.
    """
    weight = natural_weights(truth, topic.prior)
    sigmoid = LogisticRegression(C=1e6).fit(scores.reshape(-1, 1), truth, sample_weight=weight)
    slope, offset = float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0])
    probability = 1 / (1 + np.exp(-(slope * scores + offset)))
    threshold = _best_threshold(probability, truth, weight)
    return Calibration(slope, offset, round(threshold, 4), round(threshold / 2, 4))


def natural_weights(truth: Any, prior: float) -> Any:
    """Return a weight per example under which positives have the share `prior`."""
    share = float(np.mean(truth))
    return np.where(truth == 1, prior / share, (1 - prior) / (1 - share))


def figures(
    scores: Any, truth: Any, calibration: dict[str, Calibration]
) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of *yes* on held-out folds, per topic, unweighted."""
    found = {}
    for column, name in enumerate(NAMES):
        yes = np.array(
            [
                calibration[name].probability(float(score)) >= calibration[name].threshold
                for score in scores[:, column]
            ]
        )
        right = int(np.sum(yes & (truth[:, column] == 1)))
        precision = right / max(1, int(yes.sum()))
        recall = right / max(1, int(truth[:, column].sum()))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        values = {"precision": precision, "recall": recall, "f1": f1}
        found[name] = {key: round(value, 4) for key, value in values.items()}
    return found


def _best_threshold(probability: Any, truth: Any, weight: Any) -> float:
    best, best_f1 = 0.5, -1.0
    for threshold in np.linspace(0.05, 0.9, 86):
        yes = probability >= threshold
        hit = float(weight[yes & (truth == 1)].sum())
        f1 = 2 * hit / max(1e-9, float(weight[yes].sum()) + float(weight[truth == 1].sum()))
        if f1 > best_f1:
            best, best_f1 = float(threshold), f1
    return best
