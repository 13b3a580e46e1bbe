import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetch.pressure import (
    MEASURES,
    Excess,
    Load,
    Mark,
    Marks,
    Measure,
    Pressure,
    decide_pressure,
)
from services.fetch.settings import FetchSettings
from shared.errors import SettingsError
from shared.settings import load

MARKS = Marks(Mark(100, 50), Mark(1_000, 500), Mark(0.8, 0.6))
OPEN = Pressure()
LOADS = st.builds(
    Load, st.integers(0, 200), st.integers(0, 2_000), st.none() | st.floats(0, 1, allow_nan=False)
)


@pytest.mark.parametrize(
    ("given_load", "measure"),
    [
        pytest.param(Load(entries=101), "entries", id="too many entries"),
        pytest.param(Load(bytes=1_001), "bytes", id="too many bytes"),
        pytest.param(Load(memory=0.81), "memory", id="too little memory left"),
    ],
)
def test_each_measure_holds_back_by_itself(given_load: Load, measure: Measure) -> None:
    """One measure over its high mark is enough, and it is named."""
    pressure = decide_pressure(given_load, MARKS, OPEN)

    assert [item.measure for item in pressure.excesses] == [measure]
    assert str(pressure)


@pytest.mark.parametrize(
    ("entries", "before", "holds"),
    [
        pytest.param(100, False, False, id="at the high mark"),
        pytest.param(101, False, True, id="above it"),
        pytest.param(75, True, True, id="between the marks, held before"),
        pytest.param(75, False, False, id="between the marks, open before"),
        pytest.param(51, True, True, id="above the low mark"),
        pytest.param(50, True, False, id="at the low mark"),
    ],
)
def test_it_goes_on_at_the_low_mark_only(entries: int, before: bool, holds: bool) -> None:
    """Between the marks the doors stay as they were."""
    was = Pressure((Excess("entries", 120, 50),)) if before else OPEN

    assert bool(decide_pressure(Load(entries), MARKS, was)) is holds


@given(LOADS, LOADS)
def test_each_measure_has_a_memory_of_its_own(first: Load, second: Load) -> None:
    """What one measure did before changes nothing for another."""
    before = decide_pressure(first, MARKS, OPEN)

    after = decide_pressure(second, MARKS, before)

    for measure in MEASURES:
        mark = MARKS.of(measure)
        limit = mark.low if before.holds(measure) else mark.high
        assert after.holds(measure) is (second.of(measure) > limit)


def test_a_broker_without_a_limit_is_never_full() -> None:
    """No maxmemory, or a broker that does not tell, holds nobody back."""
    assert not decide_pressure(Load(memory=None), MARKS, OPEN)


@pytest.mark.parametrize("measure", MEASURES)
def test_marks_in_the_wrong_order_are_refused(measure: Measure) -> None:
    """A low mark that is not below the high one would flap; the variables are named."""
    with pytest.raises(SettingsError, match=f"TOPICWIRE_FETCH_LOW_{measure.upper()}"):
        load(
            FetchSettings,
            {
                f"TOPICWIRE_FETCH_LOW_{measure.upper()}": "1000000000"
                if measure != "memory"
                else "1"
            },
        )
