"""Verbs that need no running system: help, classify, train, evaluate, migrate, and clear refusals."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.classifier.artefact import read_manifest
from services.sink.migrate import migrate
from services.sink.store import SqlStore
from tests.support.broker import BrokerServer
from tests.support.build import HeldClock, labelled, raw
from tests.support.command import COMMAND, environment, topicwire
from tests.support.ports import free_port
from tests.support.services import ROOT

VERBS = (
    "up", "push", "classify", "results", "status", "why", "dead", "resume", "train", "evaluate",
    "migrate",
    "fetch", "classifier", "sink",
)  # fmt: skip
ARTICLE = {"title": "Panzer für Kiew", "text": "Der Bundestag hat die Lieferung von Panzern und Munition an die Ukraine beschlossen. Kiew verteidigt sich gegen den russischen Angriff."}  # fmt: skip


def told(err: str) -> str:
    """Return what was said beside the progress, which a slow machine gets to see."""
    return re.sub(r"(?m)^\d+ of \d+ articles measured\n", "", err)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches_by_example(verb: str, tmp_path: Path) -> None:
    """`--help` works and shows a line that can be typed."""
    done = topicwire(verb, "--help", folder=tmp_path)

    assert (done.code, done.err) == (0, "")
    assert re.search(rf"topicwire {verb}\b(?! \[OPTIONS\])", done.out)


def test_help_lists_every_verb(tmp_path: Path) -> None:
    """The first page names them all, in the order of an article's way."""
    shown = topicwire("--help", folder=tmp_path).out

    assert re.findall(r"^  (\w+)  ", shown.partition("Commands:")[2], re.MULTILINE) == list(VERBS)


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    """Under half a second; neither scikit-learn nor FastStream nor pydantic is loaded."""
    begun = time.monotonic()
    done = subprocess.run([COMMAND, "--help"], capture_output=True, env=environment(), check=True)
    first = time.monotonic() - begun
    begun = time.monotonic()
    subprocess.run([COMMAND, "--help"], capture_output=True, env=environment(), check=True)
    seconds = min(first, time.monotonic() - begun)
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", COMMAND, "--help"],
        capture_output=True, env=environment(), check=True, text=True,
    )  # fmt: skip
    imported = {
        line.rpartition("|")[2].strip().split(".")[0] for line in traced.stderr.splitlines()
    }

    assert done.stdout
    assert seconds < 0.5
    assert (
        imported & {"sklearn", "faststream", "pydantic", "sqlalchemy", "aiohttp", "redis"} == set()
    )


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    """`--version` answers."""
    assert re.fullmatch(
        r"topicwire, version \d+\.\d+\.\d+\n", topicwire("--version", folder=tmp_path).out
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["fly"], id="unknown verb"),
        pytest.param(["push"], id="no file"),
        pytest.param(["classify", "--data-dir", "x"], id="missing argument"),
        pytest.param(["results", "--topic", "sports"], id="unknown topic"),
        pytest.param(["results", "--decision", "no"], id="decision without topic"),
        pytest.param(["results", "--since", "yesterday"], id="date in words"),
        pytest.param(["up", "--push-port", "70000"], id="no such port"),
        pytest.param(["up", "--push-port", "6390"], id="one port twice"),
        pytest.param(["evaluate", "missing.jsonl"], id="missing evaluation file"),
        pytest.param(["train", "--corpus", "missing", "--out", "m"], id="missing corpus"),
    ],
)
def test_wrong_use_ends_with_code_2_and_one_message(
    arguments: list[str], model_folder: Path, tmp_path: Path
) -> None:
    """What was typed wrongly is said; there is no traceback."""
    variables = {
        "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model_folder),
        "TOPICWIRE_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    done = topicwire(*arguments, folder=tmp_path, variables=variables)

    assert (done.code, done.out) == (2, "")
    assert done.err.strip()
    assert "Traceback" not in done.err


def test_an_article_is_classified_from_a_file(model_folder: Path, tmp_path: Path) -> None:
    """A plain text file gives a table with topics and the words that decided."""
    (tmp_path / "article.txt").write_text(f"{ARTICLE['title']}\n\n{ARTICLE['text']}\n", "utf-8")

    done = classify("article.txt", model=model_folder, folder=tmp_path)

    assert (done.code, done.err) == (0, "")
    assert re.search(r"yes [01]\.\d\d", done.out)
    assert "Panzer für Kiew" in done.out


def test_articles_are_classified_from_standard_input(model_folder: Path, tmp_path: Path) -> None:
    """JSON for programs holds every topic with probability, decision and evidence."""
    lines = (json.dumps(ARTICLE) + "\n" + json.dumps({"text": "x"}) + "\n").encode()

    done = classify("--json", "-", model=model_folder, folder=tmp_path, stdin=lines)

    first, second = done.lines()
    assert done.code == 0
    assert [topic["topic"] for topic in first["topics"]] == [
        "arms_trade",
        "diplomacy",
        "ukraine_war",
    ]
    assert {topic["decision"] for topic in first["topics"]} <= {"yes", "no", "unsure"}
    assert first["topics"][2]["evidence"]
    assert second["abstained"]


def test_a_refused_line_is_told_and_the_others_are_classified(
    model_folder: Path, tmp_path: Path
) -> None:
    """Exit code 1 says that something was left out."""
    lines = b'{"title": "no text"}\n' + json.dumps(ARTICLE).encode()

    done = classify("--json", "-", model=model_folder, folder=tmp_path, stdin=lines)

    assert (done.code, len(done.lines())) == (1, 1)
    assert "line 1: no_text" in done.err


def test_a_title_can_not_steer_the_terminal(model_folder: Path, tmp_path: Path) -> None:
    """Escape sequences are taken out at the door, bidi overrides are made visible."""
    line = json.dumps({**ARTICLE, "title": "a\x1b]0;owned\x07\u202eb"}).encode()

    done = classify("-", model=model_folder, folder=tmp_path, stdin=line)

    assert "\x1b" not in done.out
    assert r"\u202e" in done.out


def test_without_a_model_the_cure_is_named(tmp_path: Path) -> None:
    """Exit code 1, and the command that makes one."""
    done = topicwire("classify", "-", folder=tmp_path, stdin=b'{"text": "a"}')

    assert done.code == 1
    assert "there is no model" in done.err
    assert "topicwire train" in done.err


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        pytest.param(lambda data: data[:1_000], "truncated or replaced", id="truncated"),
        pytest.param(lambda data: data[:-1] + b"x", "truncated or replaced", id="another byte"),
        pytest.param(lambda _: b"", "truncated or replaced", id="empty"),
    ],
)
def test_a_damaged_model_is_refused(
    model_folder: Path, tmp_path: Path, damage: Callable[[bytes], bytes], cause: str
) -> None:
    """A damaged file is told apart from a missing one, never unpickled, and the cure is named."""
    model = tmp_path / "model"
    shutil.copytree(model_folder, model)
    (file,) = model.glob("*.joblib.gz")
    file.write_bytes(damage(file.read_bytes()))

    done = classify("-", model=model, folder=tmp_path, stdin=b'{"text": "a"}')

    assert (done.code, done.out) == (1, "")
    assert cause in done.err
    assert "topicwire train" in done.err


