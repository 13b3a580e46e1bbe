"""Every door of a running system: what goes in comes out as a row, or is refused with a reason."""

import functools
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from faststream.redis import RedisBroker

from services.sink.query import StoredArticle
from shared.messages import decode_dead, original_fields
from shared.streams import StreamMap
from tests.support.command import COMMAND, LocalSystem, environment, samples, seed_article
from tests.support.services import ROOT, Service
from tests.support.wait import until

RAW, DEAD = StreamMap().raw, StreamMap().dead
STORY = "The navy signed a contract for two frigates with a Korean shipyard on Tuesday. The ships, with radar and missiles, cost 900 million dollars."  # fmt: skip
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>{title}</title><link>https://example.org/</link>{items}</channel></rss>"""
ITEM = "<item><title>{title}</title><link>{url}</link><description>{text}</description></item>"

SEED_FURNITURE = ("Ausgegeben am:", "2 Minuten", "(AFP)", "source site-28", "Leave a Reply")


def story(**fields: str) -> dict[str, str]:
    """Return an article of its own: no other test has its address or its text."""
    mark = uuid4().hex
    return {
        "title": f"Frigates {mark[:6]}", "url": f"https://example.org/{mark}",
        "text": f"{STORY} Contract {mark}.", "lang": "en", **fields,
    }  # fmt: skip


def row_of(system: LocalSystem, article: Mapping[str, str]) -> StoredArticle:
    """Wait until the article's title is in the store; return its only row."""
    rows = until(
        lambda: system.stored(contains=article["title"]),
        f"{article['title']} is stored",
        seconds=60,
    )
    assert len(rows) == 1
    return rows[0]


def decisions(row: StoredArticle) -> dict[str, str]:
    """Return the decision on each topic."""
    return {label.topic: label.decision.value for label in row.topics}


def by_flat_fields(system: LocalSystem, article: dict[str, str], _folder: Path) -> None:
    """Write the fields as they are."""
    with system.client() as client:
        client.xadd(RAW, article)


def by_one_json_field(system: LocalSystem, article: dict[str, str], _folder: Path) -> None:
    """Write one field that holds JSON; its name does not matter."""
    with system.client() as client:
        client.xadd(RAW, {"payload": json.dumps(article)})


def by_faststream(system: LocalSystem, article: dict[str, str], _folder: Path) -> None:
    """Publish with FastStream, in its own envelope."""
    import asyncio

    async def publish() -> None:
        async with RedisBroker(f"redis://127.0.0.1:{system.ports['broker']}") as broker:
            await broker.publish(article, stream=RAW)

    asyncio.run(publish())


def by_redis_cli(system: LocalSystem, article: dict[str, str], _folder: Path) -> None:
    """Type it."""
    fields = [part for pair in article.items() for part in pair]
    command = ["redis-cli", "-p", str(system.ports["broker"]), "XADD", RAW, "*", *fields]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("redis-cli is not there; on Debian: apt-get install redis-tools")


def by_http(system: LocalSystem, article: dict[str, str], _folder: Path) -> None:
    """Post it as JSON."""
    status, answer = post(system, json.dumps(article).encode())
    assert (status, len(answer["accepted"]), answer["refused"]) == (202, 1, [])


def by_push(system: LocalSystem, article: dict[str, str], folder: Path) -> None:
    """Push a file."""
    (folder / "one.jsonl").write_text(json.dumps(article), "utf-8")
    done = system.run("push", folder / "one.jsonl")
    assert (done.code, done.err.strip()) == (0, "1 sent, 0 refused")


def by_feed_file(system: LocalSystem, article: dict[str, str], folder: Path) -> None:
    """Take in a saved feed."""
    (folder / "feed.xml").write_text(feed("Saved", article), "utf-8")
    done = system.run("fetch", "--once", folder / "feed.xml")
    assert (done.code, done.err.strip()) == (0, "Saved: 1 sent, 0 refused")


DOORS = {
    "redis-cli": by_redis_cli,
    "flat fields": by_flat_fields,
    "one JSON field": by_one_json_field,
    "FastStream's envelope": by_faststream,
    "HTTP": by_http,
    "push": by_push,
    "a feed from a file": by_feed_file,
}
Door = Callable[[LocalSystem, dict[str, str], Path], None]


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_an_article_through_each_door_becomes_a_row(
    running: LocalSystem, tmp_path: Path, door: Door
) -> None:
    """Title, address, language and all three topics; the text that was sent decides."""
    article = story()

    door(running, article, tmp_path)

    row = row_of(running, article)
    assert (row.title, row.url, row.language) == (article["title"], article["url"], "en")
    assert decisions(row).keys() == {"arms_trade", "diplomacy", "ukraine_war"}
    assert decisions(row)["arms_trade"] == "yes"


