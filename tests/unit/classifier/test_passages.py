import hashlib
from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.encoder import BundledEncoder, Encoder, Vectors
from services.classifier.passages import (
    LEAD_CHARS,
    LONGEST_TITLE_CHARS,
    MOST_PASSAGES,
    PASSAGE_CHARS,
    Span,
    encode,
    lead,
    passages,
    sentences,
)

SENTENCE = "The ministers met in the capital and talked about it for the whole day. "


class FakeEncoder:
    """Turns a text into a unit vector that only that text has; keeps what it was asked."""

    dimensions = 8

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See Encoder.encode."""
        self.asked.append(list(texts))
        return np.array([vector(text) for text in texts], np.float32).reshape(-1, self.dimensions)


def vector(text: str) -> Vectors:
    """Return the fake's vector of a text."""
    digest = hashlib.sha256(text.encode()).digest()[: FakeEncoder.dimensions]
    return unit(np.frombuffer(digest, np.uint8).astype(np.float32) - 100)


def unit(values: Vectors) -> Vectors:
    """Return the vector with length one."""
    return (values / np.linalg.norm(values)).astype(np.float32)


def texts_of(document: str, spans: Sequence[Span]) -> list[str]:
    """Return the pieces of a document."""
    return [document[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("Title\nOne. Two! Three?", ["Title", "One.", "Two!", "Three?"], id="marks"),
        pytest.param("Title.\nOne", ["Title.", "One"], id="a title with a full stop"),
        pytest.param("\nOne.\n\nTwo", ["One.", "Two"], id="no title, paragraphs"),
        pytest.param("He said: “Go.” Then", ["He said: “Go.”", "Then"], id="closing quotes stay"),
        pytest.param("(So it was.) Then", ["(So it was.)", "Then"], id="closing brackets stay"),
        pytest.param("«Да.» Потом… нет", ["«Да.»", "Потом…", "нет"], id="guillemets, ellipsis"),
        pytest.param("هل؟ نعم.", ["هل؟", "نعم."], id="Arabic question mark"),
        pytest.param("3.5 per cent of v2.0", ["3.5 per cent of v2.0"], id="points in numbers"),
        pytest.param("No end at all", ["No end at all"], id="no end"),
        pytest.param("", [], id="nothing"),
        pytest.param("\n", [], id="no title, no text"),
        pytest.param("\n\n\n", [], id="line feeds"),
        pytest.param("Title\n", ["Title"], id="title alone"),
        pytest.param(
            "一。 二。三", ["一。", "二。三"], id="Chinese: parted where there is a space"
        ),
    ],
)
def test_sentences_end_at_marks_and_lines(document: str, expected: list[str]) -> None:
    """White space between sentences belongs to none; quotes and brackets that close do."""
    assert expected == texts_of(document, sentences(document, len(document)))


def test_sentences_stop_where_they_are_told_to() -> None:
    """The last one is cut there, and the mark behind it is not looked at."""
    assert texts_of("One. Two. Three.", sentences("One. Two. Three.", 7)) == ["One.", "Tw"]


@given(st.text("Ab .!?\n”«»。😀\u0301", max_size=80), st.integers(0, 80))
def test_sentences_lie_in_the_document_one_after_another(document: str, end: int) -> None:
    """None is empty, none overlaps, and together with white space they are all of it."""
    spans = sentences(document, end)
    bounds = [bound for span in spans for bound in (span.start, span.end)]
    between = zip([0, *bounds[1::2]], [*bounds[::2], min(end, len(document))], strict=True)

    assert bounds == sorted(bounds)
    assert all(span.start < span.end for span in spans)
    assert "".join(document[start:stop] for start, stop in between).strip() == ""


@given(
    st.text("A .\n😀语", max_size=60),
    st.integers(1, 60),
)
def test_passages_lie_in_the_document_one_after_another(piece: str, times: int) -> None:
    """One at least and three at most, in order, none longer than half as much again as meant."""
    document = "T\n" + piece * times
    spans = passages(document)
    bounds = [bound for span in spans for bound in (span.start, span.end)]

    assert 1 <= len(spans) <= MOST_PASSAGES
    assert bounds == sorted(bounds)
    assert bounds[-1] <= len(document)
    assert all(0 < span.end - span.start <= PASSAGE_CHARS * 3 // 2 for span in spans)


def test_a_passage_ends_where_a_sentence_does() -> None:
    """As many whole sentences as go into 700 characters, from the title on."""
    document = "Title\n" + SENTENCE * 40
    found = texts_of(document, passages(document))

    assert len(found) == MOST_PASSAGES
    assert found[0].startswith("Title\nThe ministers")
    assert all(text.startswith("The ministers") for text in found[1:])
    assert all(text.endswith("day.") for text in found)
    assert all(PASSAGE_CHARS - len(SENTENCE) < len(text) <= PASSAGE_CHARS for text in found)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("word " * 2_000, id="words without an end"),
        pytest.param("x" * 10_000, id="one word"),
        pytest.param("政府宣布了新的协议。" * 1_000, id="Chinese without spaces"),
        pytest.param("😀" * 10_000, id="emoji"),
    ],
)
def test_a_text_without_sentence_ends_is_cut_by_length(body: str) -> None:
    """The title stands alone, then come passages of 700 characters, one after another."""
    spans = passages(f"Title\n{body}")

    assert spans == [Span(0, 5), Span(6, 706), Span(706, 1_406)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("", [Span(0, 0)], id="nothing"),
        pytest.param("\n", [Span(0, 1)], id="no title, no text"),
        pytest.param("Title\n", [Span(0, 5)], id="title alone"),
        pytest.param("\nText.", [Span(0, 6)], id="text alone"),
        pytest.param("Title\nText.", [Span(0, 11)], id="short"),
    ],
)
def test_a_short_document_is_one_passage(document: str, expected: list[Span]) -> None:
    """There is always a passage, however little there is to read."""
    assert expected == passages(document)


