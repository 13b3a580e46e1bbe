import msgspec
import pytest

from services.classifier.training.aims import Aim, aims
from services.classifier.training.figures import Figure
from tests.support.evaluation import evaluation


@pytest.mark.parametrize(
    ("now", "is_ceiling", "reached"),
    [
        pytest.param(0.8, False, True, id="a floor just kept"),
        pytest.param(0.7999, False, False, id="below the floor"),
        pytest.param(0.8, True, True, id="a ceiling just kept"),
        pytest.param(0.8001, True, False, id="above the ceiling"),
        pytest.param(None, False, False, id="nothing measured"),
    ],
)
def test_an_aim_is_reached_by_the_figure_itself(
    now: float | None, is_ceiling: bool, reached: bool
) -> None:
    """Not by the upper end of its interval."""
    aim = Aim(topic="t", what="F1", bound=0.8, now=Figure(now, 0.0, 1.0), is_ceiling=is_ceiling)

    assert aim.reached is reached


def test_the_accurate_profile_is_held_to_every_aim() -> None:
    """F1 and precision on clear cases, coverage, calibration, and each language with positives."""
    found = [(aim.what, aim.bound) for aim in aims(evaluation()) if aim.topic == "arms_trade"]

    assert found == [
        ("F1, clear", 0.80),
        ("precision of yes, clear", 0.90),
        ("decided", 0.85),
        ("calibration error", 0.05),
        ("F1, clear, de", 0.80),
    ]


def test_the_fast_profile_is_held_to_its_own_f1_alone() -> None:
    """It is allowed less."""
    fast = msgspec.structs.replace(evaluation(), profile="fast")

    assert [(aim.topic, aim.what, aim.bound) for aim in aims(fast)] == [
        ("arms_trade", "F1, clear", 0.65)
    ]


def test_calibration_is_judged_on_a_natural_stream_alone() -> None:
    """A corpus has far more positives than life, and probabilities are made for life."""
    found = evaluation()
    (topic,) = found.topics
    plain = msgspec.structs.replace(topic, weighted=None)

    named = {aim.what for aim in aims(msgspec.structs.replace(found, topics=(plain,)))}

    assert "decided" in named
    assert "calibration error" not in named
