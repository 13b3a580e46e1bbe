"""Which words decided: the contributions of a linear model, shown where they stand.

A feature's contribution to a topic is its value times the model's weight, in log-odds; all of them
and the intercept add up to the terms' score. Word pieces are shown as the word they were found in,
a concept as the words that meant it; what falls on one word is added up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.classifier.concepts import Hit
from services.classifier.features import ConceptVectorizer
from shared.messages import Evidence

_WORD, _SPACE = re.compile(r"[\w'’-]+"), re.compile(r"\s")
_LARGEST_TERMS = 16
WORD, PIECE, CONCEPT = "word", "piece", "concept"
Spans = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains one fitted model. Pure, no state beside the model's own.

    terms: the features' names, one per column; kinds: `word`, `piece` or `concept` for each;
    coefficients: float (n_topics, n_terms); concepts: what finds a concept's words again.
    """

    terms: Sequence[str]
    kinds: Sequence[str]
    coefficients: Any
    concepts: ConceptVectorizer | None = None

    def contributions(self, row: Any, topic: int) -> Any:
        """Return each non-zero feature's part of the score: float (n,), columns `row.indices`."""
        return row.data * self.coefficients[topic, row.indices]

    def explain(self, text: str, row: Any, most: int = 6) -> list[tuple[Evidence, ...]]:
        """Return, for each topic, up to `most` words that spoke for it, heaviest first.

        row: sparse (1, n_terms), the document's features; `text` is the excerpt they were read from.
        """
        lowered = lower_same_length(text)
        sentences = self.concepts.sentence_hits(text) if self.concepts else []
        topics = range(len(self.coefficients))
        return [self._explain(text, lowered, sentences, row, topic, most) for topic in topics]

    def _explain(
        self,
        text: str,
        lowered: str,
        sentences: Sequence[Sequence[Hit]],
        row: Any,
        topic: int,
        most: int,
    ) -> tuple[Evidence, ...]:
        contributions, found = self.contributions(row, topic), Spans()
        largest = np.argsort(-contributions, kind="stable")[:_LARGEST_TERMS]
        for position in largest:
            weight, column = float(contributions[position]), int(row.indices[position])
            if weight <= 0:
                break
            if self.kinds[column] == CONCEPT:
                spans = self._concept_spans(self.terms[column], sentences)
            else:
                piece = self.kinds[column] == PIECE
                spans = [
                    span for span in [locate(lowered, self.terms[column], piece=piece)] if span
                ]
            for span in spans:
                found[span] = found.get(span, 0.0) + weight / len(spans)
        ranked = _merge_same_words(lowered, found)[:most]
        return tuple(
            Evidence(term=text[start:end], weight=round(weight, 4), start=start, end=end)
            for (start, end), weight in ranked
        )

    def _concept_spans(
        self, column: str, sentences: Sequence[Sequence[Hit]]
    ) -> list[tuple[int, int]]:
        """Return where a concept column's words stand first: one span, or two for a pair."""
        if self.concepts is None:
            return []
        place, _, name = column.rpartition(":")
        pools = {"title": sentences[:1], "lead": sentences[1 : 1 + self.concepts.LEAD_SENTENCES]}
        pool = pools.get(place, sentences if "+" in name else sentences[1:])
        names = self.concepts.concepts_.names
        wanted = [names.index(part) for part in name.split("+")]
        for hits in pool:
            firsts = [next((h for h in hits if h.concept == concept), None) for concept in wanted]
            spans = [(hit.start, hit.end) for hit in firsts if hit is not None]
            if len(spans) == len(wanted):
                return spans
        return []


def locate(lowered: str, term: str, *, piece: bool) -> tuple[int, int] | None:
    """Return the offsets of the word (or words) in which `term` occurs first, None if nowhere."""
    if piece:
        return _locate_piece(lowered, term)
    core = term.split(" ", maxsplit=1)[0]
    start = lowered.find(core)
    while start >= 0:
        if span := _words_span(lowered, start, term):
            return span
        start = lowered.find(core, start + 1)
    return None


def lower_same_length(text: str) -> str:
    """Lower-case without moving offsets: the few letters that would grow (İ) stay as they are."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _locate_piece(lowered: str, piece: str) -> tuple[int, int] | None:
    """Return the word around a piece; a space in it is the edge of a word, as when it was learnt."""
    spaced = f" {_SPACE.sub(' ', lowered)} "
    found = spaced.find(piece)
    if found < 0:
        return None
    core = piece.strip()
    start = found - 1 + piece.index(core)
    end = start + len(core)
    while start > 0 and _WORD.match(lowered[start - 1]):
        start -= 1
    match = _WORD.match(lowered, end)
    return start, match.end() if match else end


def _words_span(lowered: str, start: int, term: str) -> tuple[int, int] | None:
    if start > 0 and (lowered[start - 1].isalnum() or lowered[start - 1] == "_"):
        return None
    # Words of one letter are none to the vectorizer: a pair may have them between its words.
    pattern = r"\W+(?:\w\W+)*".join(map(re.escape, term.split(" "))) + r"(?!\w)"
    match = re.compile(pattern).match(lowered, start)
    return (start, match.end()) if match else None


def _merge_same_words(lowered: str, found: Spans) -> list[tuple[tuple[int, int], float]]:
    """Add up spans that show the same word, keep the first, sort by weight."""
    first: dict[str, tuple[int, int]] = {}
    total: dict[str, float] = {}
    for span, weight in sorted(found.items()):
        word = lowered[slice(*span)]
        first.setdefault(word, span)
        total[word] = total.get(word, 0.0) + weight
    ranked = sorted(total.items(), key=lambda item: (-item[1], first[item[0]]))
    return [(first[word], weight) for word, weight in ranked]
