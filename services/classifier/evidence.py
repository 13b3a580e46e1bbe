"""Which words decided: the largest contributions of a linear model, shown where they stand.

A term's contribution to a topic is its weighted count times the model's weight, in log-odds.
Word pieces are shown as the word they were found in; pieces of one word are added up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.messages import Evidence

_WORD = re.compile(r"[\w'’-]+")
_LARGEST_TERMS = 16


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains one fitted model. Pure, no state beside the model's own.

    terms: the n-grams, one per column; piece: which of them are word pieces, bool (n_terms,);
    coefficients: float (n_topics, n_terms).
    """

    terms: Sequence[str]
    piece: Any
    coefficients: Any

    def explain(self, text: str, row: Any, topic: int, most: int = 6) -> tuple[Evidence, ...]:
        """Return up to `most` words that spoke for `topic`, heaviest first.

        row: sparse (1, n_terms), the document's features; `text` is that document.
        """
        contributions = row.data * self.coefficients[topic, row.indices]
        largest = np.argsort(-contributions, kind="stable")[:_LARGEST_TERMS]
        lowered = lower_same_length(text)
        found: dict[tuple[int, int], float] = {}
        for position in largest:
            weight = float(contributions[position])
            column = int(row.indices[position])
            span = weight > 0 and locate(lowered, self.terms[column], piece=self.piece[column])
            if span:
                found[span] = found.get(span, 0.0) + weight
        ranked = _merge_same_words(lowered, found)[:most]
        return tuple(
            Evidence(term=text[start:end], weight=round(weight, 4), start=start, end=end)
            for (start, end), weight in ranked
        )


def locate(lowered: str, term: str, *, piece: bool) -> tuple[int, int] | None:
    """Return the offsets of the word (or words) in which `term` occurs first, None if nowhere."""
    core = term.strip() if piece else term.split(" ", maxsplit=1)[0]
    start = lowered.find(core)
    while start >= 0:
        span = _piece_span(lowered, start, core) if piece else _words_span(lowered, start, term)
        if span:
            return span
        start = lowered.find(core, start + 1)
    return None


def lower_same_length(text: str) -> str:
    """Lower-case without moving offsets: the few letters that would grow (İ) stay as they are."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _piece_span(lowered: str, start: int, core: str) -> tuple[int, int]:
    """Widen a piece to the word around it."""
    end = start + len(core)
    while start > 0 and _WORD.match(lowered[start - 1]):
        start -= 1
    match = _WORD.match(lowered, end)
    return start, match.end() if match else end


def _words_span(lowered: str, start: int, term: str) -> tuple[int, int] | None:
    if start > 0 and (lowered[start - 1].isalnum() or lowered[start - 1] == "_"):
        return None
    pattern = r"\W+".join(map(re.escape, term.split(" "))) + r"(?!\w)"
    match = re.compile(pattern).match(lowered, start)
    return (start, match.end()) if match else None


def _merge_same_words(
    lowered: str, found: dict[tuple[int, int], float]
) -> list[tuple[tuple[int, int], float]]:
    """Add up spans that show the same word, keep the first, sort by weight."""
    first: dict[str, tuple[int, int]] = {}
    total: dict[str, float] = {}
    for span, weight in sorted(found.items()):
        word = lowered[slice(*span)]
        first.setdefault(word, span)
        total[word] = total.get(word, 0.0) + weight
    ranked = sorted(total.items(), key=lambda item: (-item[1], first[item[0]]))
    return [(first[word], weight) for word, weight in ranked]
