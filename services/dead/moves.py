"""Put dead letters back, or let them go: many a call, each call atomic (services.dead.scripts)."""

import getpass
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from redis.asyncio import Redis

from services.dead import scripts
from shared.clock import Clock
from shared.messages import DeadLetter
from shared.streams import StreamMap

AT_ONCE = 50
KEPT_REPLAYED = 10_000  # replayed letters; beyond that the oldest are let go
_REASONS = {
    "missing": "there is no dead letter of this id; topicwire dead list shows them",
    "empty": "nothing of the entry was left when it died: there are no bytes to put back",
    "stage": "this release does not know the stage it died in: nowhere to put it back",
    "large": "it has too many fields to be put back in one step; send it again from its source",
}


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one letter that was to be replayed.

    `outcome`: replayed (as `entry_id` of `stream`), already (replayed before, as `entry_id`), or
    failed (then `error` says why, and the letter is as it was).
    """

    id: str
    outcome: str
    stream: str | None = None
    entry_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Who replays, from which host: kept with the letter."""

    user: str
    host: str


def who() -> Who:
    """Return the user of this process (or its number, where it has no name) and the host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # in a container the number may have no name
        user = f"uid {os.getuid()}"
    return Who(user, socket.gethostname())


class Mover:
    """Replays and drops letters in somebody's name.

    Each call may be repeated: a letter that was put back is not put back twice.
    """

    def __init__(
        self, client: Redis, streams: StreamMap, by: Who, clock: Clock, *, keep: int = KEPT_REPLAYED
    ) -> None:
        self._streams, self._by, self._clock, self._keep = streams, by, clock, keep
        self._replay = client.register_script(scripts.REPLAY)
        self._drop = client.register_script(scripts.DROP)

    async def replay(
        self, letters: Mapping[str, DeadLetter | None], *, again: bool = False
    ) -> list[Moved]:
        """Put letters back on the stream of their stage and keep them among the replayed.

        Does nothing with one that was replayed before, unless `again`. Raises redis-py's errors;
        then each letter is either replayed or as it was.
        """
        streams = [self._streams.raw, self._streams.labelled]
        now = self._clock.now().isoformat()
        token = secrets.token_hex(8)
        call = [str(self._keep), str(int(again)), token, now, self._by.user, self._by.host]
        places = [part for item in letters.items() for part in self._place(*item)]
        told = await self._replay(keys=[*self._keys(), *streams], args=[*call, *places])
        return [
            self._moved(letter_id, letter, word.decode(), detail.decode())
            for (letter_id, letter), (word, detail) in zip(letters.items(), told, strict=True)
        ]

    async def drop(self, letters: Mapping[str, DeadLetter | None]) -> Sequence[int]:
        """Remove letters for good; per letter 1 (was dead), 2 (was a replayed one), 0 (unknown)."""
        parts = [part for i, letter in letters.items() for part in (i, _sum("dropped", letter))]
        return list(await self._drop(keys=self._keys(), args=parts))

    def _keys(self) -> list[str]:
        streams = self._streams
        return [
            streams.dead, streams.replayed, streams.replays, streams.origins, streams.dead_sums,
        ]  # fmt: skip

    def _place(self, letter_id: str, letter: DeadLetter | None) -> tuple[str, str, str]:
        """Return id, place of the stage's stream among the keys (0: none), name of the sum."""
        stage = self._streams.stage(letter.stage) if letter else None
        if stage is None:
            return letter_id, "0", ""
        place = "6" if stage.input == self._streams.raw else "7"
        return letter_id, place, _sum("replayed", letter)

    def _moved(self, letter_id: str, letter: DeadLetter | None, word: str, detail: str) -> Moved:
        if word in {"replayed", "already"}:
            stage = self._streams.stage(letter.stage) if letter else None
            stream = stage.input if stage else None
            return Moved(id=letter_id, outcome=word, stream=stream, entry_id=detail)
        error = _REASONS.get(word, f"the broker refused it: {detail}")
        return Moved(id=letter_id, outcome="failed", error=error)


def _sum(moved: str, letter: DeadLetter | None) -> str:
    return f"{moved} {letter.stage} {letter.reason}" if letter else f"{moved} ? unreadable"
