"""Connections to the broker: one plain client and one FastStream broker, both of which retry."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from shared.errors import BrokerUnavailable, SettingsError
from shared.settings import CommonSettings

if TYPE_CHECKING:
    from faststream.redis import RedisBroker

Client = Redis
# A pause of 4 s became 0.4 s with this (facts, FastStream). 8 tries wait 6 s at the most in all.
_RETRIES, _BASE_SECONDS, _CAP_SECONDS = 8, 0.05, 1.0
_SOCKET_TIMEOUT_SECONDS = 15.0  # above poll_ms (at most 4 s), or an idle read would look broken
_CONNECT_TIMEOUT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0  # how long a person or a start waits for the first answer
_RETRY_ON: list[type[Exception]] = [BusyLoadingError, RedisConnectionError, RedisTimeoutError]
_PASSING = ("LOADING", "MISCONF", "OOM", "READONLY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN")


def connect(settings: CommonSettings, *, retries: int = _RETRIES) -> Redis:
    """Return a client that connects at its first command; close it with `aclose()`."""
    try:
        return Redis.from_url(settings.broker_url.get_secret_value(), **_options(settings, retries))
    except ValueError as error:
        raise SettingsError(f"TOPICWIRE_BROKER_URL: {error}") from None


@asynccontextmanager
async def connected(settings: CommonSettings, *, retries: int = 1) -> AsyncIterator[Redis]:
    """Yield a client that has answered a ping; raises BrokerUnavailable or SettingsError."""
    client = connect(settings, retries=retries)
    try:
        await check(client, settings)
        yield client
    finally:
        await client.aclose()


async def check(client: Redis, settings: CommonSettings) -> None:
    """Ping the broker; raises BrokerUnavailable or SettingsError with the cure."""
    address = safe_address(settings.broker_url.get_secret_value())
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):  # a frozen broker takes connections, too
            await client.ping()
    except (AuthenticationError, NoPermissionError) as error:
        raise SettingsError(
            f"the broker at {address} refuses the login: {error}; check TOPICWIRE_BROKER_URL "
            "and TOPICWIRE_BROKER_PASSWORD_FILE"
        ) from error
    except (RedisError, OSError) as error:
        raise BrokerUnavailable(
            f"the broker at {address} does not answer ({str(error) or 'silent'}); start it (`topicwire up` runs "
            "one) or set TOPICWIRE_BROKER_URL"
        ) from error


def faststream_broker(settings: CommonSettings, logger: logging.Logger) -> "RedisBroker":
    """Return an unconnected FastStream broker without argument casting or access log."""
    from faststream.redis import RedisBroker  # noqa: PLC0415 heavy; only consumers need it

    return RedisBroker(
        settings.broker_url.get_secret_value(),
        graceful_timeout=settings.drain_seconds,
        apply_types=False,
        logger=logger,
        log_level=logging.DEBUG,
        **_options(settings, _RETRIES),
    )


def is_passing(error: Exception) -> bool:
    """Tell whether the broker may take the same command a little later."""
    if isinstance(error, RedisConnectionError | RedisTimeoutError | OSError):
        return not isinstance(error, AuthenticationError)
    if isinstance(error, OutOfMemoryError | ReadOnlyError):
        return True
    return isinstance(error, ResponseError) and str(error).startswith(_PASSING)


def process_name() -> str:
    """Return a name no other process has: host, process id, four random digits."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"


def safe_address(url: str) -> str:
    """Return `url` without user and password, for messages."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if rest else url


def _options(settings: CommonSettings, retries: int) -> dict[str, Any]:
    options: dict[str, Any] = {
        "retry": Retry(ExponentialWithJitterBackoff(cap=_CAP_SECONDS, base=_BASE_SECONDS), retries),
        "retry_on_error": list(_RETRY_ON),
        "socket_timeout": _SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": _CONNECT_TIMEOUT_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
    if settings.broker_password is not None:
        options["password"] = settings.broker_password.get_secret_value()
    return options
