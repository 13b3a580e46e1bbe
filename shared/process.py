"""How a service's process lives: settings, logs, signals, an exit code that tells the truth."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from redis.asyncio import Redis

from shared.broker import check
from shared.errors import BrokerUnavailable, TopicwireError, exit_code
from shared.logs import Logger, configure
from shared.settings import CommonSettings, load

S = TypeVar("S", bound=CommonSettings)
Serve = Callable[[S, Logger, asyncio.Event], Coroutine[Any, Any, None]]
_BROKER_WAIT_SECONDS = 30.0


def run_service(name: str, kind: type[S], serve: "Serve[S]", **overrides: object) -> int:
    """Run `serve(settings, logger, stop)` until it returns or SIGTERM/SIGINT sets `stop`.

    Returns the exit code: 0 after a drain, 1 when it failed, 2 for wrong settings. Prints one
    line that names the cause and the cure; errors of ours show no traceback.
    """
    try:
        settings = load(kind, None, **overrides)
    except TopicwireError as error:
        sys.stderr.write(f"topicwire {name}: {error}\n")
        return exit_code(error)
    logger = configure(name, format=settings.log_format, level=settings.log_level)
    try:
        asyncio.run(_until_told(settings, logger, serve))
    except TopicwireError as error:
        logger.error("stopped", error=str(error))  # noqa: TRY400 the message is for operators
        return exit_code(error)
    logger.info("stopped")
    return 0


async def wait_for_broker(client: Redis, settings: CommonSettings, stop: asyncio.Event) -> None:
    """Wait until the broker answers; raises BrokerUnavailable after 30 s."""
    deadline = asyncio.get_running_loop().time() + _BROKER_WAIT_SECONDS
    while not stop.is_set():
        try:
            return await check(client, settings)
        except BrokerUnavailable:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)
    return None


async def first_of(stop: asyncio.Event, failed: asyncio.Event) -> None:
    """Return when told to stop; raises BrokerUnavailable when the consumer can't go on."""
    waits = [asyncio.create_task(stop.wait()), asyncio.create_task(failed.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await wait
    if failed.is_set() and not stop.is_set():
        raise BrokerUnavailable(
            "the consumer could not be brought back (see the log); the process ends so that its "
            "supervisor starts it anew"
        )


async def _until_told(
    settings: S, logger: Logger, serve: Callable[[S, Logger, asyncio.Event], Awaitable[None]]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(settings, logger, stop)
