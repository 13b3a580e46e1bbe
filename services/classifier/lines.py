"""Judge one line: is it page furniture, and why? Pure; what furniture says is in furniture.py.

line ─fold─▶ all words in WORDS? ─▶ OPENINGS? ─▶ PAIRS, PHRASES, author box? ─▶ byline?
                                                  ─▶ parts between bars or dashes, each judged so

Looks words up and compares beginnings; searches for no gap of variable length, so that the time
is linear in the length of a line, and lines of more than 200 characters are not looked at.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.classifier.furniture import (
    BOX_BEATS,
    BOX_ROLES,
    BOX_VERBS,
    BYLINE_WORDS,
    NAME_PARTICLES,
    OPENINGS,
    PAIRS,
    PHRASES,
    WORDS,
    Furniture,
    Table,
)

LONGEST_LINE_CHARS = 200
PARTICLES = frozenset(NAME_PARTICLES.split())
_BYLINE_WORDS, _BOX_VERBS = frozenset(BYLINE_WORDS.split()), frozenset(BOX_VERBS.split())
_BOX_ROLES, _BOX_BEATS = frozenset(BOX_ROLES.split()), frozenset(BOX_BEATS.split())
_MOST_NAMES = 12
_MOST_WORDS_OF_A_NAME = 4
_WORDS_THAT_SUFFICE = 5
_MOST_PARTS_WITH_A_NAME = 4
_LONGEST_NUMBER_CHARS = 6  # 14h05, 20th
_FOLDED = {"ё": "е", "ı": "i", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "’": "'"}
# What is not in _FOLDED is dropped: Arabic vowel signs and stretching, the dot lower-casing leaves.
_TO_FOLD = re.compile("[ёıأإآىة’\u0307\u0640\u064b-\u0652]")
_WORD = re.compile(r"\w+")
_FULL_DATE = re.compile(r"\b(?:\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}[./-]\d\d[./-]\d\d)\b")
# Stripped from both ends. No quotation marks: what a line quotes is the story's.
_DECORATION = " \t\xa0\u200b\u200e\u200f\ufe0f*•·●▪►▶▸→⇒➡›‹>|+#()[]…–—-📷📸🔗👉✍📌🔴⚡❗🗞📲✅🔥"
_SIGNS, _DASHES = frozenset(":：/|©([>»→›•"), frozenset("-–—")
_BARS = re.compile(r"[|•·●\t]| [-–—/] ")
_TRUE_BARS = frozenset("|•·●")
# What may stand in one line with a name or a section: "Jane Doe | 20 November 2026 | 4 min read".
_NEAR_NAMES = frozenset(
    {
        Furniture.DATE_LINE,
        Furniture.READING_TIME,
        Furniture.BYLINE,
        Furniture.COMMENTS,
        Furniture.AGENCY_MARK,
    }
)
_NUMBERED = frozenset({Furniture.DATE_LINE, Furniture.READING_TIME})


def fold(line: str) -> str:
    """Return `line` so that spellings of the same words are the same."""
    folded = line.casefold()
    if folded.isascii():
        return folded
    return _TO_FOLD.sub(lambda match: _FOLDED.get(match[0], ""), folded)


def words_of(line: str) -> list[str]:
    """Return the words of a line, numbers among them."""
    return _WORD.findall(line)


def judge(line: str) -> Furniture | None:
    """Return why `line` (without its line feed) is furniture, or None. Takes about 4 µs."""
    if len(line) > LONGEST_LINE_CHARS:
        return None
    folded = fold(line).strip(_DECORATION)
    if folded.startswith("©"):
        return Furniture.LEGAL
    first = _WORD.search(folded)
    if first is None:
        return None
    return (
        (_made_of_words(folded) if first[0] in _KNOWN or first[0][0].isdigit() else None)
        or _opened(first[0], folded)
        or (_paired(line, folded) if _is_rare(folded) else None)
        or (_byline(line) if first[0] in _BYLINE_WORDS else None)
        or (_parts(line) if _has_bar(folded) else None)
    )


def _is_rare(folded: str) -> bool:
    """Tell most of the story's lines at half the price of finding their words."""
    return not _RARE.isdisjoint(folded.replace("-", " ").replace("'", " ").split())


