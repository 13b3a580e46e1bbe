"""Why an article was labelled so, as far as its labels do not say it themselves.

Words and the heaviest passage stand in the labels of every article. What takes longer is made here,
for those that somebody looks at: the sentence that carries a topic, and the corpus articles nearest.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from services.classifier.clean import without_spans
from services.classifier.features import document
from services.classifier.leave_one_out import CarryingSentence, leave_one_out
from services.classifier.model import Model
from services.classifier.scorer import Scorer, Scores
from shared.messages import Decision, LabelledArticle, TopicLabel

Explain = Literal["none", "brief", "all"]


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An article of the corpus that is like this one; cosine similarity of the encoder, -1..1."""

    id: str
    similarity: float


class TopicExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """What carries a topic beside the words and the passage its label has."""

    topic: str
    sentence: CarryingSentence | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why an article was labelled so, as far as the labelled article does not say it.

    `topics`: those explained, in the label's order. `nearest`: most alike first; empty where the
    encoder was not asked.
    """

    topics: tuple[TopicExplanation, ...]
    nearest: tuple[Near, ...]


def explain_article(model: Model, article: LabelledArticle, topics: Sequence[str]) -> Explanation:
    """Return what carries `topics` of an article that `model` labelled.

    Blocks for half a second with the encoder, less without topics: then no sentence is left out.
    """
    scorer, text = model.scorer, text_of(article)
    if not topics:
        return Explanation(topics=(), nearest=_nearest(scorer, scorer.score([text])))
    left_out = leave_one_out(scorer, model.manifest, text)
    columns = {topic: column for column, topic in enumerate(model.manifest.topics)}
    found = (
        TopicExplanation(topic=topic, sentence=left_out.carrying(columns[topic]))
        for topic in topics
    )
    return Explanation(topics=tuple(found), nearest=_nearest(scorer, left_out.scores))


def explained_topics(article: LabelledArticle, explain: Explain) -> list[TopicLabel]:
    """Return the labels to explain: all of them, or those that are yes or unsure.

    Of an article on which the model did not decide, the reason for that is explanation enough.
    """
    if explain == "all":
        return list(article.topics)
    if explain == "none" or article.abstained:
        return []
    return [label for label in article.topics if label.decision is not Decision.NO]


def text_of(article: LabelledArticle) -> str:
    """Return the text that was scored, in which offsets of evidence and passage count."""
    raw = article.article
    return document(raw.title, without_spans(raw.text, article.removed))


def _nearest(scorer: Scorer, scores: Scores) -> tuple[Near, ...]:
    found = scorer.nearest(scores, 0)
    return tuple(Near(id=id_, similarity=similarity) for id_, similarity in found)
