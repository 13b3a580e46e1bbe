import contextlib
import gzip
import hashlib
import json
import os
import pickle
import pydoc
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import joblib
import msgspec
import numpy as np
import pytest
import sklearn

from services.classifier.artefact import (
    ALLOWED,
    FEATURES_VERSION,
    MANIFEST,
    MANIFEST_SCHEMA,
    Fitted,
    Manifest,
    load,
    read_manifest,
    save,
)
from shared.errors import ModelRefused

EMPTY = Fitted(terms=None, passages=None, corpus_rows=np.zeros((2, 4)), corpus_ids=("a", "b"))


class Trap:
    """Leaves a mark when somebody unpickles it, by way of any function that takes one text."""

    def __init__(self, call: Callable[[str], object], argument: str) -> None:
        self._call, self._argument = call, argument

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """See pickle: the call is made by loading."""
        return self._call, (self._argument,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Return a path that comes into being when a trap is unpickled."""
    return tmp_path / "unpickled"


@pytest.fixture
def folder(tmp_path: Path, model_folder: Path) -> Path:
    """Return a copy of the small trained model."""
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


@pytest.fixture
def trapped(folder: Path, mark: Path) -> Path:
    """Return a model whose file is a trap, under a manifest that describes it truly."""
    return replace_file(folder, packed(Trap(os.system, f"touch {mark}")))


def packed(content: object) -> bytes:
    """Return a model file with any content."""
    return gzip.compress(pickle.dumps(content))


def replace_file(folder: Path, data: bytes) -> Path:
    """Put another file in the model's place and let the manifest vouch for it."""
    (folder / "other.joblib.gz").write_bytes(data)
    edit(folder, file="other.joblib.gz", sha256=hashlib.sha256(data).hexdigest())
    return folder


def edit(folder: Path, **fields: object) -> None:
    """Replace fields of the manifest."""
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}), encoding="utf-8")


def calibration(folder: Path, **profiles: object) -> None:
    """Replace the calibration of a profile, all topics."""
    edit(
        folder,
        calibration={**json.loads((folder / MANIFEST).read_text())["calibration"], **profiles},
    )


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


ONE_WEIGHT = {"weights": [1.0], "offset": 0.0, "threshold": 0.9, "threshold_no": 0.1}


def test_the_trap_works(mark: Path) -> None:
    """Whoever unpickles it unguarded leaves the mark: the other tests would notice."""
    pickle.loads(pickle.dumps(Trap(os.system, f"touch {mark}")))

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
        pytest.param(lambda f: edit(f, features_version="1"), "features version 1", id="features"),
        pytest.param(lambda f: edit(f, schema="other/9"), "not of this release", id="schema"),
        pytest.param(
            lambda f: damage(f, '{"schema": "topicwire.model/1", "topics": ["arms_trade"]}'),
            "not of this release",
            id="the release before",
        ),
        pytest.param(lambda f: edit(f, file="../x"), "outside its folder", id="path outside"),
        pytest.param(lambda f: edit(f, file="/etc/passwd"), "outside", id="absolute path"),
        pytest.param(lambda f: edit(f, file=""), "can't be read", id="no file name"),
        pytest.param(
            lambda f: edit(f, specs=[{"name": "a", "title": "a", "prior": 0.1}]),
            "no fast calibration",
            id="uncalibrated topic",
        ),
        pytest.param(lambda f: edit(f, calibration={}), "no fast calibration", id="uncalibrated"),
        pytest.param(
            lambda f: calibration(f, accurate={}), "no accurate calibration", id="one profile"
        ),
        pytest.param(
            lambda f: calibration(f, accurate=dict.fromkeys(read_manifest(f).topics, ONE_WEIGHT)),
            "needs 2 weights",
            id="calibration of another profile",
        ),
        pytest.param(lambda f: edit(f, specs=3), "damaged", id="manifest of wrong types"),
        pytest.param(
            lambda f: edit(f, specs=[{"name": "A B", "title": "", "prior": 0.1}]),
            "damaged",
            id="a topic's name that is none",
        ),
        pytest.param(lambda f: damage(f, '{"schema": "topi'), "damaged", id="half a manifest"),
        pytest.param(lambda f: damage(f, ""), "damaged", id="empty manifest"),
        pytest.param(lambda f: damage(f, "[]"), "damaged", id="a list for a manifest"),
        pytest.param(lambda f: damage(f, '{"x":' + "[" * 100_000), "damaged", id="nested manifest"),
        pytest.param(
            lambda f: (f / MANIFEST).write_bytes(b'{"schema":"\xff"}'), "damaged", id="not UTF-8"
        ),
    ],
)
def test_a_model_that_is_not_right_is_refused_unopened(
    trapped: Path, mark: Path, spoil: Callable[[Path], object], cause: str
) -> None:
    """Nothing is unpickled unless every check was passed, and the error names cause and cure."""
    spoil(trapped)

    with pytest.raises(ModelRefused, match=cause) as refused:
        load(trapped)

    assert "holds" not in str(
        refused.value
    )  # the unpickler, which knows no trap either, was not asked
    assert "topicwire train" in str(refused.value)
    assert not mark.exists()


