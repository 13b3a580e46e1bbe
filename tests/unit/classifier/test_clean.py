import gzip
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.clean import clean, without_spans
from services.classifier.furniture import REASONS
from tests.support.build import BENCH_FILE
from tests.support.furniture import CLOSING_MARKS, LINES, OPENING_MARKS, SECOND_LINES, all_lines

STORY = "Members voted on Thursday on rules for the export of arms, after a long debate."
FURNITURE = [
    ("reading_time", "Lesezeit: 3 Minuten"),
    ("reading_time", "4 min read"),
    ("date_line", "Aktualisiert: 20.11.2026, 12:00 Uhr"),
    ("date_line", "Published on 20 November 2026"),
    ("date_line", "Ausgegeben am:"),  # the date itself was lost in scraping
    ("date_line", "Mis à jour le :"),
    ("date_line", "Jane Doe | 20 November 2026 | 4 min read"),
    ("agency_mark", "(dpa/AFP)"),
    ("source_mark", "Quelle: Reuters"),
    ("source_mark", "source site-28"),
    ("byline", "By Jane Doe"),
    ("author_box", "Jane Doe is a senior reporter covering defence."),
    ("comments", "Leave a comment"),
    ("share", "Share this article"),
    ("share", "Teilen auf Facebook"),
    ("newsletter", "Subscribe to our newsletter"),
    ("subscription", "Article réservé aux abonnés"),
    ("read_more", "Читайте також: Що сталося"),
    ("cookies", "We use cookies to improve your visit."),
    ("tags", "Tags: parliament, budget"),
    ("image_credit", "Foto: Jane Doe/dpa"),
    ("advert", "Anzeige"),
    ("legal", "© 2026 The Courier. All rights reserved."),
    ("feedback", "Found a mistake? Tell us"),
    ("navigation", "Zurück zur Startseite"),
]
PROSE = [
    pytest.param("Share prices fell on Thursday after the vote in parliament.", id="share"),
    pytest.param("AP news agency reporters were expelled from the city.", id="agency"),
    pytest.param("Published figures show that exports rose by a third last year, it said, and that the trend is likely to go on.", id="published"),
    pytest.param("Die Anzeige gegen den Minister wurde zurückgezogen.", id="advert"),
    pytest.param("Twitter said on Monday that it had removed the account.", id="network"),
    pytest.param("Read more books, the minister told pupils on Monday.", id="read more"),
    pytest.param("Von Berlin nach Paris fährt der Zug künftig in acht Stunden.", id="von"),
    pytest.param("By Friday the army had left the town.", id="by"),
    pytest.param("Por fin llegó la ayuda a la ciudad sitiada.", id="por"),
    pytest.param("Di Maria segnò due volte nella finale.", id="di"),
    pytest.param("Foto-Ausstellung in Berlin eröffnet", id="foto"),
    pytest.param("Source Code", id="a heading"),
    pytest.param("Source code was stolen from the ministry, officials said.", id="source"),
    pytest.param("May was a bad month for the government.", id="month"),
    pytest.param("September:", id="a heading of a chronology"),
    pytest.param("Am Montag:", id="a day's heading"),
    pytest.param("Comments by the president drew criticism from allies.", id="comments"),
    pytest.param("The regulator fined the company over its cookies.", id="cookies"),
    pytest.param("The daily White House briefing was cancelled.", id="briefing"),
    pytest.param("Він написав у своєму Telegram-каналі, що наступ триває.", id="telegram"),
    pytest.param("Am 20. November 2026 stimmte der Bundestag ab.", id="date"),
    pytest.param("“What do you think about that?” he asked.", id="quotation"),
    pytest.param("Подробнее о санкциях рассказал министр.", id="podrobnee"),
    pytest.param("Source: officials in Kyiv said that forty howitzers, ammunition and spare parts had been sent to the front, and that more would follow within weeks, among them two systems for air defence and a hundred lorries.", id="long"),
    pytest.param("x" * 201, id="no words"),
    pytest.param("***", id="no letters"),
]  # fmt: skip
ALL_LINES = [line for _, line in all_lines()]
PIECES = st.sampled_from(
    [*ALL_LINES, *OPENING_MARKS, *CLOSING_MARKS, STORY, "", "  ", "A vote.", " ", "\n", "(", "/"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("\n".join), st.lists(PIECES).map("".join))


@pytest.mark.parametrize(("reason", "line"), FURNITURE)
def test_a_furniture_line_is_taken_out_with_its_reason(reason: str, line: str) -> None:
    """The line goes, the story stays, and the span says what it was."""
    text = f"{STORY}\n{line}\n{STORY}"

    cleaned = clean(text)

    assert cleaned.text == f"{STORY}\n{STORY}"
    assert [(reason, f"{line}\n")] == [
        (span.reason, text[span.start : span.end]) for span in cleaned.removed
    ]


@pytest.mark.parametrize("language", LINES)
def test_furniture_of_every_language_goes(language: str) -> None:
    """What stood on pages before the words were chosen goes, at the top, in the middle, at the end."""
    for line in LINES[language]:
        texts = (
            f"{line}\n{STORY}\n{STORY}",
            f"{STORY}\n{line}\n{STORY}",
            f"{STORY}\n{STORY}\n{line}",
        )
        assert {f"{STORY}\n{STORY}"} == {clean(text).text.rstrip("\n") for text in texts}, line


def test_of_harder_furniture_nine_in_ten_lines_go() -> None:
    """The second round is a measurement: what is missed may stay missed."""
    lines = [line for lines in SECOND_LINES.values() for line in lines]
    gone = sum(clean(f"{STORY}\n{line}\n{STORY}").text == f"{STORY}\n{STORY}" for line in lines)

    assert gone >= 0.9 * len(lines)


@pytest.mark.parametrize("line", PROSE)
def test_a_sentence_of_the_story_stays(line: str) -> None:
    """Words of furniture inside a sentence are no furniture."""
    assert clean(line).removed == ()
    assert clean(f"{STORY}\n{line}\n").removed == ()


@pytest.mark.parametrize("mark", OPENING_MARKS)
def test_an_agency_mark_before_a_paragraph_goes(mark: str) -> None:
    """The agency goes with the place and the date it filed from; the paragraph stays whole."""
    cleaned = clean(f"  {mark}{STORY}\n{STORY}")

    assert cleaned.text == f"  {STORY}\n{STORY}"
    assert {span.reason for span in cleaned.removed} == {"agency_mark"}


@pytest.mark.parametrize("mark", CLOSING_MARKS)
def test_an_agency_mark_behind_a_paragraph_goes(mark: str) -> None:
    """The mark goes with the space before it; a full stop behind it may stay."""
    assert clean(f"{STORY}{mark}\n{STORY}").text.replace("..", ".") == f"{STORY}\n{STORY}"


@pytest.mark.parametrize(
    "paragraph",
    [
        pytest.param("The ministry (AFP was told) denied it.", id="other words in brackets"),
        pytest.param("According to the agency (AFP) - and to others - talks failed.", id="prose before"),
        pytest.param("The Christian Democrats (CDU) - in office since May - agreed.", id="a party"),
        pytest.param("He works for a news agency (Reuters and others).", id="and others"),
        pytest.param("The fee was paid by either/or", id="a slash"),
    ],
)  # fmt: skip
def test_a_bracket_of_the_story_stays(paragraph: str) -> None:
    """Only an agency alone in its brackets, after a place or nothing, is a mark."""
    assert clean(f"{STORY}\n{paragraph}\n{STORY}").removed == ()


def test_what_marks_leave_of_a_line_is_judged_too() -> None:
    """A mark can't hide furniture behind it, nor be cleaned in a second pass only."""
    text = f"{STORY}\nBERLIN (dpa) – Lesen Sie auch: Was das Gesetz ändert (AFP)\n{STORY}"

    cleaned = clean(text)

    assert cleaned.text == f"{STORY}\n{STORY}"
    assert [span.reason for span in cleaned.removed] == ["read_more"]


@pytest.mark.parametrize("text", ["Anzeige\nTeilen\n", "(dpa)", "Anzeige\n\n  BERLIN (dpa) - "])
def test_a_text_of_nothing_but_furniture_is_the_story(text: str) -> None:
    """Nothing is removed when nothing would be left."""
    assert clean(text).text == text
    assert clean(text).removed == ()


def test_lines_known_to_repeat_go() -> None:
    """What the host's other articles say, too, goes with a reason of its own."""
    cleaned = clean(
        f"{STORY}\n  The voice of the valley\n{STORY}", frozenset({"The voice of the valley"})
    )

    assert cleaned.text == f"{STORY}\n{STORY}"
    assert [span.reason for span in cleaned.removed] == ["repeated"]


@given(TEXTS)
def test_the_clean_text_is_the_text_without_the_spans(text: str) -> None:
    """A reader of the labelled article can derive the clean text exactly."""
    cleaned = clean(text)

    assert cleaned.text == without_spans(text, cleaned.removed)


@given(TEXTS)
def test_spans_are_in_order_within_a_line_and_say_why(text: str) -> None:
    """Spans never overlap, each is within one line, and reasons come from the closed set."""
    removed = clean(text).removed
    ends = [0, *(span.end for span in removed)]

    assert all(end <= span.start < span.end for end, span in zip(ends, removed, strict=False))
    assert all(len(text[span.start : span.end].splitlines()) == 1 for span in removed)
    assert {span.reason for span in removed} <= REASONS


@given(TEXTS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What is clean stays as it is."""
    once = clean(text).text

    assert once == clean(once).text


@pytest.mark.parametrize(
    "piece",
    ["(", "a", "-", " ", "—(", "/", "| ", "Foto: ", "1/", "Anzeige\n", "a|", "\n", "(dpa) - ", " (AFP)", "By A\n", "1.1.20\n", "©"],
)  # fmt: skip
def test_hostile_megabytes_take_no_longer_than_others(piece: str) -> None:
    """No text makes the cleaner slow: a megabyte takes less than three seconds of a processor."""
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()

    clean(text)

    assert time.process_time() - begun < 3


@pytest.mark.skipif(not BENCH_FILE.exists(), reason=f"{BENCH_FILE} is not there")
def test_real_articles_lose_less_than_one_percent() -> None:
    """On articles somebody extracted well there is little to remove, and little is removed."""
    with gzip.open(BENCH_FILE, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for _, line in zip(range(1_000), lines, strict=False)]

    removed = sum(len(text) - len(clean(text).text) for text in texts)

    assert removed < 0.01 * sum(map(len, texts))
