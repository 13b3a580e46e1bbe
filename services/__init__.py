"""The services an article travels through: fetch, classifier, sink; and `local`, all on one machine."""
