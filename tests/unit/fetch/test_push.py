"""The push door over real HTTP, in front of a broker that is a list."""

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, generate_latest

from services.fetch.metrics import FetchMetrics
from services.fetch.pressure import Excess, Pressure
from services.fetch.push import MAX_ARTICLES, PushDoor
from shared.text import Limits
from tests.support.build import HeldClock
from tests.support.publisher import FakePublisher

MAX_BYTES = 100_000
JSON = "application/json"
LINES = "application/x-ndjson"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers of one request."""

    status: int
    body: dict
    headers: dict


@dataclass(slots=True)
class FakeGauge:
    """Says that there is room, or what it is told."""

    pressure: Pressure = field(default_factory=Pressure)


class Door:
    """A running door: `send` posts a body, `publisher` has what came through."""

    def __init__(
        self,
        client: TestClient,
        publisher: FakePublisher,
        registry: CollectorRegistry,
        gauge: FakeGauge,
    ) -> None:
        self._client, self.publisher, self._registry = client, publisher, registry
        self.gauge = gauge

    async def send(self, body: bytes | str, kind: str = JSON, **headers: str) -> Answer:
        """Post `body` and return the answer."""
        data = body.encode() if isinstance(body, str) else body
        sent = {"Content-Type": kind} | {k.replace("_", "-"): v for k, v in headers.items()}
        async with self._client.post("/articles", data=data, headers=sent) as answer:
            return Answer(answer.status, json.loads(await answer.text()), dict(answer.headers))

    def metrics(self) -> str:
        """Return the metrics page."""
        return generate_latest(self._registry).decode()


async def opened(token: str | None) -> AsyncIterator[Door]:
    """Yield a door that asks for `token`."""
    registry, publisher = CollectorRegistry(), FakePublisher()
    gauge = FakeGauge()
    door = PushDoor(
        publisher, FetchMetrics(registry), Limits(), HeldClock(), token, MAX_BYTES, gauge
    )
    app = web.Application(client_max_size=MAX_BYTES)
    app.add_routes(door.routes())
    async with TestClient(TestServer(app)) as client:
        yield Door(client, publisher, registry, gauge)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """Yield a door without a token."""
    async for open_door in opened(None):
        yield open_door


@pytest.fixture
async def locked_door() -> AsyncIterator[Door]:
    """Yield a door that asks for `secret`."""
    async for open_door in opened("secret"):
        yield open_door


async def test_one_article_is_accepted_with_its_id(door: Door) -> None:
    """202 tells the id under which the article will be found."""
    answer = await door.send('{"title": "Talks", "text": "They talk."}')

    (article,) = door.publisher.published
    assert answer.status == 202
    assert answer.body == {
        "accepted": [{"line": 1, "id": article.article_id, "trace_id": article.trace_id}],
        "refused": [],
    }
    assert (article.door, article.title, article.text) == ("push", "Talks", "They talk.")


async def test_a_list_is_taken_item_by_item(door: Door) -> None:
    """What is no object is refused with its place; its neighbours come in."""
    answer = await door.send('[{"text": "a"}, 3, {"text": "b"}, {"title": "c"}]')

    assert answer.status == 202
    assert [item["line"] for item in answer.body["accepted"]] == [1, 3]
    assert [(item["line"], item["reason"]) for item in answer.body["refused"]] == [
        (2, "not_an_object"),
        (4, "no_text"),
    ]


@pytest.mark.parametrize(
    "kind",
    [LINES, "application/ndjson", "application/jsonl", "application/x-ndjson; charset=utf-8"],
)
async def test_json_lines_are_taken_line_by_line(door: Door, kind: str) -> None:
    """Each bad line is told with its number and reason, and disturbs no other."""
    body = b'{"text": "a"}\n\n{broken\n{"text": "\xff"}\n[]\n{"text": 3}\n{"text": "b"}'

    answer = await door.send(body, kind)

    assert answer.status == 202
    assert [item["line"] for item in answer.body["accepted"]] == [1, 7]
    assert [(item["line"], item["reason"]) for item in answer.body["refused"]] == [
        (3, "not_json"),
        (4, "not_utf8"),
        (5, "not_an_object"),
        (6, "bad_field"),
    ]


@pytest.mark.parametrize(
    ("body", "kind", "word"),
    [
        pytest.param(b"", JSON, "empty", id="nothing"),
        pytest.param(b" \n", JSON, "empty", id="white space"),
        pytest.param(b"[]", JSON, "empty", id="empty list"),
        pytest.param(b"\n\n", LINES, "empty", id="empty lines"),
        pytest.param(b"{broken", JSON, "not_json", id="broken"),
        pytest.param(b'{"text": "\xff"}', JSON, "not_utf8", id="not UTF-8"),
        pytest.param(b"[" * 50_000, JSON, "not_json", id="nested without end"),
    ],
)
async def test_a_body_that_is_no_json_is_a_bad_request(
    door: Door, body: bytes, kind: str, word: str
) -> None:
    """400 says what is wrong; nothing is published."""
    answer = await door.send(body, kind)

    assert (answer.status, door.publisher.published) == (400, [])
    assert word in answer.body["error"]


async def test_nothing_but_refused_lines_is_unprocessable(door: Door) -> None:
    """422 carries the reasons by line."""
    answer = await door.send('{"title": "a"}\n{"text": ""}', LINES)

    assert answer.status == 422
    assert [item["reason"] for item in answer.body["refused"]] == ["no_text", "no_text"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/octet-stream"])
async def test_other_content_types_are_told_what_to_send(door: Door, kind: str) -> None:
    """415 names the two kinds that are taken."""
    answer = await door.send('{"text": "a"}', kind)

    assert answer.status == 415
    assert "application/json" in answer.body["error"]


async def test_a_body_over_the_limit_is_too_large(door: Door) -> None:
    """413 names the limit; nothing is published."""
    answer = await door.send(json.dumps({"text": "x" * MAX_BYTES}))

    assert (answer.status, door.publisher.published) == (413, [])
    assert str(MAX_BYTES) in answer.body["error"]


async def test_more_articles_than_a_request_may_hold_are_too_large(door: Door) -> None:
    """A small body may hold very many items; their number is bounded too."""
    answer = await door.send("[" + "1," * MAX_ARTICLES + "1]")

    assert answer.status == 413
    assert str(MAX_ARTICLES) in answer.body["error"]


async def test_a_compressed_body_is_taken(door: Door) -> None:
    """An upstream system may save its bandwidth with gzip."""
    answer = await door.send(gzip.compress(b'{"text": "a"}'), Content_Encoding="gzip")

    assert answer.status == 202


async def test_the_limit_counts_what_comes_out_of_a_compressed_body(door: Door) -> None:
    """A bomb within the limit as sent is refused as what it becomes."""
    bomb = gzip.compress(json.dumps({"text": "x" * 50 * MAX_BYTES}).encode())
    assert len(bomb) < MAX_BYTES

    answer = await door.send(bomb, Content_Encoding="gzip")

    assert answer.status == 413


async def test_what_claims_to_be_compressed_and_is_not_is_a_bad_request(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller is told; our log does not fill with the callers' mistakes."""
    answer = await door.send(b'{"text": "a"}', Content_Encoding="gzip")

    assert answer.status == 400
    assert "gzip" in answer.body["error"]
    assert (await door.send('{"text": "a"}')).status == 202
    assert "Traceback" not in caplog.text


