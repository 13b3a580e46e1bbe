import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.artefact import FAST, Manifest
from services.classifier.decide import Calibration
from services.classifier.leave_one_out import (
    MOST_SENTENCES,
    excerpt_sentences,
    leave_one_out,
    without,
)
from services.classifier.scorer import Scores
from services.classifier.topics import Topic

WORDS = {"arms": "tank", "talks": "envoy"}
MANIFEST = Manifest(
    schema="s", name="n", version="v", file="f", sha256="0" * 64, sklearn="1", python="3",
    features_version="1", encoder="none", encoder_from=0.0, languages=("en",),
    corpus_sha256="0" * 64, corpus_articles=1, cleaner_version="1", figures={},
    trained_at=datetime(2026, 11, 20, tzinfo=UTC),
    specs=tuple(Topic(name=name, title=name, prior=0.5) for name in WORDS),
    calibration={FAST: {name: Calibration((2.0,), -1.0, 0.8, 0.2) for name in WORDS}},
)  # fmt: skip


class CountingScorer:
    """Scores a topic by how often its word occurs; remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def score(self, documents: Sequence[str]) -> Scores:
        """See Scorer.score."""
        self.batches.append(list(documents))
        terms = np.array([[float(d.count(word)) for word in WORDS.values()] for d in documents])
        return Scores(terms, None, terms[:0], {})


DOCUMENT = "A tank\nFirst the weather. Two tank sales: tank, tank. An envoy came."


def test_the_sentence_without_which_the_score_falls_most_carries_the_topic() -> None:
    """Its weight is the fall in calibrated log-odds; the probability without it is told."""
    found = leave_one_out(CountingScorer(), MANIFEST, DOCUMENT)

    arms, talks = found.carrying(0), found.carrying(1)
    assert arms is not None
    assert talks is not None
    assert (arms.text, arms.weight) == ("Two tank sales: tank, tank.", 6.0)
    assert arms.probability_without == round(1 / (1 + np.exp(-1)), 4)
    assert DOCUMENT[arms.start : arms.end] == arms.text
    assert (talks.text, talks.weight) == ("An envoy came.", 2.0)


def test_all_is_scored_in_one_batch_with_the_whole_document_first() -> None:
    """One call, however many sentences and topics."""
    scorer = CountingScorer()

    leave_one_out(scorer, MANIFEST, DOCUMENT)

    (batch,) = scorer.batches
    assert batch[0] == DOCUMENT
    assert len(batch) == 1 + len(excerpt_sentences(DOCUMENT)) == 5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\nNothing is known here. Nor here.", id="no sentence matters"),
        pytest.param("\n", id="no text"),
        pytest.param("", id="nothing at all"),
    ],
)
def test_where_no_sentence_speaks_for_a_topic_none_carries_it(text: str) -> None:
    """No fall, no sentence."""
    assert leave_one_out(CountingScorer(), MANIFEST, text).carrying(0) is None


def test_an_article_of_a_thousand_sentences_does_not_take_a_thousand_scores() -> None:
    """Only the excerpt's sentences are left out, at most sixty."""
    assert len(excerpt_sentences("\n" + "Go. " * 50_000)) == MOST_SENTENCES
    assert excerpt_sentences("\n" + "A longer sentence here. " * 9_000)[-1].start < 2_000


def test_the_last_sentence_of_the_excerpt_is_whole() -> None:
    """What begins before the excerpt's end is left out to its full stop."""
    text = "\n" + "x" * 1_990 + ". The tank was sold to the highest bidder. More."

    last = excerpt_sentences(text)[-1]

    assert text[last.start : last.end] == "The tank was sold to the highest bidder."


@pytest.mark.parametrize(
    ("document", "number", "expected"),
    [
        pytest.param("Title\nOne. Two.", 0, "\nOne. Two.", id="title"),
        pytest.param("Title.\nOne. Two.", 0, "\nOne. Two.", id="title with a full stop"),
        pytest.param("A. B.\nOne.", 1, "A. \nOne.", id="second half of the title"),
        pytest.param("Title\nOne. Two.", 1, "Title\nTwo.", id="first sentence"),
        pytest.param("Title\nOne. Two.", 2, "Title\nOne. ", id="last sentence"),
        pytest.param("Title\nOne.\n\nTwo.", 1, "Title\nTwo.", id="a paragraph"),
        pytest.param("\nOne. Two.", 0, "\nTwo.", id="no title"),
    ],
)
def test_a_sentence_is_left_out_with_the_space_after_it(
    document: str, number: int, expected: str
) -> None:
    """The title ends where it ended: no sentence of the text becomes a title."""
    assert without(document, excerpt_sentences(document)[number]) == expected


@given(st.text("Ab.\n !?", max_size=60), st.text("Ab.\n !?", max_size=200))
def test_leaving_out_touches_nothing_but_the_sentence(title: str, text: str) -> None:
    """What remains is the document's beginning and its end; sentences come in order."""
    document = f"{title.replace(chr(10), ' ')}\n{text}"
    spans = excerpt_sentences(document)

    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
    for span in spans:
        left = without(document, span)
        removed = len(document) - len(left)
        assert removed >= span.end - span.start
        assert left == document[: span.start] + document[span.start + removed :]
        assert not document[span.end : span.start + removed].strip()
        assert ("\n" in left) is ("\n" in document[: span.start] + document[span.end :])
