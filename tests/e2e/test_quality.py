"""`make evaluate`: train, measure, compare with what was accepted. On a slice of the corpus: quick."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import environment
from tests.support.services import ROOT


@dataclass(frozen=True)
class Quality:
    """The command with its files; models are trained once and found again."""

    models: Path
    corpus: Path
    figures: Path
    real: Path

    def run(self, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end."""
        files = {
            "--corpus": self.corpus,
            "--figures": self.figures,
            "--real": self.real,
            "--models": self.models,
        }
        command = [sys.executable, ROOT / "benchmarks/quality.py", *options]
        for name, path in files.items():
            command += [name, path]
        clean = {name: value for name, value in environment().items() if name != "CI"}
        return subprocess.run(
            list(map(str, command)), cwd=self.models.parent, env={**clean, **variables},
            capture_output=True, text=True, timeout=170, check=False,
        )  # fmt: skip

    def accepted(self) -> Any:
        """Return the figures as they lie there."""
        return json.loads(self.figures.read_text("utf-8"))


@pytest.fixture(scope="module")
def quality(tmp_path_factory: pytest.TempPathFactory, corpus_slice: Path) -> Quality:
    """Return the command after its figures were accepted, with a few real articles."""
    folder = tmp_path_factory.mktemp("quality")
    made = Quality(folder / "models", corpus_slice, folder / "figures.json", folder / "real.jsonl")
    lines = (corpus_slice / "articles/de.jsonl").read_text("utf-8").splitlines()[:40]
    made.real.write_text("\n".join(lines), "utf-8")
    done = made.run("--accept")
    assert done.returncode == 0, done.stderr
    return made


def test_accepted_figures_hold_numbers_and_no_text(quality: Quality) -> None:
    """By data set, profile and topic; ids and titles of third-party articles are not kept."""
    found = quality.accepted()

    assert list(found) == ["held-out fifth of the corpus", "real articles"]
    for profiles in found.values():
        assert sorted(profiles) == ["accurate", "fast"]
        for run in profiles.values():
            assert sorted(run) == ["articles", "model", "topics"]
            assert run["topics"]["diplomacy"]["f1_clear"]["value"] > 0.3
    lines = quality.real.read_text("utf-8").splitlines()
    kept = quality.figures.read_text("utf-8")
    assert not [line for line in lines if json.loads(line)["id"] in kept]


def test_the_same_model_has_not_fallen(quality: Quality) -> None:
    """Trained models are found again; nothing is written; every figure is the same."""
    before = quality.figures.read_bytes()

    done = quality.run()

    assert (done.returncode, done.stderr) == (0, "")
    assert "same" in done.stdout
    assert "FELL" not in done.stdout
    assert "aims" in done.stdout
    assert quality.figures.read_bytes() == before


def test_a_fall_beyond_noise_fails_and_is_named(quality: Quality, tmp_path: Path) -> None:
    """What was accepted was better than any interval reaches; accepting ends it."""
    worse = replace(quality, figures=tmp_path / "figures.json")
    figures = quality.accepted()
    f1 = figures["real articles"]["fast"]["topics"]["diplomacy"]["f1_clear"]
    f1["value"] = 1.01
    worse.figures.write_text(json.dumps(figures), "utf-8")

    fell, accepted, after = worse.run(), worse.run("--accept"), worse.run()

    assert fell.returncode == 1
    assert "F1 of diplomacy (real articles, fast) fell from 1.01 to" in fell.stderr
    assert "ACCEPT=1" in fell.stderr
    assert [accepted.returncode, after.returncode] == [0, 0]


def test_without_real_articles_they_are_left_out_but_not_in_ci(
    quality: Quality, tmp_path: Path
) -> None:
    """A developer may lack them; CI may not."""
    alone = replace(quality, real=tmp_path / "missing.jsonl")

    done, ci = alone.run(), alone.run(CI="true")

    assert done.returncode == 0, done.stderr
    assert "real articles: left out" in done.stdout
    assert "held-out fifth" in done.stdout
    assert (ci.returncode, ci.stdout) == (1, "")
    assert "missing.jsonl is missing" in ci.stderr


def test_damaged_figures_are_wrong_use(quality: Quality, tmp_path: Path) -> None:
    """Told before anything is trained."""
    damaged = replace(quality, figures=tmp_path / "figures.json")
    damaged.figures.write_text("{", "utf-8")

    done = damaged.run()

    assert (done.returncode, done.stdout) == (2, "")
    assert "figures.json can't be read" in done.stderr


@pytest.mark.parametrize(
    ("variables", "command"),
    [
        pytest.param([], "benchmarks/quality.py  ", id="alone"),
        pytest.param(["ACCEPT=1"], "benchmarks/quality.py --accept ", id="accept"),
        pytest.param(["ACCEPT=0"], "benchmarks/quality.py  ", id="not accept"),
        pytest.param(["FILE=my file.jsonl"], 'topicwire evaluate "my file.jsonl" ', id="file"),
        pytest.param(["FILE="], "benchmarks/quality.py  ", id="no file"),
    ],
)
def test_make_evaluate_measures_a_file_or_compares(variables: list[str], command: str) -> None:
    """One verb; FILE and ACCEPT choose."""
    done = subprocess.run(
        ["make", "--dry-run", "evaluate", *variables],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines()[-1].endswith(command)
