"""docker-compose.yml: each service is hardened, and only what must be open is open."""

import lzma
import re
import tomllib
from pathlib import Path
from typing import Any

import py3langid
import pytest
import yaml

from services.classifier.settings import ClassifierSettings
from services.fetch.settings import FetchSettings
from services.sink.settings import SinkSettings
from shared.settings import CommonSettings, load

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS: dict[str, type[CommonSettings]] = {
    "fetch": FetchSettings,
    "classifier": ClassifierSettings,
    "sink": SinkSettings,
}
PUBLISHED = {"fetch": "8081", "prometheus": "9090", "grafana": "3000"}
every_service = pytest.mark.parametrize("name", SERVICES)
our_services = pytest.mark.parametrize("name", OURS)


def _seconds(text: str) -> float:
    assert text.endswith("s")
    return float(text.removesuffix("s"))


def test_services_are_those_of_the_design() -> None:
    """Seven services: broker, store, three stages, two to watch them."""
    expected = {"valkey", "postgres", "fetch", "classifier", "sink", "prometheus", "grafana"}

    assert expected == SERVICES.keys()


@every_service
def test_root_file_system_is_read_only(name: str) -> None:
    """An intruder can't put a program where it would be found again."""
    assert SERVICES[name]["read_only"] is True


@every_service
def test_has_no_capabilities_and_can_gain_none(name: str) -> None:
    """Neither capabilities nor set-user-id programs help an intruder."""
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert "cap_add" not in SERVICES[name]
    assert "privileged" not in SERVICES[name]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


@every_service
def test_runs_as_a_numbered_user_other_than_root(name: str) -> None:
    """A number, so that the image's own user list can't make it root."""
    user = SERVICES[name]["user"].partition(":")[0]

    assert int(user) > 0


@our_services
def test_our_services_run_as_the_image_user(name: str) -> None:
    """The same user the Dockerfile makes."""
    assert SERVICES[name]["user"] == "10001:10001"


@every_service
def test_has_limits(name: str) -> None:
    """No service can take the machine's memory, processors or process table."""
    limits = SERVICES[name]["deploy"]["resources"]["limits"]

    assert {"cpus", "memory", "pids"} == limits.keys()


@every_service
def test_logs_are_bounded(name: str) -> None:
    """The engine's own logs can't fill the disk."""
    assert {"max-size", "max-file"} == SERVICES[name]["logging"]["options"].keys()


@every_service
def test_comes_back(name: str) -> None:
    """A service that ended is started again, unless an operator stopped it."""
    assert SERVICES[name]["restart"] == "unless-stopped"


@every_service
def test_has_a_health_check(name: str) -> None:
    """Each service is asked, as a command without a shell in between."""
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@our_services
def test_health_check_asks_the_port_the_service_listens_on(name: str) -> None:
    """The check and the setting name the same port."""
    environment = SERVICES[name]["environment"]

    asked = SERVICES[name]["healthcheck"]["test"][-1]

    assert environment[f"TOPICWIRE_{name.upper()}_PORT"] == asked


@our_services
def test_has_more_time_to_stop_than_it_takes_to_drain(name: str) -> None:
    """A drain is not cut short by SIGKILL."""
    drain = float(SERVICES[name]["environment"]["TOPICWIRE_DRAIN_SECONDS"])

    assert _seconds(SERVICES[name]["stop_grace_period"]) >= drain + 10


@every_service
def test_publishes_only_on_loopback(name: str) -> None:
    """Nothing is open to the network; three ports are open to this machine."""
    ports = SERVICES[name].get("ports", [])

    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert [port.rpartition(":")[2] for port in ports] == (
        [PUBLISHED[name]] if name in PUBLISHED else []
    )


def test_broker_and_store_have_no_way_out() -> None:
    """Valkey and PostgreSQL are on internal networks only."""
    internal = {name for name, net in COMPOSE["networks"].items() if net.get("internal")}

    assert set(SERVICES["valkey"]["networks"]) <= internal
    assert set(SERVICES["postgres"]["networks"]) <= internal


def test_only_the_sink_reaches_the_store() -> None:
    """The store's network has two members."""
    members = {name for name, service in SERVICES.items() if "vault" in service["networks"]}

    assert {"postgres", "sink"} == members


def test_classifier_can_be_scaled() -> None:
    """No name and no published port that two replicas would fight for."""
    assert not {"container_name", "ports", "hostname"} & SERVICES["classifier"].keys()


