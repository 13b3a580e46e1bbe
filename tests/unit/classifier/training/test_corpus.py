import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from services.classifier.training.corpus import (
    FEWEST_POSITIVES,
    Corpus,
    default_folder,
    read_corpus,
    read_file,
    read_folder,
    targets,
)
from shared.errors import UsageError
from tests.support.services import ROOT

Article = Mapping[str, object]


def topic(name: str) -> str:
    """Return a topic as topics.toml has it."""
    return f'[[topic]]\nname = "{name}"\ntitle = "{name}"\nprior = 0.1\n'


def articles(
    prefix: str, label: str | None = None, number: int = FEWEST_POSITIVES
) -> list[Article]:
    """Return articles, all with one label or none."""
    labels = [label] if label else []
    return [
        {"id": f"{prefix}-{n:02}", "language": "en", "text": f"{prefix} {n}", "labels": labels}
        for n in range(number)
    ]


def write(
    folder: Path,
    *,
    topics: str = "",
    lines: Iterable[Article] = (),
    terms: Mapping[str, str] | None = None,
) -> Path:
    """Write a folder of a corpus: only the parts that are given."""
    folder.mkdir(exist_ok=True)
    if topics:
        (folder / "topics.toml").write_text(topics, encoding="utf-8")
    if lines:
        (folder / "articles").mkdir()
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "articles" / "en.jsonl").write_text(text, encoding="utf-8")
    for name, content in (terms or {}).items():
        (folder / "terms").mkdir(exist_ok=True)
        (folder / "terms" / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a small corpus: one topic, ten articles with it and twenty without."""
    return write(
        tmp_path / "base",
        topics=topic("art"),
        lines=[*articles("art", "art"), *articles("none", number=20)],
        terms={"en.toml": 'painter = ["painter*"]'},
    )


def ids(corpus: Corpus, label: str) -> list[str]:
    """Return the ids of the articles with a label."""
    return [example.id for example in corpus.examples if label in example.labels]


def test_a_corpus_is_ordered_by_id_whatever_its_files(base: Path) -> None:
    """Topics in the file's order, articles by id, terms by concept: training sees one order."""
    corpus = read_corpus(base)

    assert corpus.names == ("art",)
    assert [e.id for e in corpus.examples] == sorted(e.id for e in corpus.examples)
    assert corpus.terms == {"painter": ("painter*",)}
    assert sum(map(sum, targets(corpus.examples, corpus.names))) == FEWEST_POSITIVES


def test_a_folder_adds_a_topic_with_its_articles_and_terms(base: Path, tmp_path: Path) -> None:
    """What is there stays; new topics come after, new entries join the concept of their name."""
    more = write(
        tmp_path / "more",
        topics=topic("sea"),
        lines=articles("sea", "sea"),
        terms={"en.toml": 'harbour = ["harbour*"]\npainter = ["marine painter*"]'},
    )

    corpus = read_corpus(base, more)

    assert corpus.names == ("art", "sea")
    assert len(corpus.examples) == 40
    assert len(ids(corpus, "sea")) == len(ids(corpus, "art")) == FEWEST_POSITIVES
    assert corpus.terms == {
        "harbour": ("harbour*",),
        "painter": ("marine painter*", "painter*"),
    }


def test_an_article_with_a_known_id_replaces_it(base: Path, tmp_path: Path) -> None:
    """That is how an article of the corpus gets a label more."""
    both = {"id": "none-03", "language": "en", "text": "Seascape", "labels": ["sea", "art"]}
    more = write(tmp_path / "more", topics=topic("sea"), lines=[*articles("sea", "sea"), both])

    corpus = read_corpus(base, more)

    (found,) = [example for example in corpus.examples if example.id == "none-03"]
    assert (found.text, found.labels) == ("Seascape", ("sea", "art"))
    assert len(corpus.examples) == 40


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"lines": articles("more", "art", 3)}, id="articles alone"),
        pytest.param({"terms": {"en.toml": 'frame = ["frame*"]'}}, id="terms alone"),
    ],
)
def test_a_folder_may_add_one_part_alone(
    base: Path, tmp_path: Path, parts: dict[str, object]
) -> None:
    """More articles of a topic there is, or more terms, need no topics.toml; both change training."""
    more = write(tmp_path / "more", **parts)  # type: ignore[arg-type]

    assert read_corpus(base).fingerprint() != read_corpus(base, more).fingerprint()


def test_folders_add_in_the_order_given(base: Path, tmp_path: Path) -> None:
    """The last one wins where two replace an article."""
    one = write(tmp_path / "one", lines=[{**articles("none")[0], "text": "one"}])
    two = write(tmp_path / "two", lines=[{**articles("none")[0], "text": "two"}])

    texts = [
        {e.id: e.text for e in read_corpus(base, *order).examples}
        for order in ([one, two], [two, one])
    ]

    assert [text["none-00"] for text in texts] == ["two", "one"]


