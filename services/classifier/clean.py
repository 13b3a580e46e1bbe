"""Take page furniture out of an article's text, and say what was taken and why. Pure.

Takes whole lines of at most 200 characters, and agency marks at the edges of a paragraph; it can't
eat a sentence within a paragraph. The raw text stays as it is; the clean text is the raw text
without the removed spans. What furniture says is data: furniture.py. How well this works is
measured: `python benchmarks/cleaner.py`, docs/decisions/0007-cleaner.md.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.classifier.furniture import Furniture
from services.classifier.lines import LONGEST_LINE_CHARS, judge
from services.classifier.marks import marks
from shared.messages import RemovedSpan

CLEANER_VERSION = "2"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The clean text, and the spans of the raw text that are missing from it, in order."""

    text: str
    removed: tuple[RemovedSpan, ...]


def clean(text: str, repeated: AbstractSet[str] = frozenset()) -> Cleaned:
    """Return `text` without furniture, and the spans that were removed, each with its reason.

    repeated: lines (stripped) known to repeat on the article's host, see repeats.py. The span of a
    line covers the line feed after it. Text without furniture comes back as it is, and so does a
    clean text: cleaning twice changes nothing. If nothing but furniture is there, nothing is
    removed: then it is the story. Takes about 60 µs for 3,500 characters.
    """
    removed = list[RemovedSpan]()
    start = 0
    for line in text.splitlines(keepends=True):
        content = line.strip()
        if content:
            _take(content, line, start, repeated, removed)
        start += len(line)
    if not removed:
        return Cleaned(text, ())
    clean_text = without_spans(text, removed)
    if not clean_text.strip():
        return Cleaned(text, ())
    return Cleaned(clean_text, tuple(removed))


def without_spans(text: str, removed: Sequence[RemovedSpan]) -> str:
    """Derive the clean text from the raw text and the spans a labelled article carries."""
    parts, start = list[str](), 0
    for span in removed:
        parts.append(text[start : span.start])
        start = span.end
    return "".join([*parts, text[start:]])


def _take(
    content: str, line: str, start: int, repeated: AbstractSet[str], removed: list[RemovedSpan]
) -> None:
    """Add to `removed` what to take out of the line that begins at `start`.

    That is the whole line, or marks at the edges of its `content`.
    """
    reason = None
    if len(content) <= LONGEST_LINE_CHARS:
        reason = Furniture.REPEATED if content in repeated else judge(content)
    found = [] if reason else marks(content)
    if not reason and not found:
        return
    reason = reason or _judge_between(content, found)
    if reason:
        removed.append(RemovedSpan(start=start, end=start + len(line), reason=reason.value))
        return
    first = start + line.index(content[0])
    removed.extend(
        RemovedSpan(start=first + begin, end=first + end, reason=Furniture.AGENCY_MARK.value)
        for begin, end in found
    )


def _judge_between(content: str, found: Sequence[tuple[int, int]]) -> Furniture | None:
    """Judge what marks leave of a line: nothing, or other furniture, takes the whole line."""
    begin = found[0][1] if found[0][0] == 0 else 0
    end = next((start for start, _ in found if start >= begin), len(content))
    rest = content[begin:end].strip(" .")
    return judge(rest) if rest else Furniture.AGENCY_MARK
