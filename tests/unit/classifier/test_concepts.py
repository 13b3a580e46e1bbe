import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.concepts import (
    _REMEMBERED_CHARS,
    _REMEMBERED_WORDS,
    Concepts,
    fold,
    read_terms,
)
from shared.errors import UsageError
from tests.support.services import ROOT

MEGABYTE = 1_000_000


def found(entry: str, text: str) -> list[str]:
    """Return what of `text` one entry of a term list matches, read from a list as users write it."""
    return quoted(Concepts({"c": _read(entry)}), text)


def quoted(concepts: Concepts, text: str) -> list[str]:
    """Return the characters that each hit points at."""
    return [text[hit.start : hit.end] for hit in concepts.hits(text, 0, len(text))]


def written(folder: Path, content: str, name: str = "xx.toml") -> Path:
    """Return a folder with one term list."""
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def _read(entry: str) -> Sequence[str]:
    return (fold(entry),)


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        pytest.param("panzer", "Panzer, panzer!", ["Panzer", "panzer"], id="whole word"),
        pytest.param("panzer", "Panzers", [], id="whole word is no stem"),
        pytest.param("panzer", "Kampfpanzer", [], id="whole word is no ending"),
        pytest.param("panzer", "Panzer-Brigade", [], id="a hyphen joins words"),
        pytest.param("panzer", "(«Panzer»)", ["Panzer"], id="marks around it"),
        pytest.param("panzer", "der_Panzer", ["Panzer"], id="an underscore parts words"),
        pytest.param("panzer*", "Panzer Panzern", ["Panzer", "Panzern"], id="stem"),
        pytest.param("panzer*", "Panzer-Brigade", ["Panzer-Brigade"], id="stem before a hyphen"),
        pytest.param("panzer*", "Kampfpanzer", [], id="stem begins the word"),
        pytest.param("*lieferung*", "Waffenlieferungen", ["Waffenlieferungen"], id="inside"),
        pytest.param("*lieferung*", "Lieferung", ["Lieferung"], id="inside: all of it"),
        pytest.param("*'otan*", "avec l'OTAN", ["l'OTAN"], id="inside, after an apostrophe"),
        pytest.param("foreign minist*", "the Foreign Minister", ["Foreign Minister"], id="phrase"),
        pytest.param(
            "foreign minist*", "foreign\n ministers", ["foreign\n ministers"], id="line end"
        ),
        pytest.param("foreign minist*", "a foreign prime minister", [], id="phrase: consecutive"),
        pytest.param("foreign minist*", "minister foreign", [], id="phrase: in order"),
        pytest.param("foreign minist*", "foreign", [], id="phrase: all of it"),
        pytest.param("больш* семёрк*", "Большая семерка", ["Большая семерка"], id="stems in a row"),
        pytest.param("g7", "The G7 met", ["G7"], id="digits belong to words"),
        pytest.param("f-16", "F-16", ["F-16"], id="inner hyphen"),
        pytest.param("f-16", "F\u201116 F\u201016", ["F\u201116", "F\u201016"], id="other hyphens"),
        pytest.param("f-16", "F -16", [], id="a hyphen at the edge is none"),
    ],
)
def test_an_entry_matches_what_its_form_says(entry: str, text: str, expected: list[str]) -> None:
    """Word, stem*, *inside*, phrases, in any case: the table in corpus/terms/README.md."""
    assert expected == found(entry, text)


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        pytest.param("سلاح", "سلاح", ["سلاح"], id="ar: bare"),
        pytest.param("سلاح", "السلاح", ["السلاح"], id="ar: article"),
        pytest.param("سلاح", "والسلاح", ["والسلاح"], id="ar: and, article"),
        pytest.param("سلاح", "بالسلاح", ["بالسلاح"], id="ar: with, article"),
        pytest.param("سلاح", "للسلاح", ["للسلاح"], id="ar: for, article"),
        pytest.param("سلاح", "وسلاح فسلاح كسلاح", ["وسلاح", "فسلاح", "كسلاح"], id="ar: one letter"),
        pytest.param(
            "وزير", "وزير الوزير", ["وزير", "الوزير"], id="ar: a first letter that is none"
        ),
        pytest.param("فرنسا", "فرنسا وفرنسا", ["فرنسا", "وفرنسا"], id="ar: France stays whole"),
        pytest.param(
            "المانيا", "ألمانيا لألمانيا", ["ألمانيا", "لألمانيا"], id="ar: Germany, with hamza"
        ),
        pytest.param("اسلحه", "أسلحة الأسلحة", ["أسلحة", "الأسلحة"], id="ar: one spelling"),
        pytest.param("أسلحة", "اسلحه", ["اسلحه"], id="ar: in the entry, too"),
        pytest.param("مستوى*", "مستوي", ["مستوي"], id="ar: alif maqsura"),
        pytest.param("اب", "والاب", [], id="ar: what is left needs three letters"),
        pytest.param("صفقه سلاح", "وصفقة السلاح", ["وصفقة السلاح"], id="ar: in a phrase"),
        pytest.param("istanbul*", "İSTANBUL'da", ["İSTANBUL'da"], id="tr: dotted capital"),
        pytest.param(
            "saldırı*", "SALDIRI Saldırı", ["SALDIRI", "Saldırı"], id="tr: dotless capital"
        ),
        pytest.param("ırak*", "Irak", ["Irak"], id="tr: dotless at the beginning"),
        pytest.param("italia", "ITALIA", ["ITALIA"], id="I is i as well"),
        pytest.param("sinir", "sınır", [], id="tr: i and dotless i differ"),
        pytest.param("dış bakan*", "DIŞ BAKANI", ["DIŞ BAKANI"], id="tr: in a phrase"),
        pytest.param("ambassad*", "l'ambassadeur", ["l'ambassadeur"], id="fr: elided article"),
        pytest.param(
            "israël", "jusqu'Israël, qu’Israël", ["jusqu'Israël", "qu’Israël"], id="fr: elided"
        ),
        pytest.param("esercito", "dell'esercito", ["dell'esercito"], id="it: elided preposition"),
        pytest.param("hui", "aujourd'hui", [], id="fr: not every apostrophe is an elision"),
        pytest.param(
            "arme* nucléaire*", "d'armes nucléaires", ["d'armes nucléaires"], id="fr: phrase"
        ),
        pytest.param(
            "прем'єр*", "прем’єр премʼєр", ["прем’єр", "премʼєр"], id="uk: all apostrophes"
        ),
        pytest.param("прем’єр*", "прем'єр", ["прем'єр"], id="uk: in the entry, too"),
        pytest.param("самолет*", "Самолёт", ["Самолёт"], id="ru: ё as е"),
        pytest.param("ещё", "ЕЩЕ", ["ЕЩЕ"], id="ru: in the entry, too"),
    ],
)
def test_languages_are_read_as_they_are_written(entry: str, text: str, expected: list[str]) -> None:
    """Clitics, elision and spellings: the rules by language in corpus/terms/README.md."""
    assert expected == found(entry, text)


