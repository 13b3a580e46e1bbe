"""Settings of the sink: where the store is, and how its password gets into the address."""

from pathlib import Path

import pytest

from services.sink.settings import SinkSettings
from shared.errors import SettingsError
from shared.settings import load

URL = "TOPICWIRE_SINK_STORE_URL"
PASSWORD = "TOPICWIRE_SINK_STORE_PASSWORD"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u@db/t", "postgresql://u:s3@db/t"),
        ("postgresql://u:old@db:5432/t?sslmode=require", "postgresql://u:s3@db:5432/t?sslmode=require"),
        ("postgresql+psycopg://u@[::1]/t", "postgresql+psycopg://u:s3@[::1]/t"),
    ],
    ids=["none before", "replaces one", "driver and IPv6"],
)  # fmt: skip
def test_password_goes_into_the_address(url: str, expected: str) -> None:
    """A password of its own overrides the address's, and nothing else changes."""
    settings = load(SinkSettings, {URL: url, PASSWORD: "s3"})

    assert expected == settings.store_url


def test_password_is_escaped(tmp_path: Path) -> None:
    """Signs that mean something in an address stay part of the password."""
    (tmp_path / "secret").write_text("a@b/c:d%e #\n")

    settings = load(
        SinkSettings, {URL: "postgresql://u@db/t", f"{PASSWORD}_FILE": str(tmp_path / "secret")}
    )

    assert settings.store_url == "postgresql://u:a%40b%2Fc%3Ad%25e%20%23@db/t"


@pytest.mark.parametrize("url", ["", "sqlite:////data/t.db", "postgresql://db/t"])
def test_password_without_a_user_stops_the_start(url: str) -> None:
    """A password nobody would use is a mistake; the message names both variables."""
    with pytest.raises(SettingsError, match=f"{PASSWORD}.*{URL}"):
        load(SinkSettings, {URL: url, PASSWORD: "s3"})


def test_password_never_prints() -> None:
    """Neither the settings' text nor an error shows it."""
    settings = load(SinkSettings, {URL: "postgresql://u:canary1@db/t", PASSWORD: "canary2"})

    assert "canary" not in f"{settings!r} {settings}"
