"""How the life of an article looks."""

import click

from services.console import printable, table, to_json, write
from services.why.life import Life, Searched

_CURES = (
    "Was it refused? A door tells only its sender, with the reason, and keeps nothing.",
    "Is it another system's? --data-dir, TOPICWIRE_BROKER_URL and TOPICWIRE_SINK_STORE_URL choose.",
    "A producer's own id needs its producer, if others use the same: --producer NAME.",
)


def show_life(life: Life, *, as_json: bool) -> None:
    """Print the timeline, and for what is not known where it was looked for."""
    if as_json:
        click.echo(to_json(life))
        return
    if life.timeline:
        ids = ", ".join(life.article_ids)
        rows = [[f"{e.at:%Y-%m-%d %H:%M:%S}", e.what, e.detail] for e in life.timeline]
        write(table(f"{life.outcome}: {ids}", ["UTC", "", ""], rows))
    else:
        write(f"nothing known of {printable(life.asked)}")
    for place in life.searched:
        if place.error or place.cut or not life.timeline:
            click.echo(printable(_searched(place)), err=True)
    if not life.timeline:
        for cure in _CURES:
            click.echo(cure, err=True)


def _searched(place: Searched) -> str:
    if place.error:
        return f"not asked: {place.where}: {place.error}"
    if place.entries is None:
        return f"searched: {place.where}"
    if place.cut:
        return f"searched: the newest {place.entries} of {place.of} entries of {place.where}; --limit searches more"
    return f"searched: all {place.entries} entries of {place.where}"
