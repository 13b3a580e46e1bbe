"""The broker's durability, asked of real servers by real services."""

import json
from pathlib import Path

import pytest

from shared.broker import connect
from shared.durability import Facts, examine, read_facts
from shared.settings import CommonSettings, load
from tests.support.broker import BrokerServer
from tests.support.command import topicwire
from tests.support.services import Service


async def facts_of(server: BrokerServer) -> Facts:
    """Return what a service learns."""
    client = connect(load(CommonSettings, {}, broker_url=server.url))
    try:
        return await read_facts(client)
    finally:
        await client.aclose()


async def test_a_safe_broker_is_fine(any_broker: BrokerServer) -> None:
    """Ours in tests: append-only on, noeviction, at least 7.0."""
    client = connect(load(CommonSettings, {}, broker_url=any_broker.url))

    findings = await examine(client)

    await client.aclose()
    assert {finding.state for finding in findings} == {"ok"}


@pytest.mark.parametrize(
    ("forbidden", "known"),
    [
        pytest.param(["-config"], {"version", "appendonly", "policy"}, id="CONFIG"),
        pytest.param(["-info"], {"appendonly", "fsync", "policy"}, id="INFO"),
        pytest.param(["-config", "-info"], set(), id="both"),
    ],
)
async def test_a_broker_that_forbids_questions_is_asked_otherwise(
    any_broker: BrokerServer, forbidden: list[str], known: set[str]
) -> None:
    """What one command does not tell the other may; else it is not known."""
    with any_broker.client() as client:
        client.execute_command("ACL", "SETUSER", "default", *forbidden)

    facts = await facts_of(any_broker)

    assert {name for name in Facts.__slots__ if getattr(facts, name) is not None} == known


def test_an_unsafe_broker_is_told_and_refused_when_strict(
    any_broker: BrokerServer, tmp_path: Path
) -> None:
    """A warning in log, metric and status; under strict the service ends with 1 and the cure."""
    address = {"TOPICWIRE_BROKER_URL": any_broker.url}
    with any_broker.client() as client:
        client.config_set("appendonly", "no")
        client.config_set("maxmemory-policy", "allkeys-lru")
    service = Service("sink", tmp_path, address)
    strict = {
        name: Service(name, tmp_path, {**address, "TOPICWIRE_BROKER_STRICT": "true"})
        for name in ("sink", "fetch")
    }
    try:
        service.start().wait_ready()
        assert service.log_text().count("broker_may_lose_data") == 2
        assert service.metric("topicwire_broker_risk", check="appendonly") == 1
        assert service.metric("topicwire_broker_risk", check="eviction") == 1
        assert service.metric("topicwire_broker_risk", check="version") == 0

        status = topicwire("status", folder=tmp_path, variables=address)
        assert "broker, warning" in status.out
        assert "noeviction" in status.out
        told = json.loads(topicwire("status", "--json", folder=tmp_path, variables=address).out)
        assert [f["check"] for f in told["broker"] if f["state"] == "risk"] == [
            "appendonly", "eviction",
        ]  # fmt: skip

        for refusing in strict.values():
            assert refusing.start().wait_exit() == 1
            assert "appendonly yes" in refusing.log_text()
            assert "Traceback" not in refusing.log_text()
    finally:
        for one in (service, *strict.values()):
            one.kill()