def _has_bar(folded: str) -> bool:
    # Eight searches for a string are five times as fast as one for a regular expression.
    return (
        "|" in folded or "•" in folded or "·" in folded or "●" in folded or "\t" in folded
        or " - " in folded or " – " in folded or " — " in folded or " / " in folded
    )  # fmt: skip


class _Table:
    """Words of WORDS or PAIRS as bits, one for each reason and language, to intersect in a line."""

    def __init__(self, table: Table) -> None:
        self.reasons = list[Furniture]()
        self.left, self.right = defaultdict[str, int](int), defaultdict[str, int](int)
        for reason, languages in table.items():
            for language, text in languages.items():
                common = languages.get("any", "") if language != "any" else ""
                self._add(reason, text, common)

    def _add(self, reason: Furniture, *texts: str) -> None:
        bit = 1 << len(self.reasons)
        self.reasons.append(reason)
        for text in texts:
            left, _, right = fold(text).partition("|")
            for word in left.split():
                self.left[word] |= bit
            for word in right.split():
                self.right[word] |= bit

    def first(self, bits: int) -> Furniture | None:
        """Return the reason of the lowest bit, that is of the first table entry."""
        return self.reasons[(bits & -bits).bit_length() - 1] if bits else None


@dataclass(frozen=True, slots=True)
class _Opening:
    """A beginning of a line; see OPENINGS for the notation."""

    text: str
    rest: str  # ":" a sign, "~" one name, "*" anything, "" what is no sentence
    reason: Furniture

    def begins(self, folded: str) -> bool:
        if not folded.startswith(self.text):
            return False
        rest = folded[len(self.text) :]
        if self.rest == "*" or not rest:
            return self.rest in {"*", ""}
        if self.rest == "~":
            return _is_source(rest)
        return not rest[0].isalnum() and (_is_signed(rest) or (not self.rest and self._lasts(rest)))

    def _lasts(self, rest: str) -> bool:
        """Say whether `rest` is no sentence, or the opening long enough to suffice."""
        sentence = rest.endswith(".") and not rest.endswith("...")
        return not sentence or self.text.count(" ") >= _WORDS_THAT_SUFFICE - 1


def _is_signed(rest: str) -> bool:
    bare = rest.lstrip()
    return bare[0] in _SIGNS or (bare[0] in _DASHES and bare is not rest)


def _is_source(rest: str) -> bool:
    name = rest[1:]
    return rest[0] == " " not in name and (not name.isalpha() or name in _AGENCIES)


def _openings() -> dict[str, tuple[_Opening, ...]]:
    found = defaultdict[str, list[_Opening]](list)
    for reason, languages in OPENINGS.items():
        for text in "; ".join(languages.values()).split("; "):
            rest = text[-1] if text[-1] in ":*~" else ""
            folded = fold(text.removesuffix(rest)).lstrip(_DECORATION)
            first = (words_of(folded) or [folded])[0]
            found[first].append(_Opening(folded, rest, reason))
    return {word: tuple(openings) for word, openings in found.items()}


def _phrases() -> dict[str, tuple[tuple[str, Furniture], ...]]:
    found = defaultdict[str, list[tuple[str, Furniture]]](list)
    for reason, languages in PHRASES.items():
        for text in "; ".join(languages.values()).split("; "):
            folded = fold(text)
            found[max(words_of(folded), key=len)].append((folded, reason))
    return {word: tuple(phrases) for word, phrases in found.items()}


_WORDS, _PAIRS = _Table(WORDS), _Table(PAIRS)
_KNOWN = {w: _WORDS.left[w] | _WORDS.right[w] for w in {*_WORDS.left, *_WORDS.right}}
_STRONG = dict(_WORDS.left)
_DATES = sum(1 << i for i, reason in enumerate(_WORDS.reasons) if reason is Furniture.DATE_LINE)
_WITH_NUMBER = sum(1 << i for i, reason in enumerate(_WORDS.reasons) if reason in _NUMBERED)
_OPENINGS, _PHRASES = _openings(), _phrases()
# One of these is in every line of PAIRS, PHRASES and author boxes, perhaps with a sign behind it.
_RARE = frozenset(
    word + sign
    for word in _PAIRS.left.keys() | _PHRASES.keys() | _BOX_ROLES
    for sign in ("", ".", ",", "!", ":", "?", ";", ")", "”", "»")
)


