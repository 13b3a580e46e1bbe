"""The services as real processes: started with an environment, watched over HTTP, killed."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.ports import free_port
from tests.support.wait import until

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Page:
    """A health page's answer: status (0: nobody listens) and the text of each check."""

    status: int
    checks: dict[str, str]


class Service:
    """`python -m services.<name>` with its log in a file.

    Each start appends to the same log; the port stays. `within`: a command it is started by.
    """

    def __init__(
        self, name: str, folder: Path, environment: dict[str, str], within: Sequence[str] = ()
    ) -> None:
        self.name, self.port, self._within = name, free_port(), within
        self.log = folder / f"{name}-{self.port}.log"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TOPICWIRE_")}
        self._environment = {
            **clean,
            "TOPICWIRE_DATA_DIR": str(folder),
            "TOPICWIRE_LOG_FORMAT": "json",
            f"TOPICWIRE_{name.upper()}_PORT": str(self.port),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Service":
        """Start the process; does not wait for it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._within, sys.executable, "-m", f"services.{self.name}"],
                cwd=ROOT, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def wait_ready(self, seconds: float = 60.0) -> "Service":
        """Wait until /readyz answers 200; fails with the log's end."""
        try:
            until(lambda: self._alive() and self.page("/readyz").status == 200, "ready", seconds=seconds)  # fmt: skip
        except AssertionError as error:
            raise AssertionError(f"{self.name}: {error}\n{self.log_text()[-4000:]}") from error
        return self

    def page(self, path: str) -> Page:
        """Return what a health page says now."""
        try:
            with urllib.request.urlopen(self._url(path), timeout=5) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, body = error.code, error.read()
        except OSError:
            return Page(0, {})
        return Page(status, json.loads(body)["checks"])

    def metric(self, name: str, **labels: str) -> float:
        """Return the value of a sample on /metrics, 0 if it is not there."""
        with urllib.request.urlopen(self._url("/metrics"), timeout=5) as answer:
            text = answer.read().decode()
        samples = (s for family in text_string_to_metric_families(text) for s in family.samples)
        found = [s.value for s in samples if s.name == name and labels.items() <= s.labels.items()]
        return sum(found)

    def log_text(self) -> str:
        """Return everything the process wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it with SIGKILL and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def stop(self, seconds: float = 40.0) -> int:
        """Send SIGTERM and return the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait_exit(seconds)

    def wait_exit(self, seconds: float = 60.0) -> int:
        """Return the exit code once it ended by itself."""
        assert self._process is not None
        return self._process.wait(seconds)

    def _alive(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"{self.name} ended: {self.log_text()[-4000:]}"
        return True

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"
