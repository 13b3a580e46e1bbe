"""Fixtures of the command line: one running system for the friendly tests, others to be harmed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import LocalSystem, quick

_FIRST_START_SECONDS = 900  # it trains on the whole corpus, on a machine that may be busy


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Yield one system started from nothing, as `make run` does; several tests use it, none harms it.

    Its first start trains the full model: the only full training of a run.
    """
    local = LocalSystem(tmp_path_factory.mktemp("running"))
    local.start("--samples").wait_running(_FIRST_START_SECONDS)
    yield local
    local.remove()


@pytest.fixture
def system(tmp_path: Path, model_folder: Path) -> Iterator[LocalSystem]:
    """Yield a local system that is not started yet, with the quick model."""
    local = LocalSystem(tmp_path, **quick(model_folder))
    yield local
    local.remove()
