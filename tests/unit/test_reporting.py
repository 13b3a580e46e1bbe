import pytest

from services.classifier.training.accept import Change
from services.classifier.training.aims import aims
from services.classifier.training.figures import Figure
from services.console import write
from services.reporting import Progress, aims_table, changes_table, share, show_evaluation
from tests.support.build import HeldClock
from tests.support.evaluation import evaluation


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the terminal wide enough for every table."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.usefixtures("wide")
def test_an_evaluation_is_shown_with_everything_it_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Figures with intervals, languages, bins that are not empty, pairs, mistakes with words."""
    show_evaluation(evaluation())

    out = capsys.readouterr().out
    assert "0.75 (0.60–0.90)" in out
    assert "clear, weighted" in out
    assert "arms_trade by language" in out
    assert "calibration error 0.050 (0.030–0.100)" in out
    assert out.count("0.1–0.2") == 1
    assert "0.2–0.3" not in out
    assert "all topics right: 92 of 100 articles" in " ".join(out.split())
    assert "tank, deal" in out
    assert "no (borderline)" in out


@pytest.mark.usefixtures("wide")
def test_a_title_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Titles come from outside."""
    show_evaluation(evaluation())

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"\x1b[2J" in out


@pytest.mark.usefixtures("wide")
def test_aims_and_changes_say_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    """Reached or missed, fallen or by how much it moved."""
    found = evaluation()
    now, low = Figure(0.75, 0.6, 0.9), Figure(0.3, 0.2, 0.4)
    made = [
        Change(data="real", profile="fast", topic="t", figure="F1", accepted=then, now=after)
        for then, after in ((now, low), (low, now), (now, now))
    ]

    write(aims_table(found, aims(found)))
    write(changes_table(made))

    out = capsys.readouterr().out
    assert all(word in out for word in ("≥ 0.80", "≤ 0.05", "missed", "reached"))
    assert all(word in out for word in ("FELL", "+0.45", "same"))


def test_a_figure_that_is_not_there_is_a_dash() -> None:
    """None is not zero."""
    assert share(Figure(None, None, None)) == "–"


def test_progress_is_told_every_five_seconds_and_never_of_a_short_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On standard error, so that JSON stays JSON."""
    clock = HeldClock()
    progress = Progress.start(clock)

    for seconds in (1, 3.9, 0.1, 4, 2):
        clock.advance(seconds=seconds)
        progress(1_280, 5_850)

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "1,280 of 5,850 articles measured\n" * 2
