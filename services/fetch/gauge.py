"""Measure what lies in the broker, about once a second, for all doors of one process."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from services.fetch.metrics import FetchMetrics
from services.fetch.pressure import Load, Marks, Pressure, decide_pressure
from shared.logs import Logger
from shared.streams import Stage, StreamMap

_FRESH_SECONDS = 1.0
_WAIT_SECONDS = 1.0


class PressureGauge:
    """Remembers the last answer. Without the broker it stays: publishing itself then tells."""

    def __init__(self, client: Redis, streams: StreamMap, marks: Marks) -> None:
        self._client, self._streams, self._marks = client, streams, marks
        self._measured_at: float | None = None
        self.pressure, self.waiting = Pressure(), dict[str, int]()
        self.load = Load()

    async def measure(self) -> Pressure:
        """Ask the broker, six small commands; raises redis-py's errors."""
        entries = total = 0
        for stage in self._streams.stages:
            waits, size = await self._stage(stage)
            self.waiting[stage.name] = waits
            entries, total = entries + waits, total + size
        self.load = Load(entries, total, await self._memory())
        self.pressure = decide_pressure(self.load, self._marks, self.pressure)
        self._measured_at = time.monotonic()
        return self.pressure

    async def wait_for_room(self, tell: Callable[[str], None]) -> None:
        """Return once the doors are open; `tell` is called when it waits, and when it goes on."""
        stale = self._measured_at is None or time.monotonic() - self._measured_at > _FRESH_SECONDS
        if not (stale and await self.measure()):
            return
        tell(f"waiting: {self.pressure}")
        held = True
        while held:
            await asyncio.sleep(_WAIT_SECONDS)
            held = bool(await self.measure())
        tell("going on")

    async def watch(self, metrics: FetchMetrics, logger: Logger) -> None:
        """Measure until cancelled; keeps the metrics, and logs when the doors close and open."""
        while True:
            before = self.pressure
            with contextlib.suppress(RedisError, OSError):  # /readyz names the broker
                await self.measure()
                metrics.measured(self.load, self.waiting, self.pressure)
            if bool(before) != bool(self.pressure):
                told = {"reasons": str(self.pressure)} if self.pressure else {}
                logger.warning("doors_held" if self.pressure else "doors_open", **told)
            await asyncio.sleep(_FRESH_SECONDS)

    async def _stage(self, stage: Stage) -> tuple[int, int]:
        """Return how many entries wait for the stage, and about how many bytes those take.

        MEMORY USAGE looks at a few nodes of the stream and reckons; finished entries that are not
        trimmed yet are taken out in proportion.
        """
        length = await self._client.xlen(stage.input)
        if not length:
            return 0, 0
        waits = await self._lag(stage)
        waits = length if waits is None else min(waits, length)
        try:
            size = int(await self._client.memory_usage(stage.input) or 0)
        except ResponseError:  # forbidden on some managed brokers
            size = 0
        return waits, size * waits // length

    async def _lag(self, stage: Stage) -> int | None:
        """Return the entries beyond the group's position, None if the broker can't tell."""
        for info in await self._client.xinfo_groups(stage.input):
            if info["name"].decode() == stage.group:
                lag = info.get("lag")
                return None if lag is None else int(lag)
        return None

    async def _memory(self) -> float | None:
        try:
            info = await self._client.info("memory")
        except ResponseError:
            return None
        limit = int(info.get("maxmemory") or 0)
        return int(info["used_memory"]) / limit if limit else None
