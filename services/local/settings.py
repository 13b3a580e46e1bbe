"""Settings of the local system: `TOPICWIRE_UP_…` beside the common ones."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.settings import CommonSettings


class UpSettings(CommonSettings):
    """What `topicwire up` reads at its start. All addresses are on 127.0.0.1."""

    owners: ClassVar[frozenset[str]] = frozenset({"up"})

    up_broker_port: int = Field(6390, ge=1, le=65_535, description="port of the embedded Valkey")
    up_push_port: int = Field(8081, ge=1, le=65_535, description="port of the push door")
    up_classifier_port: int = Field(8082, ge=1, le=65_535)
    up_sink_port: int = Field(8083, ge=1, le=65_535)
    up_fsync: Literal["always", "everysec"] = Field(
        "everysec", description="always: survives a power cut, at a quarter of the speed"
    )
