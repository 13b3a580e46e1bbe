from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from services.classifier.evidence import (
    CONCEPT,
    PIECE,
    WORD,
    Explainer,
    locate,
    lower_same_length,
)
from services.classifier.features import ConceptVectorizer
from shared.messages import Evidence

TERMS = ["arms", "arms exports", "weap", " arm", "vote"]
KINDS = [WORD, WORD, PIECE, PIECE, WORD]
WEIGHTS = np.array([[2.0, 1.0, 3.0, 0.5, -4.0]])
EXPLAINER = Explainer(TERMS, KINDS, WEIGHTS)
ALL_ONCE = csr_matrix(np.ones((1, len(TERMS))))
LISTS = {"transfer": ("deliver*", "hand over"), "weapon": ("tank*", "weapon*")}


def shown(found: Sequence[Evidence]) -> list[tuple[str, float]]:
    """Return terms and weights."""
    return [(item.term, item.weight) for item in found]


@pytest.mark.parametrize(
    ("text", "term", "piece", "expected"),
    [
        pytest.param("the arms race", "arms", False, "arms", id="word"),
        pytest.param("charms and arms", "arms", False, "arms", id="not inside another word"),
        pytest.param("_arms arms", "arms", False, "arms", id="an underscore belongs to the word"),
        pytest.param("arms, exports", "arms exports", False, "arms, exports", id="pair"),
        pytest.param("война и мир", "война мир", False, "война и мир", id="pair, a letter between"),
        pytest.param("ventes d'armes", "ventes armes", False, "ventes d'armes", id="pair, elided"),
        pytest.param("arms of exports", "arms exports", False, None, id="pair, a word between"),
        pytest.param("arms exporters", "arms exports", False, None, id="half a pair"),
        pytest.param("firearms", "arms", False, None, id="only inside another"),
        pytest.param("waffenlieferung", "lief", True, "waffenlieferung", id="piece"),
        pytest.param("the weapon's end", "weap", True, "weapon's", id="piece at the start"),
        pytest.param("charms and arms", " arm", True, "arms", id="piece that begins a word"),
        pytest.param("a farmer's farm", "arm ", True, "farm", id="piece that ends a word"),
        pytest.param("arm", " arm ", True, "arm", id="piece that is a word"),
        pytest.param("the\narms", " arm", True, "arms", id="piece after a line feed"),
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

    (found,) = EXPLAINER.explain(text, ALL_ONCE)

    assert shown(found) == [("weapons", 3.0), ("Arms", 2.5), ("Arms exports", 1.0)]
    assert all(text[item.start : item.end] == item.term for item in found)


def test_each_topic_has_evidence_of_its_own() -> None:
    """One list per row of coefficients, in their order, with as many words as asked for."""
    explainer = Explainer(TERMS, KINDS, np.vstack([WEIGHTS, -WEIGHTS]))

    first, second = explainer.explain("Vote\nArms exports and weapons", ALL_ONCE, most=1)

    assert shown(first) == [("weapons", 3.0)]
    assert shown(second) == [("Vote", 4.0)]


def test_contributions_are_value_times_weight() -> None:
    """One per feature the document has, whatever its sign."""
    row = csr_matrix(np.array([[0.5, 0.0, 0.0, 0.0, 2.0]]))

    assert EXPLAINER.contributions(row, 0).tolist() == [1.0, -8.0]


def concept_explainer(column: str) -> Explainer:
    """Return an explainer of one concept column with weight 2."""
    concepts = ConceptVectorizer(LISTS, min_df=1).fit(["Tank\nTanks delivered."])
    assert column in concepts.columns_
    return Explainer([column], [CONCEPT], np.array([[2.0]]), concepts)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param("weapon", [("tanks", 2.0)], id="in the text, not in the title"),
        pytest.param("title:weapon", [("Weapon", 2.0)], id="in the title"),
        pytest.param("lead:weapon", [("tanks", 2.0)], id="in the first sentences"),
        pytest.param("transfer", [("hand over", 2.0)], id="a phrase"),
        pytest.param(
            "transfer+weapon", [("hand over", 1.0), ("tanks", 1.0)], id="a pair: half each"
        ),
    ],
)
def test_a_concept_is_shown_as_the_words_that_mean_it(
    column: str, expected: list[tuple[str, float]]
) -> None:
    """Where they stand first in the part of the article that the column speaks of."""
    text = "A Weapon\nIt was so. They hand over tanks. More tanks."

    (found,) = concept_explainer(column).explain(text, csr_matrix([[1.0]]))

    assert shown(found) == expected
    assert all(text[item.start : item.end] == item.term for item in found)


def test_a_pair_is_shown_from_one_sentence() -> None:
    """Two ideas in two sentences do not meet; the first sentence with both is shown."""
    text = "T\nA tank stood there. A delivery came. The delivery of weapons began."

    (found,) = concept_explainer("transfer+weapon").explain(text, csr_matrix([[1.0]]))

    assert [item.term for item in found] == ["delivery", "weapons"]
    assert [item.start for item in found] == [text.index("delivery of"), text.index("weapons")]


def test_a_document_without_known_terms_has_no_evidence() -> None:
    """Nothing known, nothing shown."""
    assert EXPLAINER.explain("xyz", csr_matrix((1, len(TERMS)))) == [()]


@given(st.text())
def test_lowering_keeps_every_offset(text: str) -> None:
    """Offsets found in the lowered text hold in the text itself, also for İ and ß."""
    assert len(text) == len(lower_same_length(text))


@given(st.text("Arms exportweİß \n'-"))
def test_evidence_always_quotes_the_text(text: str) -> None:
    """Whatever the text, the offsets of each term give the term."""
    (found,) = EXPLAINER.explain(text, ALL_ONCE)

    assert all(text[item.start : item.end] == item.term for item in found)
