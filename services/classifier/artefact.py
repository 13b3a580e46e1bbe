"""The trained model on disk: one joblib file and a manifest; nothing is unpickled unchecked.

`joblib.load` runs whatever code a file holds. So the file's SHA-256 is compared with the manifest,
and with the expected one from settings where given, before a byte is unpickled.

    model/manifest.json                what, from what, checked how; replaced last, atomically
    model/model-<sha256, 16 digits>.joblib
"""

import hashlib
import io
import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from services.classifier.decide import Calibration
from shared.errors import ModelRefused
from shared.messages import ModelIdentity

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "topicwire.model/1"
_CURE = "train it with `topicwire train` (or `make train`)"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is: identity, versions it needs, labels in column order, how it was made.

    `figures` are those of held-out folds at training time, per topic.
    """

    schema: str
    name: str
    version: str
    file: str
    sha256: str
    sklearn: str
    python: str
    topics: tuple[str, ...]
    calibration: dict[str, Calibration]
    corpus_sha256: str
    corpus_articles: int
    cleaner_version: str
    trained_at: datetime
    figures: dict[str, dict[str, float]]

    @property
    def identity(self) -> ModelIdentity:
        """The model's identity as labelled articles carry it."""
        return ModelIdentity(name=self.name, version=self.version, sha256=self.sha256)


def save(folder: Path, pipeline: Any, manifest: Manifest) -> Manifest:
    """Write model and manifest so that a reader sees the old pair or the new, never a mixture.

    Returns the manifest with file name and hash filled in.
    """
    import joblib  # noqa: PLC0415 heavy; the manifest alone is read without it

    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=3)
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    name = f"model-{digest[:16]}.joblib"
    final = msgspec.structs.replace(manifest, file=name, sha256=digest, version=digest[:12])
    _write_atomically(folder / name, data)
    _write_atomically(
        folder / MANIFEST, msgspec.json.format(msgspec.json.encode(final), indent=2) + b"\n"
    )
    return final


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in `folder`; raises ModelRefused with the cure."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ModelRefused(f"there is no model in {folder}; {_CURE}") from None
    except OSError as error:
        raise ModelRefused(f"{path} can't be read: {error.strerror}") from error
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelRefused(f"{path} is damaged ({error}); {_CURE}") from error
    if missing := sorted(set(manifest.topics) - manifest.calibration.keys()):
        raise ModelRefused(f"{path} is damaged (no calibration of {missing}); {_CURE}")
    if manifest.schema != MANIFEST_SCHEMA or Path(manifest.file).name != manifest.file:
        raise ModelRefused(f"{path} is not of this release ({manifest.schema!r:.60}); {_CURE}")
    return manifest


def load(folder: Path, *, expected_sha256: str | None = None) -> tuple[Any, Manifest]:
    """Return the fitted pipeline and its manifest.

    Raises ModelRefused before anything is unpickled if the file is missing, truncated, foreign, of
    another hash than the manifest or `expected_sha256` says, or of another scikit-learn.
    """
    manifest = read_manifest(folder)
    path = folder / manifest.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"the model {path} can't be read: {error.strerror}; {_CURE}") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != manifest.sha256:
        raise ModelRefused(
            f"{path} is not the file its manifest describes (SHA-256 {digest[:12]}…, expected "
            f"{manifest.sha256[:12]}…): truncated or replaced; restore it, or {_CURE}"
        )
    if expected_sha256 and digest != expected_sha256.lower():
        raise ModelRefused(
            f"{path} is not the model TOPICWIRE_CLASSIFIER_MODEL_SHA256 asks for; install that "
            "one, or change the setting if the new model is meant"
        )
    import joblib  # noqa: PLC0415 nothing is imported, let alone unpickled, before the checks
    import sklearn  # noqa: PLC0415

    if manifest.sklearn != sklearn.__version__:
        raise ModelRefused(
            f"{path} was made by scikit-learn {manifest.sklearn}, installed is "
            f"{sklearn.__version__}; {_CURE}, or install that version"
        )
    return joblib.load(io.BytesIO(data)), manifest


def python_version() -> str:
    """Return the running Python's version, for the manifest."""
    return platform.python_version()


def _write_atomically(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
