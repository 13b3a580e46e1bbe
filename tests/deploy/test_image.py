"""The image: no root in it, nothing of the checkout that does not belong there."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
HEALTH = ROOT / "deploy/healthcheck.py"


def _instructions(kind: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    lines = [line.split(" ", 1) for line in joined.splitlines() if line and line[0].isupper()]
    return [rest.strip() for name, rest in lines if name == kind]


class _Page(http.server.BaseHTTPRequestHandler):
    """Answers like a service's /healthz, with the server's `status`."""

    def do_GET(self) -> None:
        self.send_response(self.server.status if self.path == "/healthz" else 404)  # type: ignore[attr-defined]
        self.end_headers()
        self.wfile.write(b'{"ok": "?"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[http.server.HTTPServer]:
    """Yield a page whose `status` the test sets."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _ask(port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(HEALTH), str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_runs_as_the_user_compose_names() -> None:
    """The last USER is a number other than 0, so that Kubernetes can check it, too."""
    assert _instructions("USER") == ["10001:10001"]


def test_installs_only_what_the_lock_file_names() -> None:
    """Every package from an index is checked by hash, and none is built from source."""
    (install,) = [line for line in _instructions("RUN") if "-r requirements/image.txt" in line]

    assert "--require-hashes" in install
    assert "--only-binary :all:" in install


def test_both_stages_share_one_base() -> None:
    """The virtual environment points into the base's Python, so both must be the same."""
    bases = {line.partition(" AS ")[0] for line in _instructions("FROM")}

    assert bases == {"${PYTHON_IMAGE}"}


def test_model_lies_where_the_image_says() -> None:
    """The folder trained into is the folder the classifier loads."""
    (environment,) = [line for line in _instructions("ENV") if "MODEL_DIR" in line]

    assert "TOPICWIRE_CLASSIFIER_MODEL_DIR=/opt/topicwire/model" in environment
    assert "--out /opt/topicwire/model" in DOCKERFILE


def test_build_context_is_a_list_of_what_may_enter() -> None:
    """All is shut out but what is named; secrets and data are not named."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    named = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]

    assert rules[0] == "*"
    assert "deploy" not in named
    assert not any("secrets" in name for name in named)
    assert all((ROOT / name).exists() for name in named)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_health_check_tells_the_truth(page: http.server.HTTPServer, status: int, code: int) -> None:
    """Only 200 is healthy; what was answered stands in the output."""
    page.status = status  # type: ignore[attr-defined]

    done = _ask(page.server_address[1])

    assert (code, str(status)) == (done.returncode, done.stdout.split()[0])


def test_health_check_of_nobody_fails_without_a_traceback() -> None:
    """A service that does not listen is not healthy."""
    done = _ask(free_port())

    assert (done.returncode, done.stderr) == (1, "")
    assert "no answer" in done.stdout
