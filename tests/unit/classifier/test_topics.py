import re
from pathlib import Path

import pytest

from services.classifier.topics import TOPICS_FILE, Topic, read_topics
from shared.errors import UsageError
from tests.support.services import ROOT

ONE = '[[topic]]\nname = "energy"\ntitle = "energy supply"\nprior = 0.05\n'


def written(folder: Path, content: str) -> Path:
    """Return a folder with topics.toml."""
    (folder / TOPICS_FILE).write_text(content, encoding="utf-8")
    return folder


def test_topics_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Their order is that of the model's columns."""
    folder = written(tmp_path, ONE + ONE.replace("energy", "art", 1))

    assert [topic.name for topic in read_topics(folder)] == ["energy", "art"]


def test_precision_and_no_have_defaults(tmp_path: Path) -> None:
    """Yes from .90 upwards, no below .10, as docs/topics.md says; the prior must be given."""
    (topic,) = read_topics(written(tmp_path, ONE))

    assert topic == Topic(
        name="energy", title="energy supply", prior=0.05, precision_target=0.9, no_below=0.1
    )


def test_the_topics_that_come_along_are_the_three() -> None:
    """Arms trade, diplomacy, Ukraine war; a fourth is the user's own."""
    names = [topic.name for topic in read_topics(ROOT / "corpus")]

    assert names == ["arms_trade", "diplomacy", "ukraine_war"]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param("", "missing required field `topic`", id="empty"),
        pytest.param("topic = []", "at least one topic", id="none"),
        pytest.param("[[topic]", "topics.toml", id="not TOML"),
        pytest.param(ONE + ONE, "none twice", id="twice"),
        pytest.param(ONE.replace("prior = 0.05", ""), "prior", id="no prior"),
        pytest.param(ONE.replace("0.05", "0"), "prior", id="prior of nothing"),
        pytest.param(ONE.replace("0.05", "5"), "prior", id="prior in per cent"),
        pytest.param(ONE.replace("0.05", '"5 %"'), "prior", id="prior in words"),
        pytest.param(ONE + "no_below = 1.0", "no_below", id="no for everything"),
        pytest.param(ONE + "precision_target = 0.2\nno_below = 0.3", "no_below", id="no above yes"),
        pytest.param(ONE.replace('"energy"', '"Energy supply"'), "name", id="a name with a space"),
        pytest.param(ONE.replace('"energy"', '"énergie"'), "name", id="a name with an accent"),
        pytest.param(ONE.replace('"energy"', '""'), "name", id="no name"),
        pytest.param(ONE.replace('"energy"', f'"{"e" * 65}"'), "name", id="a name too long"),
        pytest.param(ONE.replace('"energy supply"', '""'), "title", id="no title"),
        pytest.param(ONE + "threshold = 0.5", "threshold", id="a key nobody knows"),
        pytest.param(ONE.replace("[[topic]]", "[[topics]]"), "topics", id="a table nobody knows"),
    ],
)
def test_a_file_that_can_not_be_meant_is_refused(tmp_path: Path, content: str, cause: str) -> None:
    """The error names the file, the key and the page that shows how."""
    with pytest.raises(UsageError, match=re.escape(cause)) as refused:
        read_topics(written(tmp_path, content))

    assert TOPICS_FILE in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A corpus without topics can't be trained on."""
    with pytest.raises(UsageError, match=r"can't be read .*docs/topics\.md shows how"):
        read_topics(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Windows-1252 would be read as other letters."""
    (tmp_path / TOPICS_FILE).write_bytes(ONE.replace("supply", "é").encode("cp1252"))

    with pytest.raises(UsageError, match=r"topics\.toml"):
        read_topics(tmp_path)
