import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from services.classifier.encoder import BundledEncoder, Vectors
from services.classifier.training.vectors import VectorCache

DOCUMENTS = [f"Title {n}\nA text about the number {n}." for n in range(5)]


class CountingEncoder:
    """Gives each text a vector of its own and counts the leads it was asked for."""

    dimensions = 4

    def __init__(self) -> None:
        self.leads = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See Encoder.encode; half of the texts of short documents are leads."""
        self.leads += len(texts) // 2
        digests = [hashlib.sha256(text.encode()).digest()[:4] for text in texts]
        return np.array([list(digest) for digest in digests], np.float32)


def quiet(_text: str) -> None:
    """Progress nobody wants to see."""


def encoded(cache: VectorCache, documents: Sequence[str] = DOCUMENTS) -> tuple[Vectors, int]:
    """Return the rows and how many documents had to be encoded for them."""
    encoder = CountingEncoder()
    return cache.rows(encoder, documents, quiet), encoder.leads


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file that is filled with the documents' vectors, in a folder made for it."""
    path = tmp_path / "cache" / "vectors.npz"
    _, asked = encoded(VectorCache(path, "fake"))
    assert asked == len(DOCUMENTS)
    return path


def test_what_is_kept_is_not_encoded_again(path: Path) -> None:
    """The same rows come out, in the order asked for, also when the order is another."""
    fresh, _ = encoded(VectorCache(None, "fake"))

    kept, asked = encoded(VectorCache(path, "fake"))
    turned, asked_again = encoded(VectorCache(path, "fake"), DOCUMENTS[::-1])

    assert (asked, asked_again) == (0, 0)
    np.testing.assert_array_equal(fresh, kept)
    np.testing.assert_array_equal(fresh[::-1], turned)


def test_only_what_is_new_is_encoded(path: Path) -> None:
    """A corpus that grew or changed costs what is new; what it no longer has is forgotten."""
    changed = [*DOCUMENTS[1:], "New\nText."]

    rows, asked = encoded(VectorCache(path, "fake"), changed)

    assert asked == 1
    np.testing.assert_array_equal(rows, encoded(VectorCache(None, "fake"), changed)[0])
    assert encoded(VectorCache(path, "fake"), DOCUMENTS)[1] == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda path: VectorCache(path, "other"), id="another encoder"),
        pytest.param(lambda path: VectorCache(path, "fake", "0"), id="passages cut otherwise"),
        pytest.param(lambda path: VectorCache(None, "fake"), id="no file"),
    ],
)
def test_vectors_made_otherwise_are_made_anew(
    path: Path, other: Callable[[Path], VectorCache]
) -> None:
    """A row is another with another encoder or other passages, though the text is the same."""
    assert encoded(other(path))[1] == len(DOCUMENTS)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="half"),
        pytest.param(lambda data: data[:200] + b"\0" * 60 + data[260:], id="overwritten"),
        pytest.param(lambda data: b"PK\x03\x04" + data[:100], id="a zip's beginning"),
        pytest.param(lambda data: b"text, not numbers", id="something else"),
        pytest.param(lambda data: b"\x80\x04N.", id="a pickle"),
    ],
)
def test_a_damaged_file_means_anew(path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Training goes on without it, and leaves a good one."""
    path.write_bytes(spoil(path.read_bytes()))

    rows, asked = encoded(VectorCache(path, "fake"))

    assert asked == len(DOCUMENTS)
    np.testing.assert_array_equal(rows, encoded(VectorCache(None, "fake"))[0])
    assert encoded(VectorCache(path, "fake"))[1] == 0


def test_a_single_array_is_no_cache(path: Path) -> None:
    """A file of numpy's other kind is damage like any other."""
    with path.open("wb") as file:
        np.save(file, np.zeros(3))

    assert encoded(VectorCache(path, "fake"))[1] == len(DOCUMENTS)


def test_a_file_that_can_not_be_written_is_told_and_no_error(tmp_path: Path) -> None:
    """Who has the vectors can train, whatever becomes of the file."""
    (tmp_path / "cache").write_text("a file where the folder should be")
    told = list[str]()

    rows = VectorCache(tmp_path / "cache" / "v.npz", "fake").rows(
        CountingEncoder(), DOCUMENTS, told.append
    )

    assert rows.shape == (len(DOCUMENTS), 8)
    assert any("not kept" in text for text in told)


def test_no_scraps_are_left(path: Path) -> None:
    """The file is replaced as a whole."""
    assert [path.name] == [file.name for file in path.parent.iterdir()]


def test_two_runs_give_the_same_bytes() -> None:
    """Two threads share the bundled encoder, and no bit of a row hangs on which came first."""
    documents = [
        f"Title {n}\n" + f"Sentence number {n} of the text. " * (n % 40) for n in range(100)
    ]
    runs = [VectorCache(None, "bundled").rows(BundledEncoder(), documents, quiet) for _ in range(2)]

    assert runs[0].tobytes() == runs[1].tobytes()
