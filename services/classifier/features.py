"""The one definition of the features and the estimators; training and serving share it.

    document ─excerpt─▶ words, word pairs, word pieces, concepts ─▶ linear model ─▶ terms' score
    document ─passages─▶ encoder ─▶ kernel map, linear model ────────────────────▶ passages' score

A document is the title, a line feed, and the clean text. What it is about stands at its beginning:
with the first 2,000 characters instead of all, F1 on arms trade rose from .64 to .73 (docs/model.md).

A change here, in concepts or in passages that makes other numbers of the same text needs a new
artefact.FEATURES_VERSION, so that an older model is refused instead of misread.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline

from services.classifier.concepts import Concepts, Hit, Terms
from services.classifier.passages import sentences

EXCERPT_CHARS = 2_000
MAX_WORD_TERMS = 50_000
MAX_PIECE_TERMS = 50_000
KERNEL_COMPONENTS = 600


def document(title: str, clean_text: str) -> str:
    """Return the text that is scored; evidence offsets count in it."""
    return f"{title}\n{clean_text}"


def excerpt(text: str) -> str:
    """Return the part of a document that words and concepts are read from."""
    return text[:EXCERPT_CHARS]


class ConceptVectorizer(BaseEstimator, TransformerMixin):  # type: ignore[misc]
    """Documents to concept features: how much of the text speaks of each concept, and of each two.

    Columns: `c` (share of sentences), `title:c`, `lead:c` (first three sentences) and `c+d` (both
    in one sentence). Sentences weigh less the later they come. Values are log(1 + 10 * share),
    divided by their spread in training; columns seen in fewer than `min_df` documents are left out,
    the share of one concept in fewer than FEWEST: a topic of a user's own has few articles.
    """

    DECAY = 0.93  # a sentence's weight against the one before; measured, docs/model.md
    LEAD_SENTENCES = 3
    MOST_SENTENCES = 60
    TITLE_PAIR_WEIGHT = 0.1
    MOST_RECENT = 512
    FEWEST = 5

    def __init__(self, terms: Terms, min_df: int = 20, scale: float = 0.01) -> None:
        self.terms, self.min_df, self.scale = terms, min_df, scale

    def fit(self, documents: Sequence[str], _labels: Any = None) -> "ConceptVectorizer":
        """Choose the columns and their spread."""
        self._compile()
        names = self.concepts_.names
        pairs = [f"{a}+{b}" for a, b in itertools.combinations(names, 2)]
        every = [*names, *(f"title:{n}" for n in names), *(f"lead:{n}" for n in names), *pairs]
        self.columns_ = {name: column for column, name in enumerate(every)}
        values = self._values(documents)
        counts = np.asarray((values > 0).sum(axis=0)).ravel()
        alone = np.array([":" not in name and "+" not in name for name in every], bool)
        fewest = np.where(alone, min(self.FEWEST, self.min_df), self.min_df)
        kept = np.flatnonzero(counts >= np.minimum(fewest, max(1, len(documents) // 10)))
        self.columns_ = {every[column]: place for place, column in enumerate(kept)}
        spread = np.asarray(values[:, kept].todense()).std(axis=0)
        self.factors_ = self.scale / np.where(spread > 0, spread, 1.0)
        return self

    def transform(self, documents: Sequence[str]) -> sp.csr_matrix:
        """Return float64 (n_documents, n_columns), sparse."""
        return (self._values(documents) @ sp.diags(self.factors_)).tocsr()

    def get_feature_names_out(self, _input_features: Any = None) -> Any:
        """Return the columns' names, in order."""
        return np.array(list(self.columns_), dtype=object)

    def __getstate__(self) -> dict[str, Any]:
        """Keep the term lists alone; what is compiled from them is made anew."""
        made = ("concepts_", "recent_")
        return {key: value for key, value in self.__dict__.items() if key not in made}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """See __getstate__."""
        self.__dict__.update(state)
        if "columns_" in state:
            self._compile()

    def _compile(self) -> None:
        self.concepts_ = Concepts(self.terms)
        self.recent_: dict[str, list[list[Hit]]] = {}

    def sentence_hits(self, text: str) -> list[list[Hit]]:
        """Return the hits of the title, then of each sentence that counts.

        Remembers the last few hundred: what was scored is explained next.
        """
        known = self.recent_.get(text)
        if known is None:
            if len(self.recent_) >= self.MOST_RECENT:
                self.recent_.clear()
            known = self.recent_[text] = self._sentence_hits(text)
        return known

    def _sentence_hits(self, text: str) -> list[list[Hit]]:
        title_end = text.find("\n")
        spans = [s for s in sentences(text, len(text)) if s.start > title_end]
        return [
            self.concepts_.hits(text, 0, max(title_end, 0)),
            *(self.concepts_.hits(text, s.start, s.end) for s in spans[: self.MOST_SENTENCES]),
        ]

    def _values(self, documents: Sequence[str]) -> sp.csr_matrix:
        rows, columns, values = list[int](), list[int](), list[float]()
        for row, text in enumerate(documents):
            shares = self._shares(self.sentence_hits(text))
            rows += [row] * len(shares)
            columns += shares.keys()
            values += shares.values()
        shape = (len(documents), len(self.columns_))
        return sp.csr_matrix((np.log1p(10 * np.array(values)), (rows, columns)), shape=shape)

    def _shares(self, sentence_hits: Sequence[Sequence[Hit]]) -> dict[int, float]:
        """Return column → share for one document."""
        shares: dict[int, float] = {}

        def add(name: str, share: float) -> None:
            column = self.columns_.get(name)
            if column is not None:
                shares[column] = shares.get(column, 0.0) + share

        names = self.concepts_.names
        title, *body = [sorted({hit.concept for hit in hits}) for hits in sentence_hits]
        for concept in title:
            add(f"title:{names[concept]}", 1.0)
        for one, other in itertools.combinations(title, 2):
            add(f"{names[one]}+{names[other]}", self.TITLE_PAIR_WEIGHT)
        weights = [self.DECAY**place for place in range(len(body))]
        whole = sum(weights) or 1.0
        for place, (found, weight) in enumerate(zip(body, weights, strict=True)):
            for concept in found:
                add(names[concept], weight / whole)
                if place < self.LEAD_SENTENCES:
                    add(f"lead:{names[concept]}", 1 / self.LEAD_SENTENCES)
            for one, other in itertools.combinations(found, 2):
                add(f"{names[one]}+{names[other]}", weight / whole)
        return shares


