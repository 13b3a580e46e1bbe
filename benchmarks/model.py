"""How fast and how large the model is: both profiles side by side, on one core.

    python benchmarks/model.py [MODEL_FOLDER]

Reads real articles from ../shared/bench where they are, else our own corpus (and says so). Prints
articles per second of processor time, the share the encoder was asked about, the time of each step,
and the process's memory. MODEL_FOLDER: default topicwire-data/model (`topicwire train` makes it).
"""

import gzip
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from services.classifier.artefact import PROFILES  # noqa: E402 - of this checkout
from services.classifier.features import excerpt  # noqa: E402
from services.classifier.model import Model  # noqa: E402
from services.classifier.training.corpus import default_folder, read_folder  # noqa: E402
from services.console import table, write  # noqa: E402
from shared.clock import SystemClock  # noqa: E402
from shared.errors import TopicwireError, exit_code  # noqa: E402
from shared.intake import Arrival, article_from_object  # noqa: E402
from shared.messages import RawArticle  # noqa: E402

REAL = ROOT.parent / "shared" / "bench" / "articles.jsonl.gz"
ARTICLES, BATCH = 1_000, 256


def articles() -> list[RawArticle]:
    """Return a fixed sample of articles."""
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8") as file:
            given = [json.loads(line) for line in file]
    else:
        print(f"{REAL.relative_to(ROOT.parent)} is not there; measuring on our own corpus")
        given = [
            {"id": e.id, "title": e.title, "text": e.text} for e in read_folder(default_folder())
        ]
    sample = Random(0).sample(given, min(ARTICLES, len(given)))
    arrival = Arrival("file", SystemClock().now(), "0" * 32, "benchmark")
    return [
        article_from_object({key: a[key] for key in ("id", "title", "text")}, arrival)
        for a in sample
    ]


def seconds(work: Callable[[], Any]) -> float:
    """Return the processor time `work` takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def in_batches(model: Model, given: Sequence[RawArticle]) -> list[Any]:
    """Classify as the service does."""
    starts = range(0, len(given), BATCH)
    return [one for start in starts for one in model.classify(given[start : start + BATCH])]


def profile_row(folder: Path, profile: str, given: Sequence[RawArticle]) -> list[str]:
    """Return one profile's figures as a row."""
    begun = time.process_time()
    model = Model.open(folder, SystemClock(), profile=profile)
    opened = time.process_time() - begun
    in_batches(model, given[:BATCH])  # words met for the first time cost once
    labelled = list[Any]()
    batch = seconds(lambda: labelled.extend(in_batches(model, given)))
    alone = seconds(lambda: [model.classify([one]) for one in given[:100]]) / 100
    asked = sum(one.profile == "accurate" for one in labelled) / len(labelled)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        profile, f"{len(given) / batch:.0f}", f"{alone * 1000:.1f} ms", f"{asked:.0%}",
        f"{opened:.1f} s", f"{memory:.0f} MB",
    ]  # fmt: skip


def step_rows(folder: Path, given: Sequence[RawArticle]) -> list[list[str]]:
    """Return what each step costs an article."""
    model = Model.open(folder, SystemClock(), profile="fast")
    in_batches(model, given)
    readings = [model.read(one) for one in given]
    texts = [excerpt(reading.document) for reading in readings]
    rows = model.scorer.features.transform(texts).tocsr()
    steps: dict[str, Callable[[], Any]] = {
        "clean": lambda: [model.read(one) for one in given],
        "features": lambda: model.scorer.features.transform(texts),
        "language": lambda: [model.languages.identify(r.article, r.cleaned.text) for r in readings],
        "explain": lambda: [model.explainer.explain(t, rows[n]) for n, t in enumerate(texts)],
        "fast, all": lambda: in_batches(model, given),
    }
    return [[name, f"{seconds(work) / len(given) * 1000:.2f} ms"] for name, work in steps.items()]


def main() -> int:
    """Measure; return the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("topicwire-data/model")
    try:
        given = articles()
        length = sum(len(one.text) for one in given) // len(given)
        rows = [profile_row(folder, profile, given) for profile in reversed(PROFILES)]
        steps = step_rows(folder, given)
    except TopicwireError as error:
        print(f"model.py: {error}", file=sys.stderr)
        return exit_code(error)
    columns = ["profile", "articles/s", "one alone", "asked encoder", "opening", "peak memory"]
    write(table(f"{len(given)} articles of {length} characters, one core", columns, rows))
    write(table("a step of the fast profile", ["step", "an article"], steps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
