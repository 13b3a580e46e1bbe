"""Back-pressure with a real broker and real processes: doors hold back, nothing is lost, all goes on."""

import json
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import redis

from services.fetch.gauge import PressureGauge
from services.fetch.pressure import Load, Mark, Marks
from shared.broker import connect
from shared.messages import encode
from shared.settings import CommonSettings, load
from shared.streams import StreamMap
from tests.support.broker import BrokerServer
from tests.support.build import labelled, raw
from tests.support.command import COMMAND, environment
from tests.support.services import Service
from tests.support.wait import until

STREAMS = StreamMap()
NARROW = {"TOPICWIRE_FETCH_HIGH_ENTRIES": "50", "TOPICWIRE_FETCH_LOW_ENTRIES": "20"}
MARKS = Marks(Mark(50, 20), Mark(10**12, 10**11), Mark(0.9, 0.5))
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>
<item><title>One</title><link>https://example.org/1</link><description>A story.</description></item>
</channel></rss>"""


async def measured(server: BrokerServer) -> Load:
    """Return what a gauge sees."""
    client = connect(load(CommonSettings, {}, broker_url=server.url))
    try:
        gauge = PressureGauge(client, STREAMS, MARKS)
        await gauge.measure()
    finally:
        await client.aclose()
    return gauge.load


def fill(client: "redis.Redis", stream: str, number: int) -> None:
    """Write entries of about 1 kB."""
    pipe = client.pipeline(transaction=False)
    for n in range(number):
        pipe.xadd(stream, {"text": f"{n} ".ljust(1_000, "x")})
    pipe.execute()


def drain(client: "redis.Redis", stage_input: str, group: str) -> None:
    """Take up and finish everything, as a consumer would."""
    if group not in [g["name"].decode() for g in client.xinfo_groups(stage_input)]:
        client.xgroup_create(stage_input, group, id="0")
    while rows := client.xreadgroup(group, "c", {stage_input: ">"}, count=1_000):
        for _, entries in rows:
            client.xack(stage_input, group, *(entry_id for entry_id, _ in entries))


async def test_what_no_group_has_taken_up_waits(any_broker: BrokerServer) -> None:
    """Without a group all of it; with one, what is beyond its position; taken up is not waiting."""
    with any_broker.client() as client:
        assert (await measured(any_broker)) == Load(0, 0, None)
        fill(client, STREAMS.raw, 200)
        fill(client, STREAMS.labelled, 100)
        first = await measured(any_broker)

        client.xgroup_create(STREAMS.raw, STREAMS.classify.group, id="0")
        client.xreadgroup(STREAMS.classify.group, "c", {STREAMS.raw: ">"}, count=150)
        second = await measured(any_broker)
        client.xgroup_create(STREAMS.labelled, "a third party", id="$")

        assert (first.entries, second.entries) == (300, 150)
        assert (await measured(any_broker)).entries == 150
        assert 250_000 < first.bytes < 600_000
        assert second.bytes < first.bytes


async def test_the_share_of_the_memory_is_that_of_its_limit(any_broker: BrokerServer) -> None:
    """Without a limit there is no share; with one it is what the broker itself counts."""
    with any_broker.client() as client:
        client.config_set("maxmemory", 4 * client.info("memory")["used_memory"])

        share = (await measured(any_broker)).memory

        assert share is not None
        assert 0.2 < share < 0.4
        client.config_set("maxmemory", 0)


async def test_a_broker_that_forbids_questions_holds_nobody_back(valkey: BrokerServer) -> None:
    """A managed broker may refuse INFO and MEMORY; entries are still counted."""
    with valkey.client() as client:
        fill(client, STREAMS.raw, 10)
        client.execute_command("ACL", "SETUSER", "default", "-info", "-memory")

        assert await measured(valkey) == Load(10, 0, None)


def test_push_door_and_polling_hold_back_until_the_consumer_caught_up(
    any_broker: BrokerServer, tmp_path: Path
) -> None:
    """With the sink stopped the door answers 429 and no feed is asked; with it running all goes on."""
    with (
        any_broker.client() as client,
        feed_server() as (url, asked),
        service("fetch", tmp_path, any_broker, **NARROW, TOPICWIRE_FETCH_FEEDS=url) as fetch,
    ):
        for n in range(60):
            client.xadd(STREAMS.labelled, {"data": encode(labelled(raw(f"Story {n}.", id=n)))})
        until(lambda: fetch.metric("topicwire_pressure", measure="entries") == 1, "pressure")
        _, body, headers = until(lambda: _when(fetch, 429), "429")

        assert [item["measure"] for item in body["reasons"]] == ["entries"]
        assert int(headers["Retry-After"]) > 0
        assert fetch.page("/readyz").status == 200
        assert fetch.metric("topicwire_waiting_entries", stage="store") == 60
        assert fetch.metric("topicwire_door_held_total", door="push") == 1
        held = len(asked)
        until(lambda: fetch.metric("topicwire_door_held_total", door="feed") > 3, "polls held")
        assert len(asked) == held  # three seconds, and due every second
        assert fetch.log_text().count('"event": "doors_held"') == 1

        with service("sink", tmp_path, any_broker) as sink:
            sink.wait_ready()
            until(lambda: _when(fetch, 202), "202", seconds=20)
            until(lambda: len(asked) > held, "the feed is asked", seconds=20)
        assert fetch.metric("topicwire_pressure", measure="entries") == 0
        assert fetch.log_text().count('"event": "doors_open"') == 1
        assert fetch.stop() == 0


def test_push_waits_and_goes_on(any_broker: BrokerServer, tmp_path: Path) -> None:
    """The command says on standard error that it waits and why, and sends all in the end."""
    articles = tmp_path / "articles.jsonl"
    articles.write_text("".join(json.dumps({"text": f"Story {n}."}) + "\n" for n in range(400)))
    with any_broker.client() as client:
        fill(client, STREAMS.raw, 60)
        process = subprocess.Popen(
            [str(COMMAND), "push", str(articles), "--json"],
            cwd=tmp_path,
            env=environment(TOPICWIRE_BROKER_URL=any_broker.url, **NARROW),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stderr is not None
            assert "60 entries wait" in process.stderr.readline()
            assert client.xlen(STREAMS.raw) == 60
            assert process.poll() is None

            drain(client, STREAMS.raw, STREAMS.classify.group)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert len(out.splitlines()) == 400
    assert err.splitlines()[0] == "topicwire: going on"


@contextmanager
def service(name: str, folder: Path, broker: BrokerServer, **variables: str) -> Iterator[Service]:
    """Run a service for the length of a block."""
    told = {"TOPICWIRE_BROKER_URL": broker.url, "TOPICWIRE_FETCH_INTERVAL_SECONDS": "1"}
    if name == "sink":
        told.pop("TOPICWIRE_FETCH_INTERVAL_SECONDS")
    running = Service(name, folder, {**told, "TOPICWIRE_FETCH_ALLOW_PRIVATE": "1", **variables})
    try:
        yield running.start().wait_ready() if name == "fetch" else running.start()
    finally:
        running.kill()


@contextmanager
def feed_server() -> Iterator[tuple[str, list[str]]]:
    """Serve one feed; yield its address and the paths asked for so far."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.end_headers()
            self.wfile.write(FEED)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/feed.xml", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _when(fetch: Service, status: int) -> tuple[int, dict, dict] | None:
    """Push one article; return the answer if it has this status."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{fetch.port}/articles",
        b'{"text": "A story."}',
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            got = answer.status, json.loads(answer.read()), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            got = error.code, json.loads(error.read()), dict(error.headers)
    return got if got[0] == status else None
