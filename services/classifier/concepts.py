"""Concepts of the subject, found by term lists in any language: weapon, transfer, negotiation.

A topic is often not in one word but in two ideas meeting: a weapon *and* a delivery, in one
sentence. The lists (corpus/terms/, one file per language) say which words mean which idea, so
what was learned from such a meeting in one language holds in the others.

    text ─fold─▶ words ─forms─▶ concepts of the word, phrases that begin with it ─▶ hits
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.errors import UsageError

# One to one, so that offsets stay: Arabic spellings, the Turkish İ, ё, typographic apostrophes
# (U+02BC is Ukrainian's, and counts as a letter) and hyphens (U+2010, and U+2011 that never breaks).
_FOLD = str.maketrans(
    {"İ": "i", "ё": "е", "Ё": "Е", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه"}
    | dict.fromkeys("’‘\u02bc", "'")
    | dict.fromkeys("\u2010\u2011", "-")
)
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
# Romance articles and pronouns that lean on the next word: l'ambassadeur, dell'esercito.
_ELIDED = re.compile(
    r"^(?:l|d|qu|s|n|j|c|m|t|jusqu|lorsqu|puisqu|un|dell|all|nell|dall|sull|coll|quell|quest)'(?=\w)"
)
_ARABIC_CLITIC = re.compile("^(?:[وف]?(?:[بلك]?ال|لل|[بلك])|[وف])")
_SHORTEST_STRIPPED, _SHORTEST_STEM = 3, 2
_PHRASE_KEY_CHARS = 3
# About 60 MB at the most, then forgotten and learnt anew; longer "words" are no words.
_REMEMBERED_WORDS, _REMEMBERED_CHARS = 200_000, 60
_CONCEPT = re.compile("[a-z][a-z0-9_]*")  # names of features are made of it, with : and +
_ENTRY = re.compile(r"\*[^\s*]+\*|[^\s*]+\*?(?: [^\s*]+\*?)*")
Terms = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept (its place in Concepts.names) and the characters that mean it."""

    concept: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Word:
    """What is known of a word: its forms, its concepts, the phrases that may begin with it."""

    forms: tuple[str, ...]
    concepts: tuple[int, ...]
    phrases: tuple[tuple[int, tuple[str, ...]], ...]


