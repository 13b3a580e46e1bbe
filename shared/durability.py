"""Is the broker set up to keep what it confirmed? Looked at once, at the start of each service.

`examine_facts` decides purely; `read_facts` asks. Managed brokers forbid CONFIG and sometimes INFO:
what they do not tell is `unknown`, never guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from shared.errors import BrokerRefused
from shared.logs import Logger
from shared.metrics import BROKER_RISK
from shared.settings import CommonSettings

Check = Literal["version", "appendonly", "fsync", "eviction"]
State = Literal["ok", "risk", "unknown"]
_CHECKS: tuple[Check, ...] = get_args(Check)
_VALUES: Mapping[State, int] = {"ok": 0, "risk": 1, "unknown": -1}
_OLDEST = (7, 0)  # scripts flagged allow-oom; 6.2 keeps deleted entries pending for ever


@dataclass(frozen=True, slots=True)
class Facts:
    """What the broker says of itself; None: it does not tell.

    `version`: of Redis, or of what Valkey says it is compatible with.
    """

    version: str | None = None
    appendonly: bool | None = None
    fsync: str | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, with cause and cure in `text` unless it is ok."""

    check: Check
    state: State
    text: str = ""


def examine_facts(facts: Facts) -> tuple[Finding, ...]:
    """Return one finding per check."""
    return (
        _version(facts.version),
        _judged(
            "appendonly", facts.appendonly, good=facts.appendonly is True,
            risk="the append-only file is off: a restart of the broker loses every article that "
            "waits; run it with `appendonly yes` (CONFIG SET appendonly yes, and in its file)",
        ),
        _judged(
            "fsync", facts.fsync, good=facts.fsync != "no",
            risk="appendfsync is `no`: a power cut loses up to half a minute of what was "
            "confirmed; set `appendfsync everysec`, or `always`",
        ),
        _judged(
            "eviction", facts.policy, good=facts.policy == "noeviction",
            risk=f"maxmemory-policy is `{facts.policy}`: with its memory full the broker deletes "
            "whole streams; set `maxmemory-policy noeviction`",
        ),
    )  # fmt: skip


async def examine(client: Redis) -> tuple[Finding, ...]:
    """Ask the broker and return one finding per check; raises redis-py's errors if it is away."""
    return examine_facts(await read_facts(client))


async def read_facts(client: Redis) -> Facts:
    """Ask INFO, which managed brokers mostly allow, and CONFIG for what INFO does not tell."""
    server = await _info(client, "server")
    aof = (await _info(client, "persistence")).get("aof_enabled")
    policy = (await _info(client, "memory")).get("maxmemory_policy")
    if aof is None:
        aof = {"yes": 1, "no": 0}.get(await _config(client, "appendonly") or "")
    return Facts(
        version=server.get("redis_version"),
        appendonly=None if aof is None else bool(int(aof)),
        fsync=await _config(client, "appendfsync"),
        policy=policy or await _config(client, "maxmemory-policy"),
    )


async def examine_at_start(
    client: Redis, settings: CommonSettings, registry: CollectorRegistry, logger: Logger
) -> None:
    """Warn in log and metric of what may lose data; raises BrokerRefused if it must not be.

    A broker that goes away meanwhile is waited for by those who need it.
    """
    gauge = BROKER_RISK.gauge(registry)
    try:
        findings = await examine(client)
    except (RedisError, OSError) as error:
        logger.warning("broker_not_examined", error=str(error))
        findings = tuple(Finding(check, "unknown", "the broker went away") for check in _CHECKS)
    for finding in findings:
        gauge.labels(finding.check).set(_VALUES[finding.state])
        if finding.state != "ok":
            told = "broker_may_lose_data" if finding.state == "risk" else "broker_does_not_tell"
            logger.warning(told, check=finding.check, cause=finding.text)
    if settings.broker_strict:
        refuse(findings)


def refuse(findings: Sequence[Finding]) -> None:
    """Raise BrokerRefused if a finding is a risk; what is unknown is not."""
    risks = [finding.text for finding in findings if finding.state == "risk"]
    if risks:
        raise BrokerRefused(
            f"the broker may lose data, and TOPICWIRE_BROKER_STRICT is set: {'; '.join(risks)}"
        )


def _version(version: str | None) -> Finding:
    match = re.match(r"(\d+)\.(\d+)", version or "")
    if match is None:
        return _unknown("version")
    if (int(match[1]), int(match[2])) >= _OLDEST:
        return Finding("version", "ok")
    return Finding(
        "version", "risk", f"the broker is Redis {version}; run Redis 7.0 or newer, or Valkey"
    )


def _judged(check: Check, fact: object, *, good: bool, risk: str) -> Finding:
    if fact is None:
        return _unknown(check)
    return Finding(check, "ok") if good else Finding(check, "risk", risk)


def _unknown(check: Check) -> Finding:
    return Finding(
        check, "unknown",
        f"the broker does not tell its {check} (CONFIG or INFO is forbidden): look at its "
        "provider's settings, docs/operations.md says which are needed",
    )  # fmt: skip


async def _info(client: Redis, section: str) -> Mapping[str, Any]:
    try:
        return dict(await client.info(section))
    except ResponseError:
        return {}


async def _config(client: Redis, name: str) -> str | None:
    try:
        found: Any = await client.config_get(name)
    except ResponseError:
        return None
    value = found.get(name, found.get(name.encode()))
    return value.decode() if isinstance(value, bytes) else value
