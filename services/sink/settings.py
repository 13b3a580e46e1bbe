"""Settings of the sink: `TOPICWIRE_SINK_…` beside the common ones."""

from typing import ClassVar, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, model_validator

from shared.errors import SettingsError
from shared.settings import CommonSettings


class SinkSettings(CommonSettings):
    """What the sink, and every verb that reads the store, reads at its start."""

    owners: ClassVar[frozenset[str]] = frozenset({"sink"})

    sink_host: str = Field("127.0.0.1", description="address of the health and metrics page")
    sink_port: int = Field(8083, ge=0, le=65_535)
    sink_store_url: SecretStr | None = Field(
        None,
        description="sqlite:///… or postgresql://user:password@host/db; default: topicwire.db in "
        "the data folder",
    )
    sink_store_password: SecretStr | None = Field(
        None, description="overrides the password in the store's address"
    )
    sink_migrate: Literal["auto", "refuse"] = Field(
        "auto", description="refuse: stop on an old database and name the command"
    )

    @property
    def store_url(self) -> str:
        """The store's address, with its password: never print it."""
        if self.sink_store_url is None:
            return f"sqlite:///{self.data_dir.resolve() / 'topicwire.db'}"
        url = self.sink_store_url.get_secret_value()
        if self.sink_store_password is None:
            return url
        return _with_password(url, self.sink_store_password.get_secret_value())

    @model_validator(mode="after")
    def _password_needs_a_user(self) -> "SinkSettings":
        url = self.sink_store_url.get_secret_value() if self.sink_store_url else ""
        if self.sink_store_password is not None and "@" not in url:
            raise SettingsError(
                "TOPICWIRE_SINK_STORE_PASSWORD is set, but TOPICWIRE_SINK_STORE_URL names no user "
                "it could belong to; write postgresql://user@host/database"
            )
        return self


def _with_password(url: str, password: str) -> str:
    """Return `url` with `password`, escaped, in place of any it has."""
    scheme, _, rest = url.partition("://")
    login, _, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}:{quote(password, safe='')}@{place}"
