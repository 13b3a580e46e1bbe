"""The trained model on disk: one joblib file and a manifest; nothing is unpickled unchecked.

`joblib.load` runs whatever code a file holds. So the file's SHA-256 is compared with the manifest,
and with the expected one from settings where given, before a byte is unpickled; and the unpickler
knows no names but those a model of ours is made of (ALLOWED).

    model/manifest.json                what, from what, checked how; replaced last, atomically
    model/model-<sha256, 16 digits>.joblib.gz
"""

import gzip
import hashlib
import io
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from services.classifier.decide import Calibration
from services.classifier.topics import Topic
from shared.errors import ModelRefused
from shared.messages import ModelIdentity

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "topicwire.model/2"
# What features, concepts and passages compute; see the note in features.py.
FEATURES_VERSION = "4"
FAST, ACCURATE = "fast", "accurate"
PROFILES = (ACCURATE, FAST)
# What a model of ours is made of, name by name: a module as a whole would let in what it imports.
ALLOWED = frozenset(
    {
        "services.classifier.artefact.Fitted",
        "services.classifier.features.ConceptVectorizer",
        "sklearn.feature_extraction.text.TfidfTransformer",
        "sklearn.feature_extraction.text.TfidfVectorizer",
        "sklearn.kernel_approximation.Nystroem",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.multiclass.OneVsRestClassifier",
        "sklearn.pipeline.FeatureUnion",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._label.LabelBinarizer",
        "joblib.numpy_pickle.NumpyArrayWrapper",
        "numpy.ndarray",
        "numpy.dtype",
        "numpy.float64",
        "numpy.int64",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar",
    }
)
_CURE = "train it with `topicwire train` (or `make train`)"


@dataclass(frozen=True)
class Fitted:
    """What the file holds: scikit-learn pipelines as they were fitted.

    terms: excerpts in, one score per topic out; passages: rows of the encoder in, one score per
    topic out. corpus_rows: float16 (n_articles, 2 * dimensions), the corpus as the encoder sees it,
    in the order of corpus_ids, to show which articles are nearest.
    """

    terms: Any
    passages: Any
    corpus_rows: Any
    corpus_ids: Sequence[str]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is: identity, versions it needs, topics in column order, how it was made.

    `calibration`: by profile, then topic. `encoder_from`: with the profile *accurate*, an article
    whose every probability from terms alone lies below it is not shown to the encoder; 0: all are.
    `languages`: those of the corpus; others are not served. `figures` are those of held-out folds
    at training time, per topic.
    """

    schema: str
    name: str
    version: str
    file: str
    sha256: str
    sklearn: str
    python: str
    features_version: str
    encoder: str
    specs: tuple[Topic, ...]
    calibration: dict[str, dict[str, Calibration]]
    encoder_from: float
    languages: tuple[str, ...]
    corpus_sha256: str
    corpus_articles: int
    cleaner_version: str
    trained_at: datetime
    figures: dict[str, dict[str, float]]

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics' names, in column order."""
        return tuple(topic.name for topic in self.specs)

    @property
    def identity(self) -> ModelIdentity:
        """The model's identity as labelled articles carry it."""
        return ModelIdentity(name=self.name, version=self.version, sha256=self.sha256)


class _Head(msgspec.Struct, frozen=True):
    """What every manifest has had so far: asked first, so that an old one is not called damaged."""

    schema: str


