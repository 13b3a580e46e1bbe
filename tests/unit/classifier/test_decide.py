import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.decide import MIN_LETTERS, Calibration, abstention
from shared.messages import Decision

CALIBRATION = Calibration(slope=2.0, offset=-1.0, threshold=0.6, threshold_no=0.3)


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


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_probability_is_between_0_and_1_and_rises_with_the_score(one: float, two: float) -> None:
    """No score, however wild, leaves the range or turns the order round."""
    low, high = sorted([one, two])

    assert 0.0 <= CALIBRATION.probability(low) <= CALIBRATION.probability(high) <= 1.0


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        pytest.param("", "", "too_short", id="nothing"),
        pytest.param("", "x" * (MIN_LETTERS - 1), "too_short", id="one letter less"),
        pytest.param("", "x" * MIN_LETTERS, None, id="just enough"),
        pytest.param("x" * MIN_LETTERS, "", None, id="title counts"),
        pytest.param("", "1 2 3 " * 100, "too_short", id="a table of numbers"),
        pytest.param("", "слово " * 8, None, id="letters of any script"),
    ],
)
def test_the_model_abstains_where_there_is_nothing_to_read(
    title: str, text: str, reason: str | None
) -> None:
    """Letters count, not characters; the reason is told."""
    assert reason == abstention(title, text)
