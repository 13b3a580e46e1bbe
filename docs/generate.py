"""Write the generated documents, or check that they are fresh.

    python docs/generate.py            writes docs/schemas/*, docs/asyncapi.yaml, docs/metrics.md,
                                       docs/settings.md, docs/licences.md
    python docs/generate.py --check    exit code 1 and the names of those that are stale

AsyncAPI is made from the messages and the map of streams: FastStream can't see the atomic publish.
"""

import json
import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import msgspec
import yaml
from pydantic.fields import FieldInfo

from services.classifier.metrics import CLASSIFIER_METRICS
from services.classifier.settings import ClassifierSettings
from services.fetch.metrics import FETCH_METRICS
from services.fetch.settings import FetchSettings
from services.local.settings import UpSettings
from services.sink.metrics import SINK_METRICS
from services.sink.settings import SinkSettings
from shared.messages import DeadLetter, LabelledArticle, RawArticle
from shared.metrics import DELIVERY_METRICS, SERVICE_METRICS, Metric
from shared.settings import PREFIX, CommonSettings
from shared.streams import CLASSIFIER_GROUP, SINK_GROUP, StreamMap

DOCS = Path(__file__).parent
MESSAGES: Mapping[str, type[msgspec.Struct]] = {
    "raw_article": RawArticle,
    "labelled_article": LabelledArticle,
    "dead_letter": DeadLetter,
}
REQUIREMENTS = DOCS.parent / "requirements"
LICENCES = DOCS / "licences.md"
# What is installed for people who run topicwire; the tools for tests are not passed on.
LOCKS = ("run.txt", "image.txt")
# Licences that may be combined with Apache-2.0: the Apache Software Foundation's "category A"
# (apache.org/legal/resolved.html), and weak copyleft that is used unmodified (LGPL, MPL).
ALLOWED_LICENCES = frozenset(
    ["Apache-2.0", "Apache Software License", "MIT", "MIT License", "MIT-0", "BSD License",
     "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "CC0-1.0", "Unlicense", "PSF-2.0",
     "Python Software Foundation License", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0"]
)  # fmt: skip


def documents(*, check: bool = False) -> dict[Path, str]:
    """Return every generated document by its path; to be written, or to be checked against."""
    made = {
        DOCS / "schemas" / f"{name}.v1.json": json.dumps(json_schema(kind), indent=2) + "\n"
        for name, kind in MESSAGES.items()
    }
    made[DOCS / "asyncapi.yaml"] = asyncapi()
    made[DOCS / "metrics.md"] = metrics_page()
    made[DOCS / "settings.md"] = settings_page()
    made[LICENCES] = licences_page(licences(check=check))
    return made


def json_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a message."""
    schema = msgspec.json.schema(kind)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def asyncapi() -> str:
    """Return AsyncAPI 3.0: who sends what to which stream, and who receives it."""
    streams = StreamMap()
    _, components = msgspec.json.schema_components(
        MESSAGES.values(), ref_template="#/components/schemas/{name}"
    )
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Topicwire",
            "version": "1",
            "license": {"name": "Apache-2.0"},
            "description": "Redis streams. Every entry has one field `data` with the message as "
            "JSON; a dead letter has `topicwire.dead`, then the failed entry's own fields. Other "
            "shapes taken on the raw stream: docs/messages.md.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "raw": _channel(streams.raw, "RawArticle", "Articles as they came through a door."),
            "labelled": _channel(streams.labelled, "LabelledArticle", "Articles with topics."),
            "dead": _channel(streams.dead, "DeadLetter", "Entries given up, with the reason."),
        },
        "operations": {
            "fetchSendsRaw": _operation("send", "raw", "fetch and upstream systems"),
            "classifierReceivesRaw": _operation("receive", "raw", f"group {CLASSIFIER_GROUP}"),
            "classifierSendsLabelled": _operation(
                "send", "labelled", "in one atomic step with the acknowledgement of the raw entry"
            ),
            "sinkReceivesLabelled": _operation("receive", "labelled", f"group {SINK_GROUP}"),
            "stagesSendDead": _operation(
                "send", "dead", "in one atomic step with the acknowledgement of the failed entry"
            ),
        },
        "components": {
            "schemas": components,
            "messages": {
                name: {"name": name, "payload": {"$ref": f"#/components/schemas/{name}"}}
                for name in ("RawArticle", "LabelledArticle", "DeadLetter")
            },
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def metrics_page() -> str:
    """Return docs/metrics.md: every metric, what it means, what to do."""
    lines = [
        "# Metrics",
        "",
        "Generated by `make docs` from the declarations in the code. Labels come from closed sets.",
        "",
    ]
    parts: dict[str, tuple[Metric, ...]] = {
        "All services": SERVICE_METRICS,
        "Delivery (classifier and sink)": DELIVERY_METRICS,
        "Fetch": FETCH_METRICS,
        "Classifier": CLASSIFIER_METRICS,
        "Sink": SINK_METRICS,
    }
    for title, metrics in parts.items():
        lines += [f"## {title}", "", "| metric | type | labels | meaning | when it is wrong |",
                  "|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| `{m.name}` | {m.kind} | {', '.join(m.labels)} | {m.help} | {m.action} |"
            for m in metrics
        ]
        lines.append("")
    return "\n".join(lines)


def settings_page() -> str:
    """Return docs/settings.md: every variable, its default, its meaning."""
    lines = [
        "# Settings",
        "",
        "Generated by `make docs`. Every setting is a variable; `NAME_FILE` reads it from a file",
        "(for secrets), `TOPICWIRE_ENV_FILE` names a file of `NAME=value` lines. An unknown or",
        "wrong variable stops the start and is named.",
        "",
    ]
    common = CommonSettings.model_fields
    parts = {"All services": common}
    for title, kind in (
        ("Fetch", FetchSettings),
        ("Classifier", ClassifierSettings),
        ("Sink", SinkSettings),
        ("Local system (`topicwire up`)", UpSettings),
    ):
        parts[title] = {k: v for k, v in kind.model_fields.items() if k not in common}
    for title, fields in parts.items():
        lines += [f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
        lines += [_setting(name, field) for name, field in fields.items()]
        lines.append("")
    return "\n".join(lines)


def licences_page(known: Mapping[str, str]) -> str:
    """Return docs/licences.md: what the locks install with topicwire, and under which licence."""
    lines = [
        "# Licences of dependencies",
        "",
        "Generated by `make docs` from the locked requirements (requirements/run.txt and image.txt);",
        "`make test` fails on a licence that may not be combined with Apache-2.0.",
        "",
        "| distribution | licence |",
        "|---|---|",
    ]
    lines += [f"| {name} | {licence} |" for name, licence in known.items()]
    return "\n".join([*lines, ""])


def licences(*, check: bool = False) -> dict[str, str]:
    """Return the licence of every locked distribution, by name, in order.

    What is not installed under this Python keeps what the page says. For a check all do, so that
    the page is not stale under another Python: each licence found is then judged, not compared.
    """
    recorded = recorded_licences()
    installed = {name: found for name in locked() if (found := installed_licence(name))}
    known = {**installed, **recorded} if check else {**recorded, **installed}
    return {name: known.get(name, "unknown") for name in sorted(locked())}


def recorded_licences() -> dict[str, str]:
    """Return what docs/licences.md says."""
    lines = LICENCES.read_text(encoding="utf-8").splitlines() if LICENCES.exists() else []
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {row[0]: row[1] for row in rows[1:]}


def locked() -> set[str]:
    """Return the names of all distributions the locks install, whatever Python or platform."""
    text = "".join((REQUIREMENTS / name).read_text(encoding="utf-8") for name in LOCKS)
    return set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))


def is_allowed(licence: str) -> bool:
    """Return whether an SPDX expression (AND, OR) or a list of classifiers may be combined."""
    terms = re.split(r" AND |, ", licence.strip("()"))
    return all(any(part.strip("() ") in ALLOWED_LICENCES for part in term.split(" OR "))
               for term in terms)  # fmt: skip


def installed_licence(name: str) -> str | None:
    """Return the licence an installed distribution states, None if it is not installed."""
    try:
        meta: Any = metadata(name)
    except PackageNotFoundError:
        return None
    classifiers = [c.rpartition(" :: ")[2] for c in meta.get_all("Classifier") or []
                   if c.startswith("License :: ")]  # fmt: skip
    text = meta["License-Expression"] or ", ".join(classifiers) or meta["License"] or "unknown"
    return str(text).strip().splitlines()[0][:80]


def _setting(name: str, field: FieldInfo) -> str:
    default = field.default
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    shown = "" if default in (None, ()) else f"`{default}`"
    return f"| `{PREFIX}{name.upper()}` | {shown} | {field.description or ''} |"


def _channel(address: str, message: str, text: str) -> dict[str, Any]:
    return {
        "address": address,
        "description": text,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operation(action: str, channel: str, text: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "description": text,
    }


def main() -> int:
    """Write or check; return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = []
    for path, text in documents(check=check).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    verb = "stale, run `make docs`" if check else "written"
    for path in stale:
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}: {verb}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