def test_another_model_than_the_expected_is_refused(model_folder: Path, tmp_path: Path) -> None:
    """With the hash in the settings, a good model that is not this one is refused."""
    variables = {
        "TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model_folder),
        "TOPICWIRE_CLASSIFIER_MODEL_SHA256": "0" * 64,
    }

    done = topicwire("classify", "-", folder=tmp_path, stdin=b'{"text": "a"}', variables=variables)

    assert (done.code, done.out) == (1, "")
    assert "TOPICWIRE_CLASSIFIER_MODEL_SHA256" in done.err


def test_training_twice_gives_the_same_predictions_to_the_byte(
    model_folder: Path, corpus_slice: Path, tmp_path: Path
) -> None:
    """The same corpus gives the same probabilities, decisions and words, in another process, too."""
    done = topicwire(
        "train", "--corpus", corpus_slice, "--out", "again", "--json", folder=tmp_path, seconds=170
    )
    assert done.code == 0, done.err
    (manifest,) = done.lines()

    assert manifest["corpus_sha256"] == read_manifest(model_folder).corpus_sha256
    assert predictions(model_folder, tmp_path) == predictions(tmp_path / "again", tmp_path)


def test_evaluate_prints_figures_of_every_topic(
    model_folder: Path, corpus_slice: Path, tmp_path: Path
) -> None:
    """Per topic and language, calibration, confusions; what was learnt is known again."""
    file = corpus_slice / "articles/de.jsonl"

    tables = evaluate(file, model=model_folder, folder=tmp_path)
    (found,) = evaluate("--json", file, model=model_folder, folder=tmp_path).lines()

    assert (tables.code, told(tables.err)) == (0, "")
    assert all(
        word in tables.out
        for word in ("precision", "recall", "F1", "diplomacy by language", "calibration error")
    )
    assert found["articles"] == len(file.read_text("utf-8").splitlines())
    assert found["profile"] == "accurate"
    for topic in found["topics"]:
        f1 = topic["unweighted"]["clear"]["f1"]
        assert 0.7 < f1["value"] <= 1
        assert f1["low"] <= f1["value"] <= f1["high"]
        assert [group["language"] for group in topic["languages"]] == ["de"]
        assert len(topic["calibration"]["bins"]) == 10
        assert topic["weighted"] is None
    assert sum(pair["articles"] for pair in found["pairs"]) == found["articles"]


