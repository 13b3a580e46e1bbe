"""The Grafana dashboard as data: it shows what the code measures, and nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.classifier.metrics import CLASSIFIER_METRICS
from services.fetch.metrics import FETCH_METRICS
from services.sink.metrics import SINK_METRICS
from shared.metrics import DELIVERY_METRICS, SERVICE_METRICS, Metric

ROOT = Path(__file__).resolve().parents[2]
GRAFANA = ROOT / "deploy/grafana"
BOARD = json.loads((GRAFANA / "dashboards/overview.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *SERVICE_METRICS,
        *DELIVERY_METRICS,
        *FETCH_METRICS,
        *CLASSIFIER_METRICS,
        *SINK_METRICS,
    )
}
TARGETS = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
WANTED = {
    "articles in": "topicwire_entries_in_total",
    "articles out": "topicwire_entries_out_total",
    "dead letters": "topicwire_dead_letters_total",
    "queue depth": "topicwire_queue_entries",
    "oldest unprocessed age": "topicwire_oldest_unprocessed_seconds",
    "decisions by topic": "topicwire_labels_total",
    "languages": "topicwire_articles_language_total",
    "batch time": "topicwire_batch_seconds",
    "store latency": "topicwire_store_seconds",
    "outcomes": "topicwire_stored_total",
    "model in use": "topicwire_model_info",
}


def _yaml(path: str) -> Any:
    return yaml.safe_load((GRAFANA / "provisioning" / path).read_text(encoding="utf-8"))


def _metric(sample: str) -> Metric | None:
    """Return the metric a sample's name belongs to, None if no code makes it."""
    if sample in METRICS:
        return METRICS[sample]
    base = METRICS.get(re.sub(r"_(bucket|sum|count)$", "", sample))
    return base if base is not None and base.kind == "histogram" else None


@pytest.mark.parametrize(("title", "expression"), TARGETS)
def test_every_metric_shown_exists_in_code(title: str, expression: str) -> None:
    """No panel waits for a metric that was renamed or never made."""
    used = re.findall(r"\btopicwire_\w+", expression)

    assert used or expression == "sum by (job) (up)"
    assert [name for name in used if _metric(name) is None] == []


@pytest.mark.parametrize(("title", "expression"), TARGETS)
def test_every_label_shown_exists_in_code(title: str, expression: str) -> None:
    """Grouping by a label a metric does not have would silently merge everything."""
    labels = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression)
              for label in group.split(",")}  # fmt: skip
    labels |= set(re.findall(r"[{,]\s*(\w+)\s*=", expression))
    metrics = [_metric(name) for name in re.findall(r"\btopicwire_\w+", expression)]
    known = {label for metric in metrics if metric for label in metric.labels} | {"le", "job"}

    assert labels <= known


@pytest.mark.parametrize("name", WANTED.values(), ids=WANTED.keys())
def test_shows_what_operators_asked_for(name: str) -> None:
    """Each thing the overview must show is in a panel."""
    assert any(name in expression for _, expression in TARGETS)


def test_every_metric_in_code_is_shown() -> None:
    """What is measured can be seen."""
    shown = {
        name for _, expression in TARGETS for name in re.findall(r"\btopicwire_\w+", expression)
    }
    metrics = {metric.name for metric in map(_metric, shown) if metric is not None}

    assert METRICS.keys() - metrics == set()


def test_every_panel_says_what_it_means() -> None:
    """An operator at night reads the panel, not the code."""
    assert [panel["title"] for panel in PANELS if not panel.get("description")] == []


def test_panels_have_their_own_number_and_place() -> None:
    """Two panels with one id or one place hide each other."""
    ids = [panel["id"] for panel in BOARD["panels"]]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(ids) == len(set(ids))
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_panels_ask_the_provisioned_datasource() -> None:
    """The dashboard works as it comes, without choosing a source."""
    (source,) = _yaml("datasources/prometheus.yml")["datasources"]
    asked = {t["datasource"]["uid"] for panel in PANELS for t in panel["targets"]}

    assert {source["uid"]} == asked | {panel["datasource"]["uid"] for panel in PANELS}


def test_datasource_knows_how_often_is_scraped() -> None:
    """`$__rate_interval` is only right with the true scrape interval."""
    (source,) = _yaml("datasources/prometheus.yml")["datasources"]
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())

    assert source["jsonData"]["timeInterval"] == prometheus["global"]["scrape_interval"]


def test_dashboards_are_mounted_where_grafana_looks() -> None:
    """The provider's folder is a mount of the folder in this repository."""
    (provider,) = _yaml("dashboards/topicwire.yml")["providers"]
    grafana = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]

    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
