"""Labelled articles into the store: upsert by id, commit, and only then acknowledge."""
