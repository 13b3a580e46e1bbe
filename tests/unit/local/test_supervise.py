"""Keeping children alive and stopping them for good, with tiny real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count, pairwise
from pathlib import Path

import pytest

from services.local.supervise import Child, ChildFailed
from tests.support.wait import until_async

Make = Callable[..., Child]
Keep = Callable[[Child], Awaitable["asyncio.Task[None]"]]
IGNORES_SIGTERM = "trap '' TERM; echo up; while :; do sleep 0.05; done"


@pytest.fixture
def child(tmp_path: Path) -> Make:
    """Return a maker of children that run a line of shell."""
    numbers = count(1)

    def made(line: str, *, stop_seconds: float = 5.0) -> Child:
        name = f"child{next(numbers)}"
        log = tmp_path / "logs" / f"{name}.log"
        environment = {**os.environ, "FOLDER": str(tmp_path)}
        return Child(name, ["/bin/sh", "-c", line], environment, log, stop_seconds)

    return made


@pytest.fixture
async def keep() -> AsyncIterator[Keep]:
    """Yield a starter that keeps children alive; all are stopped at the end."""
    kept: list[tuple[Child, asyncio.Task[None]]] = []

    async def started(child: Child) -> "asyncio.Task[None]":
        await child.start()
        kept.append((child, asyncio.create_task(child.keep_alive())))
        return kept[-1][1]

    yield started
    for child, keeper in kept:
        await child.stop()
        await asyncio.gather(keeper, return_exceptions=True)


async def printed(child: Child, text: str, times: int = 1) -> None:
    """Wait until the child's log holds `text` so often."""

    async def there() -> bool:
        return child.log.exists() and child.log.read_text("utf-8").count(text) >= times

    await until_async(there, f"{text!r} in the log, {times} times")


async def test_a_child_that_is_killed_is_started_again(child: Make, keep: Keep) -> None:
    """A new process takes the place of the dead one, and the restart is counted."""
    one = child("echo up; exec sleep 60")
    await keep(one)
    await printed(one, "up")
    first = one.process.pid

    os.kill(first, signal.SIGKILL)
    await printed(one, "up", times=2)

    assert one.process.pid != first
    assert one.restarts == 1


async def test_the_pause_between_restarts_grows(child: Make, keep: Keep, tmp_path: Path) -> None:
    """A child that dies at once is not started in a hot loop: 0.2, 0.4, 0.8 seconds."""
    one = child('date +%s.%N >> "$FOLDER/starts"; exit 1')
    await keep(one)

    async def four_starts() -> list[float]:
        path = tmp_path / "starts"
        starts = [float(line) for line in path.read_text().split()] if path.exists() else []
        return starts if len(starts) >= 4 else []

    starts = await until_async(four_starts, "four starts")

    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert [pauses[0] >= 0.2, pauses[1] >= 0.4, pauses[2] >= 0.8] == [True, True, True]


async def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(
    child: Make, keep: Keep
) -> None:
    """After six deaths in a row: how it died, the end of its log, and where the rest is."""
    words, silent = child("echo no disk left >&2; exit 1"), child("kill -SEGV $$")
    keepers = [await keep(words), await keep(silent)]

    loud, quiet = await asyncio.wait_for(asyncio.gather(*keepers, return_exceptions=True), 20)

    assert isinstance(loud, ChildFailed)
    assert all(part in str(loud) for part in ("exit code 1", "no disk left", str(words.log)))
    assert words.restarts == 5
    assert all(part in str(quiet) for part in ("signal SIGSEGV", "it printed nothing"))


async def test_wrong_settings_end_it_at_once(child: Make, keep: Keep) -> None:
    """Exit code 2 means that trying again is in vain."""
    one = child("echo TOPICWIRE_XYZ is not a setting; exit 2")
    keeper = await keep(one)

    with pytest.raises(ChildFailed, match="TOPICWIRE_XYZ is not a setting"):
        await asyncio.wait_for(keeper, 5)

    assert one.restarts == 0


async def test_stop_asks_first_and_waits(child: Make, keep: Keep) -> None:
    """A child that ends at SIGTERM can finish its work, and is not started again."""
    one = child("trap 'echo drained; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    keeper = await keep(one)
    await printed(one, "up")

    await one.stop()
    await asyncio.wait_for(keeper, 5)

    assert one.process.returncode == 0
    assert one.restarts == 0
    await printed(one, "drained")


async def test_stop_kills_after_the_bound(
    child: Make, keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    """A child that ignores SIGTERM does not hold up the end, and that is told."""
    one = child(IGNORES_SIGTERM, stop_seconds=0.3)
    keeper = await keep(one)
    await printed(one, "up")

    await asyncio.wait_for(one.stop(), 5)
    await asyncio.wait_for(keeper, 5)

    assert one.process.returncode == -signal.SIGKILL
    assert "did not end in 0 s; killed" in capsys.readouterr().err


async def test_stop_during_the_pause_starts_nothing_more(child: Make, keep: Keep) -> None:
    """Ctrl-C while a child is down leaves it down."""
    one = child("echo up; exit 1")
    keeper = await keep(one)
    await printed(one, "up", times=3)

    await one.stop()
    await asyncio.wait_for(keeper, 5)

    assert one.process.returncode == 1


async def test_stop_while_it_is_being_started_stops_the_new_process(child: Make) -> None:
    """However stop and restart fall together, no process stays behind."""
    one = child("echo up; exec sleep 60")
    await one.start()
    entered, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Child):
        """Starts its process only when the test says so."""

        async def start(self) -> None:
            entered.set()
            await go_on.wait()
            await super().start()

    slow = Slow("slow", one.command, one.environment, one.log, one.stop_seconds)
    slow.process = one.process
    keeper = asyncio.create_task(slow.keep_alive())
    slow.process.kill()
    await asyncio.wait_for(entered.wait(), 5)

    await slow.stop()
    go_on.set()
    await asyncio.wait_for(keeper, 5)

    assert slow.process.returncode == -signal.SIGTERM


async def test_a_line_without_end_is_not_kept_in_memory(child: Make, keep: Keep) -> None:
    """Half a megabyte in one line is told as such; what follows is read."""
    one = child(f"{sys.executable} -c 'print(\"x\" * 500_000)'; echo after; exec sleep 60")
    await keep(one)

    await printed(one, "after")

    assert "(a very long line)" in one.log.read_text("utf-8")


async def test_what_a_child_prints_can_be_no_utf8(child: Make, keep: Keep) -> None:
    """Bytes are replaced, and the following goes on."""
    one = child(r"printf '\377\376\n'; echo after; exec sleep 60")
    await keep(one)

    await printed(one, "after")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
async def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    """SIGKILL leaves no time for goodbyes; the kernel stops the children."""
    script = tmp_path / "supervisor.py"
    script.write_text(
        "import asyncio, os, pathlib\n"
        "from services.local.supervise import Child\n"
        "async def main():\n"
        "    log = pathlib.Path('log')\n"
        "    child = Child('c', ['/bin/sleep', '60'], os.environ, log, 5)\n"
        "    await child.start()\n"
        "    print(child.process.pid, flush=True)\n"
        "    await child.keep_alive()\n"
        "asyncio.run(main())\n"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, str(script), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pid = int(await asyncio.wait_for(supervisor.stdout.readline(), 10))

    supervisor.kill()
    await supervisor.wait()

    async def gone() -> bool:
        return not running(pid)

    await until_async(gone, "the child ended")


def running(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
