from pathlib import Path

from services.classifier.model import Model
from services.classifier.training.corpus import default_folder, read_folder
from tests.support.build import HeldClock, raw
from tests.support.furniture import LINES, insert


def test_furniture_flips_no_decision(model_folder: Path) -> None:
    """A furniture line at the top, in the middle or at the end changes no topic's decision.

    On a small scale: benchmarks/cleaner.py measures it on thousands of cases.
    """
    model = Model.open(model_folder, HeldClock())
    examples = [e for e in read_folder(default_folder()) if e.tongue == "en"][: len(LINES["en"])]
    plain = model.classify([raw(e.text, title=e.title) for e in examples])
    expected = [[label.decision for label in article.topics] for article in plain]

    for place in ("top", "middle", "end"):
        furnished = [
            raw(insert(e.text, line, place), title=e.title)
            for line, e in zip(LINES["en"], examples, strict=True)
        ]
        found = model.classify(furnished)
        assert [[label.decision for label in a.topics] for a in found] == expected, place
