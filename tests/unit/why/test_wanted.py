"""What is meant by what was typed."""

import pytest

from services.why.wanted import wanted
from shared.errors import UsageError
from shared.identity import contested_id
from shared.messages import RawArticle
from tests.support.build import raw

URL = "https://Example.org/news?utm_source=x#top"
BY_URL = raw(url=URL)
OWN = raw(id="42", source="wire", url="https://example.org/news")
FEED = raw(id="https://example.org/guid/1", producer="feed:https://example.org/feed")
PUSHED = raw(id="42", producer="client:push")


@pytest.mark.parametrize(
    ("typed", "producer", "article", "meant"),
    [
        pytest.param(BY_URL.article_id, None, BY_URL, True, id="its id"),
        pytest.param(f" {BY_URL.article_id}\n", None, BY_URL, True, id="its id, copied with space"),
        pytest.param(BY_URL.article_id, None, PUSHED, False, id="another's id"),
        pytest.param(URL, None, BY_URL, True, id="its address with tracking"),
        pytest.param("http://example.org/news", None, BY_URL, True, id="its address, other scheme"),
        pytest.param(
            "http://example.org/news", None, OWN, True, id="address of one with an own id"
        ),
        pytest.param("https://example.org/other", None, BY_URL, False, id="another address"),
        pytest.param("https://example.org/guid/1", None, FEED, True, id="an address that is an id"),
        pytest.param("42", None, OWN, True, id="own id, any producer"),
        pytest.param("42", "wire", OWN, True, id="own id, producer's name"),
        pytest.param("42", "source:wire", OWN, True, id="own id, whole name space"),
        pytest.param("42", "other", OWN, False, id="own id, another producer"),
        pytest.param("42", "push", PUSHED, True, id="own id, client"),
        pytest.param("43", None, OWN, False, id="another own id"),
    ],
)
def test_an_article_is_known_by_any_of_its_names(
    typed: str, producer: str | None, article: RawArticle, *, meant: bool
) -> None:
    """Its id, its address in any spelling, or its producer's own id."""
    assert wanted(typed, producer).is_meant(article) is meant


def test_the_id_of_a_contested_address_leads_to_its_article() -> None:
    """The store keeps it under an id that no stream has."""
    other = raw("Another text.", url=URL, source="rival")

    assert wanted(contested_id(other.article_id, other.producer), None).is_meant(other)


@pytest.mark.parametrize(
    ("typed", "value", "mentioned"),
    [
        pytest.param("42", b"42", True, id="a flat field"),
        pytest.param("42", b'{"id": "42", "text": ', True, id="in broken JSON"),
        pytest.param("42", b"there are 42 of them", False, id="a number in a text"),
        pytest.param("https://example.org/a", b"\xff https://example.org/a", True, id="an address"),
        pytest.param(BY_URL.article_id, b"other", False, id="not there"),
    ],
)
def test_bytes_that_are_no_article_may_still_name_it(
    typed: str, value: bytes, *, mentioned: bool
) -> None:
    """So that a letter nobody can read is found by what its producer called it."""
    assert wanted(typed, None).is_mentioned([b"x", value]) is mentioned


def test_nothing_is_no_name() -> None:
    """The usage is told."""
    with pytest.raises(UsageError, match="name an article"):
        wanted("  ", None)
