import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.clean import clean, without_spans

STORY = "Members voted on Thursday on rules for the export of arms, after a long debate."
FURNITURE = [
    ("reading_time", "Lesezeit: 3 Minuten"),
    ("reading_time", "4 min read"),
    ("date_line", "Aktualisiert: 20.11.2026, 12:00 Uhr"),
    ("date_line", "Published on 20 November 2026"),
    ("agency_mark", "(dpa/AFP)"),
    ("source_mark", "Quelle: Reuters"),
    ("comments", "Leave a comment"),
    ("share", "Share this article"),
    ("share", "Teilen auf Facebook"),
    ("newsletter", "Subscribe to our newsletter"),
    ("read_more", "Читайте також: Що сталося"),
    ("cookies", "We use cookies to improve your visit."),
    ("image_credit", "Foto: Jane Doe/dpa"),
    ("advert", "Anzeige"),
]
LINES = st.sampled_from([line for _, line in FURNITURE] + [STORY, "", "  ", "A vote."])
TEXTS = st.one_of(st.text(), st.lists(LINES).map("\n".join))


@pytest.mark.parametrize(("reason", "line"), FURNITURE)
def test_a_furniture_line_is_taken_out_with_its_reason(reason: str, line: str) -> None:
    """The line goes, the story stays, and the span says what it was."""
    text = f"{STORY}\n{line}\n{STORY}"

    cleaned = clean(text)

    assert cleaned.text == f"{STORY}\n{STORY}"
    assert [(reason, f"{line}\n")] == [
        (span.reason, text[span.start : span.end]) for span in cleaned.removed
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("Share prices fell on Thursday after the vote in parliament.", id="share"),
        pytest.param("AP news agency reporters were expelled from the city.", id="agency"),
        pytest.param("Published figures show that exports rose by a third last year, it said, and that the trend is likely to go on.", id="published"),
        pytest.param("Die Anzeige gegen den Minister wurde zurückgezogen.", id="advert"),
        pytest.param("Twitter said on Monday that it had removed the account.", id="network"),
        pytest.param("x" * 161, id="long line"),
    ],
)  # fmt: skip
def test_a_sentence_of_the_story_stays(line: str) -> None:
    """Words of furniture inside a sentence are no furniture."""
    assert clean(line).removed == ()
    assert clean(f"{STORY}\n{line}\n").removed == ()


def test_a_text_of_nothing_but_furniture_is_the_story() -> None:
    """Nothing is removed when nothing would be left."""
    text = "Anzeige\nTeilen\n"

    assert clean(text).text == text
    assert clean(text).removed == ()


@given(TEXTS)
def test_the_clean_text_is_the_text_without_the_spans(text: str) -> None:
    """A reader of the labelled article can derive the clean text exactly."""
    cleaned = clean(text)

    assert cleaned.text == without_spans(text, cleaned.removed)


@given(TEXTS)
def test_spans_are_in_order_and_whole_lines(text: str) -> None:
    """Spans never overlap, and each ends with its line."""
    removed = clean(text).removed
    ends = [0, *(span.end for span in removed)]

    assert all(end <= span.start < span.end for end, span in zip(ends, removed, strict=False))
    assert all(len(text[span.start : span.end].splitlines()) == 1 for span in removed)
