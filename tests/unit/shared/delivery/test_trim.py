from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.entries import entered_at, id_key, next_id
from shared.delivery.trim import GroupPosition, TrimPlan, plan_trim

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIMIT = timedelta(hours=72)


def ago(**period: float) -> str:
    """Return a stream id of so long ago."""
    return f"{int((NOW - timedelta(**period)).timestamp() * 1000)}-0"


def plan(*groups: GroupPosition, waiting: tuple[tuple[str, str], ...] = ()) -> TrimPlan:
    """Plan for a stage whose own group is `own`."""
    return plan_trim(
        groups, own_groups=["own"], oldest_waiting=waiting, now=NOW, foreign_limit=LIMIT
    )


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([GroupPosition("own", "9-0", None)], "9-1", id="all finished"),
        pytest.param([GroupPosition("own", "9-0", "5-0")], "5-0", id="one still in work"),
        pytest.param([GroupPosition("own", "0-0", None)], "0-1", id="nothing read yet"),
        pytest.param(
            [GroupPosition("own", "9-0", None), GroupPosition("other", "4-7", None)],
            "4-8",
            id="a third party is behind",
        ),
        pytest.param(
            [GroupPosition("own", "10-0", None), GroupPosition("other", "9-0", None)],
            "9-1",
            id="ids are numbers, not texts",
        ),
        pytest.param([], None, id="no group at all"),
        pytest.param([GroupPosition("other", "9-0", None)], None, id="own group is gone"),
    ],
)
def test_the_slowest_group_decides(groups: list[GroupPosition], expected: str | None) -> None:
    """The stream is cut below what any group has not finished, and not at all without our own."""
    assert expected == plan(*groups).min_id


def test_an_abandoned_foreign_group_no_longer_pins() -> None:
    """Behind the limit a third party is left out and named; its lag is told."""
    groups = GroupPosition("own", ago(hours=1), None), GroupPosition("gone", "0-0", None)

    found = plan(*groups, waiting=(("gone", ago(hours=73)),))

    assert found == TrimPlan(next_id(ago(hours=1)), ["gone"], 73 * 3600.0)


def test_a_foreign_group_within_the_limit_pins() -> None:
    """A third party that is merely slow loses nothing."""
    groups = GroupPosition("own", ago(hours=1), None), GroupPosition("slow", "0-0", None)

    found = plan(*groups, waiting=(("slow", ago(hours=71)),))

    assert found == TrimPlan("0-1", [], 71 * 3600.0)


def test_the_own_group_always_pins() -> None:
    """However far we are behind, our unread entries stay."""
    found = plan(GroupPosition("own", "0-0", None), waiting=(("own", ago(days=300)),))

    assert found == TrimPlan("0-1", [], 0.0)


def test_an_id_beyond_the_calendar_is_a_time_at_its_end() -> None:
    """A producer may choose its ids; a year of 60,000 is no reason to stop."""
    assert entered_at("18446744073709551615-0").year == 9999


POSITIONS = st.lists(
    st.tuples(st.integers(0, 20), st.sets(st.integers(0, 20))), min_size=1, max_size=4
)


@given(POSITIONS, st.sets(st.integers(0, 3)))
def test_an_unfinished_entry_is_never_trimmed(
    groups: list[tuple[int, set[int]]], ignored: set[int]
) -> None:
    """Whatever the positions: no entry that a counted group has not finished lies below the cut."""
    positions, waiting, unfinished = [], [], set[int]()
    for number, (last, pending) in enumerate(groups):
        held = {entry for entry in pending if entry <= last}
        name = "own" if number == 0 else f"other{number}"
        oldest = f"{min(held)}-0" if held else None
        positions.append(GroupPosition(name, f"{last}-0", oldest))
        behind = number in ignored
        waiting.append((name, ago(hours=100 if behind else 1)))
        if number == 0 or not behind:
            unfinished |= held | set(range(last + 1, 22))

    found = plan(*positions, waiting=tuple(waiting))

    assert found.min_id is not None
    assert all(id_key(f"{entry}-0") >= id_key(found.min_id) for entry in unfinished)


@given(st.integers(0, 2**48), st.integers(0, 2**64 - 2))
def test_next_id_leaves_no_gap(milliseconds: int, sequence: int) -> None:
    """Nothing fits between an id and the next."""
    entry_id = f"{milliseconds}-{sequence}"

    assert id_key(next_id(entry_id)) > id_key(entry_id)
    assert id_key(next_id(entry_id)) == (milliseconds, sequence + 1)
