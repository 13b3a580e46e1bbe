from datetime import timedelta
from itertools import permutations

import pytest

from services.sink.plan import Head, StoreOutcome, candidate_ids, head_of, plan
from shared.identity import contested_id
from shared.messages import LabelledArticle
from tests.support.build import NOW, labelled, raw

URL = "https://example.org/a"
STORED, REVISED = StoreOutcome.STORED, StoreOutcome.REVISED
RECLASSIFIED, DUPLICATE = StoreOutcome.RECLASSIFIED, StoreOutcome.DUPLICATE


def article(
    text: str = "One.", *, minutes: float = 0, producer: str = "a", model: str = "1"
) -> LabelledArticle:
    """Return a labelled article at the one address, received so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    return labelled(raw(text, at=at, producer=producer, url=URL), model=model)


def outcomes(new: LabelledArticle, *held: LabelledArticle) -> list[StoreOutcome]:
    """Return what becomes of `new` when the store holds `held` as heads."""
    heads = {a.article.article_id: head_of(a) for a in held}
    return [item.outcome for item in plan([new], heads)]


@pytest.mark.parametrize(
    ("new", "held", "expected"),
    [
        pytest.param(article(), [], STORED, id="new"),
        pytest.param(article(), [article()], DUPLICATE, id="the same again"),
        pytest.param(article(minutes=5), [article()], DUPLICATE, id="the same later"),
        pytest.param(article("Two.", minutes=5), [article()], REVISED, id="new text"),
        pytest.param(article(model="2"), [article()], RECLASSIFIED, id="another model"),
        pytest.param(
            article("Zero.", minutes=-5), [article()], REVISED, id="an earlier text, late"
        ),
        pytest.param(
            article(producer="b"), [article()], DUPLICATE, id="another producer, same text"
        ),
        pytest.param(
            article("Other.", producer="b"), [article()], STORED, id="another producer's own text"
        ),
    ],
)
def test_outcome_against_what_the_store_holds(
    new: LabelledArticle, held: list[LabelledArticle], expected: StoreOutcome
) -> None:
    """New, revised, classified anew or known: each is told apart."""
    assert [expected] == outcomes(new, *held)


def test_a_duplicate_writes_nothing() -> None:
    """The store does not change by what it knows."""
    known = article()

    planned = plan([known], {known.article.article_id: head_of(known)})

    assert [item.writes for item in planned] == [False]


def test_two_producers_never_overwrite_each_other() -> None:
    """The second producer's differing text gets an id of its own, and keeps it."""
    ours, theirs, again = article(), article("Two.", producer="b"), article("Three.", producer="b")

    planned = plan([ours, theirs, again], {})

    other = contested_id(ours.article.article_id, "b")
    assert [ours.article.article_id, other, other] == [item.article_id for item in planned]
    assert [item.outcome for item in planned] == [STORED, STORED, REVISED]


def test_a_batch_is_planned_as_if_one_by_one() -> None:
    """An article twice in a batch is a duplicate the second time."""
    planned = plan([article(), article(), article("Two.", minutes=1)], {})

    assert [item.outcome for item in planned] == [STORED, DUPLICATE, REVISED]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_equal_times_are_settled_by_content_whatever_the_order(order: tuple[int, ...]) -> None:
    """Two sinks that see the same revisions in another order agree on the newest."""
    heads = [head_of(article(text)) for text in ("One.", "Two.", "Three.")]
    newest = heads[order[0]]

    for index in order[1:]:
        newest = heads[index] if newest.loses_to(heads[index]) else newest

    assert max(heads, key=lambda head: head.content_hash) == newest


def test_a_head_never_loses_to_itself() -> None:
    """A redelivered revision is not newer than itself."""
    head = Head("a", "hash", NOW, "model")

    assert not head.loses_to(head)


def test_candidate_ids_name_every_row_a_batch_may_touch() -> None:
    """What `plan` decides on was read: own ids and contested ones, sorted against deadlocks."""
    batch = [article(), article("Two.", producer="b"), article("Three.", producer="c")]
    ids = candidate_ids(batch)

    assert {item.article_id for item in plan(batch, {})} <= set(ids)
    assert sorted(ids) == ids
