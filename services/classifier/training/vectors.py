"""The encoder's vectors of a corpus, kept from one training to the next.

The encoder takes a minute for two thousand articles, and a new corpus repeats most of the old one.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np

from services.classifier.encoder import Encoder, Vectors
from services.classifier.passages import encode

_AT_ONCE = 64
_WORKERS = 2  # the encoder's products of matrices let other threads run


class VectorCache:
    """Rows of passages.Encoded by document and encoder, in one npz file. Damage means anew."""

    def __init__(self, path: Path | None, encoder: str) -> None:
        self._path, self._encoder = path, encoder

    def rows(
        self, encoder: Encoder, documents: Sequence[str], progress: Callable[[str], None]
    ) -> Vectors:
        """Return float32 (n_documents, 2 * dimensions); encodes what is not kept."""
        keys = [sha256(f"{self._encoder}\0{text}".encode()).hexdigest()[:32] for text in documents]
        kept = self._read()
        missing = [index for index, key in enumerate(keys) if key not in kept]
        chunks = [missing[start : start + _AT_ONCE] for start in range(0, len(missing), _AT_ONCE)]
        with ThreadPoolExecutor(_WORKERS) as workers:
            made = workers.map(
                lambda chunk: encode(encoder, [documents[index] for index in chunk]).rows, chunks
            )
            done = 0
            for chunk, rows in zip(chunks, made, strict=True):
                kept.update((keys[index], row) for index, row in zip(chunk, rows, strict=True))
                done += len(chunk)
                if done % (8 * _AT_ONCE) == 0 or done == len(missing):
                    progress(f"encoder: {done} of {len(missing)} articles")
        if missing:
            self._write({key: kept[key] for key in keys})
        return np.stack([kept[key] for key in keys])

    def _read(self) -> dict[str, Vectors]:
        if self._path is None:
            return {}
        try:
            with np.load(self._path, allow_pickle=False) as file:
                return dict(zip(file["keys"].tolist(), file["rows"], strict=True))
        except (OSError, ValueError, KeyError, EOFError):
            return {}

    def _write(self, kept: dict[str, Vectors]) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp.npz")
        np.savez(temporary, keys=np.array(list(kept)), rows=np.stack(list(kept.values())))
        temporary.replace(self._path)
