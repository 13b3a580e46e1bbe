"""What was tried for the model, side by side: the table in docs/model.md.

    python benchmarks/choices.py [ROW …]        rows: part of a row's name; default: all (15 minutes)

Every row is fitted on our corpus. `held out`: mean F1 over topics on held-out folds of the corpus,
at the best threshold; `real`: per topic F1 at the best threshold and average precision on clear
cases of ../shared/eval/dev.jsonl where it is. Best thresholds favour every row alike; what ships is
measured at its own thresholds by `topicwire evaluate`. The encoder's vectors are kept in build/.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import vstack
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.svm import SVC

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from services.classifier.encoder import BUNDLED, open_encoder  # noqa: E402
from services.classifier.features import (  # noqa: E402
    ConceptVectorizer,
    build_features,
    build_passage_model,
    build_term_estimator,
    excerpt,
)
from services.classifier.training.corpus import (  # noqa: E402
    default_folder,
    read_corpus,
    read_file,
    targets,
)
from services.classifier.training.train import documents_of, natural_weights  # noqa: E402
from services.classifier.training.vectors import VectorCache  # noqa: E402
from services.console import table, write  # noqa: E402

REAL = ROOT.parent / "shared" / "eval" / "dev.jsonl"
KEPT = ROOT / "build" / "choices"


@dataclass(frozen=True)
class Texts:
    """Documents and truth: own articles to learn from, real ones to be measured on."""

    own: list[str]
    real: list[str]
    truth: Any
    real_truth: Any
    clear: Any
    terms: Any
    topics: Any


@dataclass(frozen=True)
class Scored:
    """Scores of held-out folds and of real articles, each (n_articles, n_topics)."""

    own: Any
    real: Any


def read() -> Texts:
    """Read the corpus, and the real articles if they are there."""
    corpus = read_corpus(default_folder())
    real = read_file(REAL) if REAL.exists() else []
    if not real:
        print("../shared/eval/dev.jsonl is not there: only held-out folds are measured")
    clear = [[name not in one.borderline for name in corpus.names] for one in real]
    return Texts(
        documents_of(corpus.examples), documents_of(real),
        np.array(targets(corpus.examples, corpus.names)),
        np.array(targets(real, corpus.names)).astype(bool), np.array(clear),
        corpus.terms, corpus.topics,
    )  # fmt: skip


def fitted(model: Any, own: Any, real: Any, truth: Any) -> Scored:
    """Score held-out folds, then real articles with a model of everything."""
    scores = np.zeros(truth.shape)
    for learn, test in KFold(5, shuffle=True, random_state=0).split(truth):
        scores[test] = decide(clone(model).fit(own[learn], truth[learn]), own[test])
    return Scored(scores, decide(clone(model).fit(own, truth), real))


def decide(model: Any, rows: Any) -> Any:
    """Return scores, in log-odds where the model has only probabilities."""
    if rows.shape[0] == 0:
        return np.zeros((0, 3))
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(rows))
    chances = model.predict_proba(rows)
    if isinstance(chances, list):
        chances = np.column_stack([one[:, 1] for one in chances])
    chances = np.clip(chances, 1e-3, 1 - 1e-3)
    return np.log(chances / (1 - chances))


def stacked(texts: Texts, *parts: Scored) -> Scored:
    """Return probabilities by logistic stacking, as training does."""
    own, real = np.zeros(texts.truth.shape), np.zeros(texts.real_truth.shape)
    for column, topic in enumerate(texts.topics):
        rows = np.column_stack([part.own[:, column] for part in parts])
        mean, spread, truth = rows.mean(axis=0), rows.std(axis=0), texts.truth[:, column]
        model = LogisticRegression().fit(
            (rows - mean) / spread, truth, sample_weight=natural_weights(truth, topic.prior)
        )
        own[:, column] = model.predict_proba((rows - mean) / spread)[:, 1]
        if len(real):
            seen = np.column_stack([part.real[:, column] for part in parts])
            real[:, column] = model.predict_proba((seen - mean) / spread)[:, 1]
    return Scored(own, real)


def best_f1(scores: Any, truth: Any) -> float:
    """Return F1 at the threshold that makes it largest."""
    ranked = truth[np.argsort(-scores, kind="stable")].astype(bool)
    hits = np.cumsum(ranked)
    return float((2 * hits / (np.arange(1, len(ranked) + 1) + ranked.sum())).max())


def row(name: str, texts: Texts, scored: Scored) -> list[str]:
    """Return a row of the table."""
    count = texts.truth.shape[1]
    held_out = np.mean([best_f1(scored.own[:, n], texts.truth[:, n]) for n in range(count)])
    cells = [f"{held_out:.3f}"]
    for n in range(count if len(texts.real_truth) else 0):
        kept = texts.clear[:, n]
        scores, truth = scored.real[kept, n], texts.real_truth[kept, n]
        precision = average_precision_score(truth, scores)
        cells.append(f"{best_f1(scores, truth):.3f} / {precision:.3f}")
    return [name, *cells]


class Kitchen:
    """Makes every row; what several rows need is made once."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self._made = texts, dict[str, Any]()

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, made at the first call."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def terms(self, *, concepts: bool, cut: bool, features: Any = None) -> Scored:
        """Score by terms: with or without concepts, of the excerpt or the whole text."""

        def make() -> Scored:
            texts = self.texts
            union = features or build_features(texts.terms if concepts else {})
            shorten = excerpt if cut else str
            own = union.fit_transform(list(map(shorten, texts.own))).tocsr()
            real = union.transform(list(map(shorten, texts.real))) if texts.real else own[:0]
            return fitted(build_term_estimator(), own, real.tocsr(), texts.truth)

        return self.once(f"terms {concepts} {cut} {features}", make) if not features else make()

    def rows(self) -> tuple[Any, Any]:
        """Return the encoder's rows of own and real articles."""

        def make() -> tuple[Any, Any]:
            encoder = open_encoder(BUNDLED)
            own, real = (
                VectorCache(KEPT / f"{name}.npz", BUNDLED).rows(encoder, given, _tell)
                if given else np.zeros((0, 1024), np.float32)
                for name, given in (("own", self.texts.own), ("real", self.texts.real))
            )  # fmt: skip
            return own, real

        return self.once("rows", make)

    def passages(self, model: Any = None, part: slice = slice(None)) -> Scored:
        """Score by the encoder's rows, or by one half of them."""
        own, real = self.rows()
        chosen = model or build_passage_model(len(own))
        make = lambda: fitted(chosen, own[:, part], real[:, part], self.texts.truth)  # noqa: E731
        return self.once(f"passages {part}", make) if model is None else make()

    def rows_of_terms(self) -> tuple[Any, Any]:
        """Return the shipped features of own and real articles."""

        def make() -> tuple[Any, Any]:
            union = build_features(self.texts.terms)
            own = union.fit_transform(list(map(excerpt, self.texts.own))).tocsr()
            real = union.transform(list(map(excerpt, self.texts.real))) if self.texts.real else own
            return own, real.tocsr()

        return self.once("rows of terms", make)

    def unweighted(self) -> Scored:
        """Score by terms without class weights."""
        model = build_term_estimator()
        model.estimator.set_params(class_weight=None)
        return fitted(model, *self.rows_of_terms(), self.texts.truth)

    def distilled(self, teacher: Scored) -> Scored:
        """Score by terms that learnt the teacher's held-out probabilities, not the labels alone.

        Each article counts once as positive and once as negative, by how sure teacher and label
        are, half and half.
        """
        own, real = self.rows_of_terms()
        truth, scores = self.texts.truth, np.zeros(self.texts.truth.shape)
        seen = np.zeros(self.texts.real_truth.shape)
        for column in range(truth.shape[1]):
            soft = (truth[:, column] + teacher.own[:, column]) / 2
            for learn, test in KFold(5, shuffle=True, random_state=0).split(truth):
                scores[test, column] = _softly(own[learn], soft[learn], own[test])
            if len(seen):
                seen[:, column] = _softly(own, soft, real)
        return Scored(scores, seen)

    def concepts(self, model: Any) -> Scored:
        """Score by concepts alone."""
        vectorizer = ConceptVectorizer(self.texts.terms, scale=1.0)
        own = vectorizer.fit(list(map(excerpt, self.texts.own)))
        own = vectorizer.transform(list(map(excerpt, self.texts.own))).toarray()
        real = vectorizer.transform(list(map(excerpt, self.texts.real))).toarray()
        return fitted(model, own, real, self.texts.truth)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _softly(rows: Any, soft: Any, wanted: Any) -> Any:
    model = LogisticRegression(C=20.0, solver="liblinear", random_state=0, max_iter=1_000)
    target = np.repeat([1, 0], len(soft))
    share = soft.mean()
    weight = np.concatenate([soft / (2 * share), (1 - soft) / (2 * (1 - share))])
    return model.fit(vstack([rows, rows]), target, sample_weight=weight).decision_function(wanted)


