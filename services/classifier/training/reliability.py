"""Draw how far probabilities can be taken at their word: a reliability diagram as PNG.

Matplotlib is the optional extra `plots` and is imported only here, only when a plot is asked for.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.classifier.training.figures import Bin, Evaluation, TopicFigures
from shared.errors import UsageError

_PANEL_INCHES, _DPI = 4.0, 120


def require_plotting(path: Path) -> None:
    """Raise UsageError with the cure if no plot could be written to `path`.

    Called before the articles are classified, so that nobody waits in vain.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"--plot writes PNG; name the file something.png, not {path.name}")
    if not path.parent.is_dir():
        raise UsageError(f"--plot: the folder {path.parent} is not there; make it first")
    if find_spec("matplotlib") is None:
        raise UsageError("--plot needs Matplotlib; install it: pip install 'topicwire[plots]'")


def plot(evaluation: Evaluation, path: Path) -> None:
    """Write one panel per topic to `path`; raises UsageError if it can't be written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 an optional extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    number = len(evaluation.topics)
    drawing = Figure(figsize=(_PANEL_INCHES * number, _PANEL_INCHES * 1.15), layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots(1, number, squeeze=False)[0]
    for place, topic in zip(axes, evaluation.topics, strict=True):
        _panel(place, topic)
    handles, labels = axes[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    drawing.suptitle(f"{evaluation.articles} articles, {evaluation.model}, {evaluation.profile}")
    try:
        drawing.savefig(path, format="png", dpi=_DPI)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from error


def _panel(place: Any, topic: TopicFigures) -> None:
    """Draw promised against observed shares with intervals; bars show where the articles lie."""
    filled = [bin_ for bin_ in topic.calibration.bins if bin_.promised is not None]
    error = topic.calibration.error.value
    place.set_title(f"{topic.topic}\ncalibration error {0.0 if error is None else error:.3f}")
    place.bar(
        [(bin_.low + bin_.high) / 2 for bin_ in filled], [bin_.share for bin_ in filled],
        width=0.09, color="0.88", label="share of articles",
    )  # fmt: skip
    place.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1, label="perfect")
    place.errorbar(
        [bin_.promised for bin_ in filled], [bin_.observed.value for bin_ in filled],
        yerr=_bars(filled), marker="o", linestyle="none", capsize=2, label="observed, 95 %",
    )  # fmt: skip
    place.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability promised", ylabel="truly on the topic")


def _bars(bins: list[Bin]) -> list[list[float]]:
    """Return the lengths below and above each point."""
    intervals = [
        (bin_.observed.low or 0.0, bin_.observed.value or 0.0, bin_.observed.high or 0.0)
        for bin_ in bins
    ]
    below = [max(0.0, value - low) for low, value, _ in intervals]
    return [below, [max(0.0, high - value) for _, value, high in intervals]]
