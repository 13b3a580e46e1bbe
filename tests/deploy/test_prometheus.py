"""deploy/prometheus: every service is scraped, where it listens."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "deploy/prometheus/prometheus.yml"
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
JOBS = {
    job["job_name"]: job
    for job in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["scrape_configs"]
}


def test_prometheus_understands_its_configuration() -> None:
    """Debian 12's promtool, the oldest release we keep to, finds no fault."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not there; on Debian: apt-get install prometheus")

    done = subprocess.run(
        [promtool, "check", "config", CONFIG], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_fetch_is_scraped_where_it_listens() -> None:
    """Fetch is one container: a plain address."""
    port = SERVICES["fetch"]["environment"]["TOPICWIRE_FETCH_PORT"]

    assert JOBS["fetch"]["static_configs"] == [{"targets": [f"fetch:{port}"]}]


@pytest.mark.parametrize("name", ["classifier", "sink"])
def test_replicas_are_found_by_name(name: str) -> None:
    """Every address the name has is scraped, so that no replica is left out."""
    (discovery,) = JOBS[name]["dns_sd_configs"]

    port = int(SERVICES[name]["environment"][f"TOPICWIRE_{name.upper()}_PORT"])

    assert ([name], "A", port) == (discovery["names"], discovery["type"], discovery["port"])


@pytest.mark.parametrize("name", ["fetch", "classifier", "sink"])
def test_prometheus_shares_a_network_with(name: str) -> None:
    """What it scrapes it can reach."""
    assert set(SERVICES[name]["networks"]) & set(SERVICES["prometheus"]["networks"])