async def test_lone_surrogates_are_repaired(door: Door) -> None:
    """What would break the broker's client, SQLite and PostgreSQL is replaced at the door."""
    answer = await door.send('{"title": "a\\ud800", "text": "b\\udfff", "id": "\\ud800"}')

    (article,) = door.publisher.published
    assert answer.status == 202
    assert (article.title, article.text, article.given_id) == ("a\ufffd", "b\ufffd", "\ufffd")


async def test_a_broker_that_is_away_means_send_again(door: Door) -> None:
    """503 with Retry-After; nothing is confirmed that the broker has not."""
    door.publisher.away = True

    answer = await door.send('{"text": "a"}')

    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert 'topicwire_door_accepted_total{door="push"} 1.0' not in door.metrics()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Bearer secret ", "bearer secret", "Basic c2VjcmV0"]
)
async def test_without_the_token_nobody_enters(locked_door: Door, header: str) -> None:
    """401 says how to send it, and nothing of what it is."""
    answer = await locked_door.send('{"text": "a"}', Authorization=header)

    # A blank at a header's end is not part of it (RFC 9110, 5.5).
    assert answer.status == (202 if header == "Bearer secret " else 401)
    assert "secret" not in str(answer.body)


async def test_a_token_that_is_no_text_is_a_wrong_one(locked_door: Door) -> None:
    """Bytes that are not UTF-8 in the header are refused like any other wrong token."""
    answer = await locked_door.send('{"text": "a"}', Authorization="Bearer \udcff")

    assert answer.status == 401


