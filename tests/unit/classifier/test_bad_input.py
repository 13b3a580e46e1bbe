"""Bad input of every kind through the model, in both profiles: each has an outcome, soon.

The doors' own refusals (no text at all, no JSON) are in tests/unit/shared/test_intake.py; here is
what gets through to the model, and what would if a door were left open.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from services.classifier.artefact import PROFILES, load
from services.classifier.clean import without_spans
from services.classifier.features import document
from services.classifier.model import Model
from shared.messages import Decision, LabelledArticle
from shared.text import Limits
from tests.support.build import HeldClock, raw
from tests.support.furniture import LINES

MEGABYTE = 1_000_000
SECONDS = 10  # measured: 0.1 s at the most, on one core
SERVED = ("ar", "bg", "cs", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "tr", "uk")
TITLE = "Howitzers for Kyiv"
STORY = (
    "The ministry of defence signed a contract for forty howitzers and ammunition. The arms export "
    "was approved by the government after talks between the ministers. Deliveries to Ukraine begin "
    "in spring, officials said, while fighting against Russian troops goes on near Kharkiv."
)
FINNISH = "Puolustusministeriö allekirjoitti sopimuksen neljästäkymmenestä haupitsista ja ammuksista. Hallitus hyväksyi aseviennin ministerien neuvottelujen jälkeen."  # fmt: skip
JAPANESE = "防衛省は四十門の榴弾砲と弾薬の契約に署名した。政府は閣僚間の協議を経て武器輸出を承認した。ウクライナへの引き渡しは春に始まる。"  # fmt: skip
HINDI = "रक्षा मंत्रालय ने चालीस हॉवित्जर और गोला-बारूद के लिए एक अनुबंध पर हस्ताक्षर किए। सरकार ने मंत्रियों के बीच बातचीत के बाद हथियारों के निर्यात को मंजूरी दी।"  # fmt: skip
ARABIC = "وقعت وزارة الدفاع عقداً لشراء أربعين مدفع هاوتزر وذخيرة. ووافقت الحكومة على تصدير الأسلحة إلى أوكرانيا بعد محادثات بين الوزراء في العاصمة."  # fmt: skip
HEBREW = "משרד הביטחון חתם על חוזה לארבעים תותחים ותחמושת. הממשלה אישרה את יצוא הנשק לאחר שיחות בין השרים."  # fmt: skip
RUSSIAN = "Министерство обороны подписало контракт на поставку сорока гаубиц и боеприпасов. Экспорт вооружений одобрен правительством после переговоров министров."  # fmt: skip
TRANSLITERATED = "Ministerstvo oborony podpisalo kontrakt na postavku soroka gaubits i boyepripasov. Eksport vooruzheniy odobren pravitel'stvom posle peregovorov ministrov. Postavki na Ukrainu nachnutsya vesnoy."  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """What must come out: the abstention's reason, the language; decided: yes on arms trade, or no topic."""

    abstained: str | None = None
    language: str | None = None
    arms: tuple[Decision, ...] = (Decision.YES, Decision.UNSURE)


TOO_SHORT, NOT_SERVED = Expected("too_short"), "language_not_served"
ABOUT_ARMS = Expected(language="en")
ABOUT_NOTHING = Expected(arms=(Decision.NO,))


@pytest.fixture(scope="module", params=PROFILES)
def model(request: pytest.FixtureRequest, model_folder: Path) -> Model:
    """Return the small trained model as if it had been trained in every language served."""
    fitted, manifest = load(model_folder)
    manifest = msgspec.structs.replace(manifest, languages=SERVED)
    return Model(fitted, manifest, HeldClock(), request.param)


