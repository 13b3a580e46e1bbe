"""Write raw articles to the stream, and believe it only when the broker has said so."""

from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.errors import BrokerUnavailable
from shared.messages import RawArticle, encode

_AT_ONCE = 256


class Publisher:
    """Appends to the raw stream. A call that raises may have written a part: send all again."""

    def __init__(self, client: Redis, stream: str) -> None:
        self._client, self._stream = client, stream

    async def publish(self, articles: Sequence[RawArticle]) -> list[str]:
        """Return the stream ids, one per article, once the broker has all; else BrokerUnavailable."""
        ids = list[str]()
        try:
            for start in range(0, len(articles), _AT_ONCE):
                pipeline = self._client.pipeline(transaction=False)
                for article in articles[start : start + _AT_ONCE]:
                    pipeline.xadd(self._stream, {"data": encode(article)})
                ids += [entry_id.decode() for entry_id in await pipeline.execute()]
        except (RedisError, OSError) as error:
            raise BrokerUnavailable(
                f"the broker did not take the articles ({error}); send them again: repeating is "
                "safe"
            ) from error
        return ids
