"""The term lists keep the rules of corpus/terms/README.md, so that no entry is there in vain."""

import re
import tomllib
import unicodedata
from pathlib import Path

import pytest

from services.classifier.concepts import Concepts, fold, read_terms
from tests.support.services import ROOT

FOLDER = ROOT / "corpus" / "terms"
NAMES = "names"  # what many languages share: no language of its own
LISTS = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
LANGUAGES = sorted(LISTS.keys() - {NAMES})
FORM = re.compile(r"\*[^\s*]+\*|[^\s*]+\*?(?: [^\s*]+\*?)*")


def lists(path: Path) -> dict[str, list[str]]:
    """Return concept → entries as written."""
    return tomllib.loads(path.read_text("utf-8"))


def witness(entry: str) -> str:
    """Return a text that an entry must match: each star stands for one more letter."""
    return entry.replace("*", "x")


def test_every_language_of_the_corpus_has_its_list() -> None:
    """Articles in a language without terms would teach and gain less than the others."""
    assert [
        path.stem for path in sorted((ROOT / "corpus" / "articles").glob("*.jsonl"))
    ] == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_is_in_every_language(language: str) -> None:
    """The same concepts in the same order, none empty: what is learnt in one holds in the others."""
    concepts = lists(LISTS[language])

    assert list(concepts) == list(lists(LISTS["en"]))
    assert [concept for concept, entries in concepts.items() if len(entries) < 10] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_written_as_its_readme_says(name: str) -> None:
    """A comment line first; entries in lower case, NFC, sorted by code point, none twice."""
    assert LISTS[name].read_text("utf-8").startswith("# ")
    for concept, entries in lists(LISTS[name]).items():
        assert entries == sorted(set(entries)), concept
        wrong = [
            entry
            for entry in entries
            if entry != unicodedata.normalize("NFC", entry)
            or entry != entry.lower()
            or not FORM.fullmatch(entry)
        ]
        assert wrong == [], concept


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_can_match(name: str) -> None:
    """A text made of the entry itself has its concept, and the hit covers all of it."""
    for concept, entries in lists(LISTS[name]).items():
        for entry in entries:
            text = witness(entry)
            hits = Concepts({concept: (fold(entry),)}).hits(text, 0, len(text))
            assert [(hit.start, hit.end) for hit in hits] == [(0, len(text))], entry


def test_arabic_entries_carry_no_other_spelling() -> None:
    """They are normalised already, as the README says: one alif, no alif maqsura, no ta marbuta."""
    wrong = [
        e for entries in lists(LISTS["ar"]).values() for e in entries if re.search("[أإآىة]", e)
    ]

    assert wrong == []


def test_all_lists_are_read_together() -> None:
    """The classifier reads every list, and knows the concepts of names, too."""
    terms = read_terms(FOLDER)

    assert set(terms) == set(lists(LISTS["en"])) | set(lists(LISTS[NAMES]))
    assert sum(map(len, terms.values())) > 10_000
