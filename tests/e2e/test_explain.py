"""`topicwire classify` explains: the real command on the quick model."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import COMMAND, Ended, environment, topicwire

TEXT = (
    "Lesezeit: 3 Minuten\n"
    "Der Bundestag hat die Lieferung von Panzern und Munition an die Ukraine beschlossen. "
    "Kiew verteidigt sich gegen den russischen Angriff.\n"
    "Das Wetter in Berlin war am Abend sonnig."
)
ARTICLE = {"title": "Panzer für Kiew", "text": TEXT}


def classify(
    *arguments: str, model: Path, folder: Path, articles: list[dict[str, str]], **variables: str
) -> Ended:
    """Run `topicwire classify` on articles from standard input."""
    lines = "\n".join(map(json.dumps, articles)).encode()
    variables["TOPICWIRE_CLASSIFIER_MODEL_DIR"] = str(model)
    return topicwire("classify", *arguments, "-", folder=folder, stdin=lines, variables=variables)


def explained(*arguments: str, model: Path, folder: Path) -> dict[str, Any]:
    """Return the JSON of the one article with what was asked for."""
    done = classify("--json", *arguments, model=model, folder=folder, articles=[ARTICLE])
    assert (done.code, done.err) == (0, "")
    (article,) = done.lines()
    return article


def test_one_article_is_explained_unasked(model_folder: Path, tmp_path: Path) -> None:
    """Furniture, thresholds, and for each topic that is no no its words, sentence and passage."""
    done = classify(model=model_folder, folder=tmp_path, articles=[ARTICLE])

    assert (done.code, done.err) == (0, "")
    assert "page furniture taken out: 1 (reading_time 1)" in done.out
    assert "yes from" in done.out
    war = done.out.partition("ukraine_war: yes")[2]
    assert all(f"\n  {name} " in war for name in ("words", "text", "sentence", "passage"))
    assert "**" in war
    assert "nearest in the corpus: " in war
    assert "\x1b" not in done.out


def test_many_articles_are_explained_only_when_asked(model_folder: Path, tmp_path: Path) -> None:
    """A table; with the option each article by itself."""
    two = [ARTICLE, {**ARTICLE, "title": "Noch einmal"}]

    table = classify(model=model_folder, folder=tmp_path, articles=two)
    brief = classify("--explain", "brief", model=model_folder, folder=tmp_path, articles=two)

    assert (table.code, brief.code) == (0, 0)
    assert "yes from" not in table.out
    assert brief.out.count("yes from") == brief.out.count("nearest in the corpus") == 2


def test_every_topic_is_explained_when_all_is_asked_for(model_folder: Path, tmp_path: Path) -> None:
    """Also a no; and the excerpt is shown to its last sentence."""
    article = {"title": "Sonne", "text": "Das Wetter in Berlin war am Abend sonnig. " * 3}

    brief = classify(model=model_folder, folder=tmp_path, articles=[article])
    whole = classify("--explain", "all", model=model_folder, folder=tmp_path, articles=[article])

    topics = ("arms_trade: ", "diplomacy: ", "ukraine_war: ")
    assert not any(topic in brief.out for topic in topics)
    assert all(topic in whole.out for topic in topics)


def test_json_carries_the_explanation_when_asked(model_folder: Path, tmp_path: Path) -> None:
    """Sentences quote the clean text by offset, and the score really falls without them."""
    plain = explained(model=model_folder, folder=tmp_path)
    found = explained("--explain", "all", model=model_folder, folder=tmp_path)

    assert "explanation" not in plain
    assert [topic["topic"] for topic in found["explanation"]["topics"]] == [
        topic["topic"] for topic in plain["topics"]
    ]
    document = ARTICLE["title"] + "\n" + TEXT.partition("\n")[2]
    sentences = [topic["sentence"] for topic in found["explanation"]["topics"]]
    assert any(sentences)
    for label, sentence in zip(found["topics"], sentences, strict=True):
        if sentence:
            assert document[sentence["start"] : sentence["end"]] == sentence["text"]
            assert sentence["weight"] > 0
            assert sentence["probability_without"] <= label["probability"] + 0.0001
    near = found["explanation"]["nearest"]
    assert len(near) == 3
    assert sorted((item["similarity"] for item in near), reverse=True) == [
        item["similarity"] for item in near
    ]


@pytest.mark.parametrize(
    ("option", "setting", "profile"),
    [
        pytest.param([], {}, "accurate", id="default"),
        pytest.param(["--profile", "fast"], {}, "fast", id="option"),
        pytest.param([], {"TOPICWIRE_CLASSIFIER_PROFILE": "fast"}, "fast", id="setting"),
        pytest.param(
            ["--profile", "accurate"], {"TOPICWIRE_CLASSIFIER_PROFILE": "fast"}, "accurate",
            id="the option wins",
        ),
    ],
)  # fmt: skip
def test_the_profile_is_that_of_option_or_setting(
    model_folder: Path, tmp_path: Path, option: list[str], setting: dict[str, str], profile: str
) -> None:
    """The fast one has no passages and no neighbours; everything else it has, too."""
    done = classify(
        "--json", "--explain", "brief", *option,
        model=model_folder, folder=tmp_path, articles=[ARTICLE], **setting,
    )  # fmt: skip

    (article,) = done.lines()
    assert article["profile"] == profile
    assert any("passage" in topic for topic in article["topics"]) is (profile == "accurate")
    assert bool(article["explanation"]["nearest"]) is (profile == "accurate")
    assert article["explanation"]["topics"]


@pytest.mark.parametrize("forced", [{}, {"FORCE_COLOR": "1", "TERM": "xterm-256color"}])
def test_a_hostile_article_steers_no_terminal(
    model_folder: Path, tmp_path: Path, forced: dict[str, str]
) -> None:
    """Of its own escapes and overrides none comes through, with colours or without."""
    bad = "\x1b]0;owned\x07\x1b[2J\x9b5m\u202e"
    article = {"title": f"{bad}Panzer", "text": f"Die Panzer{bad} kommen.{bad}\r\n{TEXT}"}

    done = classify(
        "--explain", "all", model=model_folder, folder=tmp_path, articles=[article], **forced
    )

    assert done.code == 0
    assert r"\u202e" in done.out
    assert not {"\x07", "\x9b", "\u202e", "\r"} & set(done.out)
    assert "\x1b]" not in done.out
    assert "\x1b[2J" not in done.out
    assert ("\x1b[" in done.out) is bool(forced)


def test_texts_of_any_kind_are_explained(model_folder: Path, tmp_path: Path) -> None:
    """One word, no sentence end, right-to-left, emoji, one endless word: no error, one each."""
    texts = [
        "x",
        "Panzer " * 3_000,
        "وصلت الدبابات إلى كييف. " * 20,
        "🚀" * 100,
        "a" * 50_000,
        "a. " * 9_000,
    ]
    articles = [{"text": text} for text in texts]

    done = classify("--explain", "all", model=model_folder, folder=tmp_path, articles=articles)

    assert (done.code, done.err) == (0, "")
    assert done.out.count("yes from") == len(texts)


@pytest.mark.parametrize("explain", ["none", "brief"])
def test_a_reader_who_has_seen_enough_ends_it_well(
    model_folder: Path, tmp_path: Path, explain: str
) -> None:
    """`topicwire classify … | head` is no failure, and no traceback."""
    (tmp_path / "many.jsonl").write_text(f"{json.dumps(ARTICLE)}\n" * 600, "utf-8")
    process = subprocess.Popen(
        [COMMAND, "classify", "--profile", "fast", "--explain", explain, "many.jsonl"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(TOPICWIRE_CLASSIFIER_MODEL_DIR=str(model_folder)),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()

    assert process.wait(60) == 0
    assert process.stderr is not None
    with process.stderr as err:
        assert err.read() == b""


def test_an_unknown_way_to_explain_is_wrong_use(tmp_path: Path) -> None:
    """Before a model is loaded."""
    done = topicwire("classify", "--explain", "much", "-", folder=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert "--explain" in done.err
