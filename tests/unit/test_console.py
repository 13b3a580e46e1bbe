import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console import printable, safe_cell, table, to_csv, to_json, topic_cell
from shared.messages import Decision, Evidence, TopicLabel

CONTROLS = {
    "escape": ("a\x1b[2Jb", r"a\x1b[2Jb"),
    "C1 escape": ("a\x9b2Jb", r"a\x9b2Jb"),
    "carriage return": ("a\rb", r"a\rb"),
    "line feed": ("a\nb", r"a\nb"),
    "bell": ("a\x07", r"a\x07"),
    "backspace": ("a\x08", r"a\x08"),
    "delete": ("a\x7f", r"a\x7f"),
    "right-to-left override": ("a\u202eb", r"a\u202eb"),
    "left-to-right isolate": ("a\u2066b", r"a\u2066b"),
    "zero-width space": ("a\u200bb", r"a\u200bb"),
    "byte order mark": ("\ufeffa", r"\ufeffa"),
    "line separator": ("a\u2028b", r"a\u2028b"),
    "lone surrogate": ("a\ud800", r"a\ud800"),
    "tag letter": ("a\U000e0041", r"a\U000e0041"),
}


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*c, id=n) for n, c in CONTROLS.items()])
def test_what_a_terminal_might_obey_is_made_visible(text: str, shown: str) -> None:
    """Nothing in a title moves the cursor, turns the writing or forges a line."""
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["Über uns", "Путин", "中文 新闻", "خبر", "e\u0301", "🚀", "a b\\n"]
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    """No language is harmed."""
    assert printable(text) == text


@given(st.text())
def test_whatever_is_shown_is_printable(text: str) -> None:
    """No text gets a control through."""
    assert printable(text).isprintable()


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "\n=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_looks_like_a_formula_is_marked_as_text(text: str) -> None:
    """No spreadsheet computes what a headline says, full-width signs included."""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param("a=b", "a=b", id="sign inside"),
        pytest.param(0.5, "0.5", id="number"),
        pytest.param(-0.5, "-0.5", id="negative number"),
        pytest.param("–", "–", id="dash"),
    ],
)
def test_other_cells_stay_as_they_are(value: object, cell: str) -> None:
    """Only what could be a formula is touched; numbers are no formulas."""
    assert safe_cell(value) == cell


@given(st.lists(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=2, max_size=2)))
def test_csv_is_read_back_as_it_was_meant(rows: list[list[str]]) -> None:
    """Commas, quotes and line ends stay in their cells."""
    text = to_csv(["a", "b"], rows)

    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b"], *([safe_cell(cell) for cell in row] for row in rows)]


def test_json_is_one_line() -> None:
    """Line ends inside are escaped, so that a program reads line by line."""
    assert to_json({"a": "b\nc"}) == '{"a":"b\\nc"}'


def test_a_table_shows_cells_as_text_and_not_as_markup() -> None:
    """Square brackets and controls in a title mean nothing to the table."""
    shown = rendered(table("", ["title"], [["[red]alert[/red]\x1b[2J"]]))

    assert r"[red]alert[/red]\x1b[2J" in shown
    assert "\x1b" not in shown


def test_a_table_title_is_text_and_not_markup() -> None:
    """The name of a model or feed can't style the screen or break it."""
    assert "[/x] a" in rendered(table("[/x] a", ["title"], [["b"]]))


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        pytest.param(Decision.YES, True, id="yes"),
        pytest.param(Decision.UNSURE, True, id="unsure"),
        pytest.param(Decision.NO, False, id="no"),
    ],
)
def test_a_topic_shows_its_words_unless_it_is_a_no(decision: Decision, words: bool) -> None:
    """Probability and decision always, the deciding words where they decided something."""
    label = TopicLabel(
        topic="diplomacy", probability=0.876, decision=decision, threshold=0.5, threshold_no=0.2,
        evidence=(Evidence(term="talks\x1b", weight=1.0, start=0, end=5),),
    )  # fmt: skip

    shown = topic_cell(label).plain

    assert shown.startswith(f"{decision.value} 0.88")
    assert (r"talks\x1b" in shown) is words


def rendered(item: object) -> str:
    """Return what a terminal without colours would show."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=100, color_system=None, highlight=False)
    console.print(item, markup=False)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()
