"""Settings of fetch: `TOPICWIRE_FETCH_…` beside the common ones."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from services.fetch.pressure import MEASURES, Mark, Marks
from shared.errors import SettingsError
from shared.health import LOOPBACK
from shared.settings import CommonSettings


def _split(value: object) -> object:
    return value.split() if isinstance(value, str) else value


class FetchSettings(CommonSettings):
    """What fetch reads at its start."""

    owners: ClassVar[frozenset[str]] = frozenset({"fetch"})

    fetch_host: str = Field("127.0.0.1", description="address of the push door and metrics")
    fetch_port: int = Field(8081, ge=0, le=65_535)
    fetch_push_token: SecretStr | None = Field(
        None, description="bearer token the push door asks for; needed beyond loopback"
    )
    fetch_max_body_bytes: int = Field(
        16 * 1024 * 1024, ge=1_000, description="largest body the push door takes"
    )
    fetch_feeds: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        (), description="feed addresses to poll, separated by spaces"
    )
    fetch_interval_seconds: float = Field(300.0, ge=1, description="time between polls of a feed")
    fetch_total_seconds: float = Field(20.0, gt=0, description="longest time for one download")
    fetch_max_feed_bytes: int = Field(5 * 1024 * 1024, ge=1_000, description="largest download")
    fetch_allow_private: bool = Field(
        False, description="allow feeds on private and loopback addresses"
    )
    fetch_high_entries: int = Field(
        200_000, ge=1, description="the doors hold back while more entries wait in the streams"
    )
    fetch_low_entries: int = Field(150_000, ge=0, description="… until no more wait than this")
    fetch_high_bytes: int = Field(
        512 * 2**20, ge=1, description="the doors hold back while more bytes wait, as far as known"
    )
    fetch_low_bytes: int = Field(384 * 2**20, ge=0, description="… until no more wait than this")
    fetch_high_memory: float = Field(
        0.8,
        gt=0,
        le=1,
        description="the doors hold back above this share of the broker's maxmemory",
    )
    fetch_low_memory: float = Field(0.7, ge=0, le=1, description="… down to this share")
    fetch_contact: str = Field(
        "https://example.org/topicwire", description="who runs this: stands in the User-Agent"
    )

    @property
    def marks(self) -> Marks:
        """Between which marks the doors hold back."""
        return Marks(
            Mark(self.fetch_high_entries, self.fetch_low_entries),
            Mark(self.fetch_high_bytes, self.fetch_low_bytes),
            Mark(self.fetch_high_memory, self.fetch_low_memory),
        )

    @model_validator(mode="after")
    def _order_the_marks(self) -> "FetchSettings":
        for measure in MEASURES:
            mark = self.marks.of(measure)
            if mark.low >= mark.high:
                name = measure.upper()
                raise SettingsError(
                    f"TOPICWIRE_FETCH_LOW_{name}={mark.low} is not below "
                    f"TOPICWIRE_FETCH_HIGH_{name}={mark.high}; set both, the low one lower"
                )
        return self

    @model_validator(mode="after")
    def _guard_the_door(self) -> "FetchSettings":
        if self.fetch_host not in LOOPBACK and self.fetch_push_token is None:
            raise SettingsError(
                f"TOPICWIRE_FETCH_HOST={self.fetch_host} opens the push door to others; set "
                "TOPICWIRE_FETCH_PUSH_TOKEN_FILE to a file with a token first"
            )
        return self
