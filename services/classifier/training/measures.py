"""The statistics of an evaluation. Pure: arrays in, figures out; knows no model and no file.

Everything measured is a ratio of sums over articles. So an evaluation becomes a matrix with a row
per article and a column per sum, and a bootstrap (Efron 1979) becomes one matrix product:
resampled counts (n_resamples, n_articles) times columns (n_articles, n_columns).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.classifier.training.figures import Bin, Calibration, Figure, Scores

RESAMPLES = 1_000
SEED = 0
BINS = 10
# Sums of one set of articles, in the order of tally's columns.
_SUMS = ("articles", "positives", "said", "hits", "unsure", "unsure_positives")
# 4 million counts of 8 bytes at a time: 32 MB, whatever the number of articles.
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What was true and what was said of one topic: arrays (n_articles,), in the same order.

    truth, yes, unsure, clear: bool; probability: float in 0..1; weight: float, at least 0.
    """

    truth: Any
    yes: Any
    unsure: Any
    clear: Any
    probability: Any
    weight: Any

    def of(self, chosen: Any) -> "Outcomes":
        """Return the outcomes of chosen articles: bool (n_articles,)."""
        return Outcomes(
            self.truth[chosen], self.yes[chosen], self.unsure[chosen],
            self.clear[chosen], self.probability[chosen], self.weight[chosen],
        )  # fmt: skip


def resampled_sums(columns: Any, *, resamples: int = RESAMPLES, seed: int = SEED) -> Any:
    """Return the column sums of resampled articles: float (resamples, n_columns).

    columns: float (n_articles, n_columns). Rows are drawn with replacement, all columns of a row
    together. The same seed and number of articles draw the same rows.
    """
    total, random = len(columns), np.random.default_rng(seed)
    found, block = np.empty((resamples, columns.shape[1])), max(1, _BLOCK // max(1, total))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = random.integers(0, total, (size, total)) + total * np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * total).reshape(size, total)
        found[start : start + size] = counts.astype(float) @ columns
    return found


def tally(outcomes: Outcomes, weight: Any) -> Any:
    """Return what each article adds to the sums of scores: float (n_articles, 6), times `weight`."""
    columns = np.column_stack([
        np.ones(len(outcomes.truth)), outcomes.truth, outcomes.yes, outcomes.yes & outcomes.truth,
        outcomes.unsure, outcomes.unsure & outcomes.truth,
    ])  # fmt: skip
    return columns * np.asarray(weight, dtype=float)[:, None]


def ratios(sums: Any) -> dict[str, Any]:
    """Return each share from sums (..., 6) as in tally; nan where there is nothing to divide by."""
    count = dict(zip(_SUMS, np.moveaxis(sums, -1, 0), strict=True))
    return {
        "precision": divided(count["hits"], count["said"]),
        "recall": divided(count["hits"], count["positives"]),
        "f1": divided(2 * count["hits"], count["said"] + count["positives"]),
        "said_share": divided(count["said"], count["articles"]),
        "unsure": divided(count["unsure"], count["articles"]),
        "decided": 1 - divided(count["unsure"], count["articles"]),
        "decided_positives": 1 - divided(count["unsure_positives"], count["positives"]),
    }


def scores(outcomes: Outcomes, chosen: Any, sums: Any, resampled: Any) -> Scores:
    """Return the figures of chosen articles.

    chosen: bool (n_articles,), for the plain counts; sums (6,) and resampled (n_resamples, 6) are
    those of tally over the chosen articles, weighted or not.
    """
    spread = ratios(resampled)
    return Scores(
        articles=int(np.sum(chosen)),
        positives=int(np.sum(outcomes.truth & chosen)),
        said=int(np.sum(outcomes.yes & chosen)),
        **{name: figure(value, spread[name]) for name, value in ratios(sums).items()},
    )


def figure(value: Any, resampled: Any) -> Figure:
    """Return a value with the 2.5 and 97.5 percentiles of its resamples (those that are defined).

    Where all or none are right the interval has no width, however few they are: read it together
    with the number of articles.
    """
    defined = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or not len(defined):
        return Figure(None, None, None)
    low, high = np.percentile(defined, [2.5, 97.5])
    return Figure(round(float(value), 4), round(float(low), 4), round(float(high), 4))


def bin_columns(outcomes: Outcomes) -> Any:
    """Return what each article adds to the bins: float (n_articles, 3 * BINS).

    Per bin its weight, its weight times the probability, its weight if truly on the topic; a
    probability on a border belongs to the bin above, 1 to the last.
    """
    inside = bin_of(outcomes.probability)[:, None] == np.arange(BINS)
    weight = inside * outcomes.weight[:, None]
    parts = [weight, weight * outcomes.probability[:, None], weight * outcomes.truth[:, None]]
    return np.concatenate(parts, axis=1)


def bin_of(probability: Any) -> Any:
    """Return the number of the bin, from 0, of each probability."""
    # Published probabilities have four decimals, and 0.7 * 10 is 7.000000000000001 or 6.99….
    return np.minimum(np.floor(np.round(probability * BINS, 6)).astype(int), BINS - 1)


def calibration_error(sums: Any) -> Any:
    """Return the expected calibration error from sums (..., 3 * BINS) as in bin_columns.

    Σ share · |promised - observed| over equal-width bins (Naeini et al. 2015); nan without weight.
    """
    weight, promised, observed = np.split(sums, 3, axis=-1)
    return divided(np.abs(promised - observed).sum(axis=-1), weight.sum(axis=-1))


def calibration(outcomes: Outcomes, sums: Any, resampled: Any) -> Calibration:
    """Return error and bins; sums (3 * BINS,), resampled (n_resamples, 3 * BINS)."""
    weight, promised, observed = np.split(sums, 3)
    spread_weight, _, spread_observed = np.split(resampled, 3, axis=1)
    means = divided(promised, weight)
    shares, observed_shares = divided(weight, weight.sum()), divided(observed, weight)
    spread = divided(spread_observed, spread_weight)
    numbers = np.bincount(bin_of(outcomes.probability), minlength=BINS)
    return Calibration(
        error=figure(calibration_error(sums), calibration_error(resampled)),
        bins=tuple(
            Bin(
                low=round(number / BINS, 4),
                high=round((number + 1) / BINS, 4),
                articles=int(numbers[number]),
                share=round(float(np.nan_to_num(shares[number])), 4),
                promised=round(float(means[number]), 4) if weight[number] > 0 else None,
                observed=figure(observed_shares[number], spread[:, number]),
            )
            for number in range(BINS)
        ),
    )


def divided(above: Any, below: Any) -> Any:
    """Return above / below, nan where `below` is 0."""
    above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    shape = np.broadcast_shapes(above.shape, below.shape)
    return np.divide(above, below, out=np.full(shape, np.nan), where=below > 0)
