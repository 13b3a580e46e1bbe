"""Every panel of the dashboard, asked of a real Prometheus that scrapes running services.

`PROMETHEUS_URL` names a running one (deploy/container-test.sh does so); else Debian's Prometheus
and the services are started here.
"""

import json
import math
import os
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.broker import BrokerServer, valkey_binary
from tests.support.ports import free_port
from tests.support.services import Service
from tests.support.wait import until

ROOT = Path(__file__).resolve().parents[2]
BOARD = json.loads((ROOT / "deploy/grafana/dashboards/overview.json").read_text(encoding="utf-8"))
TARGETS = [
    pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    for panel in BOARD["panels"]
    for target in panel.get("targets", [])
]
TEXT = "Ambassadors met in Geneva for talks about a ceasefire in Ukraine, round {}."


@pytest.fixture(scope="module")
def prometheus(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the address of a Prometheus that has scraped all three services at work."""
    if "PROMETHEUS_URL" in os.environ:
        yield os.environ["PROMETHEUS_URL"]
        return
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not there; on Debian: apt-get install prometheus")
    folder, model = tmp_path_factory.mktemp("panels"), request.getfixturevalue("model_folder")
    with ExitStack() as stack:
        services = _start_services(folder, model, stack)
        yield _start_prometheus(folder, services, stack)


@pytest.mark.parametrize("expression", TARGETS)
def test_panel_shows_something(prometheus: str, expression: str) -> None:
    """No panel errs, and none is empty while articles come in."""
    query = expression.replace("$__rate_interval", "1m")

    until(lambda: _numbers(prometheus, query), f"a number for {query}", seconds=30)


def _start_services(folder: Path, model: Path, stack: ExitStack) -> list[Service]:
    broker = BrokerServer(valkey_binary(), folder).start()
    stack.callback(broker.kill)
    services = []
    for name in ("fetch", "classifier", "sink"):
        environment = {
            "TOPICWIRE_BROKER_URL": broker.url,
            "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model),
        }
        service = Service(name, folder, environment).start()
        stack.callback(service.kill)
        services.append(service)
    for service in services:
        service.wait_ready()
    pusher = stack.enter_context(_keep_pushing(services[0].port, folder))
    stack.callback(pusher.kill)
    return services


def _keep_pushing(port: int, folder: Path) -> "subprocess.Popen[bytes]":
    """Send new articles all the time: a rate of nothing is no number."""
    body = json.dumps([{"title": f"Round {n}", "text": TEXT.format(n)} for n in range(20)])
    (folder / "articles.json").write_text(body)
    script = (
        "import sys, time, urllib.request\n"
        "body = open(sys.argv[2]).read()\n"
        "for number in range(10_000):\n"
        "    data = body.replace('round', f'round {number}.').encode()\n"
        "    kind = {'Content-Type': 'application/json'}\n"
        "    request = urllib.request.Request(sys.argv[1], data, kind)\n"
        "    urllib.request.urlopen(request, timeout=10).read()\n"
        "    time.sleep(0.3)\n"
    )
    address = f"http://127.0.0.1:{port}/articles"
    command = [shutil.which("python3") or "python3", "-c", script, address]
    return subprocess.Popen([*command, str(folder / "articles.json")])


def _start_prometheus(folder: Path, services: list[Service], stack: ExitStack) -> str:
    port = free_port()
    jobs = [
        {"job_name": s.name, "static_configs": [{"targets": [f"127.0.0.1:{s.port}"]}]}
        for s in services
    ]
    config = folder / "prometheus.yml"
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}))
    command = [
        "prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as log:
        process = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
    stack.callback(process.terminate)
    address = f"http://127.0.0.1:{port}"
    until(lambda: len(_numbers(address, "up == 1")) == len(jobs), "all are scraped", seconds=30)
    return address


def _numbers(prometheus: str, query: str) -> list[float]:
    """Return the values of an instant query that are numbers; fails on a query with an error."""
    address = f"{prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 503:  # still reading its files
                return []
            pytest.fail(f"{query}: {error.read().decode()}")
    except OSError:
        return []  # not up yet
    values = [float(item["value"][1]) for item in result]
    return [value for value in values if not math.isnan(value)]
