"""The model as the service uses it: articles in, labelled articles out. Pure but for the clock.

RawArticle ─clean─▶ clean text ─language─▶ ─features, weights─▶ scores ─decide─▶ labels
                                                                     └─explain─▶ evidence
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.classifier.artefact import Manifest, load
from services.classifier.clean import CLEANER_VERSION, Cleaned, clean
from services.classifier.decide import abstention
from services.classifier.evidence import Explainer
from services.classifier.features import document, weights
from services.classifier.language import LanguageIdentifier
from services.classifier.repeats import RepeatedLines
from shared.clock import Clock
from shared.messages import (
    LABELLED_SCHEMA,
    Decision,
    LabelledArticle,
    RawArticle,
    TopicLabel,
)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the linear model says of a batch.

    values: float (n_texts, n_topics), log-odds before calibration, columns as in the manifest;
    features: sparse (n_texts, n_terms).
    """

    values: Any
    features: Any


class Model:
    """A loaded artefact with everything around it. Thread-safe; one batch at a time is fastest."""

    def __init__(self, pipeline: Any, manifest: Manifest, clock: Clock) -> None:
        self.manifest, self._clock = manifest, clock
        self._features = pipeline.named_steps["features"]
        self._weights, self._intercepts = weights(pipeline)
        self._languages = LanguageIdentifier()
        names = [str(name) for name in self._features.get_feature_names_out()]
        self._explainer = Explainer(
            terms=[name.partition("__")[2] for name in names],
            piece=np.array([name.startswith("piece__") for name in names]),
            coefficients=self._weights,
        )

    @classmethod
    def open(cls, folder: Path, clock: Clock, expected_sha256: str | None = None) -> "Model":
        """Load the model in `folder`; raises ModelRefused with the cure."""
        return cls(*load(folder, expected_sha256=expected_sha256), clock)

    def score(self, documents: Sequence[str]) -> Scores:
        """Return scores and features of documents (see features.document)."""
        matrix = self._features.transform(documents).tocsr()
        return Scores(np.asarray(matrix @ self._weights.T) + self._intercepts, matrix)

    def classify(
        self, articles: Sequence[RawArticle], repeats: RepeatedLines | None = None
    ) -> list[LabelledArticle]:
        """Return one labelled article per article, in order. Takes milliseconds an article.

        repeats: learns from the articles which lines repeat on a host; None: only words decide.
        """
        if not articles:
            return []
        cleaned = [
            clean(article.text, repeats.learn(article) if repeats else frozenset())
            for article in articles
        ]
        documents = [
            document(article.title, clean_text.text)
            for article, clean_text in zip(articles, cleaned, strict=True)
        ]
        scores = self.score(documents)
        return [
            self._label(article, cleaned[index], documents[index], scores, index)
            for index, article in enumerate(articles)
        ]

    def _label(
        self, article: RawArticle, cleaned: Cleaned, text: str, scores: Scores, index: int
    ) -> LabelledArticle:
        language, confidence = self._languages.identify(article, cleaned.text)
        abstained = abstention(article.title, cleaned.text)
        return LabelledArticle(
            schema=LABELLED_SCHEMA,
            article=article,
            language=language,
            language_confidence=confidence,
            topics=tuple(
                self._topic(topic, column, text, scores, index, abstained is not None)
                for column, topic in enumerate(self.manifest.topics)
            ),
            model=self.manifest.identity,
            cleaner_version=CLEANER_VERSION,
            classified_at=self._clock.now(),
            removed=cleaned.removed,
            abstained=abstained,
        )

    def _topic(
        self, topic: str, column: int, text: str, scores: Scores, index: int, abstained: bool
    ) -> TopicLabel:
        calibration = self.manifest.calibration[topic]
        # Rounded first, so that the decision follows from the probability that is published.
        probability = round(calibration.probability(float(scores.values[index, column])), 4)
        decision = Decision.UNSURE if abstained else calibration.decide(probability)
        row = scores.features[index]
        return TopicLabel(
            topic=topic,
            probability=probability,
            decision=decision,
            threshold=calibration.threshold,
            threshold_no=calibration.threshold_no,
            evidence=self._explainer.explain(text, row, column),
        )
