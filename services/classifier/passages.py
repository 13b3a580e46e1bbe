"""Which pieces of an article the encoder reads, and the vectors made of them. Pure.

    document ─▶ lead (title and first lines) ─────────▶ vector ──────────────▶ ┐
             └▶ first three passages of 700 characters ─▶ vectors ─▶ mean ────▶ ┴▶ one row

A passage ends where a sentence does. News says first what it is about: reading on than three
passages made labels worse, not better (docs/model.md).
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.classifier.encoder import Encoder, Vectors

PASSAGE_CHARS = 700
LEAD_CHARS = 350
LONGEST_TITLE_CHARS = 1_001  # shared.text.Limits, and the line feed
MOST_PASSAGES = 3
_SENTENCE_END = re.compile(r"(?<=[.!?…。؟])(?P<closing>[\"”»“)]*)\s+|\n+")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a document: character offsets, the end not included."""

    start: int
    end: int


def sentences(document: str, end: int) -> list[Span]:
    """Return the sentences in the first `end` characters; white space between them is left out."""
    spans, start = list[Span](), 0
    for match in _SENTENCE_END.finditer(document, 0, end):
        last = match.start() + len(match["closing"] or "")
        if last > start:
            spans.append(Span(start, last))
        start = match.end()
    if start < min(end, len(document)):
        spans.append(Span(start, min(end, len(document))))
    return spans


def passages(document: str) -> list[Span]:
    """Return up to three passages from the document's beginning, at least one."""
    found, start, end = list[Span](), 0, 0
    for sentence in sentences(document, MOST_PASSAGES * PASSAGE_CHARS + PASSAGE_CHARS):
        if end > start and sentence.end - start > PASSAGE_CHARS:
            found.append(Span(start, end))
            start = sentence.start
        end = sentence.end
        while end - start > PASSAGE_CHARS * 3 // 2:  # a sentence without an end
            found.append(Span(start, start + PASSAGE_CHARS))
            start += PASSAGE_CHARS
    if end > start:
        found.append(Span(start, end))
    return found[:MOST_PASSAGES] or [Span(0, len(document))]


def lead(document: str) -> str:
    """Return the title and the first lines; of a title longer than doors let in, its beginning."""
    return document[: min(document.find("\n") + 1, LONGEST_TITLE_CHARS) + LEAD_CHARS]


def calm(text: str) -> str:
    """Return a text of capitals in lower case, any other as it is.

    To the encoder capitals are other words: of 55 *yes* on shouted articles 47 were left, lowered 54.
    """
    return text.lower() if 2 * sum(map(str.isupper, text)) > len(text) else text


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the encoder made of some documents.

    rows: float32 (n_documents, 2 * dimensions), what the passage model reads; spans and vectors:
    each document's passages, and the encoder's vectors of them, float32 (n_passages, dimensions).
    """

    rows: Vectors
    spans: Sequence[Sequence[Span]]
    vectors: Sequence[Vectors]

    def rows_without(self) -> list[Vectors]:
        """Return, for each document, its row as it would be without each of its passages.

        Each float32 (n_passages, 2 * dimensions); without its only passage a document has its lead.
        """
        return [
            np.stack([self._without(row, own, passage) for passage in range(len(own))])
            for row, own in zip(self.rows, self.vectors, strict=True)
        ]

    def _without(self, row: Vectors, own: Vectors, passage: int) -> Vectors:
        half = len(row) // 2
        kept = own.sum(axis=0) - own[passage]
        return np.concatenate([_unit(kept) if len(own) > 1 else 0 * kept, row[half:]])


def encode(encoder: Encoder, documents: Sequence[str]) -> Encoded:
    """Return vectors of `documents`, all passages in one call of the encoder."""
    spans = [passages(document) for document in documents]
    texts = [lead(document) for document in documents]
    for document, own in zip(documents, spans, strict=True):
        texts += [document[span.start : span.end] for span in own]
    vectors = encoder.encode([calm(text) for text in texts])
    ends = np.cumsum([len(documents), *(len(own) for own in spans)])
    parts = [vectors[start:end] for start, end in itertools.pairwise(ends)]
    rows = np.zeros((len(documents), 2 * encoder.dimensions), np.float32)
    for row, own_lead, part in zip(rows, vectors, parts, strict=False):
        row[: encoder.dimensions] = _unit(part.mean(axis=0))
        row[encoder.dimensions :] = own_lead
    return Encoded(rows, spans, parts)


def _unit(vector: Vectors) -> Vectors:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