def test_offsets_hold_in_the_text_whatever_folding_does() -> None:
    """Letters whose lower case is longer, emoji and ligatures before a word do not move it."""
    text = "İİİ 😀🇺🇦 ﬁn Straße STRASSE: «l’Arme» الأسلحة"
    concepts = Concepts({"a": ("arme",), "b": _read("أسلحة")})

    assert quoted(concepts, text) == ["l’Arme", "الأسلحة"]
    assert [hit.concept for hit in concepts.hits(text, 0, len(text))] == [0, 1]


def test_offsets_of_a_part_count_in_the_whole_text() -> None:
    """Only the part asked for is read, and a word cut off by it is what is left."""
    text = "arms deal; arms deal"
    (hit,) = Concepts({"c": ("arms deal",)}).hits(text, 5, len(text))

    assert (hit.start, hit.end) == (11, 20)


def test_a_word_may_mean_several_concepts_once_each() -> None:
    """Entries of one concept that overlap count once; hits come in the order of the text."""
    concepts = Concepts({"a": ("arms*", "arms", "*arm*"), "b": ("arms deal",), "c": ("deal",)})

    hits = concepts.hits("Arms deal", 0, 9)

    assert [(hit.concept, hit.start, hit.end) for hit in hits] == [(0, 0, 4), (1, 0, 9), (2, 5, 9)]


def test_without_terms_nothing_is_found() -> None:
    """No lists, or an empty one, are no error."""
    assert Concepts({}).hits("arms", 0, 4) == []
    assert Concepts({"c": ()}).hits("arms", 0, 4) == []


@given(st.text())
def test_folding_keeps_every_offset_and_is_done_once(text: str) -> None:
    """As many characters as before, and folding again changes nothing."""
    folded = fold(text)

    assert len(folded) == len(text)
    assert fold(folded) == folded


