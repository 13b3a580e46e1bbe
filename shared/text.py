"""Clean a piece of text once, where it enters; nothing behind a door cleans again.

One lone surrogate breaks XADD, SQLite and psycopg; PostgreSQL refuses NUL; ESC and CR let a
title forge log lines. So each is taken out here. Page furniture is not this module's business
(the classifier takes that out, with proof).
"""

import re
import unicodedata
from dataclasses import dataclass

# C0 and C1 controls without tab and line feed, and the noncharacters U+FFFE and U+FFFF.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
_SURROGATES = re.compile("[\ud800-\udfff]+")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the parts of an article may be, in characters; what is longer is cut and counted.

    The longest of 5,210 real articles had 90,000 characters; 200,000 leave room for books of law.
    """

    max_text_chars: int = 200_000
    max_html_chars: int = 2_000_000
    max_title_chars: int = 1_000
    max_name_chars: int = 500
    max_url_chars: int = 4_000


def clean_text(value: str) -> str:
    """Return `value` in normal form C, with Unix line ends and nothing a store or log chokes on.

    Lone surrogates become U+FFFD (paired ones are joined), controls but tab and line feed are
    dropped. Idempotent: cleaning clean text changes nothing.
    """
    if not value.isascii():
        value = _SURROGATES.sub(_join_surrogates, value).replace(_BYTE_ORDER_MARK, "")
    value = _CONTROLS.sub("", _LINE_ENDS.sub("\n", value))
    # Stripping first, normalising second would not be idempotent: NFC never makes white space.
    return unicodedata.normalize("NFC", value).strip()


def clean_line(value: str) -> str:
    """Return `value` cleaned and on one line, runs of white space folded: for titles and names."""
    return " ".join(clean_text(value).split())


def cut(value: str, max_chars: int) -> tuple[str, int]:
    """Return at most `max_chars` characters of `value`, and how many were cut off."""
    return value[:max_chars], max(0, len(value) - max_chars)


def _join_surrogates(match: re.Match[str]) -> str:
    return match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
