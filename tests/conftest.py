"""Fixtures: real servers, a small trained model, settings that make delivery quick."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.broker import REDIS_SERVER, BrokerServer, valkey_binary
from tests.support.build import HeldClock

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
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model trained on a part of our corpus: quick, not good."""
    from services.classifier.training.corpus import default_folder, read_folder
    from services.classifier.training.train import train

    folder = tmp_path_factory.mktemp("model")
    examples = [e for e in read_folder(default_folder()) if e.tongue in {"en", "de"}][::2]
    train(examples, folder, clock=HeldClock(), progress=lambda _line: None)
    return folder


def _running(binary: Path, folder: Path) -> Iterator[BrokerServer]:
    server = BrokerServer(binary, folder)
    try:
        yield server.start()
    finally:
        server.kill()
