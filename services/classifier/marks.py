"""Find agency marks at the edges of a paragraph: 'BERLIN (dpa) -' before it, '(AFP)' behind it.

A mark is an agency's name in brackets or between slashes, at the start with the place and the date
it was filed from. A bracket with any other word in it is the story's. Pure; looks at the first 80
and the last 45 characters of a paragraph only.
"""

import re

from services.classifier.furniture import Furniture
from services.classifier.lines import PARTICLES, fold, vocabulary, words_of

_AGENCIES = vocabulary(Furniture.AGENCY_MARK, strong=True)
_AGENCY_WORDS = vocabulary(Furniture.AGENCY_MARK)
_MONTHS = vocabulary(Furniture.DATE_LINE, strong=True)
_OPENING_CHARS, _CLOSING_CHARS = 80, 45
_MOST_PLACE_WORDS = 8
_OPENING = re.compile(r"(?:\(([^()]{2,40})\)|\[([^\[\]]{2,40})\]|/([^/]{2,20})/)([-–—:.|\s]*)")
_CLOSING = re.compile(
    r"\s*(?:\(([^()]{2,40})\)|\[([^\[\]]{2,40})\]|/([^/]{2,20})/|©\s?([\w/ -]{2,20}))(?=\.?\s*$)"
)
_ENDS, _DASHES = (")", "]", "/", ").", "].", "/."), frozenset("-–—")
# Without brackets, the place in capitals: 'PLACE, 20 November — AGENCY.', as TASS, RIA Novosti and UNN write it.
_PLAIN = re.compile(r"([^\W\d_][\w-]+[.,]? \d{1,2} \w{3,9}\.?)(?: ?[—–-])? ([\w ]{3,14})\. ")
# What follows '(ANSA) -': 'ROMA, 20 NOV - '.
_PLACE_AND_DATE = re.compile(r"[^\W\d_][\w ]{1,30}, \d{1,2} (\w{3,9})\.? [-–—] ")


def marks(paragraph: str) -> list[tuple[int, int]]:
    """Return the offsets of the agency marks at the edges of a stripped `paragraph`, in order."""
    head = paragraph[:_OPENING_CHARS]
    begin = 0
    if "(" in head or "/" in head or "[" in head or head[:2].isupper():
        begin = _opening(paragraph)
    found = [(0, begin)] if begin else []
    tail = paragraph[-_CLOSING_CHARS:]
    if not tail.endswith(_ENDS) and "©" not in tail:
        return found
    end = len(paragraph)
    while (span := _closing(paragraph, end)) and span[0] >= begin:
        found.insert(1 if begin else 0, span)
        end = span[0]
    return found


def _opening(paragraph: str) -> int:
    """Return how many characters at the start are agency marks."""
    total = 0
    while length := _one_opening(paragraph[total : total + _OPENING_CHARS]):
        total += length
    if total and (place := _PLACE_AND_DATE.match(paragraph[total : total + _OPENING_CHARS])):
        total += place.end() if _is_month(place[1]) else 0
    return total


def _one_opening(head: str) -> int:
    plain = _PLAIN.match(head) if head[:2].isupper() else None
    if plain and _is_agency(plain[2]) and any(map(_is_month, words_of(plain[1]))):
        return plain.end()
    mark = _OPENING.search(head)
    if mark is None or not _is_agency(_inside(mark)):
        return 0
    place, signs = head[: mark.start()].strip(), mark[4].strip()
    if mark.end() == len(
        head
    ):  # a place and a mark alone may be a sentence; with a dash they aren't
        return mark.end() if _is_dateline(place) and not _DASHES.isdisjoint(signs) else 0
    return mark.end() if _is_dateline(place) and (signs or not place) else 0


def _closing(paragraph: str, end: int) -> tuple[int, int] | None:
    """Return the offsets of the mark that ends at `end`, with the space before it."""
    start = max(0, end - _CLOSING_CHARS)
    mark = _CLOSING.search(paragraph[start:end])
    if mark is None or not _is_agency(_inside(mark)):
        return None
    return start + mark.start(), start + mark.end()


def _inside(mark: re.Match[str]) -> str:
    return next(group for group in mark.groups() if group)


def _is_agency(text: str) -> bool:
    words = words_of(fold(text))
    # Europa Press is an agency, though neither word is.
    return _AGENCY_WORDS.issuperset(words) and not _AGENCIES.isdisjoint([*words, "".join(words)])


def _is_dateline(place: str) -> bool:
    """Say whether `place` is names, numbers and months only; so is an empty one."""
    words = words_of(place)
    return len(words) <= _MOST_PLACE_WORDS and all(
        not word.islower() or word[0].isdigit() or word in PARTICLES or _is_month(word)
        for word in words
    )


def _is_month(word: str) -> bool:
    return fold(word) in _MONTHS