def averaged(*parts: Scored) -> Scored:
    """Return the mean of scores, each brought to the same spread."""
    spreads = [part.own.std(axis=0) for part in parts]
    return Scored(
        sum(part.own / spread for part, spread in zip(parts, spreads, strict=True)),
        sum(part.real / spread for part, spread in zip(parts, spreads, strict=True)),
    )


def _svm() -> Any:
    return OneVsRestClassifier(SVC(C=4.0, gamma=0.5, class_weight="balanced"))


def _regression(c: float) -> Any:
    return OneVsRestClassifier(LogisticRegression(C=c, class_weight="balanced", max_iter=3_000))


def _network() -> Any:
    return MLPClassifier((64,), alpha=1e-2, max_iter=40, random_state=0)


def _words(ngrams: tuple[int, int]) -> Any:
    return TfidfVectorizer(ngram_range=ngrams, min_df=2, max_features=50_000, sublinear_tf=True)


def _pieces(ngrams: tuple[int, int], most: int) -> Any:
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=ngrams, min_df=2, max_features=most, sublinear_tf=True
    )


def recipes(kitchen: Kitchen) -> dict[str, Callable[[], Scored]]:
    """Return every row of the table: its name, and how its scores are made."""
    k, t = kitchen, kitchen.texts

    def union(*parts: Any) -> FeatureUnion:
        return FeatureUnion([(f"part{n}", part) for n, part in enumerate(parts)])

    def alone(features: Any) -> Scored:
        return k.terms(concepts=False, cut=True, features=features)

    def both(*more: Scored) -> Scored:
        return stacked(t, k.terms(concepts=True, cut=True), k.passages(), *more)

    half = k.rows()[0].shape[1] // 2
    trees = ExtraTreesClassifier(300, min_samples_leaf=3, class_weight="balanced", random_state=0)
    return {
        "words, pairs": lambda: alone(union(_words((1, 2)))),
        "pieces of 4": lambda: alone(union(_pieces((4, 4), 50_000))),
        "words, pairs, pieces of 3 to 6 (200,000)": lambda: alone(
            union(_words((1, 2)), _pieces((3, 6), 200_000))
        ),
        "words, pairs, pieces of 4; whole text": lambda: k.terms(concepts=False, cut=False),
        "words, pairs, pieces of 4": lambda: k.terms(concepts=False, cut=True),
        "concepts alone, linear": lambda: k.concepts(_regression(0.003)),
        "concepts alone, extra trees": lambda: k.concepts(trees),
        "terms: words, pairs, pieces, concepts (profile fast)": lambda: k.terms(
            concepts=True, cut=True
        ),
        "terms without class weights": k.unweighted,
        "terms distilled from the accurate profile": lambda: k.distilled(both()),
        "encoder, linear and SVM averaged": lambda: averaged(
            k.passages(_regression(10.0)), k.passages(_svm())
        ),
        "encoder, lead only, kernel": lambda: k.passages(
            build_passage_model(len(t.own)), slice(half, None)
        ),
        "encoder, passages only, kernel": lambda: k.passages(
            build_passage_model(len(t.own)), slice(half)
        ),
        "encoder, linear": lambda: k.passages(_regression(10.0)),
        "encoder, SVM": lambda: k.passages(_svm()),
        "encoder, network": lambda: k.passages(_network()),
        "encoder, kernel map": k.passages,
        "words, pairs, pieces + encoder": lambda: stacked(
            t, k.terms(concepts=False, cut=True), k.passages()
        ),
        "terms + encoder (profile accurate)": both,
        "terms + encoder by SVM": lambda: stacked(
            t, k.terms(concepts=True, cut=True), k.passages(_svm())
        ),
        "terms + encoder + network": lambda: both(k.passages(_network())),
        "terms + encoder + extra trees": lambda: both(k.concepts(trees)),
    }


def main(wanted: Sequence[str]) -> int:
    """Make the rows whose names hold one of `wanted`, or all."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # 40 steps are meant
    texts = read()
    made = []
    for name, make in recipes(Kitchen(texts)).items():
        if not wanted or any(part in name for part in wanted):
            _tell(name)
            made.append(row(name, texts, make()))
    columns = ["", "held out", *(topic.title for topic in texts.topics if len(texts.real))]
    title = f"{len(texts.own)} own articles, {len(texts.real)} real ones: F1 / average precision"
    write(table(title, columns, made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
