"""The command `topicwire`: one verb per job. Each verb imports its service only when called.

Exit codes: 0 done, 1 failed, 2 used wrongly. Tables for people, `--json` for programs.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from services.classifier.explanation import Explain
    from shared.settings import CommonSettings

    S = TypeVar("S", bound="CommonSettings")

_RUNTIME_FILE = "runtime.env"
_PROFILES = ("accurate", "fast")
as_json = click.option("--json", "as_json", is_flag=True, help="print JSON for programs")
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="folder with broker, store and model (default: TOPICWIRE_DATA_DIR or ./topicwire-data)",
)


class _Help(click.Group):
    """Lists the verbs in the order of an article's way, not of the alphabet."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Help, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="topicwire")
def main() -> None:
    """Classify news by topic: articles in, explained labels out, over Redis streams.

    \b
    Start everything on this machine:      topicwire up --samples
    Send an article and see the result:    topicwire push article.txt && topicwire results
    Only classify, without any broker:     topicwire classify article.txt
    Each service alone (containers):       topicwire fetch | classifier | sink

    Settings are variables TOPICWIRE_…; docs/settings.md lists them.
    """  # noqa: D301 \b is click's mark for text that is not to be wrapped


def _guarded(verb: Callable[..., int | None]) -> Callable[..., None]:
    """Turn our errors into one line on standard error and the right exit code."""

    @wraps(verb)
    def run(*args: Any, **kwargs: Any) -> None:
        from shared.errors import TopicwireError, exit_code

        try:
            sys.exit(verb(*args, **kwargs) or 0)
        except TopicwireError as error:
            click.echo(f"topicwire: {error}", err=True)
            sys.exit(exit_code(error))
        except BrokenPipeError:  # the reader has seen enough: `topicwire results | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)

    return run


def _settings(kind: "type[S]", data_dir: Path | None, **overrides: object) -> "S":
    """Load settings; a running `topicwire up` tells its addresses in the data folder."""
    from shared.settings import ENV_FILE, load

    environment = dict(os.environ)
    folder = data_dir or Path(environment.get("TOPICWIRE_DATA_DIR") or "topicwire-data")
    if (folder / _RUNTIME_FILE).is_file():
        environment.setdefault(ENV_FILE, str(folder / _RUNTIME_FILE))
    return load(kind, environment, data_dir=data_dir, **overrides)


def _with_broker(
    settings: "CommonSettings", work: Callable[[Any], Coroutine[Any, Any, int]]
) -> int:
    """Run `work(client)` on a broker that answers; raises BrokerUnavailable when it stops to."""
    from redis.exceptions import RedisError

    from shared.broker import connected
    from shared.errors import BrokerUnavailable

    async def run() -> int:
        try:
            async with connected(settings) as client:
                return await work(client)
        except RedisError as error:
            raise BrokerUnavailable(f"the broker answered: {error}; see its log") from error

    return asyncio.run(run())


@main.command()
@data_dir_option
@click.option("--samples", is_flag=True, help="send the bundled articles and show what comes out")
@click.option("--broker-port", type=click.IntRange(0, 65535), help="port of the embedded Valkey")
@click.option("--push-port", type=click.IntRange(0, 65535), help="port of the push door")
@click.option("--classifier-port", type=click.IntRange(0, 65535), help="health and metrics page")
@click.option("--sink-port", type=click.IntRange(0, 65535), help="health and metrics page")
@_guarded
def up(samples: bool, data_dir: Path | None, **ports: int | None) -> int:
    """Run the whole system on this machine until Ctrl-C.

    Starts an embedded Valkey (append-only file on), fetch, classifier and sink with SQLite, keeps
    them alive, and stops them in order. Data stay in the data folder.

    \b
    topicwire up --samples
    topicwire up --data-dir /srv/topicwire --push-port 9081
    """  # noqa: D301
    from services.local.settings import UpSettings
    from services.local.up import run_up
    from shared.settings import load

    overrides = {f"up_{name}": port for name, port in ports.items()}
    return run_up(load(UpSettings, None, data_dir=data_dir, **overrides), samples=samples)


