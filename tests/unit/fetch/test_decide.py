from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetch.decide import FeedState, after_failure, after_success, is_due, new_articles
from shared.messages import RawArticle
from tests.support.build import NOW, raw

INTERVAL = timedelta(minutes=5)


def article(number: int, text: str = "Text.") -> RawArticle:
    """Return an article of a feed, told apart by its address."""
    return raw(text, url=f"https://example.org/{number}")


def success(state: FeedState, *articles: RawArticle, etag: str | None = None) -> FeedState:
    """Return the state after an answer with these articles."""
    return after_success(
        state, articles=articles, etag=etag, last_modified=None, now=NOW, interval=INTERVAL
    )


def test_a_new_feed_is_due_at_once() -> None:
    """Nothing is remembered, so it is asked."""
    assert is_due(FeedState(), NOW)


@pytest.mark.parametrize(
    ("seconds", "due"),
    [
        pytest.param(-1, True, id="overdue"),
        pytest.param(0, True, id="now"),
        pytest.param(1, False, id="in a second"),
    ],
)
def test_a_feed_is_due_when_its_time_has_come(seconds: int, due: bool) -> None:
    """The pause is kept to the second."""
    state = FeedState(next_poll_at=NOW + timedelta(seconds=seconds))

    assert is_due(state, NOW) is due


def test_everything_in_the_first_answer_is_new() -> None:
    """Of a feed that was never read all entries are published, in order."""
    articles = [article(2), article(1)]

    assert new_articles(FeedState(), articles) == articles


def test_what_was_in_the_last_answer_is_not_new() -> None:
    """Only what came since is published."""
    state = success(FeedState(), article(1))

    assert new_articles(state, [article(2), article(1)]) == [article(2)]


def test_an_entry_with_another_text_is_new() -> None:
    """A revision is published again."""
    state = success(FeedState(), article(1))

    assert new_articles(state, [article(1, "Corrected.")]) == [article(1, "Corrected.")]


def test_two_entries_with_one_id_count_once_for_good() -> None:
    """The upper one, which is the newer, is published; and the next poll finds nothing new."""
    twice = [article(1, "New."), article(1, "Old.")]

    assert new_articles(FeedState(), twice) == [article(1, "New.")]
    assert new_articles(success(FeedState(), *twice), twice) == []


def test_success_forgets_the_failures_before() -> None:
    """A feed that answers is asked at its normal pace."""
    failed = after_failure(FeedState(), problem="away", now=NOW, interval=INTERVAL)

    state = success(failed, etag='"1"')

    assert state == FeedState(next_poll_at=NOW + INTERVAL, etag='"1"', last_success_at=NOW)


def test_an_unchanged_feed_keeps_what_is_known_of_it() -> None:
    """A 304 without headers keeps ETag, date and the entries seen."""
    before = after_success(
        FeedState(), articles=[article(1)], etag='"1"', last_modified="Fri", now=NOW, interval=INTERVAL
    )  # fmt: skip

    after = after_success(
        before, articles=None, etag=None, last_modified=None, now=NOW + INTERVAL, interval=INTERVAL
    )

    assert (after.etag, after.last_modified, after.seen) == ('"1"', "Fri", before.seen)
    assert after.next_poll_at == NOW + 2 * INTERVAL


def test_an_answer_without_etag_forgets_the_old_one() -> None:
    """An ETag belongs to one answer; sent with another it could hide news."""
    assert success(success(FeedState(), etag='"1"')).etag is None


def test_a_failure_keeps_what_is_known_and_says_why() -> None:
    """Nothing is published twice because a feed was away."""
    known = success(FeedState(), article(1), etag='"1"')

    failed = after_failure(known, problem="x" * 600, now=NOW, interval=INTERVAL)

    assert (failed.seen, failed.etag, failed.failures) == (known.seen, '"1"', 1)
    assert failed.problem == "x" * 500


def test_the_pause_doubles_with_each_failure_up_to_six_hours() -> None:
    """A dead feed is asked less and less, but never given up."""
    state, pauses = FeedState(), []
    for _ in range(9):
        state = after_failure(state, problem="away", now=NOW, interval=INTERVAL)
        assert state.next_poll_at is not None
        pauses.append((state.next_poll_at - NOW) / timedelta(minutes=1))

    assert pauses == [10, 20, 40, 80, 160, 320, 360, 360, 360]


@given(failures=st.integers(0, 10_000), seconds=st.floats(1, 86_400))
def test_a_failed_feed_is_asked_again_later_but_within_a_day(failures: int, seconds: float) -> None:
    """Whatever came before, the next poll lies ahead, at least one interval and bounded."""
    interval = timedelta(seconds=seconds)

    state = after_failure(FeedState(failures=failures), problem="", now=NOW, interval=interval)

    assert state.next_poll_at is not None
    assert interval <= state.next_poll_at - NOW <= timedelta(days=1)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b"])), max_size=12))
def test_the_same_answer_twice_is_never_new(entries: list[tuple[int, str]]) -> None:
    """After remembering an answer the same answer holds nothing new, whatever is in it."""
    articles = [article(number, text) for number, text in entries]
    state = success(FeedState(), *articles)

    assert new_articles(state, articles) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b"])), max_size=12))
def test_every_article_of_an_answer_is_known_or_new(entries: list[tuple[int, str]]) -> None:
    """No id gets lost, and none is published twice from one answer."""
    articles = [article(number, text) for number, text in entries]

    fresh = [found.article_id for found in new_articles(FeedState(), articles)]

    assert sorted(fresh) == sorted({found.article_id for found in articles})


def test_a_state_survives_being_written_and_read() -> None:
    """What is remembered in the broker comes back equal."""
    state = success(FeedState(), article(1), etag='"1"')

    assert msgspec.json.decode(msgspec.json.encode(state), type=FeedState) == state
