import pytest

from shared.durability import Facts, Finding, examine_facts, refuse
from shared.errors import BrokerRefused

SAFE = Facts(version="7.0.15", appendonly=True, fsync="everysec", policy="noeviction")


def risks(facts: Facts) -> list[str]:
    """Return the checks that found a risk."""
    return [finding.check for finding in examine_facts(facts) if finding.state == "risk"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(SAFE, [], id="as it should be"),
        pytest.param(Facts("9.1.2", True, "always", "noeviction"), [], id="newer, always"),
        pytest.param(Facts("6.2.14", True, "everysec", "noeviction"), ["version"], id="old"),
        pytest.param(
            Facts("10.0.0", False, "everysec", "noeviction"), ["appendonly"], id="no file"
        ),
        pytest.param(Facts("7.2.4", True, "no", "noeviction"), ["fsync"], id="never synced"),
        pytest.param(Facts("7.2.4", True, "always", "allkeys-lru"), ["eviction"], id="evicts"),
        pytest.param(Facts(), [], id="tells nothing"),
    ],
)
def test_what_may_lose_data_is_found(facts: Facts, expected: list[str]) -> None:
    """Each unsafe setting is named by its check, with a cure."""
    assert risks(facts) == expected
    assert all(finding.text for finding in examine_facts(facts) if finding.state != "ok")


@pytest.mark.parametrize("version", [None, "", "unstable"])
def test_what_is_not_told_is_not_guessed(version: str | None) -> None:
    """Unknown is neither fine nor a risk."""
    states = {finding.check: finding.state for finding in examine_facts(Facts(version))}

    assert set(states.values()) == {"unknown"}


def test_strict_refuses_risks_with_the_cure() -> None:
    """The message says what to set."""
    with pytest.raises(BrokerRefused, match="noeviction"):
        refuse(examine_facts(Facts("7.0.0", True, "always", "volatile-lru")))


def test_strict_lets_pass_what_can_not_be_told() -> None:
    """A managed broker that forbids the question can be used."""
    refuse([Finding("appendonly", "unknown", "?"), Finding("version", "ok")])
