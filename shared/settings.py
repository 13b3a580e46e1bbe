"""Settings: the one place that reads the environment.

Each process loads one frozen object at its start and hands it down. Variables begin with
`TOPICWIRE_`; a file named by `TOPICWIRE_ENV_FILE` (KEY=value lines) may hold them too; secrets may
come from a file: `TOPICWIRE_PUSH_TOKEN_FILE=/run/secrets/push_token`. An unknown or wrong
variable stops the start and is named.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shared.errors import SettingsError
from shared.streams import StreamMap
from shared.text import Limits

PREFIX = "TOPICWIRE_"
ENV_FILE = f"{PREFIX}ENV_FILE"
# A service's own variables begin with its name, so that one environment can serve all.
OWNERS = frozenset({"fetch", "classifier", "sink", "up"})
S = TypeVar("S", bound="CommonSettings")


class CommonSettings(BaseModel):
    """What every service reads: broker, streams, delivery, logs, limits.

    Numbers carry their unit in the name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    owners: ClassVar[frozenset[str]] = frozenset()

    broker_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6390/0"), description="redis://, rediss:// or unix:// address"
    )
    broker_password: SecretStr | None = Field(None, description="overrides the address's password")
    broker_strict: bool = Field(
        False, description="refuse to start with a broker that is set up to lose data"
    )
    stream_prefix: str = Field("{topicwire}", pattern=r"^\S+$", description="hash tag of all keys")
    data_dir: Path = Field(Path("topicwire-data"), description="folder for broker, store and model")

    batch_entries: int = Field(256, ge=1, le=10_000, description="entries read at once")
    poll_ms: int = Field(1_000, ge=10, le=4_000, description="how long one read waits for entries")
    reclaim_idle_ms: int = Field(
        30_000, ge=100, description="an entry unfinished for so long is taken over"
    )
    delivery_limit: int = Field(5, ge=2, le=100, description="deliveries before a dead letter")
    housekeeping_seconds: float = Field(
        1.0, gt=0, le=60, description="how often reclaim, trim and lag run"
    )
    drain_seconds: float = Field(10.0, gt=0, description="time to finish work after SIGTERM")
    foreign_group_hours: float = Field(
        72.0,
        gt=0,
        description="a third party's group that is further behind no longer pins trimming",
    )

    breaker_share: float = Field(
        0.1,
        gt=0,
        le=1,
        description="a stage pauses when a larger share of its last entries failed in our processing; 1: never",
    )
    breaker_window_entries: int = Field(
        1_000, ge=10, le=100_000, description="how many last entries of a stage the breaker judges"
    )
    breaker_min_failures: int = Field(
        20, ge=1, description="so many entries must have failed before a stage pauses"
    )

    max_text_chars: int = Field(200_000, ge=1_000, description="longer texts are cut, and counted")
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def streams(self) -> StreamMap:
        """The names of all streams."""
        return StreamMap(self.stream_prefix)

    @property
    def limits(self) -> Limits:
        """How long the parts of an article may be."""
        return Limits(max_text_chars=self.max_text_chars)


def load(kind: type[S], environment: Mapping[str, str] | None = None, **overrides: object) -> S:
    """Return the settings of one service from the environment and `overrides` (which win).

    A variable of another service (`TOPICWIRE_SINK_…` for the classifier) is that service's own
    business. Raises SettingsError naming what is unknown or wrong, never a secret's value.
    """
    values = dict(os.environ if environment is None else environment)
    values = {**_from_file(values.get(ENV_FILE)), **values}
    chosen: dict[str, object] = {}
    for key, value in values.items():
        if not key.startswith(PREFIX) or key == ENV_FILE or not value:
            continue
        name = key.removeprefix(PREFIX).lower()
        if name in kind.model_fields:
            chosen[name] = value
        elif name.endswith("_file") and name.removesuffix("_file") in kind.model_fields:
            chosen[name.removesuffix("_file")] = _read_secret(key, value)
        elif name.split("_")[0] not in OWNERS or name.split("_")[0] in kind.owners:
            raise SettingsError(_unknown(key, kind))
    chosen.update({key: value for key, value in overrides.items() if value is not None})
    try:
        return kind.model_validate(chosen)
    except ValidationError as error:
        raise SettingsError(_wrong(error)) from error


def _from_file(path: str | None) -> dict[str, str]:
    if not path:
        return {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{ENV_FILE}: {path} can't be read: {error}") from error
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _read_secret(key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{key}: {path} can't be read: {error}") from error


def _unknown(key: str, kind: type["CommonSettings"]) -> str:
    # Without the prefix, which would make every name look near.
    name, names = key.removeprefix(PREFIX), [name.upper() for name in kind.model_fields]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {PREFIX}{near[0]}?" if near else "unset it, or see docs/settings.md"
    return f"{key} is not a setting of this release; {hint}"


def _wrong(error: ValidationError) -> str:
    return "; ".join(
        f"{PREFIX}{str(part['loc'][0]).upper() if part['loc'] else 'settings'}: {part['msg']}"
        for part in error.errors(include_input=False, include_url=False)
    )
