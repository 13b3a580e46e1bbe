from services.classifier.training.corpus import Example
from services.classifier.training.figures import Pair
from services.classifier.training.mistakes import Verdict, pairs, worst
from shared.messages import Decision, Evidence, TopicLabel

TOPICS = ("arms_trade", "diplomacy")


def verdict(
    labels: tuple[str, ...],
    *probabilities: float,
    borderline: tuple[str, ...] = (),
    name: str = "a",
) -> Verdict:
    """Return an article with labels and probabilities by topic: yes from 0.6, unsure from 0.3."""
    example = Example(
        id=name, text="Text.", title=f"Title {name}", labels=labels, borderline=borderline
    )
    return Verdict(example, "en", tuple(map(label, TOPICS, probabilities)))


def label(topic: str, probability: float) -> TopicLabel:
    """Return a label that decides by 0.6 and 0.3."""
    return TopicLabel(
        topic=topic,
        probability=probability,
        decision=Decision.YES
        if probability >= 0.6
        else Decision.UNSURE
        if probability >= 0.3
        else Decision.NO,
        threshold=0.6,
        threshold_no=0.3,
        evidence=(Evidence(term="Text", weight=1.0, start=0, end=4),),
    )


def test_pairs_count_true_sets_against_said_sets() -> None:
    """Wrong ones first, the most frequent on top; unsure is not said."""
    verdicts = [
        verdict(("arms_trade",), 0.9, 0.9),
        verdict(("arms_trade",), 0.9, 0.7),
        verdict(("diplomacy",), 0.1, 0.5),
        verdict((), 0.1, 0.1),
        verdict((), 0.1, 0.1),
        verdict((), 0.1, 0.1),
    ]

    assert pairs(verdicts) == (
        Pair(labelled=("arms_trade",), said=TOPICS, articles=2, clear=2),
        Pair(labelled=("diplomacy",), said=(), articles=1, clear=1),
        Pair(labelled=(), said=(), articles=3, clear=3),
    )


def test_topics_stand_in_the_manifests_order_however_they_were_labelled() -> None:
    """The same set is one row."""
    (found,) = pairs([verdict(TOPICS, 0.9, 0.9), verdict(TOPICS[::-1], 0.9, 0.9)])

    assert found == Pair(labelled=TOPICS, said=TOPICS, articles=2, clear=2)
    assert found.right


def test_a_difference_on_borderline_topics_alone_is_not_clear() -> None:
    """One clear topic among those that differ is enough to count."""
    (alone,) = pairs([verdict((), 0.9, 0.1, borderline=("arms_trade",))])
    (both,) = pairs([verdict((), 0.9, 0.9, borderline=("arms_trade",))])

    assert (alone.articles, alone.clear) == (1, 0)
    assert (both.articles, both.clear) == (1, 1)


def test_worst_are_the_surest_mistakes_clear_ones_first() -> None:
    """Right decisions, and unsure where nothing is labelled, are no mistakes."""
    verdicts = [
        verdict((), 0.7, 0.0, name="mild"),
        verdict((), 0.99, 0.0, name="sure"),
        verdict(("arms_trade",), 0.02, 0.0, name="missed"),
        verdict(("arms_trade",), 0.5, 0.0, name="hesitated"),
        verdict(("arms_trade",), 0.01, 0.0, name="disputed", borderline=("arms_trade",)),
        verdict((), 0.5, 0.0, name="rightly unsure"),
        verdict(("arms_trade",), 0.9, 0.0, name="right"),
    ]

    found = worst(verdicts, 0, 10)

    assert [m.id for m in found] == ["sure", "missed", "mild", "hesitated", "disputed"]
    assert worst(verdicts, 0, 2) == found[:2]
    assert worst(verdicts, 0, 0) == worst(verdicts, 1, 10) == ()


def test_a_mistake_says_what_is_needed_to_judge_it() -> None:
    """Title, language, label, decision, probability, threshold, words."""
    (found,) = worst([verdict((), 0.7, 0.0)], 0, 1)

    assert (found.title, found.language, found.labelled) == ("Title a", "en", False)
    assert (found.decision, found.probability, found.threshold) == (Decision.YES, 0.7, 0.6)
    assert (found.borderline, found.words) == (False, ("Text",))


def test_an_article_without_title_is_shown_by_its_first_line() -> None:
    """Cut to a title's length."""
    example = Example(id="a", text=f"\n{'First. ' * 20}\nSecond.", labels=())

    (found,) = worst([Verdict(example, "en", (label("arms_trade", 0.9),))], 0, 1)

    assert found.title == ("First. " * 20)[:60]
