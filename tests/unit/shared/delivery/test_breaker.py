from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.breaker import Paused, Rule, Tally, judge
from shared.delivery.entries import Done, Entry, Forward, Outcome, Reject
from shared.settings import CommonSettings, load

RULE = Rule.of(load(CommonSettings, {}))
GOOD, OURS = Forward(b""), Reject("processing_failed", "ValueError: no", "processing")
THEIRS = Reject("no_text", "nothing in it", "producer")


@pytest.mark.parametrize(
    ("entries", "failed", "trips"),
    [
        pytest.param(3, 3, False, id="three failures at the start"),
        pytest.param(19, 19, False, id="one fewer than the minimum"),
        pytest.param(20, 20, True, id="the minimum, and nothing went well"),
        pytest.param(1_000, 100, False, id="exactly a tenth"),
        pytest.param(1_000, 101, True, id="more than a tenth"),
        pytest.param(150, 20, True, id="a window that is not full yet"),
        pytest.param(0, 0, False, id="nothing"),
    ],
)
def test_the_defaults_trip_above_a_tenth_and_above_the_minimum(
    entries: int, failed: int, trips: bool
) -> None:
    """More than 10 % of the last 1,000, and at least 20, must have failed."""
    assert RULE.trips(Tally(entries, failed)) is trips


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_a_share_of_one_never_trips(entries: int, failed: int) -> None:
    """The breaker can be switched off."""
    tally = Tally(max(entries, failed), failed)

    assert not Rule(share=1.0, window_entries=1_000, min_failures=1).trips(tally)


@given(st.lists(st.sampled_from([GOOD, Done(), OURS, THEIRS])))
def test_what_a_producer_got_wrong_counts_neither_way(outcomes: list[Outcome]) -> None:
    """Garbage is no failure of ours, and does not dilute our failures either."""
    entries = [Entry(f"{number}-0", {}) for number, _ in enumerate(outcomes, start=1)]

    judged = judge(entries, outcomes)

    assert judged.good + len(judged.failed) == len(outcomes) - outcomes.count(THEIRS)
    assert [e.id for e, o in zip(entries, outcomes, strict=True) if o is OURS] == judged.failed
    assert bool(judged.failed) == bool(judged.error)


def test_a_pause_tells_cause_and_cure() -> None:
    """An operator reads what happened and what to type."""
    paused = Paused("store", datetime(2026, 11, 20, 8, tzinfo=UTC), 950, 120, "ValueError: no")

    told = str(paused)

    assert "120 of the last 950" in told
    assert "ValueError: no" in told
    assert "topicwire resume store" in told
