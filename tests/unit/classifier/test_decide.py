import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.decide import MIN_LETTERS, Calibration, abstention
from shared.messages import Decision

CALIBRATION = Calibration(weights=(2.0, 1.0), offset=-1.0, threshold=0.6, threshold_no=0.3)
SCORES = st.floats(-1e300, 1e300)
SERVED = frozenset({"de", "en"})
LONG_ENOUGH = "x" * MIN_LETTERS


@pytest.mark.parametrize(
    ("probability", "decision"),
    [
        pytest.param(1.0, Decision.YES, id="certain"),
        pytest.param(0.6, Decision.YES, id="yes from the threshold upwards"),
        pytest.param(0.5999, Decision.UNSURE, id="just below"),
        pytest.param(0.3, Decision.UNSURE, id="unsure from the lower threshold"),
        pytest.param(0.2999, Decision.NO, id="no below it"),
        pytest.param(0.0, Decision.NO, id="certainly not"),
    ],
)
def test_thresholds_part_yes_unsure_and_no(probability: float, decision: Decision) -> None:
    """Each threshold belongs to the upper side, as the message's docstring says."""
    assert decision is CALIBRATION.decide(probability)


def test_a_probability_is_the_logistic_of_the_weighted_scores() -> None:
    """One weight per score, in the order of the scores, then the offset."""
    assert CALIBRATION.logit([0.5, -2.0]) == -2.0
    assert CALIBRATION.probability([0.5, -2.0]) == pytest.approx(1 / (1 + math.exp(2.0)))


def test_another_number_of_scores_is_an_error() -> None:
    """The scores of one profile are never read by the other's calibration in silence."""
    with pytest.raises(ValueError, match="shorter"):
        CALIBRATION.logit([1.0])


@given(SCORES, SCORES, SCORES)
def test_probability_is_between_0_and_1_and_rises_with_each_score(
    one: float, two: float, other: float
) -> None:
    """No score, however wild, leaves the range or turns the order round."""
    low, high = sorted([one, two])

    for first, second in (([low, other], [high, other]), ([other, low], [other, high])):
        found = CALIBRATION.probability(first), CALIBRATION.probability(second)
        assert 0.0 <= found[0] <= found[1] <= 1.0


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        pytest.param("", "", "too_short", id="nothing"),
        pytest.param("", "x" * (MIN_LETTERS - 1), "too_short", id="one letter less"),
        pytest.param("", "x" * MIN_LETTERS, None, id="just enough"),
        pytest.param("x" * MIN_LETTERS, "", None, id="title counts"),
        pytest.param("x" * (MIN_LETTERS // 2), "x" * (MIN_LETTERS // 2), None, id="together"),
        pytest.param("", "1 2 3 " * 100, "too_short", id="a table of numbers"),
        pytest.param("", "1 2 3 " * 100 + LONG_ENOUGH, None, id="numbers, then a text"),
        pytest.param("", "😀" * 1_000, "too_short", id="emoji"),
        pytest.param("", "слово " * 8, None, id="letters of any script"),
    ],
)
def test_the_model_abstains_where_there_is_nothing_to_read(
    title: str, text: str, reason: str | None
) -> None:
    """Letters count, not characters; the reason is told."""
    assert reason == abstention(title, text, "en", 1.0, SERVED)


@pytest.mark.parametrize(
    ("language", "confidence", "reason"),
    [
        pytest.param("en", 1.0, None, id="served"),
        pytest.param("fi", 1.0, "language_not_served", id="not served"),
        pytest.param("fi", 0.4, "language_not_served", id="sure from .4 upwards"),
        pytest.param("fi", 0.3999, None, id="not sure enough to turn it away"),
        pytest.param("fi", 0.0, None, id="at the producer's word alone"),
        pytest.param("und", 0.0, None, id="nobody knows"),
    ],
)
def test_the_model_abstains_in_a_language_it_was_not_trained_for(
    language: str, confidence: float, reason: str | None
) -> None:
    """Only where the language is sure: a wrong guess must not cost a label."""
    assert reason == abstention("", LONG_ENOUGH, language, confidence, SERVED)


def test_a_short_text_is_short_in_any_language() -> None:
    """The first reason told is that there is too little to read."""
    assert abstention("", "lyhyt", "fi", 1.0, SERVED) == "too_short"
