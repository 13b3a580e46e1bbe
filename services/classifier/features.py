"""The one definition of the features and the estimator; training and serving share it.

A text is the title, a line feed, and the clean text. Words and word pairs carry the subject; word
pieces of four letters carry inflected forms and compounds (Waffenlieferung, оружия), which matter
in most of the languages served. Sizes follow the measurement that small vocabularies cost nothing
and keep the weights in the cache (docs/decisions/0004-features.md).
"""

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline

MAX_WORD_TERMS = 50_000
MAX_PIECE_TERMS = 50_000


def document(title: str, clean_text: str) -> str:
    """Return the text that is vectorised; evidence offsets count in it."""
    return f"{title}\n{clean_text}"


def build_pipeline() -> Pipeline:
    """Return the unfitted pipeline: raw documents in, one decision value per topic out."""
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
    # liblinear's coordinate descent is deterministic with a fixed seed, and one thread.
    regression = LogisticRegression(
        C=30.0, class_weight="balanced", solver="liblinear", random_state=0, max_iter=1_000
    )
    return Pipeline(
        [
            ("features", FeatureUnion([("word", words), ("piece", pieces)])),
            ("topics", OneVsRestClassifier(regression)),
        ]
    )


def weights(pipeline: Pipeline) -> tuple[Any, Any]:
    """Return the fitted weights (n_topics, n_terms) and intercepts (n_topics,)."""
    estimators = pipeline.named_steps["topics"].estimators_
    coefficients = np.vstack([estimator.coef_[0] for estimator in estimators])
    intercepts = np.array([float(estimator.intercept_[0]) for estimator in estimators])
    return coefficients, intercepts
