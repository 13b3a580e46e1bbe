"""Alembic's migrations; run by services.sink.migrate."""