@main.command()
@click.argument("file")
@data_dir_option
@click.option("--producer", help="name space of the articles' own ids (default: their source)")
@as_json
@_guarded
def push(file: str, data_dir: Path | None, producer: str | None, as_json: bool) -> int:
    """Send the articles of FILE (or - for standard input) into the stream.

    FILE is JSON Lines, a JSON document, or one plain text whose first line is the title. Exit code
    1 if a line was refused; the others are sent. Sending again is safe. While too much waits in the
    broker it waits too, and says so.

    \b
    topicwire push article.txt
    zcat articles.jsonl.gz | topicwire push -
    """  # noqa: D301
    from services.fetch.settings import FetchSettings
    from services.pushing import push_file

    settings = _settings(FetchSettings, data_dir)
    return _with_broker(
        settings, lambda client: push_file(file, client, settings, producer, as_json=as_json)
    )


@main.command()
@click.argument("file")
@click.option("--profile", type=click.Choice(_PROFILES), help="default: the setting, or accurate")
@click.option(
    "--explain",
    type=click.Choice(["none", "brief", "all"]),
    help="brief: topics that are not a no; all: every topic, with the whole excerpt  "
    "[default: brief for one article, none for many and with --json]",
)
@data_dir_option
@as_json
@_guarded
def classify(
    file: str, profile: str | None, explain: "Explain | None", data_dir: Path | None, as_json: bool
) -> int:
    """Classify the articles of FILE (or -) here and now; no broker, nothing is stored.

    Explained, an article is shown with what was taken out of it, the words, sentence and passage
    that weigh most, and the nearest articles of the corpus; that takes half a second an article.

    \b
    topicwire classify article.txt
    topicwire classify --explain all --profile fast articles.jsonl
    echo '{"title": "…", "text": "…"}' | topicwire classify --json -
    """  # noqa: D301
    from services.classifier.model import Model
    from services.classifier.settings import ClassifierSettings
    from services.classifying import classify_items
    from services.fetch.files import read_articles
    from shared.clock import SystemClock

    settings = _settings(ClassifierSettings, data_dir, classifier_profile=profile)
    clock, expected = SystemClock(), settings.classifier_model_sha256
    chosen = settings.classifier_profile
    model = Model.open(settings.model_dir, clock, expected, profile=chosen)
    items = read_articles(file, clock=clock, limits=settings.limits)
    return classify_items(model, items, explain, as_json=as_json)


@main.command()
@data_dir_option
@click.option("--topic", help="a topic that stored labels have, for example arms_trade")
@click.option("--decision", type=click.Choice(["yes", "no", "unsure"]), help="default: yes")
@click.option("--language", help="two letters, for example de")
@click.option("--source")
@click.option("--since", type=click.DateTime(), help="received since, UTC: 2026-11-01 or with time")
@click.option("--contains", help="in title or text")
@click.option("--id", "ids", multiple=True, help="only this article; may be given again")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option("--csv", "as_csv", is_flag=True, help="print CSV")
@as_json
@_guarded
def results(data_dir: Path | None, as_csv: bool, as_json: bool, **filters: Any) -> int:
    """Show stored articles with their labels and the words that decided, newest first.

    \b
    topicwire results --topic arms_trade --language de
    topicwire results --topic ukraine_war --decision unsure --since 2026-11-01 --csv
    """  # noqa: D301
    from services.showing import show_results
    from services.sink.migrate import require_current
    from services.sink.query import Question, find, require_topic
    from services.sink.settings import SinkSettings
    from services.sink.store import open_for_reading
    from shared.errors import UsageError

    if filters["decision"] and not filters["topic"]:
        raise UsageError("--decision needs --topic")
    since = filters.pop("since")
    filters["ids"] = filters["ids"] or None
    moment: datetime | None = since.replace(tzinfo=UTC) if since else None
    engine = open_for_reading(_settings(SinkSettings, data_dir).store_url)
    try:
        require_current(engine)
        require_topic(engine, filters["topic"])
        found = find(engine, Question(since=moment, **filters))
    finally:
        engine.dispose()
    show_results(found, as_json=as_json, as_csv=as_csv)
    return 0


@main.command()
@data_dir_option
@as_json
@_guarded
def status(data_dir: Path | None, as_json: bool) -> int:
    """Show the streams: what waits, what is in work, how old the oldest is, who consumes.

    \b
    topicwire status
    topicwire status --json | python -m json.tool
    """  # noqa: D301
    from services.showing import show_status
    from services.status import read_status
    from shared.settings import CommonSettings

    settings = _settings(CommonSettings, data_dir)

    async def work(client: Any) -> int:
        show_status(await read_status(client, settings.streams), as_json=as_json)
        return 0

    return _with_broker(settings, work)


