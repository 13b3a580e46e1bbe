import time
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession, web
from prometheus_client import CollectorRegistry, Counter

from shared.errors import AddressTaken
from shared.health import Health, Heartbeat, serve
from tests.support.ports import free_port


def test_a_heartbeat_starts_well() -> None:
    """A service is not sick before it had time to work."""
    assert Heartbeat(60, "work").check() is None


def test_silence_beyond_the_limit_is_told() -> None:
    """Nobody has to report a failure: not being heard is one."""
    beat = Heartbeat(0.0, "work", _beat_at=time.monotonic() - 5)

    assert beat.check() == "work: silent for 5 s"
    assert beat.stuck() == "work: silent for 5 s"


def test_a_told_failure_is_unready_but_not_stuck() -> None:
    """A store that is away makes the service unready; restarting it would not help."""
    beat = Heartbeat(0.0, "store", _beat_at=time.monotonic() - 5)

    beat.fail("no answer")

    assert beat.check() == "store: no answer"
    assert beat.stuck() is None


def test_the_next_beat_takes_a_failure_back() -> None:
    """Recovery is seen at once."""
    beat = Heartbeat(60, "store")
    beat.fail("no answer")

    beat.beat()

    assert beat.check() is None


Pages = Callable[[str], "tuple[int, str]"]


@pytest.fixture
async def base() -> AsyncIterator[str]:
    """Yield the address of a page whose life is well and whose store is away."""
    registry = CollectorRegistry()
    Counter("seen_total", "help", registry=registry).inc(3)
    health = Health(registry, live={"work": lambda: None}, ready={"store": lambda: "store: away"})
    app = web.Application()
    app.add_routes(health.routes())
    port = free_port()
    runner = await serve(app, "127.0.0.1", port, variable="TOPICWIRE_X_PORT")
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        pytest.param("/healthz", 200, '"work": "ok"', id="alive"),
        pytest.param("/readyz", 503, '"store": "store: away"', id="not ready, and why"),
        pytest.param("/metrics", 200, "seen_total 3.0", id="metrics"),
    ],
)
async def test_pages_tell_the_truth(base: str, path: str, status: int, text: str) -> None:
    """Alive and ready are two questions, and each answer names its checks."""
    async with ClientSession() as session, session.get(base + path) as answer:
        assert status == answer.status
        assert text in await answer.text()


async def test_a_taken_port_names_the_setting_that_cures_it(base: str) -> None:
    """The operator reads which variable to change."""
    port = int(base.rpartition(":")[2])

    with pytest.raises(AddressTaken, match="TOPICWIRE_Y_PORT"):
        await serve(web.Application(), "127.0.0.1", port, variable="TOPICWIRE_Y_PORT")
