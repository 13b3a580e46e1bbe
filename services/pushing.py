"""The verbs `push` and `fetch --once`: take in, publish, tell what became of each."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from click.termui import progressbar
from redis.asyncio import Redis

from services.console import printable, to_json
from services.fetch.feeds import TakenIn, take_in
from services.fetch.files import FileItem, read_articles
from services.fetch.parse import ParserProcess
from services.fetch.publish import Publisher
from services.fetch.retrieve import Retriever
from services.fetch.settings import FetchSettings
from shared.clock import SystemClock
from shared.errors import UsageError
from shared.messages import RawArticle
from shared.settings import CommonSettings

_CHUNK = 256
_SHOWN = 20


async def push_file(
    name: str, client: Redis, settings: CommonSettings, producer: str | None, *, as_json: bool
) -> int:
    """Publish the articles of a file in chunks; return 1 if any line was refused."""
    publisher, clock = Publisher(client, settings.streams.raw), SystemClock()
    space = f"client:{producer}" if producer else None
    items = list(read_articles(name, now=clock.now(), limits=settings.limits, producer=space))
    articles = [item.article for item in items if item.article is not None]
    with _progress(len(articles), "pushing") as bar:
        for start in range(0, len(articles), _CHUNK):
            chunk = articles[start : start + _CHUNK]
            await publisher.publish(chunk)
            if bar is not None:
                bar.update(len(chunk))
    refused = [item for item in items if item.refusal is not None]
    _tell_pushed(articles, refused, as_json=as_json)
    return 1 if refused or not items else 0


async def fetch_once(source: str, client: Redis, settings: FetchSettings, *, as_json: bool) -> int:
    """Take in one feed, from an address or a file, and publish its entries."""
    data, url, kind = await _bytes_of(source, settings)
    parser = ParserProcess()
    try:
        feed = parser.parse(data, url, kind)
    finally:
        parser.close()
    taken = take_in(feed, url, now=SystemClock().now(), limits=settings.limits)
    await Publisher(client, settings.streams.raw).publish(taken.articles)
    _tell_feed(feed.title or url, taken, as_json=as_json)
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


def _progress(length: int, label: str) -> Any:
    """Return a progress bar on standard error for work long enough to want one."""
    if length <= _CHUNK:
        return nullcontext()
    bar: Any = progressbar(length=length, label=label, file=sys.stderr)
    return bar


def _tell_pushed(
    articles: Sequence[RawArticle], refused: Sequence[FileItem], *, as_json: bool
) -> None:
    if as_json:
        accepted = [article.article_id for article in articles]
        lines = [{"line": i.line, "reason": i.refusal.reason, "error": str(i.refusal)}
                 for i in refused if i.refusal]  # fmt: skip
        click.echo(to_json({"accepted": accepted, "refused": lines}))
        return
    for article in articles[:_SHOWN]:
        click.echo(f"{article.article_id}  {printable(article.title or article.text)[:80]}")
    if len(articles) > _SHOWN:
        click.echo(f"… and {len(articles) - _SHOWN} more")
    click.echo(f"{len(articles)} sent, {len(refused)} refused", err=True)
    for item in refused[:_SHOWN]:
        click.echo(f"line {item.line}: {printable(str(item.refusal))}", err=True)


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