@pytest.mark.parametrize(
    ("parts", "cause"),
    [
        pytest.param({}, "adds nothing", id="an empty folder"),
        pytest.param({"topics": topic("art")}, "a topic is named twice", id="a topic there is"),
        pytest.param(
            {"topics": topic("sea")}, "0 of 30 articles are labelled sea", id="no articles"
        ),
        pytest.param(
            {"topics": topic("sea"), "lines": articles("sea", "sea", FEWEST_POSITIVES - 1)},
            "9 of 39 articles are labelled sea",
            id="too few positives",
        ),
        pytest.param(
            {"lines": articles("sea", "sea", 1)},
            "article sea-00 has labels ['sea'] that topics.toml does not name; known: ('art',)",
            id="an unknown label",
        ),
        pytest.param(
            {"lines": [*articles("sea"), *articles("sea")]},
            "articles with one id: ['sea-00', 'sea-01', 'sea-02', 'sea-03', 'sea-04']",
            id="an id twice in one folder",
        ),
        pytest.param(
            {"lines": [{"id": "a", "text": "no labels"}]}, "en.jsonl:1:", id="no labels given"
        ),
        pytest.param(
            {"lines": [{"id": 1, "text": "", "labels": []}]}, "en.jsonl:1:", id="id a number"
        ),
        pytest.param({"terms": {"en.toml": "painter = 1"}}, "list of strings", id="bad terms"),
    ],
)
def test_a_folder_that_can_not_be_meant_is_refused(
    base: Path, tmp_path: Path, parts: dict[str, object], cause: str
) -> None:
    """The error says what is wrong and where; nothing is left out in silence."""
    more = write(tmp_path / "more", **parts)  # type: ignore[arg-type]

    with pytest.raises(UsageError, match=re.escape(cause)):
        read_corpus(base, more)


def test_articles_outside_their_folder_are_not_passed_over(base: Path, tmp_path: Path) -> None:
    """A file beside topics.toml instead of in articles/ is a mistake that is told."""
    write(tmp_path / "more")
    (tmp_path / "more" / "en.jsonl").write_text(json.dumps(articles("art", "art")[0]))

    with pytest.raises(UsageError, match=r"adds nothing: .*docs/topics\.md"):
        read_corpus(base, tmp_path / "more")


def test_a_label_on_nearly_all_articles_is_refused(tmp_path: Path) -> None:
    """Without articles that lack the label there is nothing to tell apart."""
    folder = write(
        tmp_path / "base",
        topics=topic("art"),
        lines=[*articles("a", "art", 50), *articles("b", None, 9)],
    )

    with pytest.raises(UsageError, match="10 with and 10 without"):
        read_corpus(folder)


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    """The path looked in is named."""
    with pytest.raises(UsageError, match=r"holds no \.jsonl file"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param(b'{"id": "a", "text": "b", "labels": []}\n{', "x.jsonl:2:", id="half a line"),
        pytest.param(b"\n\n[]\n", "x.jsonl:3:", id="a list"),
        pytest.param(b'{"id": "\xff", "text": "b", "labels": []}', "x.jsonl:1:", id="not UTF-8"),
        pytest.param(
            b'{"id": "a", "text": "b", "labels": "art"}', "x.jsonl:1:", id="label no list"
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: bytes, cause: str) -> None:
    """File and line, counted from 1 with empty lines."""
    (tmp_path / "x.jsonl").write_bytes(content)

    with pytest.raises(UsageError, match=re.escape(cause)):
        read_file(tmp_path / "x.jsonl")


def test_the_fingerprint_is_of_all_that_training_sees(base: Path) -> None:
    """A title, a label, an entry of a term list, a prior: each changes it; reading again does not."""
    before = read_corpus(base).fingerprint()
    topics, article_file, terms = (
        base / "topics.toml", base / "articles" / "en.jsonl", base / "terms" / "en.toml",
    )  # fmt: skip
    changes = [
        (topics, "0.1", "0.2"),
        (article_file, '"text": "art 0"', '"title": "T", "text": "art 0"'),
        (article_file, '"none 0", "labels": []', '"none 0", "labels": ["art"]'),
        (terms, "painter*", "painters*"),
    ]

    assert read_corpus(base).fingerprint() == before
    for path, old, new in changes:
        kept = path.read_text()
        path.write_text(kept.replace(old, new, 1))
        assert read_corpus(base).fingerprint() != before, (old, new)
        path.write_text(kept)


def test_the_corpus_that_comes_along_is_read() -> None:
    """In a checkout it is the folder corpus/."""
    assert default_folder() == ROOT / "corpus"
    assert len(read_corpus(default_folder()).terms) > 20