def build_features(terms: Terms) -> FeatureUnion:
    """Return the unfitted features: excerpts in, sparse rows out."""
    words = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, max_features=MAX_WORD_TERMS, sublinear_tf=True
    )
    pieces = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(4, 4),
        min_df=2,
        max_features=MAX_PIECE_TERMS,
        sublinear_tf=True,
    )
    union = [("word", words), ("piece", pieces)]
    return FeatureUnion([*union, ("concept", ConceptVectorizer(terms))] if terms else union)


def build_term_estimator() -> OneVsRestClassifier:
    """Return the unfitted linear model over build_features' rows, one per topic."""
    # liblinear's coordinate descent is deterministic with a fixed seed, and one thread.
    return OneVsRestClassifier(
        LogisticRegression(
            C=20.0, class_weight="balanced", solver="liblinear", random_state=0, max_iter=1_000
        )
    )


def build_passage_model(articles: int) -> Pipeline:
    """Return the unfitted model over passages.Encoded.rows.

    A Gaussian kernel, by Nystroem's map: as good as an SVM with that kernel, and one product of
    matrices a batch instead of one loop over support vectors an article.
    """
    return Pipeline(
        [
            (
                "kernel",
                Nystroem(
                    gamma=0.5, n_components=min(KERNEL_COMPONENTS, articles // 2), random_state=0
                ),
            ),
            (
                "topics",
                OneVsRestClassifier(
                    LogisticRegression(C=30.0, class_weight="balanced", max_iter=3_000)
                ),
            ),
        ]
    )


def weights(estimator: OneVsRestClassifier) -> tuple[Any, Any]:
    """Return the fitted weights (n_topics, n_features) and intercepts (n_topics,)."""
    coefficients = np.vstack([one.coef_[0] for one in estimator.estimators_])
    intercepts = np.array([float(one.intercept_[0]) for one in estimator.estimators_])
    return coefficients, intercepts
