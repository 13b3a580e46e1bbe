import pickle
from pathlib import Path

import numpy as np
import pytest

from services.classifier.artefact import FAST, Fitted, load
from services.classifier.evidence import CONCEPT
from services.classifier.features import (
    EXCERPT_CHARS,
    ConceptVectorizer,
    Terms,
    document,
    excerpt,
    weights,
)
from services.classifier.model import Model
from services.classifier.training.corpus import Example, default_folder, read_folder
from services.classifier.training.train import documents_of
from tests.support.build import HeldClock

LISTS = {"transfer": ("deliver*",), "weapon": ("tank*",)}
EVERY_COLUMN = ["Tank delivered\nTank delivered."]


@pytest.fixture(scope="module")
def fitted(model_folder: Path) -> Fitted:
    """Return what the small trained model's file holds."""
    return load(model_folder)[0]


@pytest.fixture(scope="module")
def model(model_folder: Path) -> Model:
    """Return the same model at work, without the encoder."""
    return Model.open(model_folder, HeldClock(), profile=FAST)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Return some articles of every language of the corpus."""
    return read_folder(default_folder())[::15]


@pytest.fixture(scope="module")
def documents(examples: list[Example]) -> list[str]:
    """Return their documents."""
    return documents_of(examples)


def shares(text: str, terms: Terms = LISTS) -> dict[str, float]:
    """Return share by column of one text: the values before logarithm and spread."""
    vectorizer = ConceptVectorizer(terms, min_df=1).fit(EVERY_COLUMN)
    row = vectorizer.transform([text]).tocoo()
    names = vectorizer.get_feature_names_out()
    values = row.data / vectorizer.factors_[row.col]
    return {
        str(names[column]): round(float(np.expm1(value)) / 10, 6)
        for column, value in zip(row.col, values, strict=True)
    }


def test_every_contribution_and_the_intercept_are_the_score(
    model: Model, fitted: Fitted, documents: list[str]
) -> None:
    """Nothing of a terms' score is left unexplained: to 1e-9, in every language of the corpus."""
    scores = model.scorer.score(documents)
    _, intercepts = weights(fitted.terms.named_steps["topics"])

    for index in range(len(documents)):
        for topic, intercept in enumerate(intercepts):
            parts = model.explainer.contributions(scores.rows[index], topic)
            assert parts.sum() + intercept == pytest.approx(scores.terms[index, topic], abs=1e-9)


def test_the_score_is_what_the_fitted_pipeline_says(
    model: Model, fitted: Fitted, documents: list[str]
) -> None:
    """The scorer's product of matrices is scikit-learn's own decision."""
    expected = fitted.terms.decision_function([excerpt(text) for text in documents])

    np.testing.assert_allclose(model.scorer.score(documents).terms, expected, atol=1e-9)


def test_evidence_points_at_the_document(
    model: Model, documents: list[str], examples: list[Example]
) -> None:
    """In every language, what is quoted stands at its offsets, within what was read."""
    scores, told = model.scorer.score(documents), set()
    for index, (text, example) in enumerate(zip(documents, examples, strict=True)):
        for evidence in model.explainer.explain(excerpt(text), scores.rows[index]):
            assert [text[item.start : item.end] for item in evidence] == [i.term for i in evidence]
            assert all(item.weight > 0 and item.end <= EXCERPT_CHARS for item in evidence)
            told |= {example.tongue} if evidence else set()

    assert told == {example.tongue for example in examples}


def test_a_concepts_evidence_is_words_that_mean_it(model: Model, documents: list[str]) -> None:
    """Every concept column that spoke has its words, and they are found as that concept again."""
    explainer = model.explainer
    vectorizer, seen = explainer.concepts, 0
    assert vectorizer is not None
    names, scores = vectorizer.concepts_.names, model.scorer.score(documents)
    for index, text in enumerate(documents):
        sentences = vectorizer.sentence_hits(excerpt(text))
        for column in scores.rows[index].indices:
            if explainer.kinds[column] != CONCEPT:
                continue
            term, seen = explainer.terms[column], seen + 1
            wanted = [names.index(part) for part in term.rpartition(":")[2].split("+")]
            spans = explainer._concept_spans(term, sentences)
            found = [vectorizer.concepts_.hits(text, *span) for span in spans]
            assert len(spans) == len(wanted), term
            for concept, hits in zip(wanted, found, strict=True):
                assert concept in {hit.concept for hit in hits}, (term, text)

    assert seen > 100


