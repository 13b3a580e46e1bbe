"""Bring the store's schema to this release: at start, or by `topicwire migrate`."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from services.sink.store import passing_errors
from shared.errors import StoreRefused

_FOLDER = Path(__file__).parent / "migrations"
# Any number, as long as every sink uses the same: PostgreSQL's advisory locks are numbers.
_LOCK = 7_201_963


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Upgrade the schema in one transaction; return the revision before and after.

    Two sinks starting together wait for each other. Raises StoreRefused if the schema is newer.
    """
    with passing_errors("migrate", engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = _revision(connection)
        config = _config()
        _refuse_newer(before, config, engine)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, head()


def require_current(engine: Engine) -> None:
    """Raise StoreRefused with the command to run unless the schema is this release's."""
    with passing_errors("open", engine), engine.connect() as connection:
        found = _revision(connection)
    if found != head():
        _refuse_newer(found, _config(), engine)
        raise StoreRefused(
            f"the store {engine.url.render_as_string(hide_password=True)} has schema "
            f"{found or 'none'}, this release needs {head()}; run `topicwire migrate`"
        )


def head() -> str:
    """Return the newest revision this release knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(found: str | None, config: Config, engine: Engine) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreRefused(
            f"the store {engine.url.render_as_string(hide_password=True)} has schema {found}, "
            "which is newer than this release; install the release that made it"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
