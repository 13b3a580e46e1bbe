import io
from dataclasses import dataclass

import msgspec
import pytest

from services.classifier.explanation import (
    Explanation,
    Near,
    TopicExplanation,
    explained_topics,
    text_of,
)
from services.classifier.leave_one_out import CarryingSentence
from services.explaining import explanation_view
from shared.messages import Decision, LabelledArticle, Passage, RemovedSpan
from tests.support.build import labelled, raw

TEXT = "Share this article\nThe text was voted on. It rained in Geneva.\nThe envoys left."
SENTENCE = CarryingSentence(
    start=6, end=28, text="The text was voted on.", weight=1.25, probability_without=0.4
)
FOUND = Explanation(
    topics=(
        TopicExplanation(topic="arms_trade", sentence=SENTENCE),
        TopicExplanation(topic="diplomacy", sentence=None),
        TopicExplanation(topic="ukraine_war", sentence=None),
    ),
    nearest=(Near(id="en-001", similarity=0.5123),),
)


def an_article(title: str = "Title", text: str = TEXT, **changes: object) -> LabelledArticle:
    """Return an article labelled yes, unsure and no, with a line of furniture taken out."""
    article = labelled(raw(text, title=title), profile="accurate")
    removed = (RemovedSpan(start=0, end=19, reason="share"),)
    return msgspec.structs.replace(article, removed=removed, **changes)


def shown(article: LabelledArticle, explain: str = "brief", found: Explanation = FOUND) -> str:
    """Return what is printed where there is no terminal."""
    from rich.console import Console

    file = io.StringIO()
    console = Console(file=file, width=120, color_system=None, highlight=False)
    console.print(explanation_view(article, found, explain, plain=True), markup=False)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_facts_on_the_whole_article_come_first() -> None:
    """Title, language, profile, and what was taken out with its reasons."""
    lines = shown(an_article()).splitlines()

    assert lines[:3] == [
        "Title",
        "language en (0.99), profile accurate",
        "page furniture taken out: 1 (share 1), 19 characters",
    ]


def test_every_topic_stands_in_the_table_with_its_thresholds() -> None:
    """Also those that are not explained."""
    table = shown(an_article())

    for row in (["arms_trade", "yes", "0.90"], ["diplomacy", "unsure", "0.30"],
                ["ukraine_war", "no", "0.01"]):  # fmt: skip
        cells = next(
            [cell.strip() for cell in line.split("│")[1:-1]]
            for line in table.splitlines() if line.startswith(f"│ {row[0]}")
        )  # fmt: skip
        assert cells == [*row, "0.50", "0.25"]


def test_an_explained_topic_shows_words_sentence_and_passage() -> None:
    """Each named, with its weight; the words marked where they stand in the clean text."""
    article = an_article("Top text")
    start = text_of(article).index("text")
    word = msgspec.structs.replace(article.topics[0].evidence[0], start=start, end=start + 4)
    label = msgspec.structs.replace(
        article.topics[0], evidence=(word,), passage=Passage(start=0, end=30, weight=2.5)
    )
    article = msgspec.structs.replace(article, topics=(label,))

    assert shown(article).splitlines()[-6:] == [
        "arms_trade: yes 0.90",
        "  words     text +1.50",
        "  text      Top **text** …",
        "  sentence  The text was voted on. (+1.25, without it 0.40)",
        "  passage   Top text The text was voted on (+2.50)",
        "nearest in the corpus: en-001 0.51",
    ]


def test_a_long_passage_is_cut() -> None:
    """The first two hundred characters tell which one it is."""
    article = an_article(text="word " * 300)
    label = msgspec.structs.replace(
        article.topics[0], evidence=(), passage=Passage(start=0, end=700, weight=1.0)
    )
    article = msgspec.structs.replace(article, topics=(label,), removed=())

    assert shown(article).count("word") == 39


@dataclass(frozen=True, slots=True)
class Case:
    """Which topics an article of three decisions has explained."""

    explain: str
    abstained: str | None
    topics: list[str]


CASES = {
    "brief": Case("brief", None, ["arms_trade", "diplomacy"]),
    "all": Case("all", None, ["arms_trade", "diplomacy", "ukraine_war"]),
    "none": Case("none", None, []),
    "brief, not decided": Case("brief", "too_short", []),
    "all, not decided": Case("all", "too_short", ["arms_trade", "diplomacy", "ukraine_war"]),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_what_is_explained_is_asked_for(case: Case) -> None:
    """In brief what is not a no; where the model did not decide, its reason is enough."""
    article = an_article(abstained=case.abstained)

    labels = explained_topics(article, case.explain)

    assert [label.topic for label in labels] == case.topics
    assert {label.decision for label in article.topics} == set(Decision)


def test_an_abstention_says_why() -> None:
    """And nothing of topics it did not decide on."""
    printed = shown(an_article(abstained="too_short"))

    assert "not decided: too_short" in printed
    assert "sentence" not in printed


def test_a_clean_article_of_an_older_release_is_shown_too() -> None:
    """Without furniture, profile, evidence, passage, sentence or neighbours."""
    article = labelled(raw("A text.", title=""))
    bare = [msgspec.structs.replace(label, evidence=()) for label in article.topics]
    article = msgspec.structs.replace(article, topics=tuple(bare))

    printed = shown(article, found=Explanation(topics=(), nearest=()))

    assert printed.startswith("A text.\nlanguage en (0.99), profile unknown\nno page furniture")
    assert "no sentence alone speaks for it" in printed
    assert not {"words", "passage", "nearest"} & set(printed.split())


def test_nothing_an_article_says_steers_the_terminal() -> None:
    """Controls and bidi overrides in title, text, sentence, topic and ids are made visible."""
    bad = "\x1b[2J\u202e[red]x[/red]\x9b"
    given = msgspec.structs.replace(raw("x"), title=f"T{bad}", text=f"{bad} said. Text{bad} too.")
    article = an_article(article=given)
    sentence = msgspec.structs.replace(SENTENCE, text=f"S{bad}\nline")
    label = msgspec.structs.replace(
        article.topics[0], topic=f"arms{bad}", passage=Passage(start=0, end=90, weight=1.0)
    )
    article = msgspec.structs.replace(article, topics=(label,), removed=(), profile=bad)
    found = Explanation(
        topics=(TopicExplanation(topic=f"arms{bad}", sentence=sentence),),
        nearest=(Near(id=bad, similarity=0.1),),
    )

    printed = shown(article, "all", found)

    assert all(line.isprintable() for line in printed.split("\n"))
    assert printed.count(r"\x1b[2J") >= 8
    assert "[red]x[/red]" in printed
