import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from services.classifier.encoder import (
    BUNDLED,
    BundledEncoder,
    Encoder,
    TransformersEncoder,
    open_encoder,
)
from shared.errors import ModelRefused
from tests.support.services import ROOT

TEXTS = [
    "Panzer für Kiew",
    "Tanks for Kyiv",
    "The weather will be fine on Sunday",
    "x",
    "😀",
    "\n",
    "",
]

# What stands in for sentence-transformers in a process of its own: as many vectors as texts.
LIBRARY = """
    import numpy as np

    class SentenceTransformer:
        def __init__(self, name):
            if name == "nobody/nothing":
                raise OSError("nobody/nothing is not a local folder and not on the hub")
            self.name = name

        def get_sentence_embedding_dimension(self):
            return 3

        def encode(self, texts, normalize_embeddings):
            assert normalize_embeddings
            return np.array([[0.0, 0.6, 0.8]] * len(texts))
"""


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    """Return the bundled encoder, loaded once."""
    return open_encoder(BUNDLED)


def test_the_bundled_encoder_gives_unit_vectors(bundled: Encoder) -> None:
    """Whatever the text: float32, as long as it says, of length one, all finite."""
    vectors = bundled.encode(TEXTS)

    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), bundled.dimensions), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_the_bundled_encoder_repeats_itself(bundled: Encoder) -> None:
    """The same texts give the same bytes, from another encoder, too."""
    assert bundled.encode(TEXTS).tobytes() == bundled.encode(TEXTS).tobytes()
    assert bundled.encode(TEXTS).tobytes() == BundledEncoder().encode(TEXTS).tobytes()


def test_vectors_come_in_the_order_of_the_texts(bundled: Encoder) -> None:
    """However texts are sorted into batches, each has its own vector; neighbours change 1e-6."""
    texts = [*TEXTS, *(f"{'a sentence of news, ' * n}{n}" for n in (40, 1, 30, 2))]
    together = bundled.encode(texts)

    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(vector, bundled.encode([text])[0], atol=1e-6)


def test_meaning_counts_and_not_the_language(bundled: Encoder) -> None:
    """Two languages saying one thing are nearer than one language saying two."""
    german, english, weather = bundled.encode(TEXTS[:3])

    assert german @ english > 0.5 > english @ weather


def test_no_texts_are_no_vectors(bundled: Encoder) -> None:
    """An empty list keeps the width."""
    assert bundled.encode([]).shape == (0, 512)


@pytest.mark.parametrize(
    "name", ["", "Bundled", "gpt", "sentence-transformers", "sentence-transformers:"]
)
def test_an_encoder_nobody_knows_is_refused(name: str) -> None:
    """The names there are stand in the error."""
    with pytest.raises(ModelRefused, match="known: bundled, sentence-transformers:MODEL-NAME"):
        open_encoder(name)


def test_without_sentence_transformers_the_cure_is_named() -> None:
    """The name is known at once; the library is asked for when it is needed."""
    encoder = open_encoder("sentence-transformers:some/model")

    assert isinstance(encoder, TransformersEncoder)
    with pytest.raises(ModelRefused, match=r"some/model needs.*pip install sentence-transformers"):
        encoder.encode(["text"])
    with pytest.raises(ModelRefused, match="pip install sentence-transformers"):
        assert encoder.dimensions


def run_with_library(folder: Path, code: str) -> str:
    """Run code in a process that finds LIBRARY as sentence_transformers; return what it prints."""
    (folder / "sentence_transformers.py").write_text(textwrap.dedent(LIBRARY))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT, env={"PYTHONPATH": f"{folder}:{ROOT}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_model_of_sentence_transformers_is_asked_by_name(tmp_path: Path) -> None:
    """The library's vectors come out as the protocol says, none for no texts."""
    printed = run_with_library(
        tmp_path,
        """
        from services.classifier.encoder import open_encoder
        encoder = open_encoder("sentence-transformers:some/model")
        vectors = encoder.encode(["a", "b"])
        print(encoder.dimensions, vectors.dtype, vectors.tolist() == [vectors[0].tolist()] * 2)
        print(encoder.encode([]).shape, encoder._model.name)
        """,
    )

    assert printed == "3 float32 True\n(0, 3) some/model\n"


def test_a_model_that_can_not_be_had_is_refused(tmp_path: Path) -> None:
    """No network, or a wrong name: a refusal with the library's own words, no traceback."""
    printed = run_with_library(
        tmp_path,
        """
        from services.classifier.encoder import open_encoder
        from shared.errors import ModelRefused
        try:
            open_encoder("sentence-transformers:nobody/nothing").encode(["a"])
        except ModelRefused as refused:
            print(refused)
        """,
    )

    assert "nobody/nothing" in printed
    assert "not on the hub" in printed
