"""Keep child processes alive, and stop them for good.

A child that dies is started again, after a pause that doubles; one that keeps dying, or says that
its settings are wrong (exit code 2), ends the whole. Children run in sessions of their own, so
that Ctrl-C reaches only us and they are stopped in order; if we die, the kernel stops them (Linux).
"""

import asyncio
import contextlib
import ctypes
import logging
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from shared.errors import GiveUp

_LOG_BYTES, _LOG_FILES = 10_000_000, 3
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0
_SETTLED_SECONDS = 30.0
_MOST_DEATHS_IN_A_ROW = 6
_PR_SET_PDEATHSIG = 1
_WRONG_SETTINGS = 2


class ChildFailed(GiveUp):
    """A child can't be kept alive; the message holds the end of its log."""


@dataclass(slots=True)
class Child:
    """One supervised process. `log` receives what it prints."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    stop_seconds: float
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _tail: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Start the process; its output goes to the log."""
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            env=dict(self.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    async def keep_alive(self) -> None:
        """Return when stopped; raises ChildFailed when the child can't be kept alive."""
        with self._opened_log() as logger:
            await self._keep_alive(logger)

    async def _keep_alive(self, logger: logging.Logger) -> None:
        deaths, pause = 0, _FIRST_PAUSE_SECONDS
        while True:
            begun = time.monotonic()
            code = await self._follow(logger)
            if self._stopping.is_set():
                return
            deaths = 0 if time.monotonic() - begun > _SETTLED_SECONDS else deaths + 1
            pause = _FIRST_PAUSE_SECONDS if deaths <= 1 else min(pause * 2, _LONGEST_PAUSE_SECONDS)
            if code == _WRONG_SETTINGS or deaths >= _MOST_DEATHS_IN_A_ROW:
                raise ChildFailed(self._obituary(code))
            self.restarts += 1
            sys.stderr.write(f"{self.name} ended ({_how(code)}); starting it again\n")
            await asyncio.sleep(pause)
            if not self._stopping.is_set():
                await self.start()
            if (
                self._stopping.is_set()
            ):  # told while it was being started: stop() saw only the dead one
                await self.stop()

    async def stop(self) -> None:
        """Ask the process to end (SIGTERM), and end it (SIGKILL) if it takes too long."""
        self._stopping.set()
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self.stop_seconds)
        except TimeoutError:
            sys.stderr.write(f"{self.name} did not end in {self.stop_seconds:.0f} s; killed\n")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _follow(self, logger: logging.Logger) -> int:
        assert self.process is not None  # noqa: S101 start() comes first
        assert self.process.stdout is not None  # noqa: S101
        while line := await self._line(self.process.stdout):
            text = line.decode("utf-8", "replace").rstrip()
            logger.info(text)
            self._tail = [*self._tail[-9:], text]
        return await self.process.wait()

    async def _line(self, stream: asyncio.StreamReader) -> bytes:
        try:
            return await stream.readline()
        except ValueError:  # a line longer than the reader's limit: its rest follows as lines
            return b"(a very long line)\n"

    @contextlib.contextmanager
    def _opened_log(self) -> Iterator[logging.Logger]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            self.log, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger = logging.getLogger(f"topicwire.local.{self.name}")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)
        try:
            yield logger
        finally:
            logger.removeHandler(handler)
            handler.close()

    def _obituary(self, code: int) -> str:
        last = "\n  ".join(self._tail) or "(it printed nothing)"
        return f"{self.name} can't be kept running ({_how(code)}); its last lines, from {self.log}:\n  {last}"


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _die_with_parent() -> None:
    """Ask the kernel to stop this child when its parent dies, however it dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
