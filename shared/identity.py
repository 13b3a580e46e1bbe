"""Who an article is: its canonical URL, the hash of its content, its id.

An id is a promise: the same article gets the same id through every door and in every release.
"""

from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit

from w3lib.url import canonicalize_url, url_query_cleaner

# Parameters that say where a reader came from, not what the page is. Sources: the lists of
# ClearURLs and of Firefox's query stripping, cut to what news links carry.
TRACKING_PARAMETERS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_name",
    "utm_brand", "utm_social", "utm_cid", "utm_reader", "utm_referrer", "utm_social-type",
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid",
    "mc_cid", "mc_eid", "igshid", "_openstat", "_hsenc", "_hsmi", "mkt_tok", "at_medium",
    "at_campaign", "at_custom1", "at_custom2", "at_custom3", "at_custom4", "ns_mchannel",
    "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "xtor", "cmpid", "CMP", "ocid",
    "smid", "wt_mc", "wt_zmc", "__twitter_impression", "ftag", "s_kwcid", "spm", "oly_enc_id",
    "oly_anon_id", "vero_id", "wickedid",
)  # fmt: skip
_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str | None:
    """Return the one spelling of `url`, or None if it is not an absolute http(s) address.

    Lower-cases scheme and host, drops the default port, user info, fragment and tracking
    parameters, sorts the others, and normalises escapes. The scheme stays as it was given.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    host = (host or "").rstrip(".")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    plain = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
    cleaned = url_query_cleaner(plain, TRACKING_PARAMETERS, remove=True, unique=False)
    canonical = str(canonicalize_url(cleaned))
    return canonical if urlsplit(canonical).hostname else None  # backslashes became slashes


def content_hash(title: str, text: str) -> str:
    """Return 32 hex digits that stand for the title and the whole clean text."""
    return _digest(title, text)


def article_id(*, producer: str, given_id: str | None, url: str | None, content: str) -> str:
    """Return the stable id of an article.

    A given id is the producer's own and so lives in the producer's name space; without one the
    canonical URL decides (http and https count as the same page), and without that the content
    (`content`: its hash). The first letter tells which: g(iven), u(rl), c(ontent); 24 hex digits
    follow.
    """
    if given_id:
        return "g" + _digest(producer, given_id)[:24]
    if url:
        return "u" + _digest(url.partition("://")[2])[:24]
    return "c" + content[:24]


def contested_id(article: str, producer: str) -> str:
    """Return the id for another producer's differing article at the address of `article`."""
    return "x" + _digest(article, producer)[:24]


def _digest(*parts: str) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
