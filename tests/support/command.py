"""The command `topicwire` as a user types it: real processes, a folder of their own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa

from services.sink import tables
from services.sink.query import Question, StoredArticle, find
from services.sink.store import open_for_reading
from tests.support.ports import free_port
from tests.support.services import ROOT
from tests.support.wait import until

COMMAND = Path(sys.executable).with_name("topicwire")
CHILDREN = ("broker", "fetch", "classifier", "sink")
_RUNS = "Ctrl-C stops it."


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ran to its end."""

    code: int
    out: str
    err: str

    def lines(self) -> list[Any]:
        """Return standard output read as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without settings of topicwire or make, with `variables`."""
    ours = ("TOPICWIRE_", "MAKE", "MFLAGS")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**clean, "COLUMNS": "160", **variables}


def topicwire(
    *arguments: str | Path,
    folder: Path,
    stdin: bytes = b"",
    variables: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Ended:
    """Run one verb in `folder` and return what became of it."""
    done = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        cwd=folder,
        env=environment(**(variables or {})),
        input=stdin,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def quick(model: Path) -> dict[str, str]:
    """Return the variables of a system with a ready model that takes over dead consumers' work soon."""
    return {
        "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model),
        "TOPICWIRE_RECLAIM_IDLE_MS": "3000",
    }


class LocalSystem:
    """`topicwire up` on free ports with its data in `folder`; it can be killed and started again."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, self.data = folder, folder / "data"
        self.ports = {name: free_port() for name in ("broker", "push", "classifier", "sink")}
        self.push_url = f"http://127.0.0.1:{self.ports['push']}"
        self.variables = variables
        self._output, self._told = folder / "up.log", 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self, *options: str) -> "LocalSystem":
        """Start it; does not wait."""
        self._told = self.output().count(_RUNS)
        ports = [f"--{name}-port={port}" for name, port in self.ports.items()]
        command = [str(COMMAND), "up", "--data-dir", str(self.data), *ports, *options]
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=environment(**self.variables),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        return self

    def wait_running(self, seconds: float = 90) -> "LocalSystem":
        """Wait until it has told its addresses in this life."""

        def running() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.output()
            return self.output().count(_RUNS) > self._told

        until(running, "the system runs", seconds=seconds)
        return self

    def output(self) -> str:
        """Return what it printed so far, in all its lives."""
        return self._output.read_text("utf-8") if self._output.exists() else ""

    def run(self, verb: str, *arguments: str | Path, stdin: bytes = b"") -> Ended:
        """Run another verb on this system's data folder."""
        return topicwire(
            verb, *arguments, "--data-dir", self.data, folder=self.folder, stdin=stdin,
            variables=self.variables,
        )  # fmt: skip

    def results(self, *arguments: str) -> list[Any]:
        """Return stored articles as `topicwire results` prints them."""
        return self.run("results", "--json", "--limit", "1000", *arguments).lines()

    def stored(self, **question: Any) -> list[StoredArticle]:
        """Return stored articles that match, read without a process of its own: for waiting."""
        if not (self.data / "topicwire.db").exists():
            return []
        engine = open_for_reading(f"sqlite:///{self.data / 'topicwire.db'}")
        try:
            return find(engine, Question(**{"limit": 100_000, **question}))
        finally:
            engine.dispose()

    def texts(self, article_id: str) -> list[tuple[str, int]]:
        """Return text and number of characters cut off of every revision of an article."""
        engine = open_for_reading(f"sqlite:///{self.data / 'topicwire.db'}")
        revision = tables.revisions.c
        query = sa.select(revision.text, revision.truncated_chars)
        try:
            with engine.connect() as connection:
                rows = connection.execute(query.where(revision.article_id == article_id)).all()
        finally:
            engine.dispose()
        return [(str(row[0]), int(row[1])) for row in rows]

    def client(self) -> "redis.Redis":
        """Return a client of its broker; use it in a `with`."""
        return redis.Redis(port=self.ports["broker"])

    def post(self, *articles: Mapping[str, object]) -> list[str]:
        """Send articles through the push door; return their ids."""
        request = urllib.request.Request(
            f"{self.push_url}/articles",
            "\n".join(json.dumps(article) for article in articles).encode(),
            {"Content-Type": "application/x-ndjson"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return [item["id"] for item in json.load(answer)["accepted"]]

    def wait_stored(self, *ids: str, seconds: float = 60) -> list[StoredArticle]:
        """Wait until the articles are in the store and return them."""

        def stored() -> list[StoredArticle]:
            found = self.stored(ids=ids)
            return found if len(found) == len(set(ids)) else []

        return until(stored, f"{ids} are stored; {self.output()[-2000:]}", seconds=seconds)

    def children(self) -> dict[str, int]:
        """Return the process ids of its children by name, as far as they run."""
        return {
            name: pid
            for pid, (parent, command) in processes().items()
            if parent == self.pid and (name := _child_name(command))
        }

    def wait_exit(self, seconds: float = 45) -> int:
        """Return the exit code of the supervisor."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.signal(signal.SIGINT)
        return self.wait_exit()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        assert self._process is not None
        self._process.send_signal(number)

    def remove(self) -> None:
        """End the supervisor and every process that works in its folder."""
        if self._process is not None and self._process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        for pid in self.processes_of_data():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def left_over(self) -> dict[int, str]:
        """Return every process but the supervisor that was started by it, also orphans."""
        return {pid: line for pid, line in self.processes_of_data().items() if pid != self.pid}

    def processes_of_data(self) -> dict[int, str]:
        """Return the command line of every process whose environment names this data folder."""
        mine = f"TOPICWIRE_DATA_DIR={self.data.resolve()}\0".encode()
        found = {}
        for pid, (_, command) in processes().items():
            try:
                variables = Path(f"/proc/{pid}/environ").read_bytes() + b"\0"
            except OSError:
                continue
            if mine in variables:
                found[pid] = command
        return found


def processes() -> dict[int, tuple[int, str]]:
    """Return parent and command line of every running process, by process id (Linux)."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                command = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
            except OSError:
                continue
            if state != "Z":
                found[int(entry.name)] = (int(parent), command)
    return found


def samples() -> list[dict[str, Any]]:
    """Return the bundled sample articles."""
    lines = (ROOT / "services/local/samples.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def seed_article() -> Path | None:
    """Return the article of the first demonstration beside the repository, if it is there."""
    return next(iter(sorted((ROOT.parent / "shared" / "seed").glob("*.txt"))), None)


def _child_name(command: str) -> str | None:
    service = re.search(r"-m services\.(\w+)", command)
    if service:
        return service[1]
    return "broker" if "valkey" in command else None


__all__ = ["CHILDREN", "COMMAND", "Ended", "LocalSystem", "environment", "processes", "topicwire"]
