"""Alembic's entry: runs the migrations on the connection services.sink.migrate hands over."""

from alembic import context

from services.sink.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
