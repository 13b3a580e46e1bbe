"""Wait for something to become true, with a deadline that names what did not happen."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_POLL_SECONDS = 0.02


def until(check: Callable[[], T], what: str, *, seconds: float = 10.0) -> T:
    """Return the first true value of `check()`; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s still not: {what} (last: {value!r})")
        time.sleep(_POLL_SECONDS)


async def until_async(check: Callable[[], Awaitable[T]], what: str, *, seconds: float = 10.0) -> T:
    """Do the same without blocking the event loop."""
    deadline = time.monotonic() + seconds
    while True:
        value = await check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s still not: {what} (last: {value!r})")
        await asyncio.sleep(_POLL_SECONDS)
