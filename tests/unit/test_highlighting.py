import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.leave_one_out import excerpt_sentences
from services.highlighting import STRONG, WEAK, highlighted, mark_of
from shared.messages import Evidence

DOCUMENT = "Arms deal\nThe army buys tanks. It rained.\nTanks are sold, arms exports grow. The end."


def evidence(word: str, weight: float = 1.0, *, text: str = DOCUMENT) -> Evidence:
    """Return evidence that stands where `word` occurs first."""
    start = text.index(word)
    return Evidence(term=word, weight=weight, start=start, end=start + len(word))


def shown(*items: Evidence, whole: bool = False, text: str = DOCUMENT) -> str:
    """Return what a reader without colours would see."""
    spans = excerpt_sentences(text)
    return highlighted(text, spans, items, whole=whole, plain=True).plain


def test_sentences_without_a_deciding_word_are_left_out() -> None:
    """Where some are missing stands an ellipsis; paragraphs stay apart."""
    assert shown(evidence("Arms", 2), evidence("sold", 0.9)) == (
        "**Arms** deal … Tanks are *sold*, arms exports grow. …"
    )
    assert shown(evidence("tanks"), evidence("sold")) == (
        "… The army buys **tanks**. … Tanks are **sold**, arms exports grow. …"
    )


def test_the_whole_excerpt_keeps_its_lines() -> None:
    """Every sentence, marked or not."""
    assert shown(evidence("tanks"), whole=True) == DOCUMENT.replace("tanks", "**tanks**")


def test_words_are_marked_by_their_weight() -> None:
    """Strong from half of the heaviest weight upwards."""
    assert mark_of(evidence("Arms", 0.5), 1.0) is STRONG
    assert mark_of(evidence("Arms", 0.49), 1.0) is WEAK


def test_on_a_terminal_styles_mark_the_words_and_no_signs() -> None:
    """The text stays as it is; the word's style says its weight."""
    items = [evidence("Arms", 2.0), evidence("deal", 0.1)]

    text = highlighted(DOCUMENT, excerpt_sentences(DOCUMENT), items, whole=True, plain=False)

    assert text.plain == DOCUMENT
    styles = {text.plain[span.start : span.end]: span.style for span in text.spans}
    assert styles == {"Arms": STRONG.style, "deal": WEAK.style}


def test_of_words_that_overlap_the_heavier_is_marked() -> None:
    """No word is printed twice."""
    assert "*arms* exports" in shown(evidence("arms exports", 0.2), evidence("arms", 0.3),
                                     evidence("tanks", 1))  # fmt: skip


def test_a_pair_across_two_sentences_is_marked_in_both() -> None:
    """A pair of words may reach over a full stop."""
    assert shown(evidence("rained.\nTanks")) == "… It **rained.**\n**Tanks** are sold, arms exports grow. …"  # fmt: skip


def test_no_word_no_text() -> None:
    """Nothing decided, nothing is shown, unless all is asked for."""
    assert shown() == ""
    assert shown(whole=True) == DOCUMENT


@pytest.mark.parametrize("plain", [True, False])
def test_what_could_steer_a_terminal_is_made_visible(plain: bool) -> None:
    """In marked words and between them; offsets still hold."""
    text = "A\x1b[2J title\nSome \x1b]0;x\x07 ev\x1bil \u202eword."
    item = evidence("ev\x1bil", text=text)

    found = highlighted(text, excerpt_sentences(text), [item], whole=True, plain=plain).plain

    assert all(line.isprintable() for line in found.split("\n"))
    assert r"ev\x1bil" in found
    assert r"\u202eword" in found


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 20), st.floats(0, 5)), max_size=6),
)
def test_marking_never_loses_or_repeats_a_character(
    text: str, places: list[tuple[int, int, float]]
) -> None:
    """Whatever the words' places, the whole excerpt comes out as without marks."""
    items = [Evidence(term="x", weight=w, start=s, end=s + n) for s, n, w in places]
    spans = excerpt_sentences(text)

    marked = highlighted(text, spans, items, whole=True, plain=False)

    assert marked.plain == highlighted(text, spans, [], whole=True, plain=False).plain
