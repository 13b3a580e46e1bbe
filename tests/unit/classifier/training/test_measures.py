import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import f1_score, precision_score, recall_score

from services.classifier.training import measures
from services.classifier.training.figures import Figure
from services.classifier.training.measures import Outcomes

ROW = st.tuples(
    st.booleans(),
    st.sampled_from(["yes", "no", "unsure"]),
    st.floats(0, 1),
    st.floats(0.01, 50),
)


def outcomes(rows: list[tuple[bool, str, float, float]]) -> Outcomes:
    """Return outcomes from rows of truth, decision, probability, weight; all clear."""
    return Outcomes(
        truth=np.array([row[0] for row in rows]),
        yes=np.array([row[1] == "yes" for row in rows]),
        unsure=np.array([row[1] == "unsure" for row in rows]),
        clear=np.ones(len(rows), dtype=bool),
        probability=np.array([row[2] for row in rows]),
        weight=np.array([row[3] for row in rows]),
    )


def shares(of: Outcomes, weight: Any) -> dict[str, float]:
    """Return each ratio as a plain number."""
    sums = measures.tally(of, weight).sum(axis=0)
    return {name: float(value) for name, value in measures.ratios(sums).items()}


def bootstrapped(of: Outcomes) -> Any:
    """Return precision of resampled articles."""
    resampled = measures.resampled_sums(measures.tally(of, np.ones(len(of.truth))))
    return measures.ratios(resampled)["precision"]


def test_figures_of_ten_articles_counted_by_hand() -> None:
    """4 positives: 2 hit, 1 unsure, 1 missed; 6 others: 1 yes, 1 unsure, 4 no."""
    rows = [(True, "yes", 0.9, 1.0)] * 2 + [(True, "unsure", 0.5, 1.0), (True, "no", 0.1, 1.0)]
    rows += [(False, "yes", 0.9, 1.0), (False, "unsure", 0.5, 1.0)] + [(False, "no", 0.1, 1.0)] * 4

    found = shares(outcomes(rows), np.ones(10))

    assert found == pytest.approx(
        {
            "precision": 2 / 3,
            "recall": 2 / 4,
            "f1": 4 / 7,
            "said_share": 3 / 10,
            "unsure": 2 / 10,
            "decided": 8 / 10,
            "decided_positives": 3 / 4,
        }
    )


@given(st.lists(ROW, min_size=1, max_size=40))
def test_figures_agree_with_scikit_learn(rows: list[tuple[bool, str, float, float]]) -> None:
    """Weighted and unweighted, wherever scikit-learn defines them, too."""
    of = outcomes(rows)
    for weight in (np.ones(len(rows)), of.weight):
        found = shares(of, weight)
        for name, theirs in (
            ("precision", precision_score),
            ("recall", recall_score),
            ("f1", f1_score),
        ):
            expected = theirs(of.truth, of.yes, sample_weight=weight, zero_division=np.nan)
            assert found[name] == pytest.approx(expected, nan_ok=True), name


def test_what_has_no_divisor_is_undefined_and_not_zero() -> None:
    """Without any yes there is no precision; without positives no recall; F1 needs one of both."""
    nothing = shares(outcomes([(False, "no", 0.1, 1.0)]), np.ones(1))
    missed = shares(outcomes([(True, "no", 0.1, 1.0)]), np.ones(1))

    assert np.isnan([nothing["precision"], nothing["recall"], nothing["f1"]]).all()
    assert np.isnan(missed["precision"])
    assert (missed["recall"], missed["f1"]) == (0.0, 0.0)
    assert Figure(None, None, None) == measures.figure(np.nan, np.array([0.5, 1.0]))


def test_the_interval_is_that_of_the_binomial() -> None:
    """240 of 400 right: bootstrap and normal approximation, .60 ± 1.96 · .0245, agree to a point."""
    rows = [(True, "yes", 0.9, 1.0)] * 240 + [(False, "yes", 0.9, 1.0)] * 160
    found = measures.figure(0.6, bootstrapped(outcomes(rows)))

    assert found.low == pytest.approx(0.552, abs=0.01)
    assert found.high == pytest.approx(0.648, abs=0.01)


