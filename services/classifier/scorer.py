"""Documents to scores, by the profile: terms alone, or terms and the encoder's passages.

terms' scores ─▶ every topic surely no? ─yes─▶ terms alone decide (profile fast)
                                        └no──▶ encoder ─▶ passages' scores ─▶ both decide
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from services.classifier.artefact import ACCURATE, FAST, Fitted, Manifest
from services.classifier.encoder import Encoder, open_encoder
from services.classifier.features import excerpt, weights
from services.classifier.passages import Span, encode


@dataclass(frozen=True, slots=True)
class PassageScore:
    """How much one passage matters: the score with it less the score without it."""

    span: Span
    weight: float


@dataclass(frozen=True, slots=True)
class Scores:
    """What the models say of a batch; columns of topics as in the manifest.

    terms: float (n_texts, n_topics), log-odds before calibration; rows: sparse (n_texts,
    n_features), what they were made of; passages: float like `terms`, only for the texts whose
    place in the batch is a key of `places`; spans: the passages of those; falls: how much each
    score falls without each passage, float (n_passages, n_topics); encoded: float32 rows.
    """

    terms: Any
    rows: Any
    passages: Any
    places: dict[int, int]
    spans: Sequence[Sequence[Span]] = ()
    falls: Sequence[Any] = ()
    encoded: Any = None

    def profile(self, index: int) -> str:
        """Return which profile's calibration decides on a text."""
        return ACCURATE if index in self.places else FAST

    def of(self, index: int, topic: int) -> list[float]:
        """Return what that calibration reads: one score, or two."""
        place = self.places.get(index)
        own = float(self.terms[index, topic])
        return [own] if place is None else [own, float(self.passages[place, topic])]

    def heaviest_passage(self, index: int, topic: int) -> PassageScore | None:
        """Return the passage without which the score would fall most; None if none matters."""
        place = self.places.get(index)
        if place is None:
            return None
        falls = self.falls[place][:, topic]
        heaviest = int(np.argmax(falls))
        weight = float(falls[heaviest])
        return PassageScore(self.spans[place][heaviest], weight) if weight > 0 else None


class Scorer:
    """The fitted models at work. Keeps to one core: replicas share a machine better.

    encoder: the one the manifest names, if it is open already; the fast profile opens none.
    """

    def __init__(
        self, fitted: Fitted, manifest: Manifest, profile: str, encoder: Encoder | None = None
    ) -> None:
        self._manifest, self.profile = manifest, profile
        self.features = fitted.terms.named_steps["features"]
        self.weights, self._intercepts = weights(fitted.terms.named_steps["topics"])
        self._passages = fitted.passages
        self._corpus_rows, self._corpus_ids = fitted.corpus_rows, fitted.corpus_ids
        self._encoder: Encoder | None = None
        if profile == ACCURATE:
            self._encoder = encoder or open_encoder(manifest.encoder)
            self._encoder.encode(["."])  # loads it now, and fails now if it can't
        self._fast = [manifest.calibration[FAST][topic] for topic in manifest.topics]
        self._threads = ThreadpoolController()

    def score(self, documents: Sequence[str]) -> Scores:
        """Return the scores of documents (see features.document)."""
        with self._threads.limit(limits=1, user_api="blas"):
            rows = self.features.transform([excerpt(text) for text in documents]).tocsr()
            terms = np.asarray(rows @ self.weights.T) + self._intercepts
            asked = self._to_encode(terms)
            if not asked or self._encoder is None:
                return Scores(terms, rows, terms[:0], {})
            encoded = encode(self._encoder, [documents[index] for index in asked])
            scores = self._passage_scores(np.vstack([encoded.rows, *encoded.rows_without()]))
        passages, without = np.split(scores, [len(asked)])
        ends = np.cumsum([len(spans) for spans in encoded.spans])
        falls = [
            own - parts for own, parts in zip(passages, np.split(without, ends[:-1]), strict=True)
        ]
        places = {index: place for place, index in enumerate(asked)}
        return Scores(terms, rows, passages, places, encoded.spans, falls, encoded.rows)

    def nearest(self, scores: Scores, index: int, most: int = 3) -> list[tuple[str, float]]:
        """Return ids and cosine similarities of the corpus articles most like a text."""
        place = scores.places.get(index)
        if place is None:
            return []
        likeness = self._corpus_rows.astype(np.float32) @ scores.encoded[place] / 2
        order = np.argsort(-likeness, kind="stable")[:most]
        return [(self._corpus_ids[place], round(float(likeness[place]), 4)) for place in order]

    def _to_encode(self, terms: Any) -> list[int]:
        if self._encoder is None:
            return []
        least = self._manifest.encoder_from
        return [
            index
            for index, row in enumerate(terms.tolist())
            if any(
                one.probability([score]) >= least
                for one, score in zip(self._fast, row, strict=True)
            )
        ]

    def _passage_scores(self, rows: Any) -> Any:
        scores = np.asarray(self._passages.decision_function(rows))
        return scores.reshape(len(rows), -1)
