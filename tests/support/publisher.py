"""A broker's door for tests that need none: takes articles, or is away."""

from collections.abc import Sequence

from services.fetch.publish import Publisher
from shared.errors import BrokerUnavailable
from shared.messages import RawArticle, encode


class FakePublisher(Publisher):
    """Keeps what is published; `away` makes it refuse as a broker that does not answer."""

    def __init__(self) -> None:
        self.published: list[RawArticle] = []
        self.away = False

    async def publish(self, articles: Sequence[RawArticle]) -> list[str]:
        """See Publisher.publish."""
        if self.away:
            raise BrokerUnavailable("the broker did not take the articles; send them again")
        for article in articles:
            encode(article)  # what can't be encoded would have failed here
        self.published += articles
        return [f"{number}-0" for number, _ in enumerate(articles, start=1)]
