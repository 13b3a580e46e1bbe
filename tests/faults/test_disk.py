"""The store's disk is full, for real: a file system of two megabytes that only the sink sees."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from shared.messages import encode
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.build import labelled, raw
from tests.support.services import Service
from tests.support.wait import until

STREAMS = StreamMap()
ARTICLES = 400
# A mount of its own needs no root where user namespaces are allowed.
ISOLATED = ("unshare", "--map-root-user", "--mount")


def test_a_full_disk_stops_the_sink_without_loss(valkey: BrokerServer, tmp_path: Path) -> None:
    """Nothing is acknowledged that is not stored; the page says why; with room again all goes in."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not _may_mount(disk):
        pytest.skip("this machine lets nobody mount a file system of his own (unshare --mount)")
    mounted = f'mount -t tmpfs -o size=2m none "{disk}" && exec "$@"'
    sink = Service(
        "sink",
        tmp_path,
        {
            "TOPICWIRE_BROKER_URL": valkey.url,
            "TOPICWIRE_DATA_DIR": str(disk),
            "TOPICWIRE_BATCH_ENTRIES": "20",
            "TOPICWIRE_POLL_MS": "50",
            "TOPICWIRE_HOUSEKEEPING_SECONDS": "0.2",
            "TOPICWIRE_RECLAIM_IDLE_MS": "1000",
        },
        within=[*ISOLATED, "sh", "-c", mounted, "sh"],
    )
    try:
        with valkey.client() as client:
            sink.start().wait_ready()
            for number in range(ARTICLES):
                article = labelled(
                    raw(f"{number} " + "word " * 1_000, url=f"https://e.org/{number}")
                )
                client.xadd(STREAMS.labelled, {"data": encode(article)})

            until(lambda: sink.page("/readyz").status == 503, "not ready", seconds=60)
            told = until(lambda: sink.page("/readyz").checks, "it says why")
            until(lambda: "full" in sink.log_text(), "the log says that it is full", seconds=30)
            rows = _rows(sink, disk)
            assert rows < ARTICLES
            assert any(state != "ok" for state in told.values())
            assert sink.page("/healthz").status == 200
            assert _unfinished(client) == ARTICLES - rows
            assert client.xlen(STREAMS.dead) == 0

            _inside(sink, "mount", "-o", "remount,size=64m", str(disk))
            until(lambda: _rows(sink, disk) == ARTICLES, "all are stored", seconds=90)
            sink.wait_ready()

            until(lambda: _unfinished(client) == 0, "nothing waits", seconds=30)
            assert client.xlen(STREAMS.dead) == 0
            assert "Traceback" not in sink.log_text()
            assert sink.stop() == 0
    finally:
        sink.kill()


def _may_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return False
    done = subprocess.run(
        [*ISOLATED, "mount", "-t", "tmpfs", "none", str(folder)], capture_output=True, check=False
    )
    return done.returncode == 0


def _inside(sink: Service, *command: str) -> str:
    """Run a command where the sink's disk is seen; return what it printed."""
    enter = ["nsenter", "--target", str(sink.pid), "--user", "--mount", "--preserve-credentials"]
    done = subprocess.run([*enter, *command], capture_output=True, text=True, check=True)
    return done.stdout


def _rows(sink: Service, disk: Path) -> int:
    query = "SELECT count(*) FROM articles"
    code = f"import sqlite3; print(*sqlite3.connect({str(disk / 'topicwire.db')!r}).execute({query!r}).fetchone())"
    return int(_inside(sink, sys.executable, "-c", code))


def _unfinished(client: "redis.Redis") -> int:
    (group,) = client.xinfo_groups(STREAMS.labelled)
    return int(group["pending"] + (group["lag"] or 0))
