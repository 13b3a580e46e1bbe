"""Send the bundled articles through the real door, and show what came out at the other end.

The articles are constructed for this purpose, in six languages; they are not in the corpus.
"""

import asyncio
import json
import urllib.request
from importlib.resources import files

import click

from services.console import write
from services.showing import stored_table
from services.sink.query import Question, StoredArticle, find
from services.sink.store import open_for_reading

_WAIT_SECONDS = 60.0


async def show(store_url: str, push: str, token: str | None) -> None:
    """Push the samples and print the table of their labels from the store.

    `push`: address of the push door. What goes wrong is told; the system runs on.
    """
    try:
        ids = await asyncio.to_thread(_send, push, token)
    except OSError as error:
        return click.echo(f"the samples could not be sent to {push}: {error}", err=True)
    click.echo(f"sent {len(ids)} sample articles through the push door; waiting for their labels")
    stored = await _stored(store_url, ids)
    write(stored_table(stored, "what came out"))
    if len(stored) < len(ids):
        click.echo(
            f"{len(ids) - len(stored)} are not stored after {_WAIT_SECONDS:.0f} s; "
            "`topicwire status` tells where they are",
            err=True,
        )
    return None


def _send(push: str, token: str | None) -> list[str]:
    headers = {"Content-Type": "application/x-ndjson"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = files("services.local").joinpath("samples.jsonl").read_bytes()
    request = urllib.request.Request(f"{push}/articles", body, headers)  # noqa: S310 our own door
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return [item["id"] for item in json.load(answer)["accepted"]]


async def _stored(store_url: str, ids: list[str]) -> list[StoredArticle]:
    engine = await asyncio.to_thread(open_for_reading, store_url)
    deadline = asyncio.get_running_loop().time() + _WAIT_SECONDS
    question = Question(ids=ids, limit=len(ids))
    try:
        while True:
            found = await asyncio.to_thread(find, engine, question)
            if len(found) >= len(set(ids)) or asyncio.get_running_loop().time() > deadline:
                order = {article_id: place for place, article_id in enumerate(ids)}
                return sorted(found, key=lambda article: order[article.article_id])
            await asyncio.sleep(0.2)
    finally:
        engine.dispose()
