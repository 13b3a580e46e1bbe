"""How results, status and figures look in a terminal.

What only stands in annotations is not imported: `topicwire results` needs no scikit-learn.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from services.console import printable, table, to_csv, to_json, topic_cell, write
from services.sink.query import StoredArticle
from services.status import Status
from shared.messages import LabelledArticle, RawArticle, TopicLabel

if TYPE_CHECKING:
    from services.classifier.artefact import Manifest

_CSV_COLUMNS = (
    "article_id", "received_at", "published_at", "language", "source", "url", "title",
    "topic", "decision", "probability", "evidence", "model_version",
)  # fmt: skip


def _topics(articles: Sequence[LabelledArticle | StoredArticle]) -> list[str]:
    """Return the topics that occur, in the order of the first article's model."""
    return list(dict.fromkeys(label.topic for a in articles for label in a.topics))


def _by_topic(labels: Sequence[TopicLabel], topics: Sequence[str]) -> list[Any]:
    known = {label.topic: label for label in labels}
    return [topic_cell(known[name]) if name in known else "" for name in topics]


def _title(topic: str) -> str:
    return topic.replace("_", " ")


def title_of(article: RawArticle) -> str:
    """Return the title, or how the text begins where there is none."""
    return article.title or article.text[:60]


def labelled_table(articles: Sequence[LabelledArticle]) -> Any:
    """Return freshly classified articles as a table."""
    topics = _topics(articles)
    columns = ["title", "language", *map(_title, topics)]
    rows = [[title_of(a.article), a.language, *_by_topic(a.topics, topics)] for a in articles]
    return table("", columns, rows)


def stored_table(articles: Sequence[StoredArticle], title: str = "") -> Any:
    """Return stored articles as a table."""
    topics = _topics(articles)
    columns = ["title", "language", *map(_title, topics)]
    rows = [[a.title, a.language, *_by_topic(a.topics, topics)] for a in articles]
    return table(title, columns, rows)


def show_results(articles: Sequence[StoredArticle], *, as_json: bool, as_csv: bool) -> None:
    """Print stored articles as JSON Lines, as CSV with one row per label, or as a table."""
    if as_json:
        for article in articles:
            click.echo(to_json(article))
    elif as_csv:
        click.echo(to_csv(_CSV_COLUMNS, (row for a in articles for row in _csv_rows(a))), nl=False)
    elif not articles:
        click.echo("no article matches", err=True)
    else:
        write(stored_table(articles))


def _csv_rows(article: StoredArticle) -> list[list[object]]:
    own = [
        article.article_id, article.received_at.isoformat(),
        article.published_at.isoformat() if article.published_at else None,
        article.language, article.source, article.url, article.title,
    ]  # fmt: skip
    return [
        [
            *own,
            label.topic,
            label.decision.value,
            label.probability,
            " ".join(item.term for item in label.evidence),
            article.model_version,
        ]
        for label in article.topics
    ]


def show_status(status: Status, *, as_json: bool) -> None:
    """Print the state of the streams."""
    if as_json:
        click.echo(to_json(status))
        return
    rows = [
        [
            stage.stage,
            stage.stream,
            "?" if stage.waiting is None else str(stage.waiting),
            str(stage.pending),
            f"{stage.oldest_seconds:.1f} s",
            ", ".join(c.name for c in stage.consumers) or "nobody: start it",
        ]
        for stage in status.stages
    ]
    write(table("", ["stage", "reads", "waiting", "in work", "oldest", "consumers"], rows))
    write(
        f"dead letters: {status.dead_letters} ({status.dead_replayed} more were replayed, "
        f"{status.dead_dropped} dropped)"
    )
    for finding in status.broker:
        if finding.state != "ok":
            word = "warning" if finding.state == "risk" else "unknown"
            write(printable(f"broker, {word}: {finding.text}"))
    for stage in status.stages:
        if stage.paused:
            write(printable(f"{stage.stage} is {stage.paused}"))


def training_table(manifest: "Manifest") -> Any:
    """Return the figures of a training run, measured on held-out folds."""
    rows = [
        [name, *(f"{figures[key]:.3f}" for key in ("precision", "recall", "f1")),
         f"{manifest.calibration['accurate'][name].threshold:.2f}"]
        for name, figures in manifest.figures.items()
    ]  # fmt: skip
    title = f"{manifest.corpus_articles} articles, held-out folds"
    return table(title, ["topic", "precision", "recall", "F1", "yes from"], rows)