def test_resampling_draws_whole_articles_and_repeats_itself() -> None:
    """Columns of a row go together, as many rows are drawn as there are, the seed decides which."""
    columns = np.column_stack([np.ones(50), np.arange(50), 2 * np.arange(50)])

    one, two = measures.resampled_sums(columns), measures.resampled_sums(columns)
    other = measures.resampled_sums(columns, seed=1)

    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)
    assert (one[:, 0] == 50).all()
    assert np.array_equal(2 * one[:, 1], one[:, 2])
    assert len(one) == measures.RESAMPLES == 1_000


def test_resampling_agrees_with_drawing_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are a matter of memory: with any size the rows drawn are those of one long draw."""
    columns = np.random.default_rng(3).random((7, 2))
    drawn = np.random.default_rng(measures.SEED).integers(0, 7, (1_000, 7))
    expected = columns[drawn].sum(axis=1)

    monkeypatch.setattr(measures, "_BLOCK", 7 * 13)

    assert measures.resampled_sums(columns) == pytest.approx(expected)


def test_a_thousand_resamples_of_three_thousand_articles_take_under_two_seconds() -> None:
    """With all columns of three topics: 54 each."""
    columns = np.random.default_rng(1).random((3_000, 162))
    begun = time.perf_counter()

    measures.resampled_sums(columns)

    assert time.perf_counter() - begun < 2


def test_calibration_error_of_five_articles_counted_by_hand() -> None:
    """Two bins: |.15 - .25| with weight 4 and |.95 - 1| with weight 1, over 5: .09."""
    rows = [
        (True, "no", 0.15, 1.0), (False, "no", 0.15, 1.0), (False, "no", 0.15, 2.0),
        (True, "yes", 0.9, 0.5), (True, "yes", 1.0, 0.5),
    ]  # fmt: skip
    of = outcomes(rows)
    columns = measures.bin_columns(of)

    found = measures.calibration(of, columns.sum(axis=0), measures.resampled_sums(columns))

    filled = {bin_.low: bin_ for bin_ in found.bins if bin_.promised is not None}
    assert found.error.value == pytest.approx((4 * 0.1 + 1 * 0.05) / 5)
    assert filled.keys() == {0.1, 0.9}
    assert [filled[0.1].articles, filled[0.9].articles] == [3, 2]
    assert [filled[0.1].share, filled[0.9].share] == [0.8, 0.2]
    assert [filled[0.1].promised, filled[0.9].promised] == [0.15, 0.95]
    assert [filled[0.1].observed.value, filled[0.9].observed.value] == [0.25, 1.0]
    assert len(found.bins) == 10
    assert Figure(None, None, None) == found.bins[5].observed


def test_bins_agree_with_scikit_learn() -> None:
    """The points of its reliability curve are ours, for probabilities off the borders."""
    random = np.random.default_rng(5)
    probability, truth = random.random(500), random.random(500) < 0.4
    rows = [(bool(t), "no", float(p), 1.0) for t, p in zip(truth, probability, strict=True)]
    of = outcomes(rows)
    columns = measures.bin_columns(of)

    found = measures.calibration(of, columns.sum(axis=0), measures.resampled_sums(columns))
    observed, promised = calibration_curve(truth, probability, n_bins=10)

    assert [bin_.promised for bin_ in found.bins] == pytest.approx(promised, abs=1e-4)
    assert [bin_.observed.value for bin_ in found.bins] == pytest.approx(observed, abs=1e-4)


def test_every_published_probability_falls_into_the_bin_of_its_digits() -> None:
    """0.7 times 10 is not 7 in floating point; the bin is found as a person would."""
    published = [number / 10_000 for number in range(10_001)]

    found = measures.bin_of(np.array(published)).tolist()

    assert found == [min(number // 1_000, 9) for number in range(10_001)]


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        pytest.param(1.0, 2.0, 0.5, id="a number"),
        pytest.param(1.0, 0.0, np.nan, id="by nothing"),
        pytest.param([1.0, 2.0], [2.0, 0.0], [0.5, np.nan], id="elementwise"),
        pytest.param([1.0, 3.0], 4.0, [0.25, 0.75], id="all by one"),
    ],
)
def test_division_by_nothing_is_nan_and_warns_not(above: Any, below: Any, expected: Any) -> None:
    """Warnings are errors here, so that a quiet nan is really quiet."""
    assert measures.divided(above, below) == pytest.approx(np.array(expected), nan_ok=True)
