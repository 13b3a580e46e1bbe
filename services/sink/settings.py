"""Settings of the sink: `TOPICWIRE_SINK_…` beside the common ones."""

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

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
    sink_migrate: Literal["auto", "refuse"] = Field(
        "auto", description="refuse: stop on an old database and name the command"
    )

    @property
    def store_url(self) -> str:
        """The store's address, with its password: never print it."""
        if self.sink_store_url is not None:
            return self.sink_store_url.get_secret_value()
        return f"sqlite:///{self.data_dir.resolve() / 'topicwire.db'}"