@main.command()
@click.argument("article", metavar="ID|URL")
@click.option("--producer", help="whose own id it is, for example a source or a client's name")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20_000,
    show_default=True,
    help="entries looked at in each stream, newest first",
)
@data_dir_option
@as_json
@_guarded
def why(
    article: str, producer: str | None, limit: int, data_dir: Path | None, as_json: bool
) -> int:
    """Show the whole life of an article: door, entries, model, decision, row, dead letters, replays.

    Takes an article id, a producer's own id, or an address. What the store or the broker can't
    tell is said. Exit code 1 if nothing is known.

    \b
    topicwire why g82897662bfc0e7c9e4a39672
    topicwire why 42 --producer example-wire
    topicwire why https://example.org/news/frigates
    """  # noqa: D301
    from services.sink.settings import SinkSettings
    from services.why.verb import why as tell

    return tell(article, producer, _settings(SinkSettings, data_dir), limit, as_json=as_json)


@main.group(cls=_Help)
def dead() -> None:
    """Look at dead letters, put them back, or let them go.

    A dead letter is an entry that was given up: with the reason and its untouched bytes.

    \b
    topicwire dead list --reason processing_failed
    topicwire dead show 1795176000000-0
    topicwire dead replay --reason processing_failed
    topicwire dead drop --reason not_json --until 2026-11-01
    """  # noqa: D301