def read_terms(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return concept → entries of all languages, from the TOML files in `folder`.

    Raises UsageError naming the file that is not as it should be.
    """
    merged: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            lists = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path}: {error}") from error
        for concept, entries in lists.items():
            merged.setdefault(concept, set()).update(_checked(path, concept, entries))
    return {concept: tuple(sorted(merged[concept])) for concept in sorted(merged)}


class Concepts:
    """Compiled term lists. Finds hits; knows nothing of topics. Thread-safe, bounded in memory."""

    def __init__(self, terms: Terms) -> None:
        self.names = tuple(terms)
        self._whole: dict[str, set[int]] = {}
        self._stems: dict[str, set[int]] = {}
        self._inside: list[tuple[str, int]] = []
        self._phrases: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for concept, entries in enumerate(terms.values()):
            for entry in entries:
                self._add(entry, concept)
        self._longest_stem = max(map(len, self._stems), default=0)
        parts = sorted({re.escape(part) for part, _ in self._inside})
        self._any_inside = re.compile("|".join(parts) or "(?!)")
        self._words: dict[str, _Word] = {}

    def hits(self, text: str, start: int, end: int) -> list[Hit]:
        """Return the hits between two offsets, in the order of the text."""
        part = text[start:end]
        words = list(_WORD.finditer(fold(part)))
        turkish = fold(part.replace("I", "ı"))
        known = [self._word(match[0], turkish[match.start() : match.end()]) for match in words]
        found = list[Hit]()
        for index, (match, word) in enumerate(zip(words, known, strict=True)):
            begin = start + match.start()
            found += [Hit(concept, begin, start + match.end()) for concept in word.concepts]
            for concept, parts in word.phrases:
                if _follow(parts, known, index):
                    last = words[index + len(parts) - 1]
                    found.append(Hit(concept, begin, start + last.end()))
        return found

    def _add(self, entry: str, concept: int) -> None:
        if " " in entry:
            parts = tuple(entry.split())
            key = parts[0].rstrip("*")[:_PHRASE_KEY_CHARS]
            self._phrases.setdefault(key, []).append((concept, parts))
        elif entry.startswith("*"):
            self._inside.append((entry.strip("*"), concept))
        elif entry.endswith("*"):
            self._stems.setdefault(entry[:-1], set()).add(concept)
        else:
            self._whole.setdefault(entry, set()).add(concept)

    def _word(self, word: str, turkish: str) -> _Word:
        key = word if turkish == word else f"{word} {turkish}"
        known = self._words.get(key)
        if known is None:
            known = self._learn(word, turkish)
            if len(key) <= _REMEMBERED_CHARS:
                if len(self._words) >= _REMEMBERED_WORDS:
                    self._words.clear()
                self._words[key] = known
        return known

    def _learn(self, word: str, turkish: str) -> _Word:
        forms = (*_forms(word), *([turkish] if turkish != word else []))
        concepts = set[int]()
        if self._any_inside.search(word):  # most words hold none, and there are hundreds
            concepts = {number for part, number in self._inside if part in word}
        for form in forms:
            concepts |= self._whole.get(form, set())
            for length in range(_SHORTEST_STEM, min(len(form), self._longest_stem) + 1):
                concepts |= self._stems.get(form[:length], set())
        keys = {form[:length] for form in forms for length in range(1, _PHRASE_KEY_CHARS + 1)}
        phrases = tuple(
            (concept, parts)
            for key in sorted(keys)
            for concept, parts in self._phrases.get(key, ())
            if _is(parts[0], forms)
        )
        return _Word(forms, tuple(sorted(concepts)), phrases)


def fold(text: str) -> str:
    """Return `text` in lower case and one spelling per letter, every offset where it was.

    I becomes i; what it would be in Turkish is looked up, too (see Concepts.hits).
    """
    plain = text.translate(_FOLD)
    lowered = plain.lower()
    if len(lowered) == len(plain):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in plain)


def _checked(path: Path, concept: str, entries: object) -> list[str]:
    """Return the entries folded; raises UsageError for one that can't mean what was meant."""
    if not _CONCEPT.fullmatch(concept):
        raise UsageError(f"{path}: a concept's name is a-z, 0-9 and _, not {concept!r:.60}")
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise UsageError(f"{path}: {concept} must be a list of strings")
    folded = [fold(unicodedata.normalize("NFC", entry)).strip() for entry in entries]
    if wrong := [entry for entry in folded if not _can_match(entry)]:
        raise UsageError(
            f"{path}: {concept} has entries that no words can match: {wrong}; write word, stem*, "
            "*inside*, or several words with single spaces, each with * at its end or without"
        )
    return folded


def _can_match(entry: str) -> bool:
    """Tell whether an entry has one of the documented forms, of letters that words are made of."""
    bare = entry.strip("*")
    if not _ENTRY.fullmatch(entry) or len(bare) < (1 if bare == entry else _SHORTEST_STEM):
        return False
    filled = "x" * entry.startswith("*") + entry.lstrip("*")
    return all(_WORD.fullmatch(part.replace("*", "x")) for part in filled.split())


def _forms(word: str) -> Iterable[str]:
    """Yield the word as it stands, and without what leans on it."""
    yield word
    if "'" in word and (match := _ELIDED.match(word)):
        yield word[match.end() :]
    if "\u0600" <= word[0] <= "\u06ff" and (match := _ARABIC_CLITIC.match(word)):
        yield from (
            word[length:]
            for length in range(1, match.end() + 1)
            if len(word) - length >= _SHORTEST_STRIPPED and _ARABIC_CLITIC.fullmatch(word[:length])
        )


def _is(part: str, forms: Sequence[str]) -> bool:
    if part.endswith("*"):
        stem = part[:-1]
        return any(form.startswith(stem) for form in forms)
    return part in forms


def _follow(parts: Sequence[str], words: Sequence[_Word], index: int) -> bool:
    """Tell whether the rest of a phrase follows the word at `index`, which begins it."""
    if index + len(parts) > len(words):
        return False
    return all(_is(part, words[index + place].forms) for place, part in enumerate(parts) if place)
