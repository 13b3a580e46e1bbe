"""Fixtures: real servers, a small trained model, settings that make delivery quick."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.broker import REDIS_SERVER, BrokerServer, valkey_binary
from tests.support.command import topicwire
from tests.support.services import ROOT

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[BrokerServer]:
    """Yield a fresh Valkey."""
    yield from _running(valkey_binary(), tmp_path)


@pytest.fixture(params=["valkey", "redis7"])
def any_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerServer]:
    """Yield a fresh Valkey, then Debian's Redis 7 (if it is installed)."""
    if request.param == "redis7" and not REDIS_SERVER.exists():
        pytest.skip(f"{REDIS_SERVER} is not there; on Debian: apt-get install redis-server")
    binary = REDIS_SERVER if request.param == "redis7" else valkey_binary()
    yield from _running(binary, tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """Yield one PostgreSQL for the whole run."""
    from tests.support.postgres import PostgresServer

    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty store of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database("store")


@pytest.fixture(scope="session")
def corpus_slice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a corpus folder with every other German and English article: quick to train on."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "articles").mkdir()
    shutil.copy(ROOT / "corpus" / "topics.toml", folder)
    (folder / "terms").mkdir()
    for name in ("de.toml", "en.toml", "names.toml"):
        shutil.copy(ROOT / "corpus" / "terms" / name, folder / "terms")
    for name in ("de.jsonl", "en.jsonl"):
        lines = (ROOT / "corpus" / "articles" / name).read_text("utf-8").splitlines(keepends=True)
        (folder / "articles" / name).write_text("".join(lines[::2]), "utf-8")
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, corpus_slice: Path) -> Path:
    """Return a folder with a model that `topicwire train` made of a slice: quick, not good.

    Shared by the whole run; who spoils a model spoils a copy.
    """
    folder = tmp_path_factory.mktemp("trained")
    trained = topicwire(
        "train", "--corpus", corpus_slice, "--out", "model", folder=folder, seconds=600
    )
    assert trained.code == 0, trained.err
    return folder / "model"


def _running(binary: Path, folder: Path) -> Iterator[BrokerServer]:
    server = BrokerServer(binary, folder)
    try:
        yield server.start()
    finally:
        server.kill()
