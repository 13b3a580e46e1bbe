"""Documents keep their word: links lead somewhere, commands and names exist, schemas are valid."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from docs import generate
from services.cli import main
from tests.support.checkout import files
from tests.support.services import ROOT

PAGES = [pytest.param(path, id=path) for path in files() if path.endswith(".md")]
SCHEMAS = sorted((ROOT / "docs/schemas").glob("*.json"))
GOLDEN = sorted((ROOT / "tests/messages").glob("*.json"))


def test_generated_documents_are_fresh() -> None:
    """What `make docs` would write is what lies there."""
    stale = [
        path.name
        for path, text in generate.documents(check=True).items()
        if not path.exists() or path.read_text("utf-8") != text
    ]

    assert stale == []


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_to_something(path: str) -> None:
    """Each relative link names a file that is kept here, and a heading that it has."""
    page, kept = ROOT / path, {str((ROOT / name).resolve()) for name in files()}
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        goal = (page.parent / target).resolve() if target else page.resolve()
        is_kept = str(goal) in kept or any(name.startswith(f"{goal}/") for name in kept)
        if not is_kept or (anchor and anchor not in _anchors(goal)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("path", PAGES)
def test_commands_exist(path: str) -> None:
    """Each `make VERB` and `topicwire VERB --option` that a page shows is there."""
    code = _code(ROOT / path)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    wrong = [verb for verb in re.findall(r"\bmake ([a-z-]+)", code) if verb not in targets]
    for verb, rest in re.findall(r"(?:bin/|(?<![\w./-]))topicwire ([a-z]+)\b([^\n|&#;`(]*)", code):
        command, options = _command(verb, rest)
        wrong += [verb] if command is None else _unknown_options(command, options)

    assert wrong == []


@pytest.mark.parametrize("path", PAGES)
def test_names_of_settings_and_metrics_exist(path: str) -> None:
    """What a page calls a variable or a metric is one of this release."""
    known = "".join(
        (ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("settings", "metrics")
    )
    variables = set(re.findall(r"TOPICWIRE_[A-Z0-9_]+", known))
    metrics = set(re.findall(r"topicwire_[a-z0-9_]+", known))
    code = _code(ROOT / path)
    named = {
        name for name in re.findall(r"TOPICWIRE_[A-Z0-9_]+[A-Z0-9]", code)
        if not name.startswith(("TOPICWIRE_TEST_", "TOPICWIRE_FAULTS_"))
        and name not in {"TOPICWIRE_ENV_FILE", "TOPICWIRE_VERSION"}
    }  # fmt: skip
    base = re.compile(r"_(bucket|count|sum)$")
    measured = {base.sub("", name) for name in re.findall(r"\btopicwire_[a-z0-9_]+[a-z0-9]", code)}

    assert {name for name in named if name.removesuffix("_FILE") not in variables} == set()
    assert measured - metrics == set()


def test_readme_names_the_two_commands_first() -> None:
    """A newcomer finds `make run` and `make test` before anything else that can be typed."""
    commands = re.findall(r"^    (make \w+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)

    assert commands[:2] == ["make run", "make test"]


def test_the_changelog_knows_this_version() -> None:
    """The version that is built has its entry, or the changes wait under Unreleased."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = re.findall(
        r"^## \[?([\w.]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )

    assert {version, "Unreleased"} & set(headings)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_schemas_are_valid(path: Path) -> None:
    """Each published schema is itself valid JSON Schema."""
    schema = json.loads(path.read_text("utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_messages_fit_their_schema(path: Path) -> None:
    """What any release wrote is valid under the schema a third party reads; without text nothing is."""
    name, version = path.stem.split("-")[:2]
    schema = json.loads((ROOT / f"docs/schemas/{name}.v{version}.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)

    validator.validate(json.loads(path.read_text("utf-8")))
    assert not validator.is_valid({})


def test_asyncapi_holds_together() -> None:
    """Version 3.0: every reference leads to something, every operation to a channel with messages."""
    document = yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text("utf-8"))

    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    assert [ref for ref in _references(document) if not _found(document, ref)] == []
    for operation in document["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert _found(document, operation["channel"]["$ref"])["messages"]
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_licence_may_be_combined_with_ours() -> None:
    """What the page records and what is installed here are both on the list."""
    recorded = generate.recorded_licences()
    installed = {name: generate.installed_licence(name) for name in generate.locked()}

    assert recorded.keys() == generate.locked()
    assert {k: v for k, v in recorded.items() if not generate.is_allowed(v)} == {}
    assert {k: v for k, v in installed.items() if v and not generate.is_allowed(v)} == {}


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("BSD License, MIT License", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-only", False),
        ("MIT License, GNU General Public License v3 (GPLv3)", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_licences_are_judged_by_all_their_terms(licence: str, allowed: bool) -> None:
    """One forbidden part of an AND is enough; one allowed part of an OR is, too."""
    assert generate.is_allowed(licence) is allowed


def _code(page: Path) -> str:
    """Return what a page shows as code: indented blocks, fences, and words in backticks."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"^(?: {4}|\t)(.*)$", text, re.MULTILINE)
    fences = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *fences, *re.findall(r"`([^`\n]+)`", text)])


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def _command(verb: str, rest: str) -> tuple[click.Command | None, str]:
    """Return the command that `verb` names, or the one of its group that `rest` begins with."""
    command = main.commands.get(verb)
    first, _, after = rest.strip().partition(" ")
    if isinstance(command, click.Group) and re.fullmatch(r"[a-z]+", first):
        return command.commands.get(first), after
    return command, rest


def _unknown_options(command: click.Command, typed: str) -> list[str]:
    known = {name for option in command.params for name in option.opts} | {"--help"}
    return [
        f"{command.name} {name}" for name in re.findall(r"--[a-z-]+", typed) if name not in known
    ]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _found(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document.get(part) if isinstance(document, dict) else None
    return document