def _choosing(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which dead letters are meant."""
    for option in reversed(
        (
            click.option("--stage", type=click.Choice(["classify", "store"]), help="where it died"),
            click.option("--reason", help="for example no_text; docs/messages.md lists them"),
            click.option("--since", type=click.DateTime(), help="died since, UTC"),
            click.option("--until", type=click.DateTime(), help="died before, UTC"),
            click.option("--article", metavar="ID", help="id of the article, where it is known"),
        )
    ):
        verb = option(verb)
    return verb


def _filters(given: dict[str, Any]) -> Any:
    from services.dead.letters import Filters

    times = {
        name: given[name].replace(tzinfo=UTC) if given[name] else None
        for name in ("since", "until")
    }
    return Filters(given["stage"], given["reason"], **times, article=given["article"])


@dead.command("list")
@_choosing
@click.option("--replayed", is_flag=True, help="those that were put back, instead")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@data_dir_option
@as_json
@_guarded
def dead_list(
    replayed: bool, limit: int, data_dir: Path | None, as_json: bool, **given: Any
) -> int:
    """List dead letters, newest first.

    \b
    topicwire dead list
    topicwire dead list --stage classify --since 2026-11-01 --limit 1000 --json
    topicwire dead list --article u0b3e0e5c5bd8e2c5c1a7a9c4
    """  # noqa: D301
    from services.dead.verbs import Choice, list_letters
    from shared.settings import CommonSettings

    settings = _settings(CommonSettings, data_dir)
    choice = Choice(filters=_filters(given), replayed=replayed, limit=limit)
    return _with_broker(
        settings, lambda client: list_letters(client, settings.streams, choice, as_json=as_json)
    )


@dead.command("show")
@click.argument("letter", metavar="ID")
@click.option("--raw", metavar="FIELD", help="write the bytes of this field to standard output")
@data_dir_option
@as_json
@_guarded
def dead_show(letter: str, raw: str | None, data_dir: Path | None, as_json: bool) -> int:
    """Show one dead letter: why, where, every replay, and the fields as they came.

    \b
    topicwire dead show 1795176000000-0
    topicwire dead show 1795176000000-0 --raw text > text.bin
    """  # noqa: D301
    from services.dead.verbs import show
    from shared.settings import CommonSettings

    settings = _settings(CommonSettings, data_dir)
    return _with_broker(
        settings, lambda client: show(client, settings.streams, letter, raw, as_json=as_json)
    )


@dead.command("replay")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@_choosing
@click.option("--all", "all_letters", is_flag=True, help="every dead letter there is now")
@click.option("--limit", type=click.IntRange(1), help="so many at the most, oldest first")
@click.option("--again", is_flag=True, help="also those among the IDs that were replayed before")
@data_dir_option
@as_json
@_guarded
def dead_replay(
    ids: tuple[str, ...],
    all_letters: bool,
    limit: int | None,
    again: bool,
    data_dir: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Put dead letters back on the stream of their stage, with their original fields.

    Safe to repeat: what was replayed is no longer dead, and is not replayed twice. Exit code 1 if
    a letter was not there or could not be put back; the others are.

    \b
    topicwire dead replay 1795176000000-0
    topicwire dead replay --reason processing_failed --since 2026-11-01
    topicwire dead replay --all
    """  # noqa: D301
    from services.dead.verbs import Choice, replay
    from shared.settings import CommonSettings

    settings = _settings(CommonSettings, data_dir)
    choice = Choice(ids, _filters(given), all_letters, limit=limit)
    return _with_broker(
        settings,
        lambda client: replay(client, settings.streams, choice, again=again, as_json=as_json),
    )


@dead.command("drop")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@_choosing
@click.option("--all", "all_letters", is_flag=True, help="every dead letter there is now")
@click.option("--replayed", is_flag=True, help="among those that were put back")
@click.option("--limit", type=click.IntRange(1), help="so many at the most, oldest first")
@click.option("--yes", is_flag=True, help="do not ask")
@data_dir_option
@_guarded
def dead_drop(
    ids: tuple[str, ...],
    all_letters: bool,
    replayed: bool,
    limit: int | None,
    yes: bool,
    data_dir: Path | None,
    **given: Any,
) -> int:
    """Remove dead letters for good, after asking; how many stays counted.

    \b
    topicwire dead drop 1795176000000-0
    topicwire dead drop --reason not_json --until 2026-11-01 --yes
    """  # noqa: D301
    from services.dead.verbs import Choice, drop
    from shared.settings import CommonSettings

    settings = _settings(CommonSettings, data_dir)
    choice = Choice(ids, _filters(given), all_letters, replayed, limit)
    return _with_broker(settings, lambda client: drop(client, settings.streams, choice, yes=yes))


@main.command()
@click.argument("stage", type=click.Choice(["classify", "store"]))
@data_dir_option
@_guarded
def resume(stage: str, data_dir: Path | None) -> int:
    """Let a stage go on that paused because too many entries failed in our processing.

    Mend the cause first: `topicwire status` shows it. What failed is tried again.

    \b
    topicwire resume classify
    """  # noqa: D301
    from services.console import printable
    from shared.delivery.pause import resume as let_go_on
    from shared.settings import CommonSettings

    settings = _settings(CommonSettings, data_dir)
    (chosen,) = (known for known in settings.streams.stages if known.name == stage)

    async def work(client: Any) -> int:
        known = await let_go_on(client, chosen)
        told = f"{stage} was {known}" if known else f"{stage} was not paused"
        click.echo(f"{printable(told)}\n{stage} goes on" if known else told)
        return 0

    return _with_broker(settings, work)


@main.command()
@data_dir_option
@click.option("--corpus", type=click.Path(path_type=Path), help="default: the one that came along")
@click.option(
    "--add",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="folder that adds articles, term lists or topics; may be given again",
)
@click.option("--out", type=click.Path(path_type=Path), help="default: model/ in the data folder")
@click.option("--encoder", help="bundled, or sentence-transformers:NAME  [default: bundled]")
@as_json
@_guarded
def train(
    data_dir: Path | None,
    corpus: Path | None,
    add: tuple[Path, ...],
    out: Path | None,
    encoder: str | None,
    as_json: bool,
) -> int:
    """Train the model from the corpus; the same corpus gives the same predictions.

    Takes about two minutes; what the encoder has read once is kept in the data folder. With --add
    a topic of your own needs no code: docs/topics.md.

    \b
    topicwire train
    topicwire train --add my-topic
    topicwire train --corpus my-corpus --out /srv/topicwire/model
    """  # noqa: D301
    from services.classifier.encoder import BUNDLED
    from services.classifier.settings import ClassifierSettings
    from services.classifier.training.corpus import default_folder, read_corpus
    from services.classifier.training.train import train as fit
    from services.console import to_json, write
    from services.showing import training_table
    from shared.clock import SystemClock

    settings = _settings(ClassifierSettings, data_dir)
    folder = out or settings.model_dir
    manifest = fit(
        read_corpus(corpus or default_folder(), *add),
        folder,
        clock=SystemClock(),
        progress=lambda text: click.echo(text, err=True),
        encoder=encoder or BUNDLED,
        cache=settings.vector_cache,
    )
    if as_json:
        click.echo(to_json(manifest))
    else:
        write(training_table(manifest))
        click.echo(f"model {manifest.version} written to {folder}")
    return 0


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--profile", type=click.Choice(_PROFILES), default=_PROFILES[0], show_default=True)
@click.option("--plot", type=click.Path(path_type=Path), help="draw the calibration as a PNG file")
@click.option(
    "--worst", type=click.IntRange(0), default=5, show_default=True, help="mistakes shown per topic"
)
@data_dir_option
@as_json
@_guarded
def evaluate(
    file: Path, profile: str, plot: Path | None, worst: int, data_dir: Path | None, as_json: bool
) -> int:
    """Measure the model on the labelled articles of FILE (JSON Lines with `labels`).

    Precision, recall and F1 of yes per topic and language with 95 % intervals, calibration,
    confusions, the worst mistakes. Articles of a topic in `borderline` are left out of its clear
    cases; `sample_weight` adds weighted figures.

    \b
    topicwire evaluate labelled.jsonl
    topicwire evaluate labelled.jsonl --profile fast --plot calibration.png --worst 20
    """  # noqa: D301
    from services.classifier.settings import ClassifierSettings
    from services.classifier.training.corpus import read_file
    from services.classifier.training.evaluate import evaluate as measure
    from services.classifier.training.evaluate import open_model
    from services.classifier.training.reliability import plot as draw
    from services.classifier.training.reliability import require_plotting
    from services.console import to_json
    from services.reporting import Progress, show_evaluation
    from shared.clock import SystemClock

    if plot:
        require_plotting(plot)
    settings, clock = _settings(ClassifierSettings, data_dir), SystemClock()
    examples = read_file(file)
    expected = settings.classifier_model_sha256
    model = open_model(settings.model_dir, clock, expected, profile=profile)
    found = measure(
        model, examples, clock,
        profile=profile, worst_mistakes=worst, progress=Progress.start(clock),
    )  # fmt: skip
    if as_json:
        click.echo(to_json(found))
    else:
        show_evaluation(found)
    if plot:
        draw(found, plot)
        click.echo(f"calibration drawn into {plot}", err=True)
    return 0


@main.command()
@data_dir_option
@_guarded
def migrate(data_dir: Path | None) -> int:
    """Bring the store's tables to this release; the sink does so by itself unless told not to.

    \b
    topicwire migrate
    TOPICWIRE_SINK_STORE_URL=postgresql://user@host/topicwire topicwire migrate
    """  # noqa: D301
    from services.sink.migrate import migrate as upgrade
    from services.sink.settings import SinkSettings
    from services.sink.store import open_engine

    before, after = upgrade(open_engine(_settings(SinkSettings, data_dir).store_url))
    click.echo(f"schema {after}" if before == after else f"schema {before or 'none'} → {after}")
    return 0


@main.command()
@click.option("--once", metavar="FEED_URL|FILE", help="take in one feed, then end")
@click.option("--allow-private", is_flag=True, help="allow private and loopback addresses")
@data_dir_option
@as_json
@_guarded
def fetch(once: str | None, allow_private: bool, data_dir: Path | None, as_json: bool) -> int:
    """Run the doors: HTTP push and feed polling; or take in one feed with --once.

    \b
    topicwire fetch
    topicwire fetch --once https://example.org/feed.xml
    topicwire fetch --once saved-feed.xml
    """  # noqa: D301
    from services.fetch.app import run
    from services.fetch.settings import FetchSettings
    from shared.process import run_service

    if once is None:
        return run_service(
            "fetch",
            FetchSettings,
            run,
            data_dir=data_dir,
            fetch_allow_private=allow_private or None,
        )
    from services.pushing import fetch_once

    settings = _settings(FetchSettings, data_dir, fetch_allow_private=allow_private or None)
    return _with_broker(
        settings, lambda client: fetch_once(once, client, settings, as_json=as_json)
    )


@main.command()
@data_dir_option
@_guarded
def classifier(data_dir: Path | None) -> int:
    """Run the classifier: raw articles to labelled articles. More replicas share the work.

    \b
    topicwire classifier
    TOPICWIRE_CLASSIFIER_PORT=8092 topicwire classifier
    """  # noqa: D301
    from services.classifier.app import run
    from services.classifier.settings import ClassifierSettings
    from shared.process import run_service

    return run_service("classifier", ClassifierSettings, run, data_dir=data_dir)


@main.command()
@data_dir_option
@_guarded
def sink(data_dir: Path | None) -> int:
    """Run the sink: labelled articles into SQLite or PostgreSQL.

    \b
    topicwire sink
    TOPICWIRE_SINK_STORE_URL=postgresql://user@host/topicwire topicwire sink
    """  # noqa: D301
    from services.sink.app import run
    from services.sink.settings import SinkSettings
    from shared.process import run_service

    return run_service("sink", SinkSettings, run, data_dir=data_dir)


if __name__ == "__main__":
    main()
