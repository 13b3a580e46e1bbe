"""`topicwire up` as people treat it: stopped, started again, killed, in the way of others."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.streams import StreamMap
from tests.support.build import real_articles
from tests.support.command import CHILDREN, LocalSystem, environment, quick, topicwire
from tests.support.services import ROOT
from tests.support.wait import until

RAW, DEAD = StreamMap().raw, StreamMap().dead
TEXT = "The navy signed a contract for two frigates on Tuesday. The ships, with radar and missiles, cost 900 million."  # fmt: skip


@pytest.fixture(scope="module")
def sturdy(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[LocalSystem]:
    """Yield a running system whose children the tests kill."""
    local = LocalSystem(tmp_path_factory.mktemp("sturdy"), **quick(model_folder))
    local.start().wait_running()
    yield local
    local.remove()


def test_ctrl_c_leaves_no_process_and_a_second_start_keeps_the_data(system: LocalSystem) -> None:
    """Stopped in order with 0; started again it is quick, trains nothing, and knows every article."""
    system.start().wait_running()
    assert system.children().keys() == set(CHILDREN)
    ids = system.post({"title": "Kept", "text": TEXT}, {"title": "Kept, too", "text": TEXT + " 2"})
    with system.client() as client:
        client.xadd(RAW, {"title": "Sent at the last moment", "text": TEXT + " 3"})

    assert system.stop() == 0

    assert system.left_over() == {}
    assert "nothing is lost" in system.output()
    before, begun = system.output(), time.monotonic()
    system.start().wait_running()
    seconds = time.monotonic() - begun
    told = system.output().removeprefix(before)
    assert "training" not in told
    assert seconds < 30, told  # 3 to 5 on an idle machine
    titles = {row.title for row in system.wait_stored(*ids)}
    assert titles == {"Kept", "Kept, too"}
    until(lambda: system.stored(contains="last moment"), "what was in work is stored", seconds=30)
    assert system.stop() == 0
    assert system.left_over() == {}


def test_ctrl_c_while_it_starts_leaves_no_process(system: LocalSystem) -> None:
    """Who changes his mind waits for nothing and cleans up nothing."""
    system.start()
    until(system.children, "the first child runs", seconds=60)

    code = system.stop()

    assert code == 0
    assert system.left_over() == {}


def test_make_run_is_stopped_by_ctrl_c_in_its_terminal(system: LocalSystem) -> None:
    """The terminal sends SIGINT to make and topicwire alike; samples are shown; nothing stays."""
    virtual = Path(sys.executable).parents[1]
    if not (virtual / "run.done").exists():
        pytest.skip(f"{virtual} was not made by `make install`")
    ports = " ".join(f"--{name}-port={port}" for name, port in system.ports.items())
    arguments = f"ARGS=--data-dir {system.data} {ports}"
    log = system.folder / "make.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", f"VENV={virtual}", arguments], cwd=ROOT, stdout=output, stderr=output,
            stdin=subprocess.DEVNULL, start_new_session=True,
            env=environment(**system.variables),
        )  # fmt: skip
    try:
        until(
            lambda: "Ctrl-C stops it." in log.read_text("utf-8") or process.poll() is not None,
            "make run tells that it runs",
            seconds=120,
        )
        assert "Panzerhaubitzen" in log.read_text("utf-8")
        assert len(system.stored()) == 6

        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)

    assert "stopped; nothing is lost" in log.read_text("utf-8")
    assert system.processes_of_data() == {}


def test_it_starts_with_a_paused_stage_and_says_how_to_go_on(system: LocalSystem) -> None:
    """The cure needs the system running; then what waited is stored."""
    system.start().wait_running()
    with system.client() as client:
        client.set("{topicwire}:breaker:store", "by hand")
    assert system.stop() == 0

    system.start().wait_running()
    (article,) = system.post({"text": "Ambassadors met in Geneva for talks about a ceasefire."})

    assert "topicwire resume store" in system.output()
    assert "topicwire resume store" in " ".join(system.run("status").out.split())
    assert system.stored() == []
    assert system.run("resume", "store").code == 0
    system.wait_stored(article)


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_is_replaced_and_nothing_is_lost(sturdy: LocalSystem, name: str) -> None:
    """SIGKILL while articles are on their way: a new process, every row once, no dead letter."""
    victim = sturdy.children()[name]
    ids = [f"{name}-{number}" for number in range(200)]
    with sturdy.client() as client:
        for one in ids:
            client.xadd(RAW, {"id": one, "source": name, "title": f"T {one}", "text": TEXT + one})

    os.kill(victim, signal.SIGKILL)

    until(
        lambda: sturdy.children().get(name) not in {None, victim}, f"{name} is replaced", seconds=30
    )
    until(lambda: len(sturdy.stored(source=name)) == len(ids), f"200 rows of {name}", seconds=120)
    (posted,) = until(lambda: posting(sturdy, name), "the push door takes again", seconds=60)
    assert sturdy.wait_stored(posted)
    assert sorted(row.title for row in sturdy.stored(source=name)) == sorted(f"T {i}" for i in ids)
    with sturdy.client() as client:
        assert client.xlen(DEAD) == 0
    assert f"{name} ended (signal SIGKILL); starting it again" in sturdy.output()


def test_after_all_the_kills_it_stops_without_a_remainder(sturdy: LocalSystem) -> None:
    """Also what killed children left, such as fetch's parser, is gone in the end."""
    if not sturdy.children():
        sturdy.start().wait_running()
    for pid in sturdy.children().values():
        os.kill(pid, signal.SIGKILL)

    assert sturdy.stop() == 0

    until(lambda: not sturdy.left_over(), "nothing is left", seconds=20)


