"""The model as the service uses it: articles in, labelled articles out. Pure but for the clock.

RawArticle ─clean─▶ clean text ─language─▶ ─score─▶ ─calibrate─▶ probability ─decide─▶ labels
                                              └─explain─▶ evidence: words, heaviest passage
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.classifier.artefact import ACCURATE, Fitted, Manifest, load
from services.classifier.clean import CLEANER_VERSION, Cleaned, clean
from services.classifier.decide import abstention
from services.classifier.evidence import CONCEPT, Explainer
from services.classifier.features import document, excerpt
from services.classifier.language import LanguageIdentifier
from services.classifier.repeats import RepeatedLines
from services.classifier.scorer import Scorer, Scores
from shared.clock import Clock
from shared.messages import (
    LABELLED_SCHEMA,
    Decision,
    Evidence,
    LabelledArticle,
    Passage,
    RawArticle,
    TopicLabel,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """An article on its way to labels: what was taken out, and the document that is scored."""

    article: RawArticle
    cleaned: Cleaned
    document: str


class Model:
    """A loaded artefact with everything around it. Thread-safe; one batch at a time is fastest."""

    def __init__(
        self, fitted: Fitted, manifest: Manifest, clock: Clock, profile: str = ACCURATE
    ) -> None:
        self.manifest, self._clock = manifest, clock
        self.scorer = Scorer(fitted, manifest, profile)
        self.languages = LanguageIdentifier()
        self._served = frozenset(manifest.languages)
        self.explainer = explainer_of(self.scorer)

    @classmethod
    def open(
        cls,
        folder: Path,
        clock: Clock,
        expected_sha256: str | None = None,
        *,
        profile: str = ACCURATE,
    ) -> "Model":
        """Load the model in `folder`; raises ModelRefused with the cure.

        profile: `accurate` asks the encoder too, `fast` decides by terms alone.
        """
        return cls(*load(folder, expected_sha256=expected_sha256), clock, profile)

    def classify(
        self, articles: Sequence[RawArticle], repeats: RepeatedLines | None = None
    ) -> list[LabelledArticle]:
        """Return one labelled article per article, in order. Takes milliseconds an article.

        repeats: learns from the articles which lines repeat on a host; None: only words decide.
        """
        if not articles:
            return []
        readings = [self.read(article, repeats) for article in articles]
        scores = self.scorer.score([reading.document for reading in readings])
        return [self._label(reading, scores, index) for index, reading in enumerate(readings)]

    def read(self, article: RawArticle, repeats: RepeatedLines | None = None) -> Reading:
        """Return the article with its furniture taken out."""
        lines = repeats.learn(article) if repeats else frozenset[str]()
        cleaned = clean(article.text, lines)
        return Reading(article, cleaned, document(article.title, cleaned.text))

    def _label(self, reading: Reading, scores: Scores, index: int) -> LabelledArticle:
        article, cleaned = reading.article, reading.cleaned
        language, confidence = self.languages.identify(article, cleaned.text)
        abstained = abstention(article.title, cleaned.text, language, confidence, self._served)
        evidence = self.explainer.explain(excerpt(reading.document), scores.rows[index])
        return LabelledArticle(
            schema=LABELLED_SCHEMA,
            article=article,
            language=language,
            language_confidence=confidence,
            topics=tuple(
                self._topic(scores, index, column, words, abstained is not None)
                for column, words in enumerate(evidence)
            ),
            model=self.manifest.identity,
            profile=scores.profile(index),
            cleaner_version=CLEANER_VERSION,
            classified_at=self._clock.now(),
            removed=cleaned.removed,
            abstained=abstained,
        )

    def _topic(
        self,
        scores: Scores,
        index: int,
        column: int,
        evidence: tuple[Evidence, ...],
        abstained: bool,
    ) -> TopicLabel:
        topic = self.manifest.topics[column]
        calibration = self.manifest.calibration[scores.profile(index)][topic]
        # Rounded first, so that the decision follows from the probability that is published.
        probability = round(calibration.probability(scores.of(index, column)), 4)
        decision = Decision.UNSURE if abstained else calibration.decide(probability)
        return TopicLabel(
            topic=topic,
            probability=probability,
            decision=decision,
            threshold=calibration.threshold,
            threshold_no=calibration.threshold_no,
            evidence=evidence,
            passage=_passage(scores, index, column, decision),
        )


def _passage(scores: Scores, index: int, column: int, decision: Decision) -> Passage | None:
    """Return the passage that weighs most; a *no* needs none."""
    found = None if decision is Decision.NO else scores.heaviest_passage(index, column)
    if found is None:
        return None
    return Passage(start=found.span.start, end=found.span.end, weight=round(found.weight, 4))


def explainer_of(scorer: Scorer) -> Explainer:
    """Return what explains the terms' score of a scorer."""
    names = [str(name) for name in scorer.features.get_feature_names_out()]
    kinds = [name.partition("__")[0] for name in names]
    return Explainer(
        terms=[name.partition("__")[2] for name in names],
        kinds=kinds,
        coefficients=scorer.weights,
        concepts=dict(scorer.features.transformer_list).get(CONCEPT),
    )
