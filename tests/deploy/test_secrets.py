"""deploy/make-secrets.sh: makes what compose needs, once, and never a second time."""

import stat
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy/make-secrets.sh"


def _make(folder: Path) -> str:
    done = subprocess.run([SCRIPT, folder], capture_output=True, text=True, check=True)
    return done.stdout


def test_makes_every_secret_compose_names(tmp_path: Path) -> None:
    """After it, `docker compose up` misses no file."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    _make(tmp_path / "secrets")

    assert {path.name for path in (tmp_path / "secrets").iterdir()} == compose["secrets"].keys()


def test_secrets_are_long_and_different(tmp_path: Path) -> None:
    """Each has 256 random bits, as 64 hexadecimal digits without a line's end."""
    _make(tmp_path)

    found = [path.read_text() for path in tmp_path.iterdir()]

    assert len(found) == len(set(found))
    assert all(len(text) == 64 and int(text, 16) for text in found)


def test_folder_is_closed_to_others(tmp_path: Path) -> None:
    """Other users of the machine can't reach the files, whose own bits let containers read."""
    _make(tmp_path / "secrets")

    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "secrets").iterdir()} == {0o444}


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    """A database made with a password must not find another one later."""
    _make(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}

    output = _make(tmp_path)

    assert output == ""
    assert before == {path.name: path.read_text() for path in tmp_path.iterdir()}


def test_secrets_are_never_committed() -> None:
    """Git ignores the folder, and holds no file of it."""
    done = subprocess.run(
        ["git", "check-ignore", "--quiet", "deploy/secrets/push_token"], cwd=ROOT, check=False
    )

    assert done.returncode == 0
