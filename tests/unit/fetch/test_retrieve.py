import pytest

from services.fetch.retrieve import Retriever, is_public
from shared.errors import SourceUnavailable
from tests.support.ports import free_port

PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback, far end": "127.255.255.254",
    "this network": "0.0.0.0",
    "private ten": "10.1.2.3",
    "private 172": "172.31.255.255",
    "private 192": "192.168.0.1",
    "carrier's own": "100.64.0.1",
    "link-local, cloud metadata": "169.254.169.254",
    "protocol assignments": "192.0.0.8",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "benchmarks": "198.18.0.1",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "multicast, global scope": "233.252.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 unspecified": "::",
    "v6 loopback": "::1",
    "v6 loopback in full": "0:0:0:0:0:0:0:1",
    "v6 mapped loopback": "::ffff:127.0.0.1",
    "v6 mapped private": "::ffff:10.0.0.1",
    "v6 mapped metadata": "::ffff:a9fe:a9fe",
    "v6 compatible loopback": "::127.0.0.1",
    "v6 compatible private": "::10.0.0.1",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 of a public address": "64:ff9b::808:808",
    "local NAT64": "64:ff9b:1::7f00:1",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 of private": "2002:a00:1::1",
    "Teredo": "2001:0:7f00:1::",
    "v6 unique local": "fd00::1",
    "v6 link-local": "fe80::1",
    "v6 link-local with a zone": "fe80::1%eth0",
    "v6 site-local": "fec0::1",
    "v6 multicast": "ff02::1",
    "v6 multicast, global scope": "ff0e::1",
    "v6 documentation": "2001:db8::1",
    "v6 documentation, the newer": "3fff::1",
    "v6 segment routing": "5f00::1",
    "v6 discard": "100::1",
}
PUBLIC = {
    "name server": "8.8.8.8",
    "next to private 172": "172.32.0.1",
    "next to the carrier's": "100.128.0.1",
    "v6": "2606:4700:4700::1111",
    "v6 mapped public": "::ffff:8.8.8.8",
}


@pytest.mark.parametrize("address", [pytest.param(a, id=name) for name, a in PRIVATE.items()])
def test_no_feed_leads_to_a_special_address(address: str) -> None:
    """Addresses inside, or meaning something inside, are not public, however they are written."""
    assert not is_public(address)


@pytest.mark.parametrize("address", [pytest.param(a, id=name) for name, a in PUBLIC.items()])
def test_the_public_internet_is_public(address: str) -> None:
    """The check does not shut out what feeds live on."""
    assert is_public(address)


@pytest.mark.parametrize("word", ["localhost", "127.1", "0x7f000001", "2130706433", ""])
def test_what_is_no_address_is_an_error_and_not_public(word: str) -> None:
    """A spelling that only a resolver understands never passes as public."""
    with pytest.raises(ValueError, match="does not appear"):
        is_public(word)


async def test_a_private_address_is_refused_with_the_reason_and_the_cure() -> None:
    """Who means it reads what to set; that nobody listens there is not what is told."""
    retriever = Retriever("test", 5.0, 1_000, allow_private=False)

    with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1 is a private .*ALLOW_PRIVATE"):
        await retriever.get(f"http://127.0.0.1:{free_port()}/feed.xml")
