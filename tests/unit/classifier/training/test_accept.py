from pathlib import Path

import msgspec
import pytest

from services.classifier.training.accept import (
    Accepted,
    AcceptedRun,
    AcceptedTopic,
    changes,
    merged,
    read,
    watched,
    write,
)
from services.classifier.training.figures import Figure
from shared.errors import UsageError
from tests.support.evaluation import evaluation

NONE, GOOD = Figure(None, None, None), Figure(0.9, 0.8, 1.0)


def run(f1: Figure, *, precision: Figure = GOOD, topic: str = "diplomacy") -> AcceptedRun:
    """Return what is watched of a run with one topic."""
    topics = {topic: AcceptedTopic(f1_clear=f1, precision_clear=precision)}
    return AcceptedRun(model="m 1", articles=100, topics=topics)


def fallen(accepted: Accepted, measured: Accepted) -> list[tuple[str, str]]:
    """Return topic and figure of every fall."""
    return [(c.topic, c.figure) for c in changes(accepted, measured) if c.fell]


@pytest.mark.parametrize(
    ("now", "fell"),
    [
        pytest.param(Figure(0.85, 0.80, 0.95), False, id="better"),
        pytest.param(Figure(0.80, 0.70, 0.90), False, id="the same"),
        pytest.param(Figure(0.75, 0.66, 0.83), False, id="lower, within noise"),
        pytest.param(Figure(0.72, 0.64, 0.80), False, id="the interval just reaches it"),
        pytest.param(Figure(0.70, 0.61, 0.79), True, id="the whole interval is below"),
        pytest.param(Figure(0.0, 0.0, 0.0), True, id="nothing right any more"),
        pytest.param(NONE, True, id="no figure any more"),
    ],
)
def test_a_fall_is_what_the_new_interval_does_not_reach(now: Figure, fell: bool) -> None:
    """Accepted was .80."""
    accepted = {"real": {"fast": run(Figure(0.80, 0.71, 0.88))}}

    assert bool(fallen(accepted, {"real": {"fast": run(now)}})) is fell


def test_f1_and_precision_of_every_topic_are_watched() -> None:
    """Each is compared with its own."""
    low = Figure(0.1, 0.0, 0.2)
    accepted = {"real": {"fast": run(Figure(0.8, 0.7, 0.9))}}
    measured = {"real": {"fast": run(Figure(0.8, 0.7, 0.9), precision=low)}}

    assert fallen(accepted, measured) == [("diplomacy", "precision of yes")]
    assert len(list(changes(accepted, measured))) == 2


def test_what_was_never_accepted_can_not_fall() -> None:
    """A new data set, profile, topic, or a figure that was undefined, has nothing to fall from."""
    low, high = run(Figure(0.1, 0.0, 0.2)), run(GOOD)

    assert list(changes({}, {"real": {"fast": low}})) == []
    assert list(changes({"real": {"accurate": high}}, {"real": {"fast": low}})) == []
    assert fallen({"real": {"fast": run(NONE)}}, {"real": {"fast": low}}) == []


def test_what_is_not_measured_now_is_not_compared() -> None:
    """Where the real articles are missing, their figures neither fall nor go."""
    accepted = {"real": {"fast": run(GOOD)}}
    measured = {"held out": {"fast": run(Figure(0.5, 0.4, 0.6))}}

    assert list(changes(accepted, measured)) == []
    assert merged(accepted, measured) == {**accepted, **measured}


def test_a_topic_that_is_gone_has_fallen() -> None:
    """Dropping a topic is a decision, to be accepted as such."""
    accepted = {"real": {"fast": run(GOOD, topic="arms_trade")}}

    found = fallen(accepted, {"real": {"fast": run(GOOD)}})

    assert found == [("arms_trade", "F1"), ("arms_trade", "precision of yes")]


def test_accepted_figures_come_back_as_written(tmp_path: Path) -> None:
    """Profiles that were not measured stay; the file is one that people can read in a diff."""
    old = {"real": {"fast": run(NONE), "accurate": run(GOOD)}}
    path = tmp_path / "figures.json"

    write(path, merged(old, {"real": {"fast": run(Figure(0.5, 0.4, 0.6))}}))

    assert read(path) == {**old, "real": {**old["real"], "fast": run(Figure(0.5, 0.4, 0.6))}}
    assert path.read_text("utf-8").count("\n") > 10
    assert [path] == list(tmp_path.iterdir())


def test_without_a_file_nothing_was_accepted(tmp_path: Path) -> None:
    """The first run writes it."""
    assert read(tmp_path / "figures.json") == {}


def test_a_damaged_file_is_named_with_the_cure(tmp_path: Path) -> None:
    """It is not taken for an empty one: no fall would be seen."""
    (tmp_path / "figures.json").write_text('{"real": 3}', "utf-8")

    with pytest.raises(UsageError, match="ACCEPT=1"):
        read(tmp_path / "figures.json")


def test_no_text_of_an_article_is_kept() -> None:
    """Real articles belong to their publishers: figures stay, titles, words and ids do not."""
    kept = msgspec.json.encode(watched(evaluation())).decode()

    assert "Title" not in kept
    assert "article-" not in kept
    assert '"f1_clear":' in kept