def _stack_global(module: str, name: str, argument: str) -> bytes:
    """Return the pickle `module.name(argument)`, where `name` may go through attributes."""
    texts = [b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name, argument)]
    return b"\x80\x04" + texts[0] + texts[1] + b"\x93" + texts[2] + b"\x85R."


@pytest.mark.parametrize(
    ("make", "held"),
    [
        pytest.param(
            lambda mark: packed(Trap(os.system, f"touch {mark}")), "posix.system", id="os.system"
        ),
        pytest.param(
            lambda mark: packed(Trap(eval, f"open({str(mark)!r}, 'w')")),
            "builtins.eval",
            id="builtins.eval",
        ),
        pytest.param(
            lambda mark: packed({"terms": [Trap(os.system, f"touch {mark}")]}),
            "posix.system",
            id="deep inside",
        ),
        pytest.param(
            lambda mark: gzip.compress(
                _stack_global(
                    "sklearn.feature_extraction.text",
                    "np.lib._npyio_impl.os.system",
                    f"touch {mark}",
                )
            ),
            "os.system",
            id="through what an allowed module imports",
        ),
        pytest.param(
            lambda mark: gzip.compress(
                _stack_global("services.classifier.artefact", "os.system", f"touch {mark}")
            ),
            "os.system",
            id="through our own module",
        ),
        pytest.param(
            lambda mark: packed(Trap(__import__, "this")), "builtins.__import__", id="an import"
        ),
    ],
)
def test_a_file_with_code_is_refused_even_if_its_hash_fits(
    folder: Path, mark: Path, make: Callable[[Path], bytes], held: str
) -> None:
    """The unpickler knows what a model is made of, and nothing else, by whatever way it is named."""
    replace_file(folder, make(mark))

    with pytest.raises(ModelRefused, match=f"holds .*{held}"):
        load(folder)

    assert not mark.exists()


def test_an_array_of_objects_is_refused(folder: Path, tmp_path: Path, mark: Path) -> None:
    """Joblib keeps such an array as a pickle inside the pickle; no model of ours has one."""
    trap = np.array([Trap(os.system, f"touch {mark}")], dtype=object)
    joblib.dump(trap, tmp_path / "array")
    replace_file(folder, gzip.compress((tmp_path / "array").read_bytes()))

    with pytest.raises(ModelRefused, match="array of objects"):
        load(folder)

    assert not mark.exists()


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        pytest.param(packed({"a": 1}), "holds a dict, not a model", id="a dictionary"),
        pytest.param(packed(None), "holds a NoneType", id="nothing"),
        pytest.param(packed(np.float64(1.0)), "holds a float64", id="a number"),
        pytest.param(pickle.dumps(1), "no model file", id="not compressed"),
        pytest.param(gzip.compress(b""), "no model file", id="an empty pickle"),
        pytest.param(gzip.compress(b"PK\x03\x04 a zip"), "no model file", id="something else"),
        pytest.param(packed([1, 2])[:-9], "no model file", id="half a compressed file"),
        pytest.param(
            gzip.compress(_stack_global("numpy", "dtype", "no such type")),
            "no model file",
            id="an allowed name used wrongly",
        ),
    ],
)
def test_a_file_that_is_no_model_is_refused_though_its_hash_fits(
    folder: Path, data: bytes, cause: str
) -> None:
    """What unpickles to something else, or not at all, is told apart from a model."""
    replace_file(folder, data)

    with pytest.raises(ModelRefused, match=cause):
        load(folder)