def vocabulary(reason: Furniture, *, strong: bool = False) -> frozenset[str]:
    """Return the folded words that stand in WORDS for `reason`, only the strong ones if asked."""
    mask = sum(1 << i for i, other in enumerate(_WORDS.reasons) if other is reason)
    return frozenset(w for w, bits in (_STRONG if strong else _KNOWN).items() if bits & mask)


_AGENCIES = vocabulary(Furniture.AGENCY_MARK)
_MONTHS = vocabulary(Furniture.DATE_LINE, strong=True)


def _made_of_words(folded: str) -> Furniture | None:
    bits, strong, numbers, count = -1, 0, False, 0
    for match in _WORD.finditer(folded):
        word, count = match[0], count + 1
        if word[0].isdigit() and len(word) <= _LONGEST_NUMBER_CHARS:
            numbers = True
            continue
        bits &= _KNOWN.get(word, 0)
        if not bits:
            return None
        strong |= _STRONG.get(word, 0)
    if not numbers:
        # "Published on:", whose date was lost; "May:" alone may head a chronology.
        lost = _DATES if count > 1 and folded.endswith(":") else 0
        strong &= ~_WITH_NUMBER | lost
    elif bits & _DATES and _FULL_DATE.search(folded):
        strong |= _DATES
    return _WORDS.first(bits & strong)


def _opened(first: str, folded: str) -> Furniture | None:
    openings = _OPENINGS.get(first, ())
    return next((opening.reason for opening in openings if opening.begins(folded)), None)


def _paired(line: str, folded: str) -> Furniture | None:
    words = words_of(folded)
    left = right = 0
    for word in words:
        left |= _PAIRS.left.get(word, 0)
        right |= _PAIRS.right.get(word, 0)
        for phrase, reason in _PHRASES.get(word, ()):
            if phrase in folded:
                return reason
    if left & right:
        return _PAIRS.first(left & right)
    cased = [] if _BOX_ROLES.isdisjoint(words) else words_of(line)
    return Furniture.AUTHOR_BOX if cased and _is_box(cased, words) else None


def _byline(line: str) -> Furniture | None:
    """Recognise 'By NAME': capitalised words and what joins them, neither a date nor a sentence."""
    rest = words_of(line)[1:]
    names = [word for word in rest if fold(word) not in PARTICLES]
    if len(names) == 1 or len(rest) > _MOST_NAMES or line.endswith((".", "!", "?", ":")):
        return None
    if not names or not all(map(_is_name, names)) or not _MONTHS.isdisjoint(map(fold, names)):
        return None
    return Furniture.BYLINE


def _is_box(cased: Sequence[str], words: Sequence[str]) -> bool:
    """Recognise 'NAME is a ROLE for BEAT', and 'NAME, ROLE' of capitalised words."""
    if words[-1] in _BOX_ROLES:
        return 1 < len(words) <= _MOST_NAMES // 2 and all(map(_is_name, cased))
    verb = next((i for i, word in enumerate(words[:6]) if word in _BOX_VERBS), 0)
    role = next((i for i, word in enumerate(words) if i > verb and word in _BOX_ROLES), 0)
    beat = any(word in _BOX_BEATS for word in words[role + 1 :])
    return 1 < verb < role and beat and all(map(_is_name, cased[:verb]))


def _is_name(word: str) -> bool:
    return word[0].isupper()


def _parts(line: str) -> Furniture | None:
    """Recognise parts between bars or dashes: all furniture, or between bars beside a few names."""
    parts = [part for part in _BARS.split(line) if part.strip(_DECORATION)]
    if len(parts) == 1:
        return None
    reasons = [judge(part) for part in parts]
    if all(reasons):
        return reasons[0]
    if len(parts) > _MOST_PARTS_WITH_A_NAME or _TRUE_BARS.isdisjoint(line):
        return None
    pairs = zip(parts, reasons, strict=True)
    if not all(reason or _is_label(part) for part, reason in pairs):
        return None
    return next((reason for reason in reasons if reason in _NEAR_NAMES), None)


def _is_label(part: str) -> bool:
    words = words_of(part)
    return 0 < len(words) <= _MOST_WORDS_OF_A_NAME and all(map(_is_name, words))