@pytest.mark.parametrize(
    "doors",
    [
        pytest.param(("flat fields", "HTTP"), id="queue and HTTP"),
        pytest.param(("push", "one JSON field"), id="file and queue"),
        pytest.param(("a feed from a file", "HTTP"), id="feed and HTTP"),
        pytest.param(("HTTP", "HTTP"), id="the same door twice"),
    ],
)
def test_one_article_by_two_doors_is_one_row(
    running: LocalSystem, tmp_path: Path, doors: tuple[str, str]
) -> None:
    """The address identifies it, however it came; the second time it is a known duplicate."""
    article, marker = story(), story()

    for name in doors:
        DOORS[name](running, article, tmp_path)
    DOORS["HTTP"](running, marker, tmp_path)

    row_of(running, marker)  # what came before it is stored, too
    assert len(running.stored(contains=article["title"])) == 1


def test_one_text_without_any_id_by_two_doors_is_one_row(
    running: LocalSystem, tmp_path: Path
) -> None:
    """Neither id nor address: the content identifies it."""
    article = {k: v for k, v in story().items() if k in {"title", "text"}}

    by_http(running, article, tmp_path)
    by_flat_fields(running, article, tmp_path)
    by_push(running, article, tmp_path)

    row_of(running, article)
    until(lambda: not waiting(running), "all is stored", seconds=30)
    assert len(running.stored(contains=article["title"])) == 1


def test_ids_of_two_sources_do_not_collide(running: LocalSystem, tmp_path: Path) -> None:
    """One given id under two sources is two articles; under one source a newer text is a revision."""
    one, other = story(id="7", source="Alpha"), story(id="7", source="Beta")
    newer = {**one, "title": f"{one['title']} corrected", "text": f"{one['text']} Corrected."}
    del one["url"], other["url"], newer["url"]

    for article in (one, other, newer):
        by_http(running, article, tmp_path)

    corrected = row_of(running, newer)
    assert row_of(running, other).article_id != corrected.article_id
    assert len(running.stored(contains=one["title"])) == 1
    assert len(running.texts(corrected.article_id)) == 2


def test_json_lines_over_http_are_taken_line_by_line(running: LocalSystem) -> None:
    """202 with an id per accepted line and a reason per refused one; the ids are found again."""
    first, second = story(), story()
    body = "\n".join([json.dumps(first), '{"title": "no text"}', "[1]", json.dumps(second)])

    status, answer = post(running, body.encode(), "application/x-ndjson")

    assert status == 202
    assert [item["line"] for item in answer["accepted"]] == [1, 4]
    assert [(r["line"], r["reason"]) for r in answer["refused"]] == [
        (2, "no_text"),
        (3, "not_an_object"),
    ]
    stored = running.wait_stored(*(item["id"] for item in answer["accepted"]), seconds=60)
    assert {row.title for row in stored} == {first["title"], second["title"]}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b'{"text": "a', "application/json", 400, id="half an object"),
        pytest.param(b"", "application/json", 400, id="nothing"),
        pytest.param('{"text": "é"}'.encode("latin-1"), "application/json", 400, id="Latin-1"),
        pytest.param(b'{"text": "' + b"x" * 17_000_000 + b'"}', "application/json", 413, id="17 MB"),
        pytest.param(b"<p>news</p>", "text/html", 415, id="HTML"),
        pytest.param(b'{"title": "a"}', "application/json", 422, id="no text"),
        pytest.param(b'{"text": "a", "schema": "x/9"}', "application/json", 422, id="version"),
        pytest.param(b"[]", "application/json", 400, id="empty list"),
    ],
)  # fmt: skip
def test_what_the_push_door_refuses(
    running: LocalSystem, body: bytes, kind: str, status: int
) -> None:
    """Each refusal has its status and says in words what is wrong; the door stays open."""
    got, answer = post(running, body, kind)

    assert got == status
    assert answer
    assert post(running, json.dumps(story()).encode())[0] == 202