def test_evaluate_gives_the_same_figures_again(
    model_folder: Path, corpus_slice: Path, tmp_path: Path
) -> None:
    """Intervals come from chance with a fixed seed."""
    file = corpus_slice / "articles/en.jsonl"

    one, two = (evaluate("--json", file, model=model_folder, folder=tmp_path) for _ in range(2))

    assert one.code == 0
    assert one.out == two.out


def test_evaluate_shows_mistakes_weights_and_borderline(model_folder: Path, tmp_path: Path) -> None:
    """A label that is surely wrong is the worst mistake; where it is borderline, clear cases lack it."""
    line = {**ARTICLE, "id": "wrong", "labels": [], "borderline": [], "sample_weight": 3}
    disputed = {**line, "id": "disputed", "borderline": ["ukraine_war"], "sample_weight": 1}
    (tmp_path / "labelled.jsonl").write_text(f"{json.dumps(disputed)}\n{json.dumps(line)}", "utf-8")

    done = evaluate("--json", "--worst", "1", "labelled.jsonl", model=model_folder, folder=tmp_path)
    tables = evaluate("labelled.jsonl", model=model_folder, folder=tmp_path)

    (found,) = done.lines()
    war = found["topics"][2]
    (mistake,) = war["worst"]
    assert (mistake["id"], mistake["decision"], mistake["labelled"]) == ("wrong", "yes", False)
    assert mistake["title"] == ARTICLE["title"]
    assert mistake["words"]
    assert [war[kind]["all"]["articles"] for kind in ("unweighted", "weighted")] == [2, 2]
    assert [war[kind]["clear"]["articles"] for kind in ("unweighted", "weighted")] == [1, 1]
    assert "ukraine_war: worst mistakes" in tables.out
    assert "clear, weighted" in tables.out


def test_evaluate_measures_either_profile(
    model_folder: Path, corpus_slice: Path, tmp_path: Path
) -> None:
    """The fast one is a model of its own, and says so."""
    file = corpus_slice / "articles/de.jsonl"

    both = [
        evaluate("--json", "--profile", name, file, model=model_folder, folder=tmp_path).lines()[0]
        for name in ("accurate", "fast")
    ]

    assert [found["profile"] for found in both] == ["accurate", "fast"]
    assert both[0]["model"] == both[1]["model"]
    errors = [[topic["calibration"]["error"] for topic in found["topics"]] for found in both]
    assert errors[0] != errors[1]


