"""The only outbound HTTP: one bounded GET, to public addresses, conditional where it can be.

A name is resolved by the connector, and the address is checked again when the socket is made: a
check in a resolver alone is passed by with literal addresses and redirects. Environment proxies
are not used: they would defeat the check.
"""

import asyncio
import errno
import ipaddress
import socket
from dataclasses import dataclass
from typing import Any

import aiohttp

from shared.errors import SourceUnavailable

_CONNECT_SECONDS = 10.0
_MAX_REDIRECTS = 5
_CHUNK_BYTES = 65_536
# Special networks that Python 3.11's `is_global` wrongly lets through (facts, bad input):
# NAT64, 6to4, dummy, 6to4 relay, old site-local, IPv4-compatible; and, later assigned,
# documentation and segment routing (IANA IPv6 Special-Purpose Address Registry).
_SPECIAL = [
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "192.0.0.0/24",
                    "192.88.99.0/24", "fec0::/10", "::/96", "3fff::/20", "5f00::/16")
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a source answered. `body` is None when it has not changed (304)."""

    url: str
    body: bytes | None
    content_type: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Retriever:
    """Fetches within limits: total seconds, bytes after decoding, five redirects."""

    user_agent: str
    total_seconds: float
    max_bytes: int
    allow_private: bool

    async def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Retrieved:
        """Return the answer to a conditional GET; raises SourceUnavailable saying why."""
        headers = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        try:
            async with asyncio.timeout(self.total_seconds):
                return await self._get(url, headers)
        except TimeoutError as error:
            raise SourceUnavailable(
                f"{url} did not finish within {self.total_seconds:.0f} s"
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise SourceUnavailable(f"{url} can't be fetched: {error}") from error

    async def _get(self, url: str, headers: dict[str, str]) -> Retrieved:
        connector = aiohttp.TCPConnector(socket_factory=self._socket, ttl_dns_cache=60)
        timeout = aiohttp.ClientTimeout(total=self.total_seconds, sock_connect=_CONNECT_SECONDS)
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=False, headers=headers
            ) as session,
            session.get(url, max_redirects=_MAX_REDIRECTS) as response,
        ):
            if response.status == 304:  # noqa: PLR2004 RFC 9110, 15.4.5: not modified
                return self._answer(response, None)
            if response.status != 200:  # noqa: PLR2004
                raise SourceUnavailable(f"{url} answered {response.status} {response.reason}")
            return self._answer(response, await self._body(response, url))

    async def _body(self, response: aiohttp.ClientResponse, url: str) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > self.max_bytes:
                raise SourceUnavailable(f"{url} is larger than {self.max_bytes} bytes")
        return bytes(body)

    def _answer(self, response: aiohttp.ClientResponse, body: bytes | None) -> Retrieved:
        return Retrieved(
            url=str(response.url),
            body=body,
            content_type=response.headers.get("Content-Type", ""),
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )

    def _socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, endpoint = address
        if not self.allow_private and not is_public(endpoint[0]):
            # With a number: aiohttp passes on the text of no other kind.
            raise OSError(
                errno.EACCES,
                f"{endpoint[0]} is a private or special address; set "
                "TOPICWIRE_FETCH_ALLOW_PRIVATE=true (or --allow-private) if it is meant",
            )
        return socket.socket(family, kind, protocol)


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet, seen through mappings."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    special = any(ip in network for network in _SPECIAL if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not special