def test_a_token_is_asked_for_and_opens_the_door(running: LocalSystem, tmp_path: Path) -> None:
    """Without or with a wrong token 401; with the right one the article reaches the store."""
    (tmp_path / "token").write_text("let me in\n", "utf-8")
    environment = {
        "TOPICWIRE_BROKER_URL": f"redis://127.0.0.1:{running.ports['broker']}/0",
        "TOPICWIRE_FETCH_PUSH_TOKEN_FILE": str(tmp_path / "token"),
    }
    article = story()
    door = Service("fetch", tmp_path, environment).start()
    try:
        door.wait_ready()
        address = f"http://127.0.0.1:{door.port}/articles"
        codes = [
            send(address, json.dumps(article).encode(), **headers)[0]
            for headers in (
                {},
                {"Authorization": "Bearer no"},
                {"Authorization": "Bearer let me in"},
            )
        ]
    finally:
        assert door.stop() == 0

    assert codes == [401, 401, 202]
    assert row_of(running, article)


def test_a_plain_text_and_json_lines_are_pushed(running: LocalSystem, tmp_path: Path) -> None:
    """From a file the first line is the title; from standard input a bad line is told by number."""
    plain, line = story(), story()
    (tmp_path / "article.txt").write_text(f"{plain['title']}\n\n{plain['text']}\n", "utf-8")

    done = running.run("push", tmp_path / "article.txt")
    mixed = running.run(
        "push", "--json", "-", stdin=f'{{"title": "a"}}\n{json.dumps(line)}\n'.encode()
    )

    assert done.code == 0
    assert row_of(running, plain).title == plain["title"]
    assert mixed.code == 1
    assert "line 1: no_text" in mixed.err
    assert [row_of(running, line).article_id] == [sent["id"] for sent in mixed.lines()]


def test_a_file_that_is_not_there_is_used_wrongly(running: LocalSystem) -> None:
    """`push` and `fetch --once` name it and end with 2."""
    for verb in (["push", "missing.txt"], ["fetch", "--once", "missing.xml"]):
        done = running.run(*verb)

        assert (done.code, done.out) == (2, "")
        assert "missing" in done.err


def test_a_feed_is_taken_in_by_its_address(running: LocalSystem, site: "Site") -> None:
    """A second time nothing new comes of it: the entries have one row each."""
    article, other = story(), story()
    (site.folder / "feed.xml").write_text(feed("River News", article, other), "utf-8")

    for _ in range(2):
        done = running.run("fetch", "--allow-private", "--once", f"{site.url}/feed.xml")
        assert (done.code, done.err.strip()) == (0, "River News: 2 sent, 0 refused")

    row = row_of(running, article)
    assert (row.source, row.url) == ("River News", article["url"])
    row_of(running, other)


def test_private_addresses_are_not_fetched_unless_allowed(
    running: LocalSystem, site: "Site"
) -> None:
    """A feed address can't be used to reach into the machine; the option is named."""
    (site.folder / "feed.xml").write_text(feed("Secret", story()), "utf-8")

    done = running.run("fetch", "--once", f"{site.url}/feed.xml")

    assert done.code == 1
    assert "private" in done.err
    assert site.asked == []


