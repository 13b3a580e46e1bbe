"""Wait out what passes by itself: a broker or a store that is away must not cost deliveries."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from shared.health import Heartbeat
from shared.logs import Logger

T = TypeVar("T")
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Repeats steps of one consumer until they go well or the consumer is stopped.

    `work`: is told what is waited for.
    """

    work: Heartbeat
    logger: Logger
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def outlast(
        self, step: Callable[[], Awaitable[T]], *, passes: Callable[[Exception], bool], event: str
    ) -> T:
        """Return what `step` returns; raises what does not pass, or anything once stopping.

        `event`: the log line of each failure.
        """
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return await step()
            except Exception as error:
                if not passes(error):
                    raise
                self.logger.warning(event, error=str(error))
                self.work.fail(str(error))
                if await self.stopped_within(pause):
                    raise
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def hold(self, paused: Callable[[], bool]) -> bool:
        """Wait while `paused()`; return False if the consumer is stopped meanwhile."""
        while paused():
            self.work.beat()  # a pause is no failure of the work, and is told by its own check
            if await self.stopped_within(_FIRST_PAUSE_SECONDS):
                return False
        return True

    async def stopped_within(self, seconds: float) -> bool:
        """Wait; return True at once when the consumer is being stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        return self.stopping.is_set()