@given(st.text("Iiİıa-'’ʼ‑ لاوسح.\n😀\u0301", max_size=60))
def test_hits_lie_in_the_text_in_order(text: str) -> None:
    """Whatever the text, offsets are within it and rise."""
    concepts = Concepts({"a": ("ia*", "*ı*", "سلاح"), "b": ("a i*", "i")})
    hits = concepts.hits(text, 0, len(text))

    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * MEGABYTE, id="one letter"),
        pytest.param("waffenlieferung" * (MEGABYTE // 15), id="no spaces"),
        pytest.param("a-" * (MEGABYTE // 2), id="hyphens"),
        pytest.param("l'" * (MEGABYTE // 2), id="apostrophes"),
        pytest.param("ال" * (MEGABYTE // 2), id="Arabic articles"),
        pytest.param("İ" * MEGABYTE, id="letters that would grow"),
        pytest.param("I" * MEGABYTE, id="letters with two readings"),
        pytest.param("😀" * MEGABYTE, id="emoji"),
        pytest.param("\u202eسلاح \u202c" * (MEGABYTE // 7), id="right to left, overridden"),
        pytest.param("\u0301" * MEGABYTE, id="lone combining marks"),
        pytest.param("weapon delivery " * (MEGABYTE // 16), id="nothing but terms"),
        pytest.param("foreign " * (MEGABYTE // 8), id="beginnings of phrases"),
    ],
)
def test_a_hostile_megabyte_takes_seconds_at_most(text: str) -> None:
    """Time grows with the length alone: measured 2 s at the most, with all lists; here 20 s."""
    concepts = Concepts(read_terms(ROOT / "corpus" / "terms"))
    begun = time.monotonic()

    hits = concepts.hits(text, 0, len(text))

    assert time.monotonic() - begun < 20
    assert all(hit.end <= len(text) for hit in hits)


def test_remembered_words_are_bounded_in_number_and_length() -> None:
    """However many words pass through, and however long they are, memory does not grow with them."""
    concepts = Concepts({"c": ("weapon*",)})
    for start in range(0, _REMEMBERED_WORDS + 50_000, 50_000):
        text = " ".join(f"w{number}" for number in range(start, start + 50_000))
        concepts.hits(text, 0, len(text))
        assert len(concepts._words) <= _REMEMBERED_WORDS
    long = "weapon" + "s" * 100_000

    assert quoted(concepts, long) == [long]
    assert max(map(len, concepts._words)) <= _REMEMBERED_CHARS


def test_two_threads_find_what_one_finds() -> None:
    """Words are learnt by both at once, and the answers stay the same."""
    terms = {"c": ("weapon*", "*deal*"), "d": ("arms deal",)}
    texts = [f"Weapons{n} and arms deal w{n % 50}" for n in range(2_000)]
    alone = Concepts(terms)
    expected = [alone.hits(text, 0, len(text)) for text in texts]
    shared, wrong = Concepts(terms), list[str]()

    def read() -> None:
        for text, hits in zip(texts, expected, strict=True):
            if shared.hits(text, 0, len(text)) != hits:
                wrong.append(text)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_lists_of_all_languages_are_merged_by_concept(tmp_path: Path) -> None:
    """Concepts and entries come in the order of their names, folded, each once."""
    written(tmp_path, 'weapon = ["Żołnierz", "rifle*"]\nart = ["e\u0301tude"]', "aa.toml")
    written(tmp_path, 'weapon = ["أسلحة", "rifle*"]', "bb.toml")

    terms = read_terms(tmp_path)

    assert terms == {"art": ("étude",), "weapon": ("rifle*", "żołnierz", "اسلحه")}
    assert list(terms) == ["art", "weapon"]


def test_a_folder_without_lists_has_no_terms(tmp_path: Path) -> None:
    """Term lists are welcome, not needed."""
    assert read_terms(tmp_path) == {}
    assert read_terms(tmp_path / "missing") == {}


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param("weapon = [", "xx.toml", id="not TOML"),
        pytest.param('weapon = "rifle"', "weapon must be a list of strings", id="not a list"),
        pytest.param("weapon = [1]", "weapon must be a list of strings", id="not of strings"),
        pytest.param('[weapon]\nen = ["a"]', "must be a list", id="a table"),
        pytest.param('"oil+gas" = ["a"]', "a concept's name", id="a name that reads as a pair"),
        pytest.param('"title:x" = ["a"]', "a concept's name", id="a name that reads as a place"),
        pytest.param('weapon = ["*"]', "no words can match", id="everything"),
        pytest.param('weapon = ["**"]', "no words can match", id="everything inside"),
        pytest.param('weapon = [""]', "no words can match", id="nothing"),
        pytest.param('weapon = ["a*"]', "no words can match", id="a stem of one letter"),
        pytest.param('weapon = ["*a*"]', "no words can match", id="one letter inside"),
        pytest.param('weapon = ["*fire"]', "no words can match", id="an ending"),
        pytest.param('weapon = ["ri*fle"]', "no words can match", id="a star within"),
        pytest.param('weapon = ["*arms* deal"]', "no words can match", id="inside, in a phrase"),
        pytest.param('weapon = ["u.s. army"]', "no words can match", id="marks no word has"),
        pytest.param('weapon = ["arms  deal"]', "no words can match", id="two spaces"),
        pytest.param("weapon = " + "[" * 10_000, "xx.toml", id="nested deep"),
    ],
)
def test_a_list_that_can_not_be_meant_is_refused(tmp_path: Path, content: str, cause: str) -> None:
    """The error names file and entry, so that nothing is lost in silence."""
    with pytest.raises(UsageError, match=re.escape(cause)):
        read_terms(written(tmp_path, content))


def test_a_list_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Windows-1252 would be read as other letters."""
    (tmp_path / "xx.toml").write_bytes('weapon = ["épée"]'.encode("cp1252"))

    with pytest.raises(UsageError, match=r"xx\.toml"):
        read_terms(tmp_path)