def test_an_empty_feed_is_no_failure(running: LocalSystem, tmp_path: Path) -> None:
    """Nothing new, exit code 0."""
    (tmp_path / "feed.xml").write_text(feed("Quiet"), "utf-8")

    done = running.run("fetch", "--once", tmp_path / "feed.xml")

    assert (done.code, done.err.strip()) == (0, "Quiet: 0 sent, 0 refused")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        pytest.param("<!doctype html><html><body><p>Hello</p></body></html>", "HTML", id="HTML"),
        pytest.param("just words", "feed", id="prose"),
        pytest.param('{"items": []}', "feed", id="JSON"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(
    running: LocalSystem, tmp_path: Path, data: str, word: str
) -> None:
    """Exit code 1 and what it is instead; nothing is sent."""
    (tmp_path / "feed.xml").write_text(data, "utf-8")

    done = running.run("fetch", "--once", tmp_path / "feed.xml")

    assert (done.code, done.out) == (1, "")
    assert word in done.err
    assert "Traceback" not in done.err


def test_bad_entries_become_dead_letters_and_disturb_no_neighbour(
    running: LocalSystem, tmp_path: Path
) -> None:
    """Each with its reason and its own bytes; the good entries before and behind are stored."""
    before, behind, mark = story(), story(), uuid4().hex.encode()
    bad = {
        "no_text": {b"title": mark},
        "unknown_version": {b"schema": b"other/7", b"text": mark},
        "not_utf8": {b"text": b"\xff\xfe" + mark},
        "not_an_object": {b"data": b'["' + mark + b'"]'},
        "not_json": {b"data": b"{" + mark},
    }

    by_flat_fields(running, before, tmp_path)
    with running.client() as client:
        for fields in bad.values():
            client.xadd(RAW, fields)
        by_flat_fields(running, behind, tmp_path)
        row_of(running, before)
        row_of(running, behind)
        letters = {
            decode_dead(fields).reason: original_fields(fields)
            for _, fields in client.xrange(DEAD)
            if any(mark in value for value in original_fields(fields).values())
        }

    assert letters == bad
    assert f"dead letters: {client_length(running, DEAD)}" in running.run("status").out


def test_ten_megabytes_of_text_are_cut_by_the_documented_limit(
    running: LocalSystem, tmp_path: Path
) -> None:
    """200,000 characters are kept, the rest is counted, and the article is classified."""
    article = story()
    article["text"] += "x" * 10_000_000

    by_flat_fields(running, article, tmp_path)

    ((text, cut),) = running.texts(row_of(running, article).article_id)
    assert (len(text), cut) == (200_000, len(article["text"]) - 200_000)


@pytest.mark.skipif(seed_article() is None, reason="the seed article is not beside the checkout")
def test_the_seed_article_by_queue_http_and_file_has_all_three_topics(
    running: LocalSystem, tmp_path: Path
) -> None:
    """Arms trade, diplomacy and Ukraine war, decided yes with words; one row for three doors."""
    path = seed_article()
    assert path is not None
    title, _, text = path.read_text("utf-8").partition("\n")
    article = {
        "title": title.strip(),
        "text": text.strip(),
        "url": f"https://example.org/{uuid4()}",
    }

    by_redis_cli(running, article, tmp_path)
    by_http(running, article, tmp_path)
    by_push(running, article, tmp_path)

    row = row_of(running, {"title": article["title"]})
    assert set(decisions(row).values()) == {"yes"}
    assert all(label.evidence for label in row.topics)
    until(lambda: not waiting(running), "all is stored", seconds=30)
    assert len(running.stored(contains=article["title"])) == 1


@pytest.mark.skipif(seed_article() is None, reason="the seed article is not beside the checkout")
@pytest.mark.parametrize("profile", ["accurate", "fast"])
@pytest.mark.parametrize("furniture", [True, False], ids=["with furniture", "without"])
def test_the_seed_article_has_all_three_topics_in_both_profiles(
    running: LocalSystem, profile: str, furniture: bool
) -> None:
    """Neither the profile nor the page around the story changes what it is about."""
    path = seed_article()
    assert path is not None
    text = path.read_text("utf-8")
    for line in () if furniture else SEED_FURNITURE:
        assert line in text
        text = text.replace(line, "")

    shown = running.run("classify", "--json", "--profile", profile, "-", stdin=text.encode())

    topics = json.loads(shown.out)["topics"]
    assert {topic["decision"] for topic in topics} == {"yes"}
    assert len(topics) == 3


def test_the_samples_went_through_at_the_start(running: LocalSystem) -> None:
    """`up --samples` printed each bundled article with its labels, and they are in the store."""
    titles = {row.title for row in running.stored()}
    table = re.sub(r"[│\s]+", " ", running.output())

    for sample in samples():
        assert sample["title"] in titles
        assert sample["title"].split()[0] in table
    assert re.search(r"yes [01]\.\d\d", table)
    for service in ("broker", "push door", "metrics", "results", "status"):
        assert re.search(rf"^  {service} ", running.output(), re.MULTILINE)


@pytest.mark.parametrize(
    ("tool", "title"),
    [
        ("redis-cli", "Frigates for Lima"),
        ("curl", "Night of drones"),
        ("python", "Envoys meet in Vienna"),
        ("topicwire", None),
    ],
)
def test_the_readmes_examples_do_what_they_say(
    running: LocalSystem, tmp_path: Path, tool: str, title: str | None
) -> None:
    """Typed as they stand there, but for ports and folders, they end well and the article is stored."""
    if shutil.which(tool) is None and tool in {"redis-cli", "curl"}:
        pytest.skip(f"{tool} is not there")
    (tmp_path / "articles.jsonl").write_text(json.dumps(story()), "utf-8")
    (tmp_path / "article.txt").write_text(f"A title\n\n{STORY}", "utf-8")

    commands = readme_commands(running, tool)

    assert commands
    for command in commands:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(TOPICWIRE_DATA_DIR=str(running.data)),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    if title:
        assert row_of(running, {"title": title}).topics


def test_results_are_shown_for_people_and_programs(running: LocalSystem, tmp_path: Path) -> None:
    """A table with decision and words, JSON Lines, CSV with a row a label; filters narrow it down."""
    article = story(source="=cmd|'/c calc'!A1")
    by_http(running, article, tmp_path)
    row_of(running, article)
    only = ("--contains", article["title"])

    table = running.run("results", *only).out
    csv = running.run("results", "--csv", *only).out

    assert article["title"] in re.sub(r"[│\s]+", " ", table)
    assert re.search(r"yes [01]\.\d\d", table)
    assert len(csv.splitlines()) == 4
    assert "'=cmd|" in csv
    assert running.results(*only, "--topic", "arms_trade")
    assert running.results(*only, "--language", "en", "--since", "2020-01-01")
    for narrower in (("--topic", "diplomacy"), ("--language", "de"), ("--since", "2999-01-01")):
        assert running.results(*only, *narrower) == []


def test_status_tells_stages_consumers_and_dead_letters(running: LocalSystem) -> None:
    """Both stages are read by somebody, nothing waits; JSON says the same."""
    until(lambda: not waiting(running), "nothing waits", seconds=30)

    (status,) = running.run("status", "--json").lines()
    table = running.run("status").out

    assert [(s["stage"], s["present"], len(s["consumers"])) for s in status["stages"]] == [
        ("classify", True, 1),
        ("store", True, 1),
    ]
    assert all(word in table for word in ("classify", "store", "dead letters"))


@pytest.mark.parametrize("name", ["push", "classifier", "sink"])
def test_pages_of_a_running_system_tell_that_it_is_well(running: LocalSystem, name: str) -> None:
    """Health, readiness and metrics of every service answer where `up` says."""
    address = f"http://127.0.0.1:{running.ports[name]}"

    for page in ("/healthz", "/readyz"):
        with urllib.request.urlopen(f"{address}{page}", timeout=10) as answer:
            assert answer.status == 200
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()

    assert re.search(r"^topicwire_\w+", metrics, re.MULTILINE)
    assert f"{address}/metrics" in running.output()


class Site:
    """A web site of files on this machine that remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, list[str]()
        site = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            """Serves the folder, says nothing."""

            def log_message(self, *_: object) -> None:
                site.asked.append(self.path)

        handler = functools.partial(Handler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Yield a web site on this machine."""
    made = Site(tmp_path)
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def feed(title: str, *articles: Mapping[str, str]) -> str:
    """Return an RSS feed of these articles."""
    items = "".join(ITEM.format(**{k: a[k] for k in ("title", "url", "text")}) for a in articles)
    return FEED.format(title=title, items=items)


def post(system: LocalSystem, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
    """Post to the push door; return status and answer."""
    return send(f"{system.push_url}/articles", body, **{"Content-Type": kind})


def send(address: str, body: bytes, **headers: str) -> tuple[int, Any]:
    """Post `body`; return status and JSON answer, also of a refusal."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def waiting(system: LocalSystem) -> int:
    """Return how many entries are not finished."""
    (status,) = system.run("status", "--json").lines()
    return sum((stage["waiting"] or 0) + stage["pending"] for stage in status["stages"])


def client_length(system: LocalSystem, stream: str) -> int:
    """Return the number of entries of a stream."""
    with system.client() as client:
        return int(client.xlen(stream))


def readme_commands(system: LocalSystem, tool: str) -> list[list[str]]:
    """Return the commands of one tool in README's first steps, for this system's ports."""
    text = (ROOT / "README.md").read_text("utf-8").partition("## Your first article")[2]
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.MULTILINE)
    code = [re.sub(r"^ {4}", "", block, flags=re.MULTILINE).strip() for block in blocks]
    code = [
        block.replace("6390", str(system.ports["broker"]))
        .replace("8081", str(system.ports["push"]))
        .replace(".venv/bin/topicwire", str(COMMAND))
        for block in code
        if "example.org/feed.xml" not in block or tool == "topicwire"
    ]
    if tool == "python":
        return [[sys.executable, "-c", block] for block in code if block.startswith("import ")]
    start = str(COMMAND) if tool == "topicwire" else tool
    lines = "\n".join(block for block in code if not block.startswith("import ")).replace(
        "\\\n", " "
    )
    return [
        ["bash", "-c", line]
        for line in lines.splitlines()
        if line.startswith(f"{start} ") and "example.org/feed.xml" not in line  # nothing is outside
    ]
