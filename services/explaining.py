"""How an explained article looks in a terminal: what was removed, decided, and by which words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from services.classifier.explanation import Explain, Explanation, explained_topics, text_of
from services.classifier.leave_one_out import CarryingSentence, excerpt_sentences
from services.console import DECISION_STYLES, printable, table
from services.highlighting import highlighted, mark_of
from services.showing import title_of
from shared.messages import Evidence, LabelledArticle, Passage, TopicLabel

if TYPE_CHECKING:
    from rich.text import Text

PASSAGE_SHOWN_CHARS = 200
TITLE_SHOWN_CHARS = 300


def explanation_view(
    article: LabelledArticle, explanation: Explanation, explain: Explain, *, plain: bool
) -> Any:
    """Return what to print of one article, as a rich object; nothing in it can steer a terminal.

    plain: marks words with signs instead of bold and colours.
    """
    from rich.console import Group  # noqa: PLC0415 --help must stay light
    from rich.text import Text  # noqa: PLC0415

    parts: list[Any] = [
        Text(printable(title_of(article.article)[:TITLE_SHOWN_CHARS]), "bold"),
        *map(Text, _facts(article)),
        _decisions(article.topics),
    ]
    sentences = {topic.topic: topic.sentence for topic in explanation.topics}
    for label in explained_topics(article, explain):
        heading = f"{printable(label.topic)}: {label.decision.value} {label.probability:.2f}"
        parts.append(Text(heading, DECISION_STYLES[label.decision]))
        text, sentence = text_of(article), sentences.get(label.topic)
        parts.append(_reasons(label, sentence, text, whole=explain == "all", plain=plain))
    if explanation.nearest:
        near = ", ".join(f"{item.id} {item.similarity:.2f}" for item in explanation.nearest)
        parts.append(Text(f"nearest in the corpus: {printable(near)}"))
    return Group(*parts, "")


def _facts(article: LabelledArticle) -> Iterator[str]:
    """Yield lines on the whole article."""
    language = f"language {printable(article.language)} ({article.language_confidence:.2f})"
    yield f"{language}, profile {printable(article.profile or 'unknown')}"
    if article.abstained:
        yield f"not decided: {printable(article.abstained)}"
    if not article.removed:
        yield "no page furniture found"
        return
    reasons = Counter(span.reason for span in article.removed)
    characters = sum(span.end - span.start for span in article.removed)
    counted = ", ".join(f"{printable(reason)} {n}" for reason, n in reasons.most_common())
    yield f"page furniture taken out: {len(article.removed)} ({counted}), {characters:,} characters"


def _decisions(labels: Sequence[TopicLabel]) -> Any:
    """Return each topic's decision, probability and thresholds as a table."""
    from rich.text import Text  # noqa: PLC0415

    rows = [
        [
            label.topic,
            Text(label.decision.value, DECISION_STYLES[label.decision]),
            *(f"{x:.2f}" for x in (label.probability, label.threshold, label.threshold_no)),
        ]
        for label in labels
    ]
    return table("", ["topic", "decision", "probability", "yes from", "no below"], rows)


def _reasons(
    label: TopicLabel, sentence: CarryingSentence | None, document: str, *, whole: bool, plain: bool
) -> Any:
    """Return what spoke for a topic, named and indented; what there is none of is left out."""
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    spans = excerpt_sentences(document)
    grid = Table.grid(padding=(0, 2))
    for name, text in (
        ("words", _words(label.evidence, plain=plain)),
        ("text", highlighted(document, spans, label.evidence, whole=whole, plain=plain)),
        ("sentence", _sentence(sentence)),
        ("passage", _passage(label.passage, document)),
    ):
        if text:
            grid.add_row(name, text)
    return Padding(grid, (0, 0, 0, 2))


def _words(evidence: Sequence[Evidence], *, plain: bool) -> "Text":
    """Return the words that spoke for a topic with their weights, marked as in the text."""
    from rich.text import Text  # noqa: PLC0415

    heaviest = max((item.weight for item in evidence), default=0.0)
    words = [
        Text.assemble(
            (printable(item.term), "" if plain else mark_of(item, heaviest).style),
            f" {item.weight:+.2f}",
        )
        for item in evidence
    ]
    return Text(", ").join(words)


def _sentence(sentence: CarryingSentence | None) -> "Text":
    """Return the sentence that carries most, its weight, and the probability without it."""
    from rich.text import Text  # noqa: PLC0415

    if sentence is None:
        return Text("no sentence alone speaks for it")
    change = f"{sentence.weight:+.2f}, without it {sentence.probability_without:.2f}"
    return Text(f"{_one_line(sentence.text)} ({change})")


def _passage(passage: Passage | None, document: str) -> "Text":
    """Return the beginning of the passage that weighs most; nothing where there is none."""
    from rich.text import Text  # noqa: PLC0415

    if passage is None:
        return Text()
    text = document[passage.start : passage.end]
    more = "…" if len(text) > PASSAGE_SHOWN_CHARS else ""
    return Text(f"{_one_line(text[:PASSAGE_SHOWN_CHARS])}{more} ({passage.weight:+.2f})")


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))
