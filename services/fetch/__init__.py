"""Doors in: feeds, HTTP push and files become raw articles on the stream."""