def test_the_document_is_title_and_text() -> None:
    """Offsets count in it: a line feed parts the two, also where one is missing."""
    assert document("Title", "Text") == "Title\nText"
    assert document("", "") == "\n"
    assert excerpt(document("", "x" * 3_000)) == "\n" + "x" * (EXCERPT_CHARS - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\n", {}, id="nothing"),
        pytest.param("No such words\nNone here. And none there.", {}, id="none of the concepts"),
        pytest.param("Tank\n", {"title:weapon": 1}, id="title alone"),
        pytest.param(
            "Tank delivered\n",
            {"title:weapon": 1, "title:transfer": 1, "transfer+weapon": 0.1},
            id="a pair in the title",
        ),
        pytest.param("\nTank.", {"weapon": 1, "lead:weapon": 0.333333}, id="one sentence"),
        pytest.param("\nTank tanks. TANK", {"weapon": 1, "lead:weapon": 0.666667}, id="share"),
        pytest.param(
            "\nTank. No.", {"weapon": 0.518135, "lead:weapon": 0.333333}, id="earlier weighs more"
        ),
        pytest.param(
            "\nNo. No. No. Tank.",
            {"weapon": round(0.93**3 / (1 + 0.93 + 0.93**2 + 0.93**3), 6)},
            id="behind the first three",
        ),
        pytest.param(
            "\nDelivered tank. Tank.",
            {
                "transfer": 0.518135,
                "weapon": 1,
                "lead:transfer": 0.333333,
                "lead:weapon": 0.666667,
                "transfer+weapon": 0.518135,
            },
            id="a pair in one sentence",
        ),
    ],
)
def test_a_column_is_the_weighted_share_of_sentences(text: str, expected: dict[str, float]) -> None:
    """Title, first three sentences, all sentences, pairs: computed by hand."""
    assert expected == shares(text)


def test_sentences_behind_the_sixtieth_do_not_count() -> None:
    """Time is bounded, and news says what it is about before."""
    assert shares("\n" + "No. " * 59 + "Tank.")["weapon"] > 0
    assert shares("\n" + "No. " * 60 + "Tank.") == {}


def test_columns_seen_too_rarely_are_left_out() -> None:
    """A concept's share needs five documents, other columns twenty; or a tenth of a small corpus."""
    nothing = ["\nNothing."] * 250
    often = ["Tank\nTank delivered."] * 20 + nothing
    seldom = ["Tank\nTank delivered."] * 19 + nothing
    rarely = ["\nTank."] * 4 + ["\nDelivered."] * 5 + nothing

    columns = [ConceptVectorizer(LISTS).fit(texts).columns_ for texts in (often, seldom, rarely)]

    leads = ["lead:transfer", "lead:weapon"]
    assert list(columns[0]) == ["transfer", "weapon", "title:weapon", *leads, "transfer+weapon"]
    assert list(columns[0].values()) == list(range(6))
    assert list(columns[1]) == ["transfer", "weapon"]
    assert list(columns[2]) == ["transfer"]
    assert "weapon" in ConceptVectorizer(LISTS).fit(rarely[:10]).columns_


@pytest.mark.parametrize("lists", [{}, LISTS], ids=["no lists", "lists without a match"])
def test_without_a_concept_there_are_no_columns(lists: Terms) -> None:
    """No column, no error, and as many rows as documents."""
    vectorizer = ConceptVectorizer(lists).fit(["\nNothing."] * 3)

    assert vectorizer.transform(["\nTank.", "\n"]).shape == (2, 0)
    assert vectorizer.transform([]).shape == (0, 0)


def test_a_pickled_vectorizer_gives_the_same_rows(documents: list[str], model: Model) -> None:
    """Term lists travel as they are; what is made of them is made anew, and nothing remembered."""
    vectorizer = model.explainer.concepts
    assert vectorizer is not None
    before = vectorizer.transform(documents)

    copy = pickle.loads(pickle.dumps(vectorizer))

    assert copy.recent_ == {}
    assert (copy.transform(documents) != before).nnz == 0
    assert pickle.dumps(copy) == pickle.dumps(pickle.loads(pickle.dumps(copy)))


def test_remembered_sentences_are_bounded_and_the_same() -> None:
    """What was scored is explained from memory, and memory holds a few hundred texts."""
    vectorizer = ConceptVectorizer(LISTS, min_df=1).fit(EVERY_COLUMN)
    texts = [f"\nTank {n}." for n in range(3 * ConceptVectorizer.MOST_RECENT)]

    first = vectorizer.transform(texts)
    second = vectorizer.transform(texts)

    assert len(vectorizer.recent_) <= ConceptVectorizer.MOST_RECENT
    assert (first != second).nnz == 0