def test_no_change_of_a_byte_does_more_than_be_refused(folder: Path, tmp_path: Path) -> None:
    """A file damaged before its hash was taken loads, or is refused; no other error comes out."""
    buffer = tmp_path / "small"
    joblib.dump(EMPTY, buffer)
    whole = buffer.read_bytes()

    for place in range(len(whole)):
        for value in (0x00, 0x2E, 0x52, 0x93, 0xFF):
            broken = whole[:place] + bytes([value]) + whole[place + 1 :]
            replace_file(folder, gzip.compress(broken, 1))
            with contextlib.suppress(ModelRefused):
                load(folder)


def test_the_allow_list_names_things_and_no_modules() -> None:
    """A module's name would let in everything the module imports."""
    modules = [name for name in ALLOWED if isinstance(pydoc.locate(name), ModuleType)]

    assert modules == []
    assert [name for name in ALLOWED if name.endswith(".")] == []


def test_another_model_than_the_expected_is_refused_unopened(trapped: Path, mark: Path) -> None:
    """With the expected hash in the settings, a swapped model and manifest do not get in."""
    with pytest.raises(ModelRefused, match="TOPICWIRE_CLASSIFIER_MODEL_SHA256"):
        load(trapped, expected_sha256="0" * 64)

    assert not mark.exists()


def test_the_expected_model_is_loaded(folder: Path) -> None:
    """The expected hash may be written in either case."""
    manifest = read_manifest(folder)

    fitted, found = load(folder, expected_sha256=manifest.sha256.upper())

    assert found == manifest
    assert len(fitted.corpus_ids) == manifest.corpus_articles


def test_the_manifest_says_what_the_model_needs(folder: Path) -> None:
    """Schema, versions, topics in order, both profiles' calibration, the encoder, the languages."""
    manifest = read_manifest(folder)

    assert (manifest.schema, manifest.features_version) == (MANIFEST_SCHEMA, FEATURES_VERSION)
    assert MANIFEST_SCHEMA == "topicwire.model/2"
    assert manifest.sklearn == sklearn.__version__
    assert manifest.encoder == "bundled"
    assert manifest.languages == ("de", "en")
    assert manifest.topics == tuple(topic.name for topic in manifest.specs)
    assert {profile: list(of) for profile, of in manifest.calibration.items()} == {
        "accurate": list(manifest.topics),
        "fast": list(manifest.topics),
    }
    assert 0 <= manifest.encoder_from <= 0.05


def test_save_leaves_a_pair_that_fits_and_no_scraps(tmp_path: Path, model_folder: Path) -> None:
    """File and manifest describe each other, and saving again replaces the manifest last."""
    manifest = read_manifest(model_folder)

    one = save(tmp_path, with_article(EMPTY, "a"), manifest)
    two = save(tmp_path, with_article(EMPTY, "b"), manifest)
    fitted, found = load(tmp_path)

    assert one.sha256 != two.sha256
    assert (fitted.corpus_ids, found) == (("b",), two)
    assert {MANIFEST, one.file, two.file} == {path.name for path in tmp_path.iterdir()}
    assert isinstance(found, Manifest)


def test_the_same_model_is_the_same_file(tmp_path: Path, model_folder: Path) -> None:
    """Saving a fitted model twice gives one hash, so a release can name the model it means."""
    fitted, manifest = load(model_folder)

    one, two = save(tmp_path / "one", fitted, manifest), save(tmp_path / "two", fitted, manifest)

    assert msgspec.structs.asdict(one) == msgspec.structs.asdict(two)
    assert (tmp_path / "one" / one.file).read_bytes() == (tmp_path / "two" / two.file).read_bytes()


def test_equal_models_are_the_same_file(tmp_path: Path, model_folder: Path) -> None:
    """Also where one process has two equal names as one object, and another as two."""
    manifest, name = read_manifest(model_folder), "article-1"
    again = f"{name[:-1]}1"
    assert name is not again

    one = save(tmp_path, Fitted({name: name}, None, None, (name, name)), manifest)
    two = save(tmp_path, Fitted({name: again}, None, None, (name, again)), manifest)

    assert one.sha256 == two.sha256


def with_article(fitted: Fitted, article_id: str) -> Fitted:
    """Return the fitted model with one corpus article."""
    return Fitted(fitted.terms, fitted.passages, fitted.corpus_rows, (article_id,))
