"""Output for people and programs: tables without tricks, CSV without formulas, JSON as it is."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from shared.messages import Decision, TopicLabel

# OWASP, CSV Injection: the signs, their full-width twins, and white space that may hide one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
DECISION_STYLES = {Decision.YES: "bold green", Decision.NO: "dim", Decision.UNSURE: "yellow"}


def printable(text: str) -> str:
    """Return `text` with everything a terminal might obey made visible (ESC, bidi overrides, …)."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def safe_cell(value: object) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    harmless = isinstance(value, int | float) or not text.startswith(_FORMULA_STARTS)
    return text if harmless else f"'{text}"


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV with a header, formulas neutralised."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def to_json(value: object) -> str:
    """Return any message or list of messages as one line of JSON."""
    return msgspec.json.encode(value).decode()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    """Return a rich table; cells are texts (made printable) or rich objects."""
    from rich.table import Table  # noqa: PLC0415 --help must stay light
    from rich.text import Text  # noqa: PLC0415

    made = Table(title=Text(printable(title)), title_justify="left", show_lines=False)
    for column in columns:
        # An id is there to be copied: in one piece.
        made.add_column(column, overflow="fold", no_wrap=column == "id")
    for row in rows:
        made.add_row(*(Text(printable(c)) if isinstance(c, str) else c for c in row))
    return made


def topic_cell(label: TopicLabel, *, words: int = 4) -> Any:
    """Return probability, decision and deciding words of one topic as a coloured cell."""
    from rich.text import Text  # noqa: PLC0415

    cell = Text()
    cell.append(f"{label.decision.value} {label.probability:.2f}", DECISION_STYLES[label.decision])
    shown = ", ".join(printable(item.term) for item in label.evidence[:words])
    if shown and label.decision is not Decision.NO:
        cell.append(f"\n{shown}", "italic")
    return cell


def has_styles() -> bool:
    """Tell whether standard output shows bold and colours: a terminal does, a file does not."""
    from rich.console import Console  # noqa: PLC0415

    return Console().color_system is not None


def write(*items: object) -> None:
    """Print to standard output; rich objects are rendered to the terminal's width.

    Raises BrokenPipeError when the reader has seen enough.
    """
    from rich.console import Console  # noqa: PLC0415

    class Output(Console):
        """Rich's own would end the process here, with code 1."""

        def on_broken_pipe(self) -> None:
            """Leave it to the command, which ends with code 0."""
            raise BrokenPipeError

    Output(highlight=False, emoji=False).print(*items, markup=False)
