"""How dead letters look: tables for people with every byte made visible, JSON for programs."""

import base64

import click

from services.console import printable, table, to_json, write
from services.dead.letters import Field, Letter, LetterInFull, Replay
from services.dead.moves import Moved

_SHOWN_CHARS = 400


def letters_table(found: list[Letter]) -> object:
    """Return letters as a table, one a line."""
    columns = ["id", "died", "stage", "reason", "blame", "tries", "error"]
    return table("", columns, [_row(item) for item in found])


def show_letter(found: LetterInFull, *, as_json: bool) -> None:
    """Print one letter: what happened, what it was before, each replay, each field."""
    if as_json:
        click.echo(to_json(found))
        return
    write(table(f"dead letter {found.id}", ["", ""], _facts(found)))
    if found.fields:
        rows = [[field.name, f"{field.size_bytes:,}", preview(field)] for field in found.fields]
        write(table("the entry that died, untouched", ["field", "bytes", "value"], rows))
    else:
        write("nothing of the entry was left when it died")


def preview(field: Field) -> str:
    """Return a value as one safe line: texts as they are, other bytes escaped, long ones cut."""
    value = (
        base64.b64decode(field.base64).decode("utf-8", "backslashreplace") if field.base64 else ""
    )
    text = field.text if field.text is not None else value
    shown = printable(text[:_SHOWN_CHARS])
    if len(text) <= _SHOWN_CHARS:
        return shown
    return f"{shown} … (cut; --raw {printable(field.name)} writes it whole)"


def show_moved(moved: Moved, *, as_json: bool) -> None:
    """Print what became of one letter that was to be replayed."""
    if as_json:
        click.echo(to_json(moved))
    elif moved.outcome == "replayed":
        click.echo(f"{moved.id}  replayed as {moved.entry_id} of {moved.stream}")
    elif moved.outcome == "already":
        click.echo(f"{moved.id}  was replayed before, as {moved.entry_id}; --again repeats it")


def _row(item: Letter) -> list[str]:
    letter = item.letter
    if letter is None:
        return [item.id, "", "", "unreadable", "", "", item.unreadable or ""]
    return [
        item.id, f"{letter.died_at:%Y-%m-%d %H:%M:%S}", letter.stage, letter.reason, letter.blame,
        str(letter.attempts), letter.error[:120],
    ]  # fmt: skip


def _facts(found: LetterInFull) -> list[list[str]]:
    letter, rows = found.letter, list[list[str]]()
    if letter is None:
        rows.append(["unreadable", found.unreadable or ""])
    else:
        rows += [
            ["reason", letter.reason],
            ["error", letter.error],
            ["blame", letter.blame],
            ["stage", f"{letter.stage}, after {letter.attempts} deliveries, at {letter.consumer}"],
            ["entry", f"{letter.entry_id} of {letter.stream}"],
            ["entered", f"{letter.entered_at:%Y-%m-%d %H:%M:%S} UTC"],
            ["died", f"{letter.died_at:%Y-%m-%d %H:%M:%S} UTC"],
            ["article", found.article_id or "unknown: the entry can't be read as an article"],
        ]
    if found.former_id:
        rows.append(["former life", f"dead letter {found.former_id}, which was replayed"])
    rows += [["replayed", _replay(replay)] for replay in found.replays]
    return rows


def _replay(replay: Replay) -> str:
    when = f"{replay.at:%Y-%m-%d %H:%M:%S} UTC by {replay.by} on {replay.host}"
    return f"{when}, as {replay.entry_id} of {replay.stream}"