def test_a_killed_supervisor_leaves_no_orphans_and_a_new_one_goes_on(system: LocalSystem) -> None:
    """SIGKILL of `topicwire up` itself: the children drain and end; started again all is there."""
    system.start().wait_running()
    with system.client() as client:
        for number in range(300):
            client.xadd(
                RAW, {"id": str(number), "title": f"T {number}", "text": f"{TEXT} {number}"}
            )

    system.signal(signal.SIGKILL)
    system.wait_exit()

    until(lambda: not system.left_over(), "no child is left", seconds=40)
    system.start().wait_running()
    until(lambda: len(system.stored()) == 300, "300 rows", seconds=60)
    assert system.stop() == 0
    assert system.left_over() == {}


def test_a_broker_killed_in_mid_flow_costs_nothing(system: LocalSystem) -> None:
    """Twice, while it carries 1,500 real articles: each confirmed one is stored once."""
    system.start().wait_running()
    with system.client() as client:
        pipe = client.pipeline(transaction=False)
        for article in real_articles(1_500):
            pipe.xadd(RAW, article)
        pipe.execute()
    for rows in (100, 700):
        until(lambda: len(system.stored()) >= rows, f"{rows} rows", seconds=90)  # noqa: B023 called at once
        victim = system.children()["broker"]
        os.kill(victim, signal.SIGKILL)
        until(lambda: system.children().get("broker", victim) != victim, "a new one", seconds=30)  # noqa: B023

    until(lambda: len(system.stored()) >= 1_500, "1,500 rows", seconds=120)

    assert len(system.stored()) == 1_500
    with system.client() as client:
        assert client.xlen(DEAD) == 0
    assert system.stop() == 0


@pytest.mark.parametrize("name", ["broker", "push", "classifier", "sink"])
def test_a_port_that_is_taken_is_named_with_the_cure(system: LocalSystem, name: str) -> None:
    """Which port, who may hold it, which option takes another, also for make; nothing is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", system.ports[name]))
        other.listen()
        system.start()
        code = system.wait_exit(60)

    assert code == 1
    told = system.output()
    assert f"port {system.ports[name]} is in use" in told
    assert f"topicwire up --{name}-port" in told
    assert f'make run ARGS="--{name}-port' in told
    assert "Traceback" not in told
    assert system.left_over() == {}


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("file/data", id="below a file"),
        pytest.param("/proc/topicwire", id="where nobody may write"),
    ],
)
def test_a_folder_that_can_not_be_written_is_named_with_the_cure(
    tmp_path: Path, folder: str
) -> None:
    """The folder, the reason, and the option for another."""
    (tmp_path / "file").touch()

    done = topicwire("up", "--data-dir", folder, folder=tmp_path)

    assert (done.code, done.out) == (1, "")
    assert f"the data folder {folder} can't be written" in done.err
    assert "--data-dir" in done.err
    assert "Traceback" not in done.err


def test_a_second_up_in_one_folder_is_refused(sturdy: LocalSystem) -> None:
    """Two supervisors on one broker's files would destroy them."""
    if not sturdy.children():
        sturdy.start().wait_running()

    done = topicwire("up", "--data-dir", sturdy.data, folder=sturdy.folder)

    assert (done.code, done.out) == (1, "")
    assert "another `topicwire up` works in" in done.err
    assert sturdy.children().keys() == set(CHILDREN)


