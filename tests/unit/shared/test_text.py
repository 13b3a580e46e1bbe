import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import clean_line, clean_text, cut

ANY_TEXT = st.text(
    st.one_of(
        st.characters(codec=None),  # lone surrogates too
        st.sampled_from("\x00\x1b\r\n\t\x85\u2028\ufeff\ufffe\ud83d\ude00\u0301e \u00a0"),
    )
)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        pytest.param("a\r\nb\rc", "a\nb\nc", id="line ends of Windows and old Macs"),
        pytest.param("a\x85b\u2028c\u2029d", "a\nb\nc\nd", id="line ends of Unicode"),
        pytest.param("a\x00b\x1b[31mc", "ab[31mc", id="NUL and escape"),
        pytest.param("a\tb", "a\tb", id="tab stays"),
        pytest.param("\ufeffa", "a", id="byte order mark"),
        pytest.param("a\ud800b", "a\ufffdb", id="lone surrogate"),
        pytest.param("\ud83d\ude00", "\U0001f600", id="surrogates that pair are joined"),
        pytest.param("e\u0301", "\u00e9", id="composed"),
        pytest.param(" \n a \u3000", "a", id="white space around"),
        pytest.param("\ufffe\uffffa", "a", id="noncharacters"),
        pytest.param("\u202eabc", "\u202eabc", id="direction marks belong to the text"),
    ],
)
def test_clean_text_takes_out_what_stores_and_logs_choke_on(given_text: str, expected: str) -> None:
    """Each kind of trouble becomes its harmless form; what is content stays."""
    assert expected == clean_text(given_text)


@given(ANY_TEXT)
def test_clean_text_is_idempotent(text: str) -> None:
    """Cleaning clean text changes nothing, so an article keeps its hash however often it goes in."""
    once = clean_text(text)

    assert once == clean_text(once)


@given(ANY_TEXT)
def test_clean_text_leaves_nothing_a_store_refuses(text: str) -> None:
    """What comes out encodes to UTF-8, is NFC and holds no NUL and no control but tab and line feed."""
    cleaned = clean_text(text)

    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\t\n"]


@given(ANY_TEXT)
def test_clean_line_is_one_line(text: str) -> None:
    """A title can't start a second line anywhere, and cleaning it again changes nothing."""
    line = clean_line(text)

    assert len(line.splitlines()) <= 1
    assert line == clean_line(line)


@given(st.text(), st.integers(0, 20))
def test_cut_counts_what_it_cuts_off(text: str, most: int) -> None:
    """What stays and what is counted as cut add up to the text's length."""
    kept, lost = cut(text, most)

    assert len(text) == len(kept) + lost
    assert len(kept) <= most
