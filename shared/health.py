"""Health and metrics over HTTP: `/healthz`, `/readyz` and `/metrics`, telling the truth.

`/healthz` answers 503 when the process should be restarted (its consumer is stuck or gone);
`/readyz` when it can't work for now (broker or store away, paused). The body names each check.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from shared.errors import AddressTaken

Check = Callable[[], str | None]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(slots=True)
class Heartbeat:
    """Remembers when something last worked; starts as if it just had.

    `limit_seconds`: silence longer than this is a failure.
    """

    limit_seconds: float
    what: str
    _beat_at: float = field(default_factory=time.monotonic)
    _failure: str | None = None

    def beat(self) -> None:
        """Say that it works."""
        self._beat_at, self._failure = time.monotonic(), None

    def fail(self, why: str) -> None:
        """Say that it does not, and why; the next beat takes it back."""
        self._failure = why

    def check(self) -> str | None:
        """Return None while all is well, else what is wrong."""
        if self._failure is not None:
            return f"{self.what}: {self._failure}"
        silence = time.monotonic() - self._beat_at
        return f"{self.what}: silent for {silence:.0f} s" if silence > self.limit_seconds else None

    def stuck(self) -> str | None:
        """Return what is wrong only if nothing was heard at all; a told failure is not stuck."""
        silence = time.monotonic() - self._beat_at
        if self._failure is None and silence > self.limit_seconds:
            return f"{self.what}: silent for {silence:.0f} s"
        return None


@dataclass(frozen=True, slots=True)
class Health:
    """The checks behind `/healthz` (`live`) and `/readyz` (`ready` and `live`)."""

    registry: CollectorRegistry
    live: Mapping[str, Check]
    ready: Mapping[str, Check]

    def routes(self) -> list[web.RouteDef]:
        """Return the three routes, for a service that serves other pages too."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]

    async def _healthz(self, _request: web.Request) -> web.Response:
        return _answer(self.live)

    async def _readyz(self, _request: web.Request) -> web.Response:
        return _answer({**self.live, **self.ready})

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )


async def serve(app: web.Application, host: str, port: int, *, variable: str) -> web.AppRunner:
    """Serve `app` until the returned runner is cleaned up.

    Raises AddressTaken naming `variable`, the setting that cures it.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise AddressTaken(
            f"can't listen on {host}:{port} ({error.strerror or error}); "
            f"stop what uses it, or choose another port with {variable}"
        ) from error
    return runner


def _answer(checks: Mapping[str, Check]) -> web.Response:
    found = {name: check() for name, check in checks.items()}
    failed = any(found.values())
    body = {"ok": not failed, "checks": {name: why or "ok" for name, why in found.items()}}
    return web.json_response(body, status=503 if failed else 200)