@every_service
def test_secrets_come_by_file_only(name: str) -> None:
    """The environment names files of secrets, never a secret."""
    environment = SERVICES[name].get("environment", {})
    secret = ("PASSWORD", "TOKEN", "SECRET", "KEY")
    named = {key: value for key, value in environment.items() if any(w in key for w in secret)}

    assert all(key.endswith("_FILE") for key in named)
    files = {value.removeprefix("/run/secrets/") for value in named.values()}
    assert files <= set(SERVICES[name].get("secrets", []))
    assert not any("@" in value and ":" in value.partition("://")[2].partition("@")[0]
                   for value in environment.values())  # fmt: skip


@every_service
def test_has_no_secret_it_does_not_use(name: str) -> None:
    """Each mounted secret is named in the environment, or read by the broker's scripts."""
    environment = SERVICES[name].get("environment", {})
    used = {value.removeprefix("/run/secrets/") for value in map(str, environment.values())}
    if name == "valkey":
        scripts = (ROOT / "deploy/valkey").glob("*.sh")
        assert all("/run/secrets/valkey_password" in script.read_text() for script in scripts)
        used = {"valkey_password"}

    assert set(SERVICES[name].get("secrets", [])) <= used


@every_service
def test_waits_for_services_that_answer(name: str) -> None:
    """Dependencies are waited for until healthy, not merely started."""
    waits = SERVICES[name].get("depends_on", {}).values()

    assert all(wait == {"condition": "service_healthy"} for wait in waits)


@every_service
def test_image_names_its_registry_and_version(name: str) -> None:
    """No `latest`; with the registry, podman and Docker mean the same image."""
    image, _, tag = SERVICES[name]["image"].rpartition(":")

    assert tag not in {"", "latest"}
    assert name in OURS or image.startswith("docker.io/")


@our_services
def test_settings_are_understood(name: str, tmp_path: Path) -> None:
    """The service starts with this environment: each variable is known, each value is right."""
    environment = dict(SERVICES[name]["environment"])
    for key in [key for key in environment if key.endswith("_FILE")]:
        file = tmp_path / key
        file.write_text("canary/secret")
        environment[key] = str(file)
    if name == "fetch":
        environment["TOPICWIRE_FETCH_FEEDS"] = ""  # ${FEEDS:-} with nothing set

    settings = load(OURS[name], environment)

    assert settings.broker_password is not None
    assert settings.broker_password.get_secret_value() == "canary/secret"


def test_sink_joins_address_and_password(tmp_path: Path) -> None:
    """The store's password comes from its file, escaped as an address needs it."""
    (tmp_path / "password").write_text("p@ss/w:rd\n")
    environment = {
        "TOPICWIRE_SINK_STORE_URL": SERVICES["sink"]["environment"]["TOPICWIRE_SINK_STORE_URL"],
        "TOPICWIRE_SINK_STORE_PASSWORD_FILE": str(tmp_path / "password"),
    }

    settings = load(SinkSettings, environment)

    assert settings.store_url == "postgresql://topicwire:p%40ss%2Fw%3Ard@postgres:5432/topicwire"
    assert "ss/w" not in repr(settings)


def test_broker_never_drops_unread_articles() -> None:
    """Append-only file on, no eviction, and memory left for the fork that rewrites the file."""
    lines = (ROOT / "deploy/valkey/valkey.conf").read_text(encoding="utf-8").splitlines()
    options = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))

    assert options["appendonly"] == "yes"
    assert options["appendfsync"] == "everysec"
    assert options["maxmemory-policy"] == "noeviction"
    assert options["maxmemory"] == "512mb"
    assert SERVICES["valkey"]["deploy"]["resources"]["limits"]["memory"] == "1g"


@our_services
def test_temporary_folder_holds_the_language_model(name: str) -> None:
    """py3langid unpacks its model into a temporary file; without room every article would fail."""
    packed = Path(py3langid.__file__).parent / "data/model.npz.xz"
    unpacked_bytes = len(lzma.decompress(packed.read_bytes()))
    (size,) = re.findall(r"^/tmp:size=(\d+)m,", SERVICES[name]["tmpfs"][0])

    assert int(size) * 1024 * 1024 > 1.5 * unpacked_bytes


def test_folders_mounted_from_here_exist() -> None:
    """Docker would make a missing one as an empty folder of root's, silently."""
    volumes = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    mounted = [volume for volume in volumes if volume.startswith("./")]

    assert all((ROOT / volume.split(":")[0]).is_dir() for volume in mounted)
    assert all(volume.endswith(":ro") for volume in mounted)


def test_our_image_is_only_built_never_pulled() -> None:
    """Our image is built here: a tag a registry could also serve would be pulled by mistake."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert {SERVICES[name]["image"] for name in OURS} == {f"{project['name']}:local"}
