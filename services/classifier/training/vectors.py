"""The encoder's vectors of a corpus, kept from one training to the next.

The encoder takes a minute for two thousand articles, and a new corpus repeats most of the old one.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from threadpoolctl import ThreadpoolController

from services.classifier.artefact import FEATURES_VERSION
from services.classifier.encoder import Encoder, Vectors
from services.classifier.passages import encode

_AT_ONCE = 64
_WORKERS = 2  # the encoder's products of matrices let other threads run


class VectorCache:
    """Rows of passages.Encoded by document, in one npz file.

    Another encoder, another way to cut passages (`version`) or damage means anew.
    """

    def __init__(self, path: Path | None, encoder: str, version: str = FEATURES_VERSION) -> None:
        self._path, self._made_by = path, f"{version}\0{encoder}"

    def rows(
        self, encoder: Encoder, documents: Sequence[str], progress: Callable[[str], None]
    ) -> Vectors:
        """Return float32 (n_documents, 2 * dimensions); encodes what is not kept."""
        keys = [sha256(f"{self._made_by}\0{text}".encode()).hexdigest()[:32] for text in documents]
        kept = self._read()
        missing = [index for index, key in enumerate(keys) if key not in kept]
        chunks = [missing[start : start + _AT_ONCE] for start in range(0, len(missing), _AT_ONCE)]
        # The limit is the process's: workers that set and lift it each for itself would undo each
        # other's, and the last bits of a row would hang on luck.
        limit = ThreadpoolController().limit(limits=1, user_api="blas")
        with limit, ThreadPoolExecutor(_WORKERS) as workers:
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
            self._keep({key: kept[key] for key in keys}, progress)
        return np.stack([kept[key] for key in keys])

    def _read(self) -> dict[str, Vectors]:
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile):
            return {}

    def _keep(self, kept: dict[str, Vectors], progress: Callable[[str], None]) -> None:
        """Write the file; a training that has its vectors does not fail because none are kept."""
        if self._path is None:
            return
        try:
            self._write(self._path, kept)
        except OSError as error:
            progress(f"the vectors are not kept: {self._path}: {error.strerror}")

    def _write(self, path: Path, kept: dict[str, Vectors]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp.npz")
        np.savez(temporary, keys=np.array(list(kept)), rows=np.stack(list(kept.values())))
        temporary.replace(path)
