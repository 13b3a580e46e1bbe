import json
from collections.abc import Iterator, Sequence

import pytest

from services.classifier.explanation import Explanation, Near
from services.classifying import CHUNK, as_line, classify_items
from services.fetch.files import FileItem
from shared.errors import InvalidArticle, Reason
from shared.messages import LabelledArticle, RawArticle
from tests.support.build import labelled, raw

REFUSED = FileItem(2, None, InvalidArticle(Reason.NO_TEXT, "no \x1b text"))


class Reader:
    """Hands out articles and counts how many were taken."""

    def __init__(self, number: int) -> None:
        self.taken, self._number = 0, number

    def __iter__(self) -> Iterator[FileItem]:
        """Yield them one by one."""
        for number in range(1, self._number + 1):
            self.taken = number
            yield FileItem(number, raw(f"Text {number}.", title="T"))


class FakeModel:
    """Labels without reading; remembers how far the reader was at each batch."""

    def __init__(self, reader: Reader | None = None) -> None:
        self._reader, self.batches = reader, list[tuple[int, int]]()

    def classify(self, articles: Sequence[RawArticle]) -> list[LabelledArticle]:
        """See Model.classify."""
        self.batches.append((len(articles), self._reader.taken if self._reader else 0))
        return [labelled(article) for article in articles]


def test_a_file_is_read_no_further_than_it_is_classified(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Piece by piece, each printed before the next is read: memory does not grow with the file."""
    reader = Reader(2 * CHUNK + 1)
    model = FakeModel(reader)

    code = classify_items(model, reader, None, as_json=True)

    assert code == 0
    assert model.batches == [(CHUNK, CHUNK), (CHUNK, 2 * CHUNK), (1, 2 * CHUNK + 1)]
    assert len(capsys.readouterr().out.splitlines()) == 2 * CHUNK + 1


@pytest.mark.parametrize(
    ("items", "code"),
    [
        pytest.param([], 1, id="nothing"),
        pytest.param([REFUSED], 1, id="only a refused line"),
        pytest.param([*Reader(2), REFUSED], 1, id="one refused line"),
        pytest.param(list(Reader(2)), 0, id="all good"),
    ],
)
def test_the_exit_code_says_whether_something_was_left_out(
    items: list[FileItem], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refused line is told on standard error, without controls."""
    assert classify_items(FakeModel(), items, "none", as_json=True) == code

    told = capsys.readouterr()
    assert (r"line 2: no_text: no \x1b text" in told.err) is (REFUSED in items)
    assert len(told.out.splitlines()) == sum(item.article is not None for item in items)


def test_many_articles_are_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Unless more is asked for."""
    classify_items(FakeModel(), Reader(3), None, as_json=False)

    assert capsys.readouterr().out.count("yes 0.90") == 3


def test_a_line_of_json_has_an_explanation_only_where_there_is_one() -> None:
    """The labelled article's own fields stay where they are."""
    article = labelled(raw("Text."), profile="fast")
    found = Explanation(topics=(), nearest=(Near(id="en-001", similarity=0.5),))

    plain, explained = (json.loads(as_line(article, it)) for it in (None, found))

    assert "explanation" not in plain
    assert explained == {
        **plain,
        "explanation": {"topics": [], "nearest": [{"id": "en-001", "similarity": 0.5}]},
    }