async def test_the_token_opens_the_door_and_names_the_producer(locked_door: Door) -> None:
    """Ids of a client with a token live in a name space of their own."""
    answer = await locked_door.send('{"text": "a"}', Authorization="Bearer secret")

    assert answer.status == 202
    assert locked_door.publisher.published[0].producer == "client:push"


async def test_the_callers_trace_id_is_kept(door: Door) -> None:
    """W3C trace context goes through the whole river."""
    answer = await door.send('{"text": "a"}', traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")

    assert answer.body["accepted"][0]["trace_id"] == TRACE


@pytest.mark.parametrize("header", ["nonsense", f"00-{TRACE.upper()}-00f067aa0ba902b7-01", ""])
async def test_a_trace_id_that_is_none_is_replaced(door: Door, header: str) -> None:
    """Each article still gets one."""
    answer = await door.send('{"text": "a"}', traceparent=header)

    assert len(answer.body["accepted"][0]["trace_id"]) == 32


async def test_only_post_is_answered(door: Door) -> None:
    """The door takes, it shows nothing."""
    async with (
        ClientSession() as session,
        session.get(door._client.make_url("/articles")) as answer,
    ):
        assert answer.status == 405


async def test_the_door_counts_what_it_took_and_refused(door: Door) -> None:
    """By door, and refusals by reason from the closed set."""
    await door.send('[{"text": "a"}, {"text": "b"}, {"title": "c"}]')

    assert 'topicwire_door_accepted_total{door="push"} 2.0' in door.metrics()
    assert 'topicwire_door_refused_total{door="push",reason="no_text"} 1.0' in door.metrics()


async def test_under_pressure_nothing_is_taken_and_the_caller_is_told(door: Door) -> None:
    """429 with Retry-After and the measures; with room again the same request is taken."""
    body = json.dumps({"text": "A story."})
    door.gauge.pressure = Pressure((Excess("entries", 300.0, 100.0),))

    held = await door.send(body)
    door.gauge.pressure = Pressure()
    taken = await door.send(body)

    assert (held.status, taken.status) == (429, 202)
    assert int(held.headers["Retry-After"]) > 0
    assert held.body["reasons"] == [{"measure": "entries", "value": 300.0, "goes_on_at": 100.0}]
    assert "300 entries wait" in held.body["error"]
    assert len(door.publisher.published) == 1
    assert 'topicwire_door_held_total{door="push"} 1.0' in door.metrics()


async def test_pressure_is_no_business_of_strangers(locked_door: Door) -> None:
    """Without the token the answer is 401, pressure or not."""
    locked_door.gauge.pressure = Pressure((Excess("memory", 0.9, 0.7),))

    assert (await locked_door.send("{}")).status == 401
