import hashlib
import json
import shutil
from pathlib import Path

import joblib
import pytest
import sklearn

from services.classifier.artefact import MANIFEST, Manifest, load, read_manifest, save
from shared.errors import ModelRefused


class Trap:
    """Leaves a mark when somebody unpickles it."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        """See pickle: the mark is made by loading."""
        return Path.touch, (self._mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Return a path that comes into being when the trap is unpickled."""
    return tmp_path / "unpickled"


@pytest.fixture
def folder(tmp_path: Path, model_folder: Path, mark: Path) -> Path:
    """Return a model whose file is a trap, under a manifest that describes it truly."""
    return _trapped(tmp_path / "model", model_folder, mark)


def edit(folder: Path, **fields: object) -> None:
    """Replace fields of the manifest."""
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}), encoding="utf-8")


def model_file(folder: Path) -> Path:
    """Return the model's file."""
    return folder / read_manifest(folder).file


def truncate(folder: Path) -> None:
    """Cut the model in the middle."""
    path = model_file(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage(folder: Path, text: str) -> None:
    """Write something else into the manifest."""
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def test_the_trap_works(folder: Path, mark: Path) -> None:
    """With everything right the file is unpickled: the other tests would notice."""
    load(folder)

    assert mark.exists()


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        pytest.param(shutil.rmtree, "there is no model", id="no folder"),
        pytest.param(lambda f: (f / MANIFEST).unlink(), "there is no model", id="no manifest"),
        pytest.param(lambda f: model_file(f).unlink(), "can't be read", id="no file"),
        pytest.param(truncate, "truncated or replaced", id="truncated"),
        pytest.param(lambda f: model_file(f).write_bytes(b""), "truncated", id="emptied"),
        pytest.param(lambda f: edit(f, sha256="0" * 64), "truncated or replaced", id="other hash"),
        pytest.param(lambda f: edit(f, sklearn="0.1"), r"scikit-learn 0\.1", id="other sklearn"),
        pytest.param(lambda f: edit(f, schema="other/9"), "not of this release", id="schema"),
        pytest.param(lambda f: edit(f, file="../x"), "not of this release", id="path outside"),
        pytest.param(lambda f: edit(f, file=""), "can't be read", id="no file name"),
        pytest.param(lambda f: edit(f, topics=["a"]), "calibration", id="uncalibrated topic"),
        pytest.param(lambda f: edit(f, topics=3), "damaged", id="manifest of wrong types"),
        pytest.param(lambda f: damage(f, '{"schema": "topi'), "damaged", id="half a manifest"),
        pytest.param(lambda f: damage(f, ""), "damaged", id="empty manifest"),
        pytest.param(lambda f: damage(f, '{"x":' + "[" * 100_000), "damaged", id="nested manifest"),
        pytest.param(
            lambda f: (f / MANIFEST).write_bytes(b'{"schema":"\xff"}'), "damaged", id="not UTF-8"
        ),
    ],
)
def test_a_model_that_is_not_right_is_refused_unopened(
    folder: Path, mark: Path, spoil: object, cause: str
) -> None:
    """Nothing is unpickled unless every check was passed, and the error names cause and cure."""
    assert callable(spoil)
    spoil(folder)

    with pytest.raises(ModelRefused, match=cause):
        load(folder)

    assert not mark.exists()


def test_another_model_than_the_expected_is_refused_unopened(folder: Path, mark: Path) -> None:
    """With the expected hash in the settings, a swapped model and manifest do not get in."""
    with pytest.raises(ModelRefused, match="TOPICWIRE_CLASSIFIER_MODEL_SHA256"):
        load(folder, expected_sha256="0" * 64)

    assert not mark.exists()


def test_the_expected_model_is_loaded(folder: Path, mark: Path) -> None:
    """The expected hash may be written in either case."""
    load(folder, expected_sha256=read_manifest(folder).sha256.upper())

    assert mark.exists()


def test_save_leaves_a_pair_that_fits_and_no_scraps(tmp_path: Path, model_folder: Path) -> None:
    """File and manifest describe each other, and saving again replaces the manifest last."""
    manifest = read_manifest(model_folder)

    one = save(tmp_path, {"a": 1}, manifest)
    two = save(tmp_path, {"a": 2}, manifest)

    assert one.sha256 != two.sha256
    assert load(tmp_path) == ({"a": 2}, two)
    assert {MANIFEST, one.file, two.file} == {path.name for path in tmp_path.iterdir()}


def _trapped(folder: Path, model_folder: Path, mark: Path) -> Path:
    folder.mkdir()
    joblib.dump(Trap(mark), folder / "model.joblib")
    digest = hashlib.sha256((folder / "model.joblib").read_bytes()).hexdigest()
    shutil.copy(model_folder / MANIFEST, folder)
    edit(folder, file="model.joblib", sha256=digest, sklearn=sklearn.__version__)
    assert isinstance(read_manifest(folder), Manifest)
    return folder