def test_the_lead_is_the_title_and_the_first_lines() -> None:
    """350 characters after the title, which is whole if it is no longer than doors let in."""
    title = "T" * 1_000

    assert lead(f"{title}\n{'x' * 1_000}") == f"{title}\n{'x' * LEAD_CHARS}"
    assert lead("\nText") == "\nText"
    assert lead(f"{'T' * 100_000}\nText") == "T" * (LONGEST_TITLE_CHARS + LEAD_CHARS)
    assert lead("x" * 1_000) == "x" * LEAD_CHARS
    assert lead("") == ""


def test_a_row_is_the_passages_mean_and_the_lead() -> None:
    """Both halves have length one; all texts go to the encoder in one call, leads first."""
    encoder: Encoder = FakeEncoder()
    documents = ["Title\n" + SENTENCE * 20, "Short\nText.", "\n"]

    encoded = encode(encoder, documents)

    pieces = [texts_of(document, passages(document)) for document in documents]
    assert isinstance(encoder, FakeEncoder)
    assert encoder.asked == [[*map(lead, documents), *chain.from_iterable(pieces)]]
    assert list(map(len, encoded.vectors)) == [len(own) for own in pieces] == [3, 1, 1]
    for row, document, own in zip(encoded.rows, documents, pieces, strict=True):
        np.testing.assert_allclose(row[:8], unit(np.mean([vector(t) for t in own], axis=0)), 1e-5)
        np.testing.assert_allclose(row[8:], vector(lead(document)), 1e-5)
        np.testing.assert_allclose(np.linalg.norm(row.reshape(2, 8), axis=1), 1, 1e-5)
    assert encoded.rows.dtype == np.float32


def test_a_row_without_a_passage_is_that_of_the_others() -> None:
    """As if computed by hand: the mean of the rest; without its only passage the lead is left."""
    documents = ["Title\n" + SENTENCE * 20, "Short\nText."]
    encoded = encode(FakeEncoder(), documents)

    long, short = encoded.rows_without()

    own = [vector(text) for text in texts_of(documents[0], passages(documents[0]))]
    for passage, row in enumerate(long):
        rest = [other for place, other in enumerate(own) if place != passage]
        np.testing.assert_allclose(row[:8], unit(np.mean(rest, axis=0)), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(row[8:], vector(lead(documents[0])), 1e-5)
    np.testing.assert_allclose(short, [[*[0.0] * 8, *vector(lead(documents[1]))]], 1e-5)


def test_no_documents_are_no_rows() -> None:
    """An empty batch keeps the width."""
    encoded = encode(FakeEncoder(), [])

    assert encoded.rows.shape == (0, 16)
    assert encoded.rows_without() == []


def test_a_document_has_the_same_row_alone_and_in_a_batch() -> None:
    """To 1e-5, with the bundled encoder, whose batches hold several texts."""
    encoder = BundledEncoder()
    documents = [f"Title {n}\n" + SENTENCE * (n * 7 % 40) for n in range(12)] + ["", "\n", "😀\n"]

    together = encode(encoder, documents).rows
    alone = np.vstack([encode(encoder, [document]).rows for document in documents])

    assert np.isfinite(together).all()
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("TANKS FOR KYIV!", "tanks for kyiv!", id="capitals"),
        pytest.param("ТАНКИ ДЛЯ КИЕВА", "танки для киева", id="Cyrillic capitals"),
        pytest.param("TANKS for Kyiv", "TANKS for Kyiv", id="a word in capitals"),
        pytest.param("Tanks For Kyiv", "Tanks For Kyiv", id="capitals at the beginnings"),
        pytest.param("NATO", "nato", id="nothing but an acronym"),
        pytest.param("أسلحة 武器", "أسلحة 武器", id="no capitals to have"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_text_in_capitals_is_read_in_lower_case(text: str, expected: str) -> None:
    """The encoder knows words as they are mostly written; spans stay those of the document."""
    encoder = FakeEncoder()

    encoded = encode(encoder, [f"\n{text}"])

    assert encoder.asked == [[f"\n{expected}", f"\n{expected}"]]
    assert encoded.spans == [[Span(0, len(text) + 1)]]
