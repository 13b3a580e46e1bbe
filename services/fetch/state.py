"""What is remembered of feeds, kept in the broker, so that several fetchers share the work."""

from hashlib import blake2b

import msgspec
from redis.asyncio import Redis

from services.fetch.decide import FeedState
from shared.streams import StreamMap


class FeedStates:
    """Feed states by address, and short leases so that no feed is polled twice at once."""

    def __init__(self, client: Redis, streams: StreamMap, owner: str) -> None:
        self._client, self._owner = client, owner
        self._states = streams.key("fetch:feeds")
        self._leases = streams.key("fetch:lease:")

    async def read(self, url: str) -> FeedState:
        """Return the feed's state; a new or unreadable one starts afresh."""
        data = await self._client.hget(self._states, url)
        try:
            return msgspec.json.decode(data, type=FeedState) if data else FeedState()
        except msgspec.DecodeError:
            return FeedState()

    async def write(self, url: str, state: FeedState) -> None:
        """Remember the state; call only after the articles are published."""
        await self._client.hset(self._states, url, msgspec.json.encode(state))

    async def lease(self, url: str, milliseconds: int) -> bool:
        """Return whether this process may poll the feed now; the lease ends by itself."""
        return bool(
            await self._client.set(self._lease_key(url), self._owner, nx=True, px=milliseconds)
        )

    async def release(self, url: str) -> None:
        """Give the lease back early."""
        await self._client.delete(self._lease_key(url))

    def _lease_key(self, url: str) -> str:
        return self._leases + blake2b(url.encode("utf-8", "replace"), digest_size=12).hexdigest()
