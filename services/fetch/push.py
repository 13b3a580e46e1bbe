"""The push door: `POST /articles` with one article, a list, or JSON Lines.

202  every accepted article with its id, every refused line with its reason
400  the body is not JSON, not UTF-8, empty, broken      413  the body is too large, or holds too many
401  no token, or a wrong one                           415  not JSON or JSON Lines
422  nothing in it was an article: the reasons, by line
429  too much waits in the broker: try again after Retry-After seconds; nothing was taken
503  the broker did not confirm: send again, repeating is safe
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from services.fetch.metrics import FetchMetrics
from services.fetch.pressure import Pressure
from services.fetch.publish import Publisher
from shared.clock import Clock
from shared.errors import BrokerUnavailable, InvalidArticle, Reason
from shared.intake import Arrival, article_from_object, parse_json, parse_object
from shared.messages import RawArticle
from shared.text import Limits

JSON_TYPES = frozenset({"application/json", "text/json"})
LINES_TYPES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines"}
)
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
_RETRY_SECONDS, _HELD_SECONDS = 2, 5
# Each item, were it a single digit, costs an object: 16 MB of them would take gigabytes.
MAX_ARTICLES = 10_000


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a line of the request is no article. Lines count from 1."""

    line: int
    error: InvalidArticle


class HasPressure(Protocol):
    """Knows, without asking the broker, whether the doors must hold back."""

    @property
    def pressure(self) -> Pressure:
        """Return what was measured about a second ago."""
        ...


@dataclass(frozen=True, slots=True)
class PushDoor:
    """Takes articles over HTTP; answers 202 only after the broker has confirmed them.

    `max_body_bytes` is what the web application enforces (`client_max_size`): told to callers here.
    """

    publisher: Publisher
    metrics: FetchMetrics
    limits: Limits
    clock: Clock
    token: str | None
    max_body_bytes: int
    gauge: HasPressure

    def routes(self) -> list[web.RouteDef]:
        """Return the door's one route."""
        return [web.post("/articles", self.post_articles)]

    async def post_articles(self, request: web.Request) -> web.Response:
        """Answer one request; see the module's table."""
        with self.metrics.push_seconds.time():
            if not self._may_enter(request):
                return _problem(401, "send the header `Authorization: Bearer <token>`")
            if self.gauge.pressure:
                return self._held(self.gauge.pressure)
            kind = request.content_type
            if kind not in JSON_TYPES | LINES_TYPES:
                return _problem(
                    415, f"content type {kind} is not taken; send application/json (one article "
                    "or a list) or application/x-ndjson (one article a line)"
                )  # fmt: skip
            try:
                body = await request.read()
            except HTTPRequestEntityTooLarge:
                return _problem(413, f"at most {self.max_body_bytes} bytes; send less at once")
            except web.RequestPayloadError as error:
                return _broken_body(request, error)
            return await self._answer(body, kind, request)

    def _held(self, pressure: Pressure) -> web.Response:
        """Answer before the body is read: what can't be taken in need not be carried."""
        self.metrics.held("push")
        return web.json_response(
            {
                "error": f"too much waits: {pressure}; send again in {_HELD_SECONDS} s",
                "reasons": [
                    {"measure": item.measure, "value": item.value, "goes_on_at": item.low}
                    for item in pressure.excesses
                ],
            },
            status=429,
            headers={"Retry-After": str(_HELD_SECONDS)},
        )

    async def _answer(self, body: bytes, kind: str, request: web.Request) -> web.Response:
        try:
            found = _lines(body) if kind in LINES_TYPES else _documents(body)
            objects = list(islice(found, MAX_ARTICLES + 1))
        except InvalidArticle as error:
            self.metrics.refused("push", error.reason.value)
            return _problem(400, str(error))
        if not objects:
            return _problem(400, "the body is empty; send a JSON object with a field `text`")
        if len(objects) > MAX_ARTICLES:
            return _problem(413, f"at most {MAX_ARTICLES} articles at once; send them in parts")
        articles, refused = self._take_in(objects, _trace_id(request))
        try:
            await self.publisher.publish([article for _, article in articles])
        except BrokerUnavailable as error:
            return _problem(503, str(error), {"Retry-After": str(_RETRY_SECONDS)})
        self.metrics.accepted("push", len(articles))
        return web.json_response(
            {
                "accepted": [
                    {"line": line, "id": article.article_id, "trace_id": article.trace_id}
                    for line, article in articles
                ],
                "refused": [
                    {"line": item.line, "reason": item.error.reason, "error": str(item.error)}
                    for item in refused
                ],
            },
            status=202 if articles else 422,
        )

    def _take_in(
        self, objects: Iterable[tuple[int, dict[str, object] | InvalidArticle]], trace: str | None
    ) -> tuple[list[tuple[int, RawArticle]], list[Refused]]:
        articles, refused = list[tuple[int, RawArticle]](), list[Refused]()
        producer = "client:push" if self.token else None
        for line, given in objects:
            # Stamped one by one: of two articles with one id the later is the newer.
            arrival = Arrival(
                "push", self.clock.now(), trace or secrets.token_hex(16), producer, self.limits
            )
            try:
                if isinstance(given, InvalidArticle):
                    raise given
                articles.append((line, article_from_object(given, arrival)))
            except InvalidArticle as error:
                refused.append(Refused(line, error))
                self.metrics.refused("push", error.reason.value)
        return articles, refused

    def _may_enter(self, request: web.Request) -> bool:
        if self.token is None:
            return True
        given = request.headers.get("Authorization", "")
        # aiohttp reads bytes that are not UTF-8 as surrogates, which `encode()` alone refuses.
        told = given.encode("utf-8", "surrogateescape")
        return hmac.compare_digest(told, f"Bearer {self.token}".encode())


def _documents(body: bytes) -> Iterable[tuple[int, dict[str, object] | InvalidArticle]]:
    """Yield the articles of a JSON body; raises InvalidArticle if it is not JSON at all."""
    if not body.strip():
        return
    value = parse_json(body)
    for line, item in enumerate(value if isinstance(value, list) else [value], start=1):
        if isinstance(item, dict):
            yield line, item
        else:
            yield line, InvalidArticle(Reason.NOT_AN_OBJECT, "an article is a JSON object")


def _lines(body: bytes) -> Iterable[tuple[int, dict[str, object] | InvalidArticle]]:
    """Yield the articles of JSON Lines; a bad line is told and disturbs no other."""
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, parse_object(line)
            except InvalidArticle as error:
                yield number, error


def _trace_id(request: web.Request) -> str | None:
    """Return the caller's W3C trace id, for a request that carries one article or many."""
    match = _TRACEPARENT.match(request.headers.get("traceparent", ""))
    return match[1] if match else None


def _problem(status: int, error: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": error}, status=status, headers=headers)


def _broken_body(request: web.Request, error: Exception) -> web.Response:
    """Answer a body that ends early or is not compressed as it says; the connection is done."""
    request.content.feed_eof()  # else aiohttp reads on after the answer, and logs a traceback
    response = _problem(400, f"the body can't be read: {error.args[-1] if error.args else error}")
    response.force_close()
    return response
