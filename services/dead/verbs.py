"""What `topicwire dead list|show|replay|drop` do; the command's seams only call these.

Exit codes: 0 done (also when nothing was left to do), 1 a letter named is not there or was refused.
"""

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import click
from redis.asyncio import Redis

from services.console import to_json, write
from services.dead.letters import (
    Filters,
    Letter,
    known,
    last_id,
    letter_in_full,
    letters,
    raw_field,
    sums,
)
from services.dead.moves import AT_ONCE, Moved, Mover, who
from services.dead.showing import letters_table, show_letter, show_moved
from shared.clock import SystemClock
from shared.errors import UsageError
from shared.messages import DeadLetter
from shared.streams import StreamMap

_ID = re.compile(r"\d{1,20}(-\d{1,20})?")
_SHOWN = 20
_MISSING = "there is no dead letter {}; topicwire dead list shows them"
Chunk = dict[str, DeadLetter | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters a verb is about: ids, or filters, or all of them; `limit` of them at the most."""

    ids: Sequence[str] = ()
    filters: Filters = field(default_factory=Filters)
    all: bool = False
    replayed: bool = False
    limit: int | None = None

    def check(self, verb: str) -> None:
        """Raise UsageError unless exactly one way of choosing was used."""
        if (bool(self.ids), self.filters.any, self.all).count(True) != 1:
            raise UsageError(
                f"name ids, or filters, or --all: topicwire dead {verb} 1795176000000-0; "
                f"topicwire dead {verb} --reason processing_failed"
            )
        checked_ids(self.ids)


def checked_ids(ids: Sequence[str]) -> None:
    """Raise UsageError for what can't be the id of a stream entry."""
    for given in ids:
        if not _ID.fullmatch(given):
            raise UsageError(
                f"{given!r} is not the id of a dead letter: two numbers with a dash, as topicwire "
                "dead list shows them"
            )


async def list_letters(client: Redis, streams: StreamMap, choice: Choice, *, as_json: bool) -> int:
    """Print letters, newest first; JSON Lines as they are read."""
    found, more = list[Letter](), False
    limit = choice.limit or sys.maxsize
    shown = 0
    async for item in letters(client, streams, choice.filters, replayed=choice.replayed):
        if shown == limit:
            more = True
            break
        shown += 1
        if as_json:
            click.echo(to_json(item))
        else:
            found.append(item)
    if not as_json and found:
        write(letters_table(found))
    await _tell_sums(client, streams, shown, more=more)
    return 0


async def show(
    client: Redis, streams: StreamMap, letter_id: str, raw: str | None, *, as_json: bool
) -> int:
    """Print one letter, or write the bytes of one of its fields."""
    checked_ids([letter_id])
    found = await letter_in_full(client, streams, full_id(letter_id))
    if found is None:
        click.echo(f"topicwire: {_MISSING.format(letter_id)}", err=True)
        return 1
    if raw is None:
        show_letter(found, as_json=as_json)
        return 0
    value, names = await raw_field(client, streams, full_id(letter_id), raw)
    if value is None:
        click.echo(
            f"topicwire: no field {raw!r}; there are: {', '.join(names) or 'none'}", err=True
        )
        return 1
    sys.stdout.buffer.write(value)
    sys.stdout.buffer.flush()
    return 0


async def replay(
    client: Redis, streams: StreamMap, choice: Choice, *, again: bool, as_json: bool
) -> int:
    """Put letters back, oldest first; return 1 if one was not there or was refused."""
    choice.check("replay")
    if again and not choice.ids:
        raise UsageError(
            "--again repeats what was done; name the ids: topicwire dead replay --again ID"
        )
    mover = Mover(client, streams, who(), SystemClock())
    told = _Told(as_json)

    async def work(chunk: Chunk) -> None:
        told.tell(await mover.replay(chunk, again=again))

    told.failed += await _each_chunk(client, streams, choice, work)
    told.finish()
    return 1 if told.failed else 0


async def drop(client: Redis, streams: StreamMap, choice: Choice, *, yes: bool) -> int:
    """Remove letters for good after asking; return 1 if one was not there or nobody agreed."""
    choice.check("drop")
    last = await last_id(client, streams, replayed=choice.replayed)
    if not yes and not await _agreed(client, streams, choice, last):
        return 1
    mover = Mover(client, streams, who(), SystemClock())
    gone = [0, 0, 0]

    async def work(chunk: Chunk) -> None:
        for word in await mover.drop(chunk):
            gone[word] += 1
        if sys.stderr.isatty():
            click.echo(f"\r{gone[1] + gone[2]} dropped", err=True, nl=False)

    missing = await _each_chunk(client, streams, choice, work, last=last)
    kept = f", {gone[2]} of them replayed before" if gone[2] else ""
    click.echo(f"\r{gone[1] + gone[2]} dropped{kept}", err=True)
    return 1 if missing else 0


def full_id(given: str) -> str:
    """Return an id with both its numbers."""
    return given if "-" in given else f"{given}-0"


async def _each_chunk(
    client: Redis,
    streams: StreamMap,
    choice: Choice,
    work: Callable[[Chunk], Awaitable[None]],
    *,
    last: str | None = None,
) -> int:
    """Hand the chosen letters to `work`, some at a time; return how many of the ids are not there.

    Letters that are written while it runs are not chosen: what dies again is not replayed again.
    """
    if choice.ids:
        return await _each_of_ids(client, streams, choice.ids, work)
    chunk: Chunk = {}
    async for item in _chosen(client, streams, choice, last):
        chunk[item.id] = item.letter
        if len(chunk) == AT_ONCE:
            await work(chunk)
            chunk = {}
    if chunk:
        await work(chunk)
    return 0


async def _each_of_ids(
    client: Redis,
    streams: StreamMap,
    given: Sequence[str],
    work: Callable[[Chunk], Awaitable[None]],
) -> int:
    ids, missing = list(dict.fromkeys(map(full_id, given))), 0
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        found = await known(client, streams, part)
        for absent in [letter_id for letter_id in part if letter_id not in found]:
            missing += 1
            click.echo(_MISSING.format(absent), err=True)
        if found:
            await work(found)
    return missing


async def _chosen(
    client: Redis, streams: StreamMap, choice: Choice, last: str | None
) -> AsyncIterator[Letter]:
    """Yield the letters that filters choose, oldest first, up to the newest there is now."""
    end = last or await last_id(client, streams, replayed=choice.replayed)
    number = 0
    async for item in letters(
        client, streams, choice.filters,
        newest_first=False, replayed=choice.replayed, last=end,
    ):  # fmt: skip
        if number == choice.limit:
            return
        number += 1
        yield item


async def _agreed(client: Redis, streams: StreamMap, choice: Choice, last: str) -> bool:
    """Ask whoever sits there; raises UsageError where nobody does."""
    if not sys.stdin.isatty():
        raise UsageError("dropping is for good; say --yes where nobody can be asked")
    number = len(choice.ids)
    if not choice.ids:
        number = len([item.id async for item in _chosen(client, streams, choice, last)])
    return number > 0 and click.confirm(
        f"Drop {number} dead letters for good? Their bytes are gone then", err=True
    )


async def _tell_sums(client: Redis, streams: StreamMap, shown: int, *, more: bool) -> None:
    dead, ever = await client.xlen(streams.dead), await sums(client, streams)
    hint = "; --limit shows more" if more else ""
    click.echo(
        f"{shown} shown{hint}; {dead} dead, {ever['replayed']} replayed and {ever['dropped']} dropped "
        "so far",
        err=True,
    )


class _Told:
    """Tells what became of each letter: all of them to programs, the first few to people."""

    def __init__(self, as_json: bool) -> None:
        self.replayed = self.already = self.failed = 0
        self._as_json = as_json

    def tell(self, moved: Sequence[Moved]) -> None:
        """Print one chunk."""
        for item in moved:
            self.replayed += item.outcome == "replayed"
            self.already += item.outcome == "already"
            self.failed += item.outcome == "failed"
            if self._as_json or self.replayed + self.already <= _SHOWN:
                show_moved(item, as_json=self._as_json)
            if item.error:
                click.echo(f"{item.id}  not replayed: {item.error}", err=True)
        if sys.stderr.isatty():
            click.echo(f"\r{self.replayed} replayed", err=True, nl=False)

    def finish(self) -> None:
        """Print the sums."""
        click.echo(
            f"\r{self.replayed} replayed, {self.already} were before, {self.failed} not", err=True
        )
