import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from services.classifier.evidence import Explainer, locate, lower_same_length

TERMS = ["arms", "arms exports", "weap", " arm", "vote"]
PIECE = np.array([False, False, True, True, False])
WEIGHTS = np.array([[2.0, 1.0, 3.0, 0.5, -4.0]])
EXPLAINER = Explainer(TERMS, PIECE, WEIGHTS)


@pytest.mark.parametrize(
    ("text", "term", "piece", "expected"),
    [
        pytest.param("the arms race", "arms", False, "arms", id="word"),
        pytest.param("charms and arms", "arms", False, "arms", id="not inside another word"),
        pytest.param("arms, exports", "arms exports", False, "arms, exports", id="pair"),
        pytest.param("arms exporters", "arms exports", False, None, id="half a pair"),
        pytest.param("firearms", "arms", False, None, id="only inside another"),
        pytest.param("waffenlieferung", "lief", True, "waffenlieferung", id="piece"),
        pytest.param("the weapon's end", "weap", True, "weapon's", id="piece at the start"),
        pytest.param("nothing", "weap", True, None, id="absent"),
    ],
)
def test_locate_finds_the_word_around_a_term(
    text: str, term: str, piece: bool, expected: str | None
) -> None:
    """A term is shown as the whole word or words it was found in."""
    span = locate(text, term, piece=piece)

    assert expected == (text[slice(*span)] if span else None)


def test_evidence_names_the_heaviest_words_where_they_stand() -> None:
    """Pieces of one word are added to the word, negative terms are left out."""
    text = "Vote\nArms exports and weapons"
    row = csr_matrix(np.array([[1.0, 1.0, 1.0, 1.0, 1.0]]))

    found = EXPLAINER.explain(text, row, 0)

    assert [(item.term, item.weight) for item in found] == [
        ("weapons", 3.0),
        ("Arms", 2.5),
        ("Arms exports", 1.0),
    ]
    assert all(text[item.start : item.end] == item.term for item in found)


def test_a_document_without_known_terms_has_no_evidence() -> None:
    """Nothing known, nothing shown."""
    assert EXPLAINER.explain("xyz", csr_matrix((1, len(TERMS))), 0) == ()


@given(st.text())
def test_lowering_keeps_every_offset(text: str) -> None:
    """Offsets found in the lowered text hold in the text itself, also for İ and ß."""
    assert len(text) == len(lower_same_length(text))


@given(st.text("Arms exportweİß \n'-"))
def test_evidence_always_quotes_the_text(text: str) -> None:
    """Whatever the text, the offsets of each term give the term."""
    row = csr_matrix(np.array([[1.0, 1.0, 1.0, 1.0, 1.0]]))

    assert all(text[item.start : item.end] == item.term for item in EXPLAINER.explain(text, row, 0))
