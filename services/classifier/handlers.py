"""What the classifier does with a batch of raw entries: decode each, classify together, forward."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from services.classifier.metrics import ClassifierMetrics
from services.classifier.model import Model
from services.classifier.repeats import RepeatedLines
from shared.delivery import Entry, Forward, Outcome, Reject
from shared.errors import InvalidArticle
from shared.intake import Arrival, article_from_entry, queue_arrival
from shared.logs import Logger
from shared.messages import LabelledArticle, RawArticle, encode
from shared.text import Limits


class ClassifyEntries:
    """The classifier's Processor. Scores in one worker thread, so the event loop stays prompt."""

    def __init__(
        self,
        model: Model,
        limits: Limits,
        metrics: ClassifierMetrics,
        logger: Logger,
        repeats: RepeatedLines,
    ) -> None:
        self._model, self._limits, self._repeats = model, limits, repeats
        self._metrics, self._logger = metrics, logger
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score")

    async def process(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Return a labelled article to forward, or a rejection, per entry.

        May be repeated: what is learnt of a host's lines counts a story once.
        """
        loop = asyncio.get_running_loop()
        with self._metrics.score_seconds.time():
            decoded, labelled = await loop.run_in_executor(self._worker, self._classify, entries)
        results = iter(labelled)
        return [
            item if isinstance(item, Reject) else self._forward(next(results)) for item in decoded
        ]

    def received_at(self, entry: Entry) -> datetime | None:
        """Return the door's time of an entry of ours; None for what can't be read."""
        try:
            return article_from_entry(entry.fields, self._arrival(entry)).received_at
        except InvalidArticle:
            return None

    def close(self) -> None:
        """End the worker thread after the batch it has in hand."""
        self._worker.shutdown()

    def _classify(
        self, entries: Sequence[Entry]
    ) -> tuple[list[RawArticle | Reject], list[LabelledArticle]]:
        decoded = [self._decode(entry) for entry in entries]
        articles = [item for item in decoded if isinstance(item, RawArticle)]
        return decoded, self._model.classify(articles, self._repeats)

    def _decode(self, entry: Entry) -> RawArticle | Reject:
        try:
            return article_from_entry(entry.fields, self._arrival(entry))
        except InvalidArticle as error:
            return Reject(error.reason.value, str(error), "producer")

    def _arrival(self, entry: Entry) -> Arrival:
        return queue_arrival(entry.id, entry.entered_at, self._limits)

    def _forward(self, article: LabelledArticle) -> Forward:
        self._metrics.count(article)
        self._logger.info(
            "article_classified",
            article_id=article.article.article_id,
            trace_id=article.article.trace_id,
            language=article.language,
            yes=[label.topic for label in article.topics if label.decision.value == "yes"],
        )
        return Forward(encode(article))