def test_a_model_that_is_not_the_expected_stops_the_start_at_once(
    tmp_path: Path, model_folder: Path
) -> None:
    """With the hash in the settings a wrong model is told, not replaced by a new training."""
    before = sorted(path.name for path in model_folder.iterdir())
    local = LocalSystem(
        tmp_path,
        TOPICWIRE_CLASSIFIER_MODEL_DIR=str(model_folder),
        TOPICWIRE_CLASSIFIER_MODEL_SHA256="0" * 64,
    )
    try:
        local.start()
        code = local.wait_exit(60)
    finally:
        local.remove()

    assert code == 1
    assert "TOPICWIRE_CLASSIFIER_MODEL_SHA256" in local.output()
    assert "training" not in local.output()
    assert "starting it again" not in local.output()
    assert sorted(path.name for path in model_folder.iterdir()) == before


def test_every_address_it_tells_is_right(sturdy: LocalSystem) -> None:
    """The ready-made examples name this system's ports and folder."""
    if not sturdy.children():
        sturdy.start().wait_running()
    told = sturdy.output()

    for port in sturdy.ports.values():
        assert f":{port}" in told or f"-p {port}" in told
    assert f"topicwire results --data-dir {sturdy.data}" in told


# --- the Makefile, which comes before any Python of ours


def make(*arguments: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run make in the checkout with a virtual environment of its own that does not exist yet."""
    return subprocess.run(
        ["make", *arguments, f"VENV={folder / 'venv'}"], cwd=ROOT, capture_output=True, text=True,
        env=environment(**variables), timeout=60, check=False,
    )  # fmt: skip


def pretended(folder: Path, version: str, *, missing: str = "") -> Path:
    """Return a program that is this Python but claims another version, or lacks a module."""
    path = folder / "python"
    lacks = f"sys.modules[{missing!r}] = None; " if missing else ""
    path.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] || exit 9\n'
        f'exec {sys.executable} -c "import sys; sys.version_info = ({version}); {lacks}'
        'exec(sys.argv[1])" "$2"\n'
    )
    path.chmod(0o755)
    return path


def test_make_alone_lists_the_verbs(tmp_path: Path) -> None:
    """One line each, and every verb that people type is there."""
    done = make(folder=tmp_path)

    verbs = re.findall(r"^  make ([a-z-]+) +\S.*$", done.stdout, re.MULTILINE)
    assert done.returncode == 0
    assert len(verbs) == len(done.stdout.splitlines())
    assert {"help", "install", "run", "test", "lint", "train", "evaluate", "faults"} <= set(verbs)


@pytest.mark.parametrize("verb", ["run", "test", "train"])
def test_a_python_too_old_is_named_with_the_cure(tmp_path: Path, verb: str) -> None:
    """The version that was found, the version that is needed, and how to name another."""
    old = pretended(tmp_path, "3, 9, 2")

    done = make(verb, f"PYTHON={old}", folder=tmp_path)

    assert done.returncode != 0
    assert f"topicwire needs Python 3.11 or newer, {old} is 3.9" in done.stderr
    assert "make run PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    """No interpreter on the path: what is needed, and Debian's name for it."""
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "grep", "awk"):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}")

    done = subprocess.run(
        ["/usr/bin/make", "run", f"VENV={tmp_path / 'venv'}"], cwd=ROOT, capture_output=True,
        text=True, env={"PATH": str(tmp_path / "bin")}, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout
    assert "apt-get install python3 python3-venv" in done.stdout


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    """Debian ships ensurepip apart."""
    done = make(
        "run", f"PYTHON={pretended(tmp_path, '3, 11, 2', missing='ensurepip')}", folder=tmp_path
    )

    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stdout
    assert not (tmp_path / "venv").exists()


def posting(system: LocalSystem, name: str) -> list[str]:
    """Post an article; return its id in a list, or nothing while the door is closed."""
    try:
        return system.post({"title": f"Posted after {name}", "text": f"{TEXT} After {name}."})
    except OSError:
        return []
