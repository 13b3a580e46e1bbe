import sys
from pathlib import Path

import pytest

from services.classifier.training.reliability import plot, require_plotting
from shared.errors import UsageError
from tests.support.evaluation import evaluation


def test_the_plot_is_a_png(tmp_path: Path) -> None:
    """One panel per topic, whatever bins are empty."""
    plot(evaluation(), tmp_path / "plot.png")

    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        pytest.param("plot.pdf", r"something\.png", id="another kind of file"),
        pytest.param("nowhere/plot.png", "make it first", id="no such folder"),
    ],
)
def test_a_plot_that_can_not_be_written_is_refused_beforehand(
    tmp_path: Path, name: str, cure: str
) -> None:
    """Nobody waits for an evaluation to learn it."""
    with pytest.raises(UsageError, match=cure):
        require_plotting(tmp_path / name)


def test_without_matplotlib_the_cure_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an optional extra."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(UsageError, match=r"pip install 'topicwire\[plots\]'"):
        require_plotting(tmp_path / "plot.png")


def test_a_full_or_forbidden_place_is_told(tmp_path: Path) -> None:
    """A folder in the file's place stands for all of them."""
    (tmp_path / "plot.png").mkdir()

    with pytest.raises(UsageError, match="can't be written"):
        plot(evaluation(), tmp_path / "plot.png")
