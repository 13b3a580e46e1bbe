import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.reclaim import PendingEntry, plan_reclaim

LIMIT = 5
PENDING = st.lists(
    st.builds(PendingEntry, st.integers(1, 50).map("{}-0".format), st.just(9), st.integers(1, 9)),
    unique_by=lambda row: row.id,
)


def row(entry_id: str, deliveries: int) -> PendingEntry:
    """Return an entry that has been idle for long."""
    return PendingEntry(entry_id, 60_000, deliveries)


@pytest.mark.parametrize(
    ("deliveries", "share"),
    [
        pytest.param(1, "batch", id="first redelivery goes as a batch"),
        pytest.param(2, "singles", id="second goes alone"),
        pytest.param(LIMIT - 1, "singles", id="last chance"),
        pytest.param(LIMIT, "exhausted", id="limit reached"),
        pytest.param(LIMIT + 3, "exhausted", id="limit was lowered"),
    ],
)
def test_the_number_of_deliveries_decides(deliveries: int, share: str) -> None:
    """Poison is first tried with its neighbours, then alone, then given up."""
    entry = row("1-0", deliveries)

    plan = plan_reclaim([entry], in_work=(), delivery_limit=LIMIT)

    assert [entry] == getattr(plan, share)
    assert len(plan.batch) + len(plan.singles) + len(plan.exhausted) == 1


@given(PENDING, st.sets(st.integers(1, 50).map("{}-0".format)))
def test_each_free_entry_is_planned_once_and_none_in_work(
    pending: list[PendingEntry], in_work: set[str]
) -> None:
    """No entry is forgotten, none taken twice, and what we work on is left alone."""
    plan = plan_reclaim(pending, in_work=in_work, delivery_limit=LIMIT)

    planned = [*plan.batch, *plan.singles, *plan.exhausted]
    assert sorted(r.id for r in pending if r.id not in in_work) == sorted(r.id for r in planned)


@given(PENDING)
def test_the_oldest_comes_first(pending: list[PendingEntry]) -> None:
    """The broker's order is kept in each share."""
    plan = plan_reclaim(pending, in_work=(), delivery_limit=LIMIT)

    for share in (plan.batch, plan.singles, plan.exhausted):
        assert [entry for entry in pending if entry in share] == list(share)
