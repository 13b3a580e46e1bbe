"""Text with its deciding words marked: in colour on a terminal, with plain signs elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.console import printable
from shared.messages import Evidence

if TYPE_CHECKING:
    from rich.text import Text

    from services.classifier.passages import Span

_STRONG_SHARE = 0.5
_GAP = " … "


@dataclass(frozen=True, slots=True)
class Mark:
    """How a word is set apart: a style of rich, and signs around it where there are no styles."""

    style: str
    sign: str


# By weight, against the heaviest word of the topic.
STRONG, WEAK = Mark("bold black on yellow", "**"), Mark("bold yellow", "*")


def mark_of(item: Evidence, heaviest: float) -> Mark:
    """Return how a word is marked: strong from half of the heaviest weight upwards."""
    return STRONG if item.weight >= _STRONG_SHARE * heaviest else WEAK


def highlighted(
    document: str,
    spans: "Sequence[Span]",
    evidence: Sequence[Evidence],
    *,
    whole: bool,
    plain: bool,
) -> "Text":
    """Return sentences of `document` with the words of `evidence` marked, all made printable.

    spans: the sentences, in order; whole: all of them, else only those that hold a marked word,
    with an ellipsis where some are left out; plain: signs instead of styles.
    """
    from rich.text import Text  # noqa: PLC0415 --help must stay light

    marked, shown, gap = _without_overlaps(evidence), Text(), ""
    heaviest = max((item.weight for item in evidence), default=0.0)
    position = 0
    for span in spans:
        inside = [item for item in marked if item.start < span.end and item.end > span.start]
        if whole or inside:
            line_feed = "\n" in document[position : span.start]
            shown.append(gap or ("\n" if line_feed else " ") if shown else gap.lstrip())
            _append(
                shown, document, span, [(item, mark_of(item, heaviest)) for item in inside], plain
            )
            gap = ""
        else:
            gap = _GAP
        position = span.end
    return shown.append(gap.rstrip()) if shown else shown


def _append(
    shown: "Text",
    document: str,
    span: "Span",
    marks: Sequence[tuple[Evidence, Mark]],
    plain: bool,
) -> None:
    """Add one sentence; a word that reaches into the next sentence is marked in both."""
    position = span.start
    for item, mark in marks:
        start, end = max(item.start, span.start), min(item.end, span.end)
        shown.append(printable(document[position:start]))
        word = printable(document[start:end])
        shown.append(
            f"{mark.sign}{word}{mark.sign}" if plain else word, "" if plain else mark.style
        )
        position = end
    shown.append(printable(document[position : span.end]))


def _without_overlaps(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return words in the order of the text; of two that overlap the heavier one is kept."""
    kept = list[Evidence]()
    for item in sorted(evidence, key=lambda item: -item.weight):
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)
