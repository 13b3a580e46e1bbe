"""How good the model is, against the figures that were last accepted: `make evaluate`.

    python benchmarks/quality.py [--accept] [--worst N] [--real FILE] [--corpus FOLDER] …

corpus ─split─▶ four fifths ─train─▶ model ─▶ measured on the fifth held out ─┐
      └───────▶ everything ──train─▶ model ─▶ measured on real articles ──────┴▶ compare, accept

Real articles are read where they lie (../shared beside the checkout). Where they don't, they are
left out with a message; in CI (CI=true) that is a failure. Nothing of their text is kept.

Exit codes: 0 nothing fell, 1 a figure fell behind docs/figures.json by more than noise or the real
articles are missing in CI, 2 used wrongly. Aims are shown, not enforced.
"""

import argparse
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from services.classifier.artefact import MANIFEST, PROFILES  # noqa: E402 - of this checkout
from services.classifier.training import accept  # noqa: E402
from services.classifier.training.aims import aims  # noqa: E402
from services.classifier.training.corpus import (  # noqa: E402
    Corpus,
    Example,
    default_folder,
    read_corpus,
    read_file,
)
from services.classifier.training.evaluate import evaluate, open_model  # noqa: E402
from services.classifier.training.figures import Evaluation  # noqa: E402
from services.classifier.training.split import split  # noqa: E402
from services.classifier.training.train import train  # noqa: E402
from services.console import write  # noqa: E402
from services.reporting import (  # noqa: E402
    Progress,
    aims_table,
    changes_table,
    mistakes_table,
    topics_table,
)
from shared.clock import SystemClock  # noqa: E402
from shared.errors import TopicwireError, exit_code  # noqa: E402

REAL = ROOT.parent / "shared" / "eval" / "dev.jsonl"
FIGURES = ROOT / "docs" / "figures.json"
MODELS = ROOT / "build" / "quality"
HELD_OUT_DATA, REAL_DATA = "held-out fifth of the corpus", "real articles"
# What a trained model depends on beside the corpus: any change trains anew.
SOURCES = ("services/classifier/**/*.py", "shared/text.py", "requirements/run.txt")


@dataclass(frozen=True, slots=True)
class Task:
    """One model to train and the articles to measure it on."""

    data: str
    corpus: Corpus
    articles: Sequence[Example]


def main() -> int:
    """Measure, compare, accept if asked to; return the exit code."""
    options = _options()
    try:
        return run(options)
    except TopicwireError as error:
        sys.stderr.write(f"quality: {error}\n")
        return exit_code(error)


def run(options: argparse.Namespace) -> int:
    """Do what the options ask."""
    if not options.real.exists() and os.environ.get("CI") == "true":
        sys.stderr.write(f"quality: CI measures on real articles, but {options.real} is missing\n")
        return 1
    before, measured = accept.read(options.figures), accept.Accepted()
    for task in tasks(options):
        for found in measure(task, options):
            show(task, found)
            measured.setdefault(task.data, {})[found.profile] = accept.watched(found)
    changes = list(accept.changes(before, measured))
    if changes:
        write(changes_table(changes))
    if options.accept:
        accept.write(options.figures, accept.merged(before, measured))
        print(f"accepted: {options.figures.name} is written; commit it with the reason")
        return 0
    return verdict(changes, compared=bool(before))


def tasks(options: argparse.Namespace) -> Iterator[Task]:
    """Yield what is to be measured; the whole corpus first, whose encoding the other part reuses."""
    corpus = read_corpus(options.corpus)
    if options.real.exists():
        yield Task(REAL_DATA, corpus, read_file(options.real))
    else:
        print(f"{REAL_DATA}: left out, {options.real.name} is not beside the checkout")
    learn, held_out = split(corpus.examples)
    yield Task(HELD_OUT_DATA, replace(corpus, examples=learn), held_out)


def measure(task: Task, options: argparse.Namespace) -> Iterator[Evaluation]:
    """Yield the evaluation of each profile."""
    clock, folder = SystemClock(), trained(task.corpus, options.models)
    for profile in PROFILES:
        yield evaluate(
            open_model(folder, clock, profile=profile), task.articles, clock,
            profile=profile, worst_mistakes=options.worst, progress=Progress.start(clock),
        )  # fmt: skip


def trained(corpus: Corpus, models: Path) -> Path:
    """Return the folder of a model of this corpus and this code; trains it if there is none yet."""
    digest = hashlib.sha256(corpus.fingerprint().encode())
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    folder = models / digest.hexdigest()[:16]
    if not (folder / MANIFEST).exists():
        train(corpus, folder, clock=SystemClock(), progress=_tell, cache=models / "vectors.npz")
    folder.touch()
    _forget_old(models)
    return folder


def show(task: Task, found: Evaluation) -> None:
    """Print figures, aims and mistakes of one evaluation."""
    print(f"\n{task.data}, profile {found.profile}")
    write(topics_table(found), aims_table(found, aims(found)))
    write(*(mistakes_table(topic) for topic in found.topics if topic.worst))


def verdict(changes: Sequence[accept.Change], *, compared: bool) -> int:
    """Say whether anything fell; return the exit code."""
    if not compared:
        print("nothing was accepted yet: `make evaluate ACCEPT=1` writes these figures")
    fallen = [change for change in changes if change.fell]
    for change in fallen:
        sys.stderr.write(
            f"quality: {change.figure} of {change.topic} ({change.data}, {change.profile}) fell from "
            f"{change.accepted.value} to {change.now.value}, beyond noise; mend it, or accept it "
            "with `make evaluate ACCEPT=1`\n"
        )
    return 1 if fallen else 0


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _forget_old(models: Path, keep: int = 4) -> None:
    """Remove all but the models used last: two of this code, two of the code before."""
    folders = [path for path in models.iterdir() if path.is_dir()]
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime)[:-keep]:
        shutil.rmtree(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accept", action="store_true", help="write the figures as accepted")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="mistakes per topic")
    parser.add_argument("--real", type=Path, default=REAL, help="labelled real articles")
    parser.add_argument("--corpus", type=Path, default=default_folder())
    parser.add_argument("--figures", type=Path, default=FIGURES, help="the accepted figures")
    parser.add_argument("--models", type=Path, default=MODELS, help="where trained models are kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
