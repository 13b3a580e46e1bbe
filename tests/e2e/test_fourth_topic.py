"""A topic without code: a folder of articles and terms, one training, and it is everywhere."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.classifier.artefact import read_manifest
from services.classifier.topics import read_topics
from services.classifier.training.corpus import read_corpus, read_folder
from shared.messages import decode_labelled
from shared.streams import StreamMap
from tests.support.command import LocalSystem, quick, topicwire
from tests.support.services import ROOT
from tests.support.wait import until

EXAMPLE = ROOT / "tests" / "data" / "fourth-topic"
TOPIC = "climate_policy"
TOPICS = ["arms_trade", "diplomacy", "ukraine_war", TOPIC]
ARTICLES = [
    {
        "title": "Cabinet agrees on stricter climate targets",
        "text": "The cabinet agreed on Wednesday to cut greenhouse gas emissions by 70 per cent by 2040. The environment minister said the new climate law would raise the carbon price step by step. Industry warned of costs, environmental groups called the climate policy a step in the right direction.",
    },
    {
        "title": "Kabinett beschließt Klimaschutzprogramm",
        "text": "Das Kabinett hat ein neues Klimaschutzprogramm beschlossen. Bis 2035 sollen die Emissionen im Verkehr um die Hälfte sinken, der CO2-Preis steigt weiter. Aus dem Klimafonds werden Wärmepumpen gefördert. Umweltverbänden gehen die Klimaziele nicht weit genug.",
    },
    {
        "title": "Le gouvernement présente son plan climat",
        "text": "Le gouvernement a présenté son plan, qui doit réduire de moitié les émissions de gaz à effet de serre d'ici à 2035. La taxe carbone augmentera dès janvier. Les associations jugent les objectifs climatiques insuffisants et demandent la fin des aides aux énergies fossiles.",
    },
]  # fmt: skip
WEATHER = {
    "title": "Sunny weekend ahead",
    "text": "The weekend will be sunny and warm with temperatures of up to 26 degrees, the weather service said. A light wind blows from the west. On Monday clouds arrive from the sea; the climate on the coast is known to be mild.",
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, corpus_slice: Path) -> Path:
    """Return the folder of a model that `topicwire train --add` made of a slice and the example."""
    folder = tmp_path_factory.mktemp("fourth")
    done = topicwire(
        "train", "--corpus", corpus_slice, "--add", EXAMPLE, "--out", "model",
        folder=folder, seconds=600,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert TOPIC in done.out
    return folder / "model"


@pytest.fixture
def system(tmp_path: Path, model: Path) -> Iterator[LocalSystem]:
    """Yield a running system on that model."""
    local = LocalSystem(tmp_path, **quick(model))
    local.start().wait_running()
    yield local
    local.remove()


def test_the_example_is_as_its_page_says() -> None:
    """24 articles in three languages, 14 on the topic, with terms; and no part of what is shipped."""
    articles = read_folder(EXAMPLE)

    assert len(articles) == 24
    assert {article.language for article in articles} == {"de", "en", "fr"}
    assert sum(TOPIC in article.labels for article in articles) == 14
    assert sum("diplomacy" in article.labels for article in articles) == 3
    assert [topic.name for topic in read_topics(EXAMPLE)] == TOPICS[3:]
    assert [topic.name for topic in read_topics(ROOT / "corpus")] == TOPICS[:3]


def test_the_page_shows_the_example(corpus_slice: Path) -> None:
    """Its topics.toml says what the folder's does, and each key of a topic is explained."""
    page = (ROOT / "docs" / "topics.md").read_text("utf-8")
    (topic,) = read_topics(EXAMPLE)

    assert f'name = "{topic.name}"\n    title = "{topic.title}"\n    prior = {topic.prior}' in page
    assert f"precision_target = {topic.precision_target:.2f}" in page
    assert all(f"| `{key}` |" in page for key in topic.__struct_fields__)
    assert {"climate", "emissions"} < set(read_corpus(corpus_slice, EXAMPLE).terms)


def test_the_model_has_the_topic_beside_the_others(model: Path) -> None:
    """A column more, a language more, its own thresholds; the concepts are in use."""
    manifest = read_manifest(model)

    assert list(manifest.topics) == TOPICS
    assert manifest.languages == ("de", "en", "fr")
    assert manifest.calibration["fast"][TOPIC].threshold == 0.8
    assert manifest.figures[TOPIC]["precision"] >= 0.8
    assert manifest.figures[TOPIC]["recall"] >= 0.5


@pytest.mark.parametrize("profile", ["accurate", "fast"])
def test_classify_says_yes_in_every_language_of_the_folder(
    model: Path, tmp_path: Path, profile: str
) -> None:
    """With words that decided; and no yes for what only shares a word."""
    lines = "\n".join(json.dumps(article) for article in [*ARTICLES, WEATHER]).encode()
    variables = {
        "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model),
        "TOPICWIRE_CLASSIFIER_PROFILE": profile,
    }

    done = topicwire("classify", "--json", "-", folder=tmp_path, stdin=lines, variables=variables)

    assert done.code == 0, done.err
    *about, weather = [{t["topic"]: t for t in line["topics"]} for line in done.lines()]
    assert [topic[TOPIC]["decision"] for topic in about] == ["yes"] * 3
    assert all(topic[TOPIC]["evidence"] for topic in about)
    assert weather[TOPIC]["decision"] != "yes"
    assert all(list(topic) == TOPICS for topic in about)


def test_a_running_system_labels_stores_and_finds_it(system: LocalSystem) -> None:
    """From the push door to the labelled message, the store, `results --topic` and the metrics."""
    (found, other) = system.post({**ARTICLES[0], "id": "climate"}, {**WEATHER, "id": "weather"})
    system.wait_stored(found, other)

    with system.client() as client:
        messages = [decode_labelled(fields) for _, fields in client.xrange(StreamMap().labelled)]
    results = system.results("--topic", TOPIC)

    (message,) = [m for m in messages if m.article.article_id == found]
    assert [label.topic for label in message.topics] == TOPICS
    assert message.topics[3].decision.value == "yes"
    assert [row["article_id"] for row in results] == [found]
    assert [topic["topic"] for topic in results[0]["topics"]] == sorted(TOPICS)
    until(lambda: f'topic="{TOPIC}"' in metrics(system), "the topic is counted")


def metrics(system: LocalSystem) -> str:
    """Return the classifier's metrics page."""
    import urllib.request

    url = f"http://127.0.0.1:{system.ports['classifier']}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        text: str = answer.read().decode()
    return text