def classified(model: Model, title: str, text: str) -> LabelledArticle:
    """Return the article labelled, as if no door had cut or refused it."""
    article = msgspec.structs.replace(raw("-"), title=title, text=text)
    begun = time.monotonic()
    (labelled,) = model.classify([article])
    assert time.monotonic() - begun < SECONDS
    return labelled


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        pytest.param("", "", TOO_SHORT, id="nothing"),
        pytest.param("", "Howitzers", TOO_SHORT, id="one word"),
        pytest.param("", " \n\t\n ", TOO_SHORT, id="white space"),
        pytest.param("", "\n".join(LINES["en"]), ABOUT_NOTHING, id="only furniture"),
        pytest.param("", "Share this\n" * 90_000, ABOUT_NOTHING, id="a megabyte of furniture"),
        pytest.param("", f"{STORY} " * (MEGABYTE // 280), ABOUT_ARMS, id="a megabyte of text"),
        pytest.param("", "a" * MEGABYTE, ABOUT_NOTHING, id="a megabyte of one letter"),
        pytest.param(
            "", JAPANESE * (MEGABYTE // 65), Expected(NOT_SERVED, "ja"), id="a megabyte, no spaces"
        ),
        pytest.param("", "([" * (MEGABYTE // 2), TOO_SHORT, id="a megabyte of brackets"),
        pytest.param("", "\n" * MEGABYTE, TOO_SHORT, id="a megabyte of line feeds"),
        pytest.param("", "\u0301" * MEGABYTE, TOO_SHORT, id="a megabyte of combining marks"),
        pytest.param(f"{STORY} " * (MEGABYTE // 280), STORY, ABOUT_ARMS, id="a megabyte of title"),
        pytest.param(TITLE, f"{STORY}\n\n{FINNISH}", ABOUT_ARMS, id="English, then Finnish"),
        pytest.param(TITLE, f"{STORY}\n\n{RUSSIAN}", Expected(), id="English, then Russian"),
        pytest.param("", FINNISH, Expected(NOT_SERVED, "fi"), id="Finnish"),
        pytest.param("", JAPANESE, Expected(NOT_SERVED, "ja"), id="Japanese"),
        pytest.param("", HINDI, Expected(NOT_SERVED, "hi"), id="Hindi"),
        pytest.param("", HEBREW, Expected(NOT_SERVED, "he"), id="Hebrew: right to left"),
        pytest.param("", ARABIC, Expected(language="ar", arms=tuple(Decision)), id="Arabic"),
        pytest.param(TITLE, f"\u202e{STORY}\u202c", ABOUT_ARMS, id="right to left by override"),
        pytest.param("", "🚀💥🇺🇦 " * 500, TOO_SHORT, id="emoji"),
        pytest.param(TITLE, " 🚀 ".join(STORY.split()), Expected(), id="emoji between words"),
        pytest.param(
            "Gaubitsy dlya Kiyeva",
            TRANSLITERATED,
            Expected(NOT_SERVED),
            id="transliterated Russian",
        ),
        pytest.param(TITLE.upper(), STORY.upper(), ABOUT_ARMS, id="capitals"),
        pytest.param("", STORY, ABOUT_ARMS, id="no title"),
        pytest.param(STORY, ".", ABOUT_ARMS, id="the text in the title"),
        pytest.param(STORY, STORY, ABOUT_ARMS, id="the text in both"),
    ],
)
def test_every_input_has_an_outcome(
    model: Model, title: str, text: str, expected: Expected
) -> None:
    """Unsure with its reason where there is nothing to read or nobody to read it; else decided."""
    labelled = classified(model, title, text)

    assert labelled.abstained == expected.abstained
    assert expected.language in {None, labelled.language}
    decisions = [label.decision for label in labelled.topics]
    if expected.abstained:
        assert set(decisions) == {Decision.UNSURE}
    else:
        assert decisions[0] in expected.arms
    if expected is ABOUT_NOTHING:
        assert set(decisions) == {Decision.NO}


@pytest.mark.parametrize(
    "text", [STORY, STORY.upper(), f"\u202e{STORY}", "😀" * 99, HINDI, "İ" * 99]
)
def test_evidence_quotes_odd_texts_as_they_are(model: Model, text: str) -> None:
    """Offsets hold in capitals, behind marks of direction and emoji."""
    labelled = classified(model, "", text)

    shown = document("", without_spans(text, labelled.removed))
    for label in labelled.topics:
        assert [shown[item.start : item.end] for item in label.evidence] == [
            item.term for item in label.evidence
        ]


def test_capitals_cost_little(model: Model) -> None:
    """A shouted article has about the probabilities of the quiet one."""
    quiet, loud = classified(model, TITLE, STORY), classified(model, TITLE.upper(), STORY.upper())

    for one, other in zip(quiet.topics, loud.topics, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=0.1)


def test_the_doors_limit_is_what_is_labelled(model: Model) -> None:
    """With the limits of every door a megabyte is cut before it comes here, and counted."""
    article = raw(f"{STORY} " * (MEGABYTE // 280), title=TITLE)

    (labelled,) = model.classify([article])

    assert len(article.text) == Limits().max_text_chars
    assert labelled.article.truncated_chars == article.truncated_chars > 700_000
    assert labelled.topics[0].decision is not Decision.NO


def test_a_batch_of_everything_is_each_alone(model: Model) -> None:
    """Bad neighbours harm nobody."""
    articles = [raw(text or "-") for text in (STORY, "x", FINNISH, "😀", HINDI, STORY.upper())]

    together = model.classify(articles)

    for article, labelled in zip(articles, together, strict=True):
        (alone,) = model.classify([article])
        assert [(t.decision, t.probability) for t in alone.topics] == [
            (t.decision, t.probability) for t in labelled.topics
        ]