def save(folder: Path, fitted: Fitted, manifest: Manifest) -> Manifest:
    """Write model and manifest so that a reader sees the old pair or the new, never a mixture.

    Returns the manifest with file name and hash filled in.
    """
    from joblib.numpy_pickle import NumpyPickler  # noqa: PLC0415 heavy; a manifest is read without it

    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    pickler = NumpyPickler(buffer)
    # No memory of what was written: whether two equal names are one object in memory differs from
    # process to process, and must not show in the file.
    pickler.fast = True
    pickler.dump(fitted)
    # mtime=0: the same model gives the same file. gzip, because joblib.load reads that by itself.
    data = gzip.compress(buffer.getvalue(), compresslevel=3, mtime=0)
    digest = hashlib.sha256(data).hexdigest()
    name = f"model-{digest[:16]}.joblib.gz"
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
        schema = msgspec.json.decode(data, type=_Head).schema
        if schema != MANIFEST_SCHEMA:
            raise ModelRefused(f"{path} is not of this release ({schema!r:.60}); {_CURE}")
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelRefused(f"{path} is damaged ({error}); {_CURE}") from error
    _check(path, manifest)
    return manifest


def load(folder: Path, *, expected_sha256: str | None = None) -> tuple[Fitted, Manifest]:
    """Return the fitted pipelines and their manifest.

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
    import sklearn  # noqa: PLC0415 nothing is imported, let alone unpickled, before the checks

    if manifest.features_version != FEATURES_VERSION:
        raise ModelRefused(
            f"{path} reads texts as features version {manifest.features_version}, this release as "
            f"{FEATURES_VERSION}; {_CURE}"
        )
    if manifest.sklearn != sklearn.__version__:
        raise ModelRefused(
            f"{path} was made by scikit-learn {manifest.sklearn}, installed is "
            f"{sklearn.__version__}; {_CURE}, or install that version"
        )
    return _unpickle(path, data), manifest


def _check(path: Path, manifest: Manifest) -> None:
    """Raise ModelRefused unless the manifest fits together."""
    if Path(manifest.file).name != manifest.file:
        raise ModelRefused(
            f"{path} names a file outside its folder ({manifest.file!r:.60}); {_CURE}"
        )
    for profile, scores in ((FAST, 1), (ACCURATE, 2)):
        known = manifest.calibration.get(profile, {})
        if missing := sorted(set(manifest.topics) - known.keys()):
            raise ModelRefused(
                f"{path} is damaged (no {profile} calibration of {missing}); {_CURE}"
            )
        if wrong := sorted(name for name, one in known.items() if len(one.weights) != scores):
            raise ModelRefused(
                f"{path} is damaged ({profile} calibration of {wrong} needs {scores} weights); {_CURE}"
            )


def _unpickle(path: Path, data: bytes) -> Fitted:
    from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler  # noqa: PLC0415 heavy

    class Numbers(NumpyArrayWrapper):  # type: ignore[misc]
        """Reads arrays of numbers. Arrays of objects are a pickle of their own, which has no guard."""

        def read(self, unpickler: Any, ensure_native_byte_order: bool) -> Any:
            """Return the array; raises ModelRefused for one of objects."""
            if self.dtype.hasobject:
                raise ModelRefused(
                    f"{path} holds an array of objects, no model of ours does; {_CURE}"
                )
            return super().read(unpickler, ensure_native_byte_order)

    class Guarded(NumpyUnpickler):  # type: ignore[misc]
        """Knows the names in ALLOWED and no others."""

        def find_class(self, module: str, name: str) -> Any:
            """Return an allowed class or function; raises ModelRefused for any other."""
            full = f"{module}.{name}"
            if full not in ALLOWED:
                raise ModelRefused(
                    f"{path} holds {full:.200}, which no model of ours does; {_CURE}"
                )
            found = super().find_class(module, name)
            return Numbers if found is NumpyArrayWrapper else found

    try:
        stream = io.BytesIO(gzip.decompress(data))
        fitted = Guarded(path.name, stream, ensure_native_byte_order=False).load()
    except ModelRefused:
        raise
    except Exception as error:  # what a foreign file does to an unpickler has no list
        raise ModelRefused(f"{path} is no model file ({error!r:.200}); {_CURE}") from error
    if not isinstance(fitted, Fitted):
        raise ModelRefused(f"{path} holds a {type(fitted).__name__}, not a model; {_CURE}")
    return fitted


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
