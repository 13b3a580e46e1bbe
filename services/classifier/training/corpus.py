"""Read labelled articles: our own corpus for training, any labelled JSONL for evaluation."""

import hashlib
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from services.classifier.topics import NAMES
from shared.errors import UsageError


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled article. `borderline`: topics on which two careful readers may differ.

    `sample_weight`: how many articles of a natural stream it stands for.
    """

    id: str
    text: str
    labels: tuple[str, ...]
    title: str = ""
    language: str = ""
    lang: str = ""
    form: str = ""
    hard: str = ""
    borderline: tuple[str, ...] = ()
    sample_weight: float = 1.0

    @property
    def tongue(self) -> str:
        """The article's language, under whichever name it was given."""
        return self.language or self.lang


def default_folder() -> Path:
    """Return the corpus of the checkout, or the one installed with the distribution."""
    checkout = Path(__file__).resolve().parents[3] / "corpus"
    installed = Path(sysconfig.get_path("data")) / "share" / "topicwire" / "corpus"
    return checkout if checkout.is_dir() else installed


def read_folder(folder: Path) -> list[Example]:
    """Return every article under `folder/articles`, ordered by id; raises UsageError."""
    files = sorted((folder / "articles").glob("*.jsonl"))
    if not files:
        raise UsageError(f"no corpus: {folder / 'articles'} holds no .jsonl file")
    examples = [example for path in files for example in read_file(path)]
    return sorted(examples, key=lambda example: example.id)


def read_file(path: Path) -> list[Example]:
    """Return the labelled articles of a JSONL file; raises UsageError naming the line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from error
    examples = list[Example]()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            examples.append(_example(path, number, line))
    return examples


def fingerprint(examples: Iterable[Example]) -> str:
    """Return the SHA-256 over what training sees of the corpus, in order."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(
            msgspec.json.encode([example.id, example.title, example.text, example.labels])
        )
    return digest.hexdigest()


def targets(examples: Sequence[Example]) -> list[list[int]]:
    """Return 0/1 per example and topic: int (n_examples, n_topics), columns as in topics.NAMES."""
    return [[int(name in example.labels) for name in NAMES] for example in examples]


def _example(path: Path, number: int, line: bytes) -> Example:
    try:
        example = msgspec.json.decode(line, type=Example)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}:{number}: {error}; each line needs id, title, text and labels"
        ) from error
    unknown = set(example.labels) - set(NAMES)
    if unknown:
        raise UsageError(f"{path}:{number}: unknown labels {sorted(unknown)}; known: {NAMES}")
    return example