def test_evaluate_draws_the_calibration(
    model_folder: Path, corpus_slice: Path, tmp_path: Path
) -> None:
    """A PNG beside the figures; that it was written is told apart from them."""
    file = corpus_slice / "articles/de.jsonl"

    done = evaluate(
        "--json", "--plot", "plot.png", file, model=model_folder, folder=tmp_path, seconds=120
    )

    assert (done.code, told(done.err)) == (0, "calibration drawn into plot.png\n")
    assert len(done.lines()) == 1
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        pytest.param('{"id":"1","text":"a","labels":["sports"]}', "sports", id="unknown label"),
        pytest.param('{"id":"1","text":"a"}', "bad.jsonl:1", id="no labels"),
        pytest.param('{"id":"1","text":" ","labels":[]}', "article 1", id="no text"),
        pytest.param(
            '{"id":"1","text":"a","labels":[],"sample_weight":-1}', "sample_weight", id="weight"
        ),
        pytest.param("", "no labelled articles", id="nothing"),
    ],
)
def test_evaluate_names_what_it_can_not_measure(
    model_folder: Path, tmp_path: Path, line: str, cause: str
) -> None:
    """A file that is not what it should be is wrong use; nothing is left out in silence."""
    (tmp_path / "bad.jsonl").write_text(line, "utf-8")

    done = evaluate("bad.jsonl", model=model_folder, folder=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert cause in done.err


@pytest.mark.parametrize(
    "option",
    [
        pytest.param(["--plot", "plot.svg"], id="not a PNG"),
        pytest.param(["--plot", "nowhere/plot.png"], id="no such folder"),
        pytest.param(["--profile", "quick"], id="no such profile"),
        pytest.param(["--worst", "-1"], id="fewer than none"),
    ],
)
def test_evaluate_refuses_wrong_options_at_once(
    model_folder: Path, corpus_slice: Path, tmp_path: Path, option: list[str]
) -> None:
    """Before anything is classified."""
    file = corpus_slice / "articles/de.jsonl"

    done = evaluate(*option, file, model=model_folder, folder=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert option[0] in done.err


def test_migrate_makes_the_tables_once(tmp_path: Path) -> None:
    """The first run tells what it did, the second that nothing was to do."""
    first = topicwire("migrate", folder=tmp_path)
    second = topicwire("migrate", folder=tmp_path)

    assert (first.code, second.code) == (0, 0)
    assert re.fullmatch(r"schema none → \w+\n", first.out)
    assert re.fullmatch(r"schema \w+\n", second.out)


def test_results_without_a_store_name_the_cure(tmp_path: Path) -> None:
    """A wrong folder is the likeliest reason; the option is named."""
    done = topicwire("results", folder=tmp_path)

    assert done.code == 2
    assert "--data-dir" in done.err
    assert not (tmp_path / "topicwire-data").exists()


def test_results_of_a_store_without_tables_name_the_command(tmp_path: Path) -> None:
    """A store that was never migrated is not simply broken."""
    (tmp_path / "topicwire-data").mkdir()
    (tmp_path / "topicwire-data" / "topicwire.db").touch()

    done = topicwire("results", folder=tmp_path)

    assert done.code == 1
    assert "topicwire migrate" in done.err


def test_results_of_an_empty_store_are_empty(tmp_path: Path) -> None:
    """Nothing found is no failure; programs get no line, people a word."""
    topicwire("migrate", folder=tmp_path)

    done = topicwire("results", folder=tmp_path)

    assert (done.code, done.out) == (0, "")
    assert "no article matches" in done.err


def test_results_of_an_unknown_topic_name_the_known_ones(tmp_path: Path) -> None:
    """A misspelt topic is wrong use; a topic without a yes is no failure."""
    fill_store(tmp_path, profile="accurate")

    unknown = topicwire("results", "--topic", "armstrade", folder=tmp_path)
    without = topicwire("results", "--topic", "ukraine_war", folder=tmp_path)

    assert (unknown.code, unknown.out) == (2, "")
    assert "'armstrade'; known: arms_trade, diplomacy, ukraine_war" in unknown.err
    assert (without.code, without.err) == (0, "no article matches\n")


def test_results_show_profile_and_passage_to_programs_only(tmp_path: Path) -> None:
    """JSON carries what decided; the table has no room for it."""
    fill_store(tmp_path, profile="accurate")

    (article,) = topicwire("results", "--json", folder=tmp_path).lines()
    shown = topicwire("results", folder=tmp_path)

    assert article["profile"] == "accurate"
    assert article["topics"][0]["passage"] == {"start": 0, "end": 7, "weight": 2.5}
    assert "accurate" not in shown.out


@pytest.mark.parametrize("verb", [["push", "-"], ["status"], ["fetch", "--once", "feed.xml"]])
def test_a_broker_that_is_away_is_named_with_the_cure(verb: list[str], tmp_path: Path) -> None:
    """Exit code 1, the address without its password, and what to start or set."""
    port = free_port()
    variables = {"TOPICWIRE_BROKER_URL": f"redis://user:hidden@127.0.0.1:{port}/0"}

    done = topicwire(*verb, folder=tmp_path, stdin=b'{"text": "a"}', variables=variables)

    assert (done.code, done.out) == (1, "")
    assert f"redis://127.0.0.1:{port}/0 does not answer" in done.err
    assert "topicwire up" in done.err
    assert "hidden" not in done.err


@pytest.mark.parametrize("verb", ["up", "push", "results", "status", "classify", "fetch", "sink"])
def test_an_unknown_variable_is_named_by_every_verb(verb: str, tmp_path: Path) -> None:
    """A misspelt setting never passes in silence."""
    file = ["-"] if verb in {"push", "classify"} else []

    done = topicwire(verb, *file, folder=tmp_path, variables={"TOPICWIRE_BATCH_ENTRYS": "5"})

    assert done.code == 2
    assert "TOPICWIRE_BATCH_ENTRYS is not a setting" in done.err
    assert "did you mean TOPICWIRE_BATCH_ENTRIES?" in done.err


def test_up_names_a_wrong_setting_of_a_service_before_it_starts_anything(tmp_path: Path) -> None:
    """A misspelt setting of the sink is found before broker, training or ports."""
    done = topicwire("up", folder=tmp_path, variables={"TOPICWIRE_SINK_PROT": "5"})

    assert done.code == 2
    assert "TOPICWIRE_SINK_PROT is not a setting" in done.err
    assert not (tmp_path / "topicwire-data").exists()


def test_a_door_beyond_loopback_without_a_token_is_refused(tmp_path: Path) -> None:
    """Opening the push door to others by mistake is impossible; the cure is named."""
    done = topicwire("fetch", folder=tmp_path, variables={"TOPICWIRE_FETCH_HOST": "0.0.0.0"})

    assert done.code == 2
    assert "TOPICWIRE_FETCH_PUSH_TOKEN_FILE" in done.err


def test_an_environment_file_names_the_data_folder(tmp_path: Path) -> None:
    """TOPICWIRE_DATA_DIR in the file counts for verbs as it does for services."""
    topicwire("migrate", "--data-dir", "elsewhere", folder=tmp_path)
    (tmp_path / "settings.env").write_text("TOPICWIRE_DATA_DIR=elsewhere\n", "utf-8")

    done = topicwire("results", folder=tmp_path, variables={"TOPICWIRE_ENV_FILE": "settings.env"})

    assert (done.code, done.err) == (0, "no article matches\n")


def fill_store(folder: Path, profile: str) -> None:
    """Make a store in the default data folder with one article in it."""
    store = SqlStore(f"sqlite:///{folder / 'topicwire-data' / 'topicwire.db'}", HeldClock())
    migrate(store.engine)
    store.save([labelled(raw("Text.", title="Title"), profile=profile)])
    store.close()


def classify(*arguments: str, model: Path, folder: Path, stdin: bytes = b""):  # noqa: ANN201
    """Run `topicwire classify` with a model."""
    variables = {"TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model)}
    return topicwire("classify", *arguments, folder=folder, stdin=stdin, variables=variables)


def evaluate(*arguments: str | Path, model: Path, folder: Path, seconds: float = 60):  # noqa: ANN201
    """Run `topicwire evaluate` with a model."""
    variables = {"TOPICWIRE_CLASSIFIER_MODEL_DIR": str(model)}
    return topicwire("evaluate", *arguments, folder=folder, variables=variables, seconds=seconds)


def predictions(model: Path, folder: Path) -> str:
    """Return what a model says of a part of the corpus, without what depends on the clock."""
    lines = (ROOT / "corpus" / "articles" / "uk.jsonl").read_text("utf-8").splitlines()[:20]
    lines += (ROOT / "corpus" / "articles" / "de.jsonl").read_text("utf-8").splitlines()[:40]
    articles = "\n".join(
        json.dumps({k: json.loads(line)[k] for k in ("title", "text")}) for line in lines
    )
    done = classify("--json", "-", model=model, folder=folder, stdin=articles.encode())
    assert done.code == 0, done.err
    return json.dumps([article["topics"] for article in done.lines()])


def test_a_frozen_broker_is_told_within_seconds(valkey: BrokerServer, tmp_path: Path) -> None:
    """One that takes connections and never answers keeps nobody waiting for a minute."""
    valkey.freeze()
    begun = time.monotonic()

    done = topicwire("status", folder=tmp_path, variables={"TOPICWIRE_BROKER_URL": valkey.url})

    assert done.code == 1
    assert f"{valkey.url} does not answer (silent)" in done.err
    assert time.monotonic() - begun < 20
