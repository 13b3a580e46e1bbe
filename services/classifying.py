"""`topicwire classify`: the articles of a file to labels, and why, for people or for programs.

items ─256 at a time─▶ model ─▶ labelled articles ─┬─no explanation─▶ a table, or lines of JSON
                                                   └─explained──────▶ one article at a time
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import click
import msgspec

from services.classifier.explanation import (
    Explain,
    Explanation,
    explain_article,
    explained_topics,
)
from services.classifier.model import Model
from services.console import has_styles, printable, to_json, write
from services.explaining import explanation_view
from services.fetch.files import FileItem
from services.showing import labelled_table
from shared.messages import LabelledArticle

CHUNK = 256


def classify_items(
    model: Model, items: Iterable[FileItem], explain: Explain | None, *, as_json: bool
) -> int:
    """Classify what a file holds, 256 articles at a time, and print it; return the exit code.

    explain: None means brief for people who classify one article, else none. Returns 1 if a line
    was refused, or if there was none. May wait for standard input.
    """
    articles = refusals = 0
    for chunk in _chunks(items):
        found = [item.article for item in chunk if item.article is not None]
        alone = articles == 0 and len(found) == 1 and len(chunk) < CHUNK
        chosen = explain or ("brief" if alone and not as_json else "none")
        _show(model, model.classify(found), chosen, as_json=as_json)
        refused = [item for item in chunk if item.refusal is not None]
        for item in refused:
            click.echo(f"line {item.line}: {printable(str(item.refusal))}", err=True)
        articles, refusals = articles + len(found), refusals + len(refused)
    return 0 if articles and not refusals else 1


def _chunks(items: Iterable[FileItem]) -> Iterator[list[FileItem]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _show(
    model: Model, articles: Sequence[LabelledArticle], explain: Explain, *, as_json: bool
) -> None:
    if explain == "none" and not as_json and articles:
        write(labelled_table(articles))
        return
    for article in articles:
        found = None
        if explain != "none":
            topics = [label.topic for label in explained_topics(article, explain)]
            found = explain_article(model, article, topics)
        if as_json:
            click.echo(as_line(article, found))
        elif found:
            write(explanation_view(article, found, explain, plain=not has_styles()))


def as_line(article: LabelledArticle, explanation: Explanation | None) -> str:
    """Return a labelled article as a line of JSON, with its explanation if there is one."""
    if explanation is None:
        return to_json(article)
    return to_json({**msgspec.to_builtins(article), "explanation": explanation})
