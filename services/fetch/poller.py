"""Poll feeds: ask politely, publish what is new, and only then remember it.

A crash between publishing and remembering publishes again; the store knows the article by its id.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from redis.exceptions import RedisError

from services.fetch.decide import FeedState, after_failure, after_success, is_due, new_articles
from services.fetch.feeds import TakenIn, take_in
from services.fetch.gauge import PressureGauge
from services.fetch.metrics import FetchMetrics
from services.fetch.parse import ParserProcess
from services.fetch.publish import Publisher
from services.fetch.retrieve import Retrieved, Retriever
from services.fetch.state import FeedStates
from shared.clock import Clock
from shared.errors import BrokerUnavailable, SourceUnavailable
from shared.health import Heartbeat
from shared.logs import Logger
from shared.messages import RawArticle
from shared.text import Limits

_TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought: all entries taken in, and which of them were new and published."""

    taken: TakenIn | None
    published: Sequence[RawArticle]


@dataclass(frozen=True, slots=True)
class Poller:
    """Polls the given feeds until stopped; several pollers on one broker share the feeds."""

    feeds: Sequence[str]
    interval: timedelta
    retriever: Retriever
    parser: ParserProcess
    states: FeedStates
    publisher: Publisher
    metrics: FetchMetrics
    limits: Limits
    clock: Clock
    logger: Logger
    gauge: PressureGauge

    async def run(self, stop: asyncio.Event, heartbeat: Heartbeat) -> None:
        """Poll whatever is due, about once a second, until `stop` is set; not under pressure."""
        while not stop.is_set():
            heartbeat.beat()
            for url in self.feeds:
                if stop.is_set() or self._held():
                    break
                await self._poll_if_due(url)
                heartbeat.beat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _TICK_SECONDS)

    def _held(self) -> bool:
        """Tell, and count, whether too much waits; what is due stays due."""
        if not self.gauge.pressure:
            return False
        self.metrics.held("feed")
        return True

    async def poll(self, url: str, state: FeedState) -> Polled:
        """Fetch, parse, publish, remember. Raises SourceUnavailable or BrokerUnavailable."""
        answer = await self.retriever.get(url, etag=state.etag, last_modified=state.last_modified)
        taken = await self._take_in(answer, url)
        fresh = new_articles(state, taken.articles) if taken else []
        await self.publisher.publish(fresh)
        self.metrics.accepted("feed", len(fresh))
        await self._remember(url, state, answer, taken)
        return Polled(taken, fresh)

    async def _take_in(self, answer: Retrieved, url: str) -> TakenIn | None:
        if answer.body is None:
            return None
        feed = await asyncio.to_thread(
            self.parser.parse, answer.body, answer.url, answer.content_type
        )
        taken = take_in(feed, url, now=self.clock.now(), limits=self.limits)
        for refusal in taken.refused:
            self.metrics.refused("feed", refusal.reason.value)
        return taken

    async def _remember(
        self, url: str, state: FeedState, answer: Retrieved, taken: TakenIn | None
    ) -> None:
        following = after_success(
            state,
            articles=taken.articles if taken else None,
            etag=answer.etag,
            last_modified=answer.last_modified,
            now=self.clock.now(),
            interval=self.interval,
        )
        await self.states.write(url, following)

    async def _poll_if_due(self, url: str) -> None:
        try:
            state = await self.states.read(url)
            lease_ms = int(2_000 * self.retriever.total_seconds) + 10_000
            if not is_due(state, self.clock.now()) or not await self.states.lease(url, lease_ms):
                return
            await self._poll_and_log(url, state)
            await self.states.release(url)
        except (BrokerUnavailable, RedisError, OSError) as error:
            self.logger.warning("poll_without_broker", feed=url, error=str(error))

    async def _poll_and_log(self, url: str, state: FeedState) -> None:
        try:
            polled = await self.poll(url, state)
        except SourceUnavailable as error:
            self.metrics.polled("failed")
            self.logger.warning("feed_failed", feed=url, error=str(error))
            failed = after_failure(
                state, problem=str(error), now=self.clock.now(), interval=self.interval
            )
            await self.states.write(url, failed)
        else:
            self.metrics.polled("changed" if polled.published else "unchanged")
            self.logger.info("feed_polled", feed=url, new=len(polled.published))
