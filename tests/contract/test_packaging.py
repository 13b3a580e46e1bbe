"""What is shipped: the wheel works far from the checkout, names have one owner, locks name no host."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.checkout import files
from tests.support.services import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
HEAVY = {"sklearn", "faststream", "pydantic", "sqlalchemy", "aiohttp", "redis", "numpy", "msgspec"}
# What an error, a note or a document must never show: folders of whoever built this.
MACHINE_PATH = re.compile(r"(?:^|[^\w.])/(?:work|farm|root|home/[a-z])/", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Installed:
    """A virtual environment with the wheel, and a folder that is not the checkout."""

    python: Path
    wheel: Path
    folder: Path

    def run(self, *arguments: str | Path, code: int = 0, **variables: str) -> str:
        """Run `topicwire` there; return what it printed."""
        command = [str(self.python.with_name("topicwire")), *map(str, arguments)]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TOPICWIRE_", "PYTHON"))}
        done = subprocess.run(
            command, cwd=self.folder, env={**clean, **variables}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    def python_says(self, code: str) -> str:
        """Return what a line of Python prints there."""
        done = subprocess.run(
            [self.python, "-c", code], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return the wheel built from the files git knows, installed beside our dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in files():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "source" / name)
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, "source",
         cwd=folder)  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    _run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    python = folder / "venv/bin/python"
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
         "--no-index", wheel)  # fmt: skip
    (own,) = (folder / "venv/lib").glob("python3*/site-packages")
    dependencies = Path(pytest.__file__).parents[1]
    (own / "dependencies.pth").write_text(f"{dependencies}\n")
    (folder / "elsewhere").mkdir()
    return Installed(python, wheel, folder / "elsewhere")


def test_the_wheel_holds_our_packages_and_no_others(installed: Installed) -> None:
    """Code, migrations, samples and corpus are in it; tests, settings and data are not."""
    names = zipfile.ZipFile(installed.wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert tops == {
        "services", "shared", f"topicwire-{version}.data", f"topicwire-{version}.dist-info",
    }  # fmt: skip
    code = {name for name in files() if re.match(r"(services|shared)/.*\.(py|mako|jsonl)$", name)}
    assert code - set(names) == set()
    assert any(name.endswith("LICENSE") for name in names)


def test_the_wheels_command_runs_in_another_folder(
    installed: Installed, model_folder: Path
) -> None:
    """Help, classification, tables: the code, the corpus and the samples come from the wheel."""
    (installed.folder / "article.txt").write_text("Panzer\n\nDie Armee bestellt Panzer.", "utf-8")

    origin = installed.python_says("import services, shared; print(services.__path__[0])")
    assert Path(origin).is_relative_to(installed.python.parents[1])
    assert "topicwire classify" in installed.run("classify", "--help")
    assert installed.run("migrate").startswith("schema none → ")
    answer = installed.run(
        "classify", "--json", "article.txt", TOPICWIRE_CLASSIFIER_MODEL_DIR=str(model_folder)
    )
    assert len(json.loads(answer)["topics"]) == 3


def test_the_wheel_trains_from_the_corpus_it_brought(installed: Installed) -> None:
    """`topicwire train` needs no checkout: every article came along."""
    told = installed.python_says(
        "from services.classifier.training.corpus import default_folder, read_folder\n"
        "print(len(read_folder(default_folder())), default_folder())"
    )
    number, _, folder = told.partition(" ")

    assert Path(folder).is_relative_to(installed.python.parents[1])
    assert int(number) == sum(
        len((ROOT / name).read_text("utf-8").splitlines())
        for name in files()
        if re.match(r"corpus/articles/.*\.jsonl$", name)
    )


def test_the_wheel_brings_the_samples(installed: Installed) -> None:
    """What `topicwire up --samples` sends is inside."""
    told = installed.python_says(
        "from importlib.resources import files\n"
        "print(len(files('services.local').joinpath('samples.jsonl').read_text('utf-8').splitlines()))"
    )

    assert int(told) >= 6


@pytest.mark.parametrize("package", ["services", "shared"])
def test_each_package_has_one_owner(package: str) -> None:
    """Our import names are common words: no other installed distribution may bring them, too."""
    assert packages_distributions()[package] == ["topicwire"]


@pytest.mark.parametrize("module", ["services.cli", "services.console"])
def test_what_every_verb_needs_at_once_is_light(module: str) -> None:
    """`topicwire --help` and tables load none of the libraries that take a second."""
    assert _loaded(module) & HEAVY <= ({"msgspec"} if module == "services.console" else set())


@pytest.mark.parametrize(
    "module",
    ["services.fetch.app", "services.sink.app", "services.showing", "services.status",
     "services.pushing", "services.sink.query", "services.local.up"],
)  # fmt: skip
def test_what_learns_nothing_imports_no_learning(module: str) -> None:
    """Doors, sink, `results`, `status`, `push` and `up` come without scikit-learn and SciPy."""
    assert _loaded(module) & {"sklearn", "scipy", "joblib"} == set()


def test_the_running_classifier_imports_no_training() -> None:
    """Import contracts see modules; this sees what is really loaded."""
    code = (
        "import services.classifier.app, sys; print(*[m for m in sys.modules if 'training' in m])"
    )
    done = _run(sys.executable, "-c", code, cwd=ROOT)

    assert [name for name in done.split() if name.startswith("services.")] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_name_no_registry_and_pin_by_hash(lock: Path) -> None:
    """No address of an index is committed; every distribution has one version per Python and hashes."""
    text = lock.read_text("utf-8")
    pins = re.findall(r"^([a-z0-9.\[\]-]+)==\S+.*\\\n((?: {4}--hash=sha256:[0-9a-f]{64}.*\n)*)", text, re.MULTILINE)  # fmt: skip
    named = re.findall(r"^[a-zA-Z][^\s=<>;@]*", text, re.MULTILINE)

    assert re.findall(r"://|^-+[a-z]|\bpypi\b|\.(?:org|com|net)\b", text, re.MULTILINE) == []
    assert [name for name, _ in pins] == named
    assert [name for name, hashes in pins if not hashes] == []


def test_locks_hold_every_dependency_we_name() -> None:
    """`make lock` was run after the last change of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {
        "run.txt": [
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["local"],
            *project["dependency-groups"]["build"],
        ],
        "image.txt": project["project"]["optional-dependencies"]["postgres"],
        "dev.txt": project["dependency-groups"]["dev"],
    }
    for lock, names in needed.items():
        locked = set(re.findall(r"^([a-z0-9.-]+)", (ROOT / "requirements" / lock).read_text("utf-8"), re.MULTILINE))  # fmt: skip
        wanted = {re.split(r"[\[=<>~! ;]", name)[0].lower().replace("_", "-") for name in names}
        assert wanted - locked == set(), lock


def test_locks_agree_on_versions() -> None:
    """What is tested (dev.txt) is what runs (run.txt) and what is in the image (image.txt)."""
    versions: dict[str, set[tuple[str, ...]]] = {}
    for lock in ("run.txt", "image.txt", "dev.txt"):
        found: dict[str, list[str]] = {}
        text = (ROOT / "requirements" / lock).read_text("utf-8")
        for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE):
            found.setdefault(name, []).append(version)
        for name, several in found.items():
            versions.setdefault(name, set()).add(tuple(several))

    assert {name for name, several in versions.items() if len(several) > 1} == set()


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    """Paths in code and documents are relative, or made up."""
    found = [
        name for name in files()
        if not name.startswith("corpus/articles/")
        and MACHINE_PATH.search((ROOT / name).read_text("utf-8", errors="replace"))
    ]  # fmt: skip

    assert found == []


def _loaded(module: str) -> set[str]:
    done = _run(sys.executable, "-c", f"import {module}, sys; print(*sys.modules)", cwd=ROOT)
    return {name.split(".")[0] for name in done.split()}


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
