"""The corpus keeps its own rules: fields, ids, variety, balance, and it is in the languages it says."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

ARTICLES = Path(__file__).parents[2] / "corpus" / "articles"
TOPICS = ("arms_trade", "diplomacy", "ukraine_war")
FORMS = {
    "agency", "report", "long_read", "opinion", "propaganda", "interview", "live_blog",
    "press_release", "teaser", "machine_translated", "furniture",
}  # fmt: skip
FIELDS = {"id", "language", "form", "title", "text", "labels", "hard"}
LONGEST_SHARED_PART = 0.2


@pytest.fixture(scope="module")
def corpus() -> list[dict]:
    """Every article of every language."""
    return [
        json.loads(line)
        for path in sorted(ARTICLES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_every_article_has_exactly_the_documented_fields(corpus: list[dict]) -> None:
    """Fields, forms and labels come from the closed sets corpus/README.md names."""
    for article in corpus:
        assert set(article) == FIELDS, article["id"]
        assert article["form"] in FORMS, article["id"]
        assert set(article["labels"]) <= set(TOPICS), article["id"]
        assert article["title"].strip(), article["id"]
        assert len(article["text"]) >= 120, article["id"]
        assert article["id"].startswith(article["language"] + "-"), article["id"]


def test_every_id_is_given_once(corpus: list[dict]) -> None:
    """No two articles share an id."""
    doubled = [name for name, times in Counter(a["id"] for a in corpus).items() if times > 1]

    assert doubled == []


def test_no_article_is_another_one_rewritten(corpus: list[dict]) -> None:
    """No two articles of a language share a fifth of their runs of five words."""
    alike = []
    for language in {article["language"] for article in corpus}:
        shingles = [(a["id"], _shingles(a["text"])) for a in corpus if a["language"] == language]
        for (one, left), (other, right) in combinations(shingles, 2):
            shared = len(left & right) / max(1, min(len(left), len(right)))
            if shared > LONGEST_SHARED_PART:
                alike.append((one, other, round(shared, 2)))

    assert alike == []


def test_every_topic_and_every_combination_is_there_with_hard_negatives(
    corpus: list[dict],
) -> None:
    """All eight combinations of labels occur, and a fifth or more are hard negatives."""
    combinations_found = Counter(tuple(sorted(article["labels"])) for article in corpus)
    hard = sum(not article["labels"] and bool(article["hard"]) for article in corpus)

    assert len(combinations_found) == 8
    assert min(combinations_found.values()) >= 20
    assert hard >= len(corpus) / 5


def test_articles_are_in_the_language_they_name(corpus: list[dict]) -> None:
    """An independent identifier agrees on every article; close relatives are forgiven."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    forgiven = {("uk", "ru"), ("ru", "uk"), ("bg", "ru"), ("bg", "mk"), ("cs", "sk"), ("pt", "gl")}
    wrong = []
    for article in corpus:
        found, _ = identifier.classify(f"{article['title']}\n{article['text']}")
        if found != article["language"] and (article["language"], found) not in forgiven:
            wrong.append((article["id"], found))

    assert wrong == []


def test_the_first_six_languages_have_enough_articles(corpus: list[dict]) -> None:
    """German, English, French, Spanish, Russian and Ukrainian have sixty articles or more each."""
    counts = Counter(article["language"] for article in corpus)

    assert all(counts[language] >= 60 for language in ("de", "en", "fr", "es", "ru", "uk"))


def test_no_article_retells_the_demonstration_story(corpus: list[dict]) -> None:
    """The seed article's own story is not in the corpus, so that it stays a test."""
    seed_names = re.compile(r"Kirby|Adrienne Watson|Кирби|Кірбі", re.IGNORECASE)

    assert [a["id"] for a in corpus if seed_names.search(a["text"])] == []


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}
