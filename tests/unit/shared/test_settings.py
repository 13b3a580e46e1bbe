from pathlib import Path

import pytest

from services.classifier.settings import ClassifierSettings
from services.sink.settings import SinkSettings
from shared.errors import SettingsError
from shared.settings import CommonSettings, load

SECRET = "s3cret-word"


def test_without_any_variable_everything_has_a_default() -> None:
    """A service starts with an empty environment."""
    settings = load(SinkSettings, {})

    assert settings.streams.raw == "{topicwire}:raw"
    assert settings.store_url.startswith("sqlite:///")


def test_variables_are_read_with_their_unit_and_type() -> None:
    """A number arrives as a number, an empty variable counts as unset."""
    environment = {"TOPICWIRE_BATCH_ENTRIES": "7", "TOPICWIRE_POLL_MS": "", "HOME": "/"}

    settings = load(CommonSettings, environment)

    assert (settings.batch_entries, settings.poll_ms) == (7, 1_000)


@pytest.mark.parametrize(
    ("kind", "variable", "hint"),
    [
        pytest.param(CommonSettings, "TOPICWIRE_BATCH_ENTRYS", "BATCH_ENTRIES", id="misspelt"),
        pytest.param(SinkSettings, "TOPICWIRE_SINK_PROT", "SINK_PORT", id="own one misspelt"),
        pytest.param(CommonSettings, "TOPICWIRE_XYZZY", "docs/settings.md", id="nothing near"),
    ],
)
def test_an_unknown_variable_stops_the_start_and_is_named(
    kind: type[CommonSettings], variable: str, hint: str
) -> None:
    """A typing error is never silently a default."""
    with pytest.raises(SettingsError, match=variable) as caught:
        load(kind, {variable: "1"})

    assert hint in str(caught.value)


def test_another_services_variables_are_its_own_business() -> None:
    """One environment file serves all services."""
    environment = {"TOPICWIRE_SINK_PORT": "1", "TOPICWIRE_CLASSIFIER_PORT": "2"}

    assert load(ClassifierSettings, environment).classifier_port == 2


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("TOPICWIRE_BATCH_ENTRIES", "many", id="no number"),
        pytest.param("TOPICWIRE_BATCH_ENTRIES", "0", id="below the range"),
        pytest.param("TOPICWIRE_POLL_MS", "60000", id="above the range"),
        pytest.param("TOPICWIRE_STREAM_PREFIX", "a b", id="blank in a key"),
        pytest.param("TOPICWIRE_LOG_FORMAT", "xml", id="not one of the choices"),
        pytest.param("TOPICWIRE_SINK_MIGRATE", "maybe", id="own choice"),
        pytest.param("TOPICWIRE_SINK_PORT", "70000", id="no port"),
    ],
)
def test_a_wrong_value_stops_the_start_and_its_variable_is_named(variable: str, value: str) -> None:
    """The operator reads which variable to change."""
    with pytest.raises(SettingsError, match=variable):
        load(SinkSettings, {variable: value})


def test_two_wrong_values_are_both_named() -> None:
    """Nobody has to start twice to learn of two errors."""
    with pytest.raises(SettingsError) as caught:
        load(CommonSettings, {"TOPICWIRE_POLL_MS": "x", "TOPICWIRE_BATCH_ENTRIES": "x"})

    assert "TOPICWIRE_POLL_MS" in str(caught.value)
    assert "TOPICWIRE_BATCH_ENTRIES" in str(caught.value)


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    """The password is the file's content without the line end."""
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n", encoding="utf-8")

    settings = load(CommonSettings, {"TOPICWIRE_BROKER_PASSWORD_FILE": str(path)})

    assert settings.broker_password is not None
    assert settings.broker_password.get_secret_value() == SECRET


def test_a_missing_secret_file_is_named_with_its_variable(tmp_path: Path) -> None:
    """A secret that was not mounted stops the start."""
    path = tmp_path / "missing"

    with pytest.raises(SettingsError, match=r"TOPICWIRE_BROKER_PASSWORD_FILE: .*missing"):
        load(CommonSettings, {"TOPICWIRE_BROKER_PASSWORD_FILE": str(path)})


def test_variables_come_from_an_env_file_and_the_environment_wins(tmp_path: Path) -> None:
    """A file holds the defaults of an installation; comments and blank lines are skipped."""
    path = tmp_path / "topicwire.env"
    path.write_text(
        "# ours\n\nTOPICWIRE_POLL_MS=20\nTOPICWIRE_BATCH_ENTRIES = 3\n", encoding="utf-8"
    )

    settings = load(
        CommonSettings, {"TOPICWIRE_ENV_FILE": str(path), "TOPICWIRE_BATCH_ENTRIES": "4"}
    )

    assert (settings.poll_ms, settings.batch_entries) == (20, 4)


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"TOPICWIRE_BROKER_PASSWORD": SECRET}, id="password"),
        pytest.param({"TOPICWIRE_BROKER_URL": f"redis://u:{SECRET}@h:1/0"}, id="broker"),
        pytest.param({"TOPICWIRE_SINK_STORE_URL": f"postgresql://u:{SECRET}@h/d"}, id="store"),
    ],
)
def test_a_secret_never_prints(environment: dict[str, str]) -> None:
    """Neither repr nor str nor JSON of the settings shows it."""
    settings = load(SinkSettings, environment)

    assert SECRET not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_a_secret_never_prints_in_an_error() -> None:
    """Nor does the error over another variable, with its causes."""
    environment = {"TOPICWIRE_BROKER_PASSWORD": SECRET, "TOPICWIRE_POLL_MS": "x"}

    with pytest.raises(SettingsError) as caught:
        load(CommonSettings, environment)

    assert SECRET not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"


def test_settings_are_frozen() -> None:
    """Nobody changes a setting behind another's back."""
    settings = load(CommonSettings, {})

    with pytest.raises(ValueError, match="frozen"):
        settings.poll_ms = 5
