"""Fixtures of the command line: one trained model, one running system for the friendly tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import LocalSystem, topicwire


@pytest.fixture(scope="session")
def full_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model trained by `topicwire train` on the whole corpus, once."""
    folder = tmp_path_factory.mktemp("full-model")
    trained = topicwire("train", "--out", folder / "model", folder=folder, seconds=170)
    assert trained.code == 0, trained.err
    return folder / "model"


@pytest.fixture
def system(tmp_path: Path, full_model: Path) -> Iterator[LocalSystem]:
    """Yield a local system that is not started yet."""
    local = LocalSystem(tmp_path, TOPICWIRE_CLASSIFIER_MODEL_DIR=str(full_model))
    yield local
    local.remove()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, full_model: Path) -> Iterator[LocalSystem]:
    """Yield one running system that several tests use and none harms."""
    folder = tmp_path_factory.mktemp("running")
    local = LocalSystem(folder, TOPICWIRE_CLASSIFIER_MODEL_DIR=str(full_model))
    local.start("--samples").wait_running()
    yield local
    local.remove()
