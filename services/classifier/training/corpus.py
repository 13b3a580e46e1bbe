"""Read labelled articles: our own corpus for training, any labelled JSONL for evaluation."""

import hashlib
import sysconfig
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from services.classifier.concepts import read_terms
from services.classifier.topics import TOPICS_FILE, Topic, read_topics
from shared.errors import UsageError

FEWEST_POSITIVES = 10


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


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a model learns from: topics, labelled articles ordered by id, term lists by concept."""

    topics: tuple[Topic, ...]
    examples: Sequence[Example]
    terms: Mapping[str, Sequence[str]]

    @property
    def names(self) -> tuple[str, ...]:
        """The topics' names, in column order."""
        return tuple(topic.name for topic in self.topics)

    def fingerprint(self) -> str:
        """Return the SHA-256 over all that training sees of the corpus, in order."""
        digest = hashlib.sha256(msgspec.json.encode([self.topics, self.terms]))
        for example in self.examples:
            seen = [example.id, example.title, example.text, example.labels]
            digest.update(msgspec.json.encode(seen))
        return digest.hexdigest()


def read_corpus(folder: Path, *more: Path) -> Corpus:
    """Return the corpus in `folder`, with what the folders `more` add to it.

    A folder holds topics.toml, articles/*.jsonl and terms/*.toml; one that adds may lack any of
    them, but not all. An article with an id that is already there replaces it. Raises UsageError
    naming what is wrong and where.
    """
    topics, terms = list(read_topics(folder)), dict(read_terms(folder / "terms"))
    examples = {example.id: example for example in read_folder(folder)}
    for extra in more:
        if not any((extra / part).exists() for part in (TOPICS_FILE, "articles", "terms")):
            raise UsageError(
                f"{extra} adds nothing: it has no {TOPICS_FILE}, no articles/ and no terms/; "
                "docs/topics.md shows what belongs there"
            )
        if (extra / TOPICS_FILE).exists():
            topics += read_topics(extra)
        if (extra / "articles").exists():
            examples.update({example.id: example for example in read_folder(extra)})
        for concept, entries in read_terms(extra / "terms").items():
            terms[concept] = tuple(sorted({*terms.get(concept, ()), *entries}))
    corpus = Corpus(tuple(topics), [examples[key] for key in sorted(examples)], terms)
    _check(corpus)
    return corpus


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
    counts = Counter(example.id for example in examples)
    if twice := sorted(name for name, times in counts.items() if times > 1):
        raise UsageError(f"{folder / 'articles'} has articles with one id: {twice[:5]}")
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


def targets(examples: Sequence[Example], topics: Sequence[str]) -> list[list[int]]:
    """Return 0/1 per example and topic: int (n_examples, n_topics), columns as in `topics`."""
    return [[int(name in example.labels) for name in topics] for example in examples]


def _check(corpus: Corpus) -> None:
    names = corpus.names
    if len(set(names)) < len(names):
        raise UsageError(f"a topic is named twice: {names}")
    for example in corpus.examples:
        if unknown := sorted(set(example.labels) - set(names)):
            raise UsageError(
                f"article {example.id} has labels {unknown} that {TOPICS_FILE} does not name; "
                f"known: {names}"
            )
    for name in names:
        positives = sum(name in example.labels for example in corpus.examples)
        if not FEWEST_POSITIVES <= positives <= len(corpus.examples) - FEWEST_POSITIVES:
            raise UsageError(
                f"{positives} of {len(corpus.examples)} articles are labelled {name}; training "
                f"needs {FEWEST_POSITIVES} with and {FEWEST_POSITIVES} without the label at least, "
                "and good labels take a hundred"
            )


def _example(path: Path, number: int, line: bytes) -> Example:
    try:
        return msgspec.json.decode(line, type=Example)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}:{number}: {error}; each line needs id, title, text and labels"
        ) from error
