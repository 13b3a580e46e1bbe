import tracemalloc
from pathlib import Path

import pytest

from services.classifier.model import Model
from services.classifier.repeats import (
    MOST_HOSTS,
    STORIES_REMEMBERED,
    STORIES_SEEN,
    RepeatedLines,
    host_of,
)
from shared.messages import RawArticle
from tests.support.build import HeldClock, raw

SLOGAN = "The voice of the valley since 1921"
PARAGRAPH = (
    "On day {0} the council of town {0} met to talk about item {0}, and it voted {0} to {1}. "
)


def story(number: int, *extra: str, host: str = "valley.example", **given: object) -> RawArticle:
    """Return article `number` of a host: two paragraphs of its own, then `extra` lines."""
    body = [PARAGRAPH.format(number, part) * 4 for part in (1, 2)]
    text = "\n".join([*body, *extra])
    return raw(text, **{"url": f"https://{host}/{number}", **given})


def learnt(repeats: RepeatedLines, *extra: str, stories: int = 10) -> RepeatedLines:
    """Return `repeats` after a number of stories that all end in `extra`."""
    for number in range(stories):
        repeats.learn(story(number, *extra))
    return repeats


def test_a_line_of_most_stories_of_a_host_repeats() -> None:
    """What other stories of the host say, too, is the host's, not the story's."""
    repeats = learnt(RepeatedLines(), SLOGAN)

    assert repeats.learn(story(99, SLOGAN, "A line of its own.")) == {SLOGAN}


def test_nothing_repeats_before_enough_stories_were_seen() -> None:
    """A young memory takes nothing out."""
    repeats = RepeatedLines()

    found = [repeats.learn(story(number, SLOGAN)) for number in range(STORIES_SEEN)]

    assert set(found) == {frozenset()}


def test_one_host_does_not_speak_for_another() -> None:
    """Furniture is learnt host by host."""
    repeats = learnt(RepeatedLines(), SLOGAN)

    assert repeats.learn(story(99, SLOGAN, host="hill.example")) == frozenset()


def test_a_story_under_many_ids_does_not_repeat() -> None:
    """The same text again and again counts as one story, whatever its id and address."""
    repeats = learnt(RepeatedLines(), "Another line.")
    short = "The minister resigned on Friday."

    found = [
        repeats.learn(story(50, short, url=f"https://valley.example/copy-{copy}", id=str(copy)))
        for copy in range(20)
    ]

    assert not any(short in lines for lines in found)


def test_a_story_revised_many_times_does_not_repeat() -> None:
    """Revisions share most of their longest lines; what they share stays in the story."""
    repeats = learnt(RepeatedLines(), "Another line.")
    short = "The minister resigned on Friday."

    found = [
        repeats.learn(story(50, short, f"Update {revision}: " + "more was said. " * revision))
        for revision in range(12)
    ]

    assert not any(short in lines for lines in found)


def test_a_sentence_of_background_stays() -> None:
    """What one article in five says is no furniture."""
    repeats = RepeatedLines()
    background = "The war began in February 2022."

    for number in range(60):
        extra = [background] if number % 5 == 0 else []
        assert repeats.learn(story(number, *extra)) == frozenset()


def test_a_second_delivery_gets_the_same_answer() -> None:
    """An article does not count against its own lines, however often it comes."""
    repeats = learnt(RepeatedLines(), SLOGAN, stories=8)
    article = story(99, SLOGAN, "A line of its own.")

    answers = {repeats.learn(article) for _ in range(12)}

    assert answers == {frozenset({SLOGAN})}


@pytest.mark.parametrize("stories", range(STORIES_SEEN, STORIES_REMEMBERED + 4))
def test_a_delivery_again_at_the_edge_of_memory_gets_the_same_answer(stories: int) -> None:
    """That the oldest story makes room does not change the answer to the one that came."""
    repeats = RepeatedLines()
    for number in range(stories):
        repeats.learn(story(number, *([SLOGAN] if number < 6 else [])))
    article = story(99, SLOGAN)

    assert repeats.learn(article) == repeats.learn(article)


def test_what_a_host_no_longer_says_is_forgotten() -> None:
    """After as many stories without it as are remembered, a line is the story's again."""
    repeats = learnt(RepeatedLines(), SLOGAN)
    for number in range(100, 100 + STORIES_REMEMBERED):
        repeats.learn(story(number))

    assert repeats.learn(story(999, SLOGAN)) == frozenset()


def test_a_long_notice_on_every_page_does_not_make_all_pages_one_story() -> None:
    """Stories are told apart by half of their longest lines, not by any."""
    notice = "This page holds offers of partners. " * 8
    repeats = learnt(RepeatedLines(), notice, SLOGAN)

    assert SLOGAN in repeats.learn(story(99, notice, SLOGAN))


def test_lines_without_letters_and_long_lines_never_repeat() -> None:
    """A rule of stars separates; a long line is a paragraph."""
    paragraph = "A paragraph of more than two hundred characters. " * 5
    repeats = learnt(RepeatedLines(), "* * *", paragraph)

    assert repeats.learn(story(99, "* * *", paragraph)) == frozenset()


@pytest.mark.parametrize(
    ("given", "host"),
    [
        pytest.param({"url": "https://www.Valley.example:8080/a"}, "valley.example", id="url"),
        pytest.param({"url": "https://m.valley.example/a", "source": "X"}, "m.valley.example", id="both"),
        pytest.param({"source": "The Valley"}, "the valley", id="source"),
        pytest.param({}, None, id="neither"),
    ],
)  # fmt: skip
def test_the_host_is_the_address_else_the_source(given: dict[str, str], host: str | None) -> None:
    """Without either nothing can be learnt."""
    assert host_of(raw("A text.", **given)) == host


def test_memory_is_bounded() -> None:
    """The worst host takes less than 100 kB, and the host unused for longest makes room."""
    repeats = RepeatedLines()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(2 * STORIES_REMEMBERED):
        repeats.learn(story(number, *(f"Line {line} of {number}" for line in range(100))))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for number in range(MOST_HOSTS + 5):
        repeats.learn(story(1, host=f"host-{number}.example"))

    assert after - before < 100_000
    assert len(repeats._hosts) == MOST_HOSTS


def test_the_model_takes_learnt_lines_out_and_says_so(model_folder: Path) -> None:
    """In the running service a repeating line is removed with its reason; without memory it stays."""
    model, repeats = Model.open(model_folder, HeldClock()), RepeatedLines()
    model.classify([story(number, SLOGAN) for number in range(10)], repeats)

    (article,) = model.classify([story(99, SLOGAN)], repeats)
    (without,) = model.classify([story(99, SLOGAN)])

    assert [span.reason for span in article.removed] == ["repeated"]
    assert without.removed == ()
