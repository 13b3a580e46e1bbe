"""The whole life of one article: what `topicwire why ID|URL` asks, finds and shows.

    wanted    what was typed → which articles are meant (pure)
    river     the broker: entries, who holds them, dead letters, replays
    life      what was found, and its timeline (pure)
    showing   how it looks
    verb      asks both sides, as far as they answer

The store's part is services.sink.life.
"""
