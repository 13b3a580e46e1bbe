"""What the sink does with a batch of labelled entries: decode each, store together, then done."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from services.sink.metrics import SinkMetrics
from services.sink.store import Store
from shared.clock import Clock
from shared.delivery import Done, Entry, Outcome, Reject
from shared.errors import InvalidArticle
from shared.logs import Logger
from shared.messages import LabelledArticle, decode_labelled


class StoreEntries:
    """The sink's Processor. The store blocks, so it works in one thread of its own."""

    def __init__(self, store: Store, metrics: SinkMetrics, clock: Clock, logger: Logger) -> None:
        self._store, self._metrics, self._clock, self._logger = store, metrics, clock, logger
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def process(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Commit the batch; only then does delivery acknowledge it. Raises StoreUnavailable."""
        decoded = [_decode(entry) for entry in entries]
        articles = [item for item in decoded if isinstance(item, LabelledArticle)]
        if articles:
            await self._save(articles)
        return [item if isinstance(item, Reject) else Done() for item in decoded]

    def received_at(self, entry: Entry) -> datetime | None:
        """Return the door's time of the article in an entry."""
        item = _decode(entry)
        return item.article.received_at if isinstance(item, LabelledArticle) else None

    def close(self) -> None:
        """End the worker thread after the batch it has in hand."""
        self._worker.shutdown()

    async def _save(self, articles: Sequence[LabelledArticle]) -> None:
        loop = asyncio.get_running_loop()
        with self._metrics.store_seconds.time():
            outcomes = await loop.run_in_executor(self._worker, self._store.save, articles)
        now = self._clock.now()
        for article, outcome in zip(articles, outcomes, strict=True):
            self._metrics.stored(outcome, (now - article.article.received_at).total_seconds())
            self._logger.info(
                "article_stored",
                article_id=article.article.article_id,
                trace_id=article.article.trace_id,
                outcome=outcome.value,
            )


def _decode(entry: Entry) -> LabelledArticle | Reject:
    try:
        return decode_labelled(entry.fields)
    except InvalidArticle as error:
        return Reject(error.reason.value, str(error), "producer")
