"""The verbs `push` and `fetch --once`: take in, publish, tell what became of each."""

import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import click
from redis.asyncio import Redis

from services.console import printable, to_json
from services.fetch.feeds import TakenIn, take_in
from services.fetch.files import FileItem, read_articles
from services.fetch.gauge import PressureGauge
from services.fetch.parse import ParserProcess
from services.fetch.publish import Publisher
from services.fetch.retrieve import Retriever
from services.fetch.settings import FetchSettings
from shared.clock import SystemClock
from shared.errors import UsageError
from shared.messages import RawArticle
from shared.text import clean_line

_CHUNK = 256
_SHOWN = 20


async def push_file(
    name: str, client: Redis, settings: FetchSettings, producer: str | None, *, as_json: bool
) -> int:
    """Publish the articles of a file in chunks; return 1 if any line was refused.

    Waits before a chunk while too much lies in the broker.
    """
    gauge = PressureGauge(client, settings.streams, settings.marks)
    publisher = Publisher(client, settings.streams.raw)
    space = f"client:{clean_line(producer)}" if producer else None
    told = _Told(as_json)
    items = read_articles(name, clock=SystemClock(), limits=settings.limits, producer=space)
    while chunk := list(islice(items, _CHUNK)):
        articles = [item.article for item in chunk if item.article is not None]
        await gauge.wait_for_room(_tell_wait)
        await publisher.publish(articles)
        told.tell(articles, [item for item in chunk if item.refusal is not None])
    told.finish()
    return 1 if told.refused or not told.sent else 0


async def fetch_once(source: str, client: Redis, settings: FetchSettings, *, as_json: bool) -> int:
    """Take in one feed, from an address or a file, and publish its entries."""
    data, url, kind = await _bytes_of(source, settings)
    parser = ParserProcess()
    try:
        feed = parser.parse(data, url, kind)
    finally:
        parser.close()
    taken = take_in(feed, url, now=SystemClock().now(), limits=settings.limits)
    await PressureGauge(client, settings.streams, settings.marks).wait_for_room(_tell_wait)
    await Publisher(client, settings.streams.raw).publish(taken.articles)
    _tell_feed(clean_line(feed.title) or url, taken, as_json=as_json)
    return 0


async def _bytes_of(source: str, settings: FetchSettings) -> tuple[bytes, str, str]:
    """Return bytes, address and content type of a feed."""
    if not source.startswith(("http://", "https://")):
        return _read(Path(source))
    retriever = Retriever(
        f"topicwire (+{settings.fetch_contact})",
        settings.fetch_total_seconds,
        settings.fetch_max_feed_bytes,
        settings.fetch_allow_private,
    )
    answer = await retriever.get(source)
    return answer.body or b"", answer.url, answer.content_type


def _read(path: Path) -> tuple[bytes, str, str]:
    try:
        return path.read_bytes(), path.resolve().as_uri(), ""
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror}; give a file, or an address that begins with "
            "http:// or https://"
        ) from error


def _tell_wait(text: str) -> None:
    click.echo(f"topicwire: {text}", err=True)


class _Told:
    """Tells what became of each article while a file of any length is sent."""

    def __init__(self, as_json: bool) -> None:
        self.sent = self.refused = 0
        self._as_json = as_json

    def tell(self, articles: Sequence[RawArticle], refused: Sequence[FileItem]) -> None:
        """Print one chunk: JSON Lines for programs; the first few, then a count, for people."""
        for article in articles:
            self.sent += 1
            if self._as_json:
                click.echo(to_json({"id": article.article_id, "trace_id": article.trace_id}))
            elif self.sent <= _SHOWN:
                click.echo(f"{article.article_id}  {printable(article.title or article.text)[:80]}")
        for item in refused:
            self.refused += 1
            click.echo(f"line {item.line}: {printable(str(item.refusal))}", err=True)
        if self.sent > _SHOWN and sys.stderr.isatty():
            click.echo(f"\r{self.sent} sent", err=True, nl=False)

    def finish(self) -> None:
        """Print the sums."""
        click.echo(f"\r{self.sent} sent, {self.refused} refused", err=True)


def _tell_feed(title: str, taken: TakenIn, *, as_json: bool) -> None:
    if as_json:
        ids = [article.article_id for article in taken.articles]
        click.echo(to_json({"feed": title, "sent": ids, "refused": list(map(str, taken.refused))}))
        return
    for article in taken.articles[:_SHOWN]:
        click.echo(f"{article.article_id}  {printable(article.title)[:80]}")
    click.echo(
        f"{printable(title)}: {len(taken.articles)} sent, {len(taken.refused)} refused", err=True
    )
    for refusal in taken.refused[:_SHOWN]:
        click.echo(printable(str(refusal)), err=True)
