import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import article_id, canonical_url, content_hash, contested_id

PAGE = "https://example.org/news?a=1&b=2"


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param("https://example.org/news?b=2&a=1", id="order of parameters"),
        pytest.param("HTTPS://Example.ORG/news?a=1&b=2", id="case of scheme and host"),
        pytest.param("https://example.org:443/news?a=1&b=2", id="default port"),
        pytest.param("https://example.org./news?a=1&b=2", id="dot at the host's end"),
        pytest.param("https://user:word@example.org/news?a=1&b=2", id="user info"),
        pytest.param("https://example.org/news?a=1&b=2#part", id="fragment"),
        pytest.param("https://example.org/news?a=1&utm_source=x&b=2", id="tracking parameter"),
        pytest.param("https://example.org/news?fbclid=abc&a=1&b=2", id="click id"),
        pytest.param("  https://example.org/news?a=1&b=2\n", id="white space around"),
        pytest.param("https://example.org/n%65ws?a=1&b=2", id="needless escape"),
    ],
)
def test_canonical_url_has_one_spelling(spelling: str) -> None:
    """Spellings of one page are one address."""
    assert canonical_url(spelling) == PAGE


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("https://example.org/News?a=1&b=2", id="case of the path"),
        pytest.param("https://example.org/news?a=1&b=3", id="another parameter"),
        pytest.param("https://example.org/news/?a=1&b=2", id="slash at the path's end"),
        pytest.param("https://example.org:8443/news?a=1&b=2", id="another port"),
        pytest.param("https://www.example.org/news?a=1&b=2", id="another host"),
    ],
)
def test_canonical_url_keeps_different_pages_apart(other: str) -> None:
    """What may be another page stays another address."""
    assert canonical_url(other) not in {None, PAGE}


@pytest.mark.parametrize(
    "text",
    [
        "", "news", "/news", "//example.org/news", "javascript:alert(1)", "ftp://example.org/",
        "https://", "https:///news", "HTTP://\\\\", "https://./news", "http://[::1", "https://example.org:99999/",
        "https://example.org:x/", "mailto:a@example.org", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_canonical_url_refuses_what_is_no_web_address(text: str) -> None:
    """Anything but an absolute http or https address is None, never an error."""
    assert canonical_url(text) is None


@given(
    st.one_of(
        st.text(),
        st.builds("http{}://{}{}".format, st.sampled_from(["", "s"]), st.text(), st.text()),
        st.builds(
            "https://example.org/{}?{}#{}".format,
            st.text("ab/%é .~;:@&=+", max_size=9),
            st.text("ab=&%é+;[]utm_source ", max_size=20),
            st.text(max_size=5),
        ),
    )
)
def test_canonical_url_is_idempotent_and_never_raises(text: str) -> None:
    """The canonical spelling is its own canonical spelling, whatever the text was."""
    once = canonical_url(text)

    assert once is None or once == canonical_url(once)


@pytest.mark.parametrize(
    ("given_id", "url", "expected"),
    [
        pytest.param("1", "https://example.org/a", "g63149067f1ca057c2675fc84", id="given"),
        pytest.param(None, "https://example.org/a", "ub82cbe1ea0e86ca0a4850764", id="by address"),
        pytest.param(None, "http://example.org/a", "ub82cbe1ea0e86ca0a4850764", id="by http"),
        pytest.param(None, None, "c208b50b3d808cc1338594ca7", id="by content"),
    ],
)
def test_article_id_is_the_promised_one(
    given_id: str | None, url: str | None, expected: str
) -> None:
    """Ids are promises across releases: these were given out, so they stay."""
    content = content_hash("Title", "Text")

    assert expected == article_id(producer="p", given_id=given_id, url=url, content=content)


def test_contested_id_is_the_promised_one() -> None:
    """The id of another producer's text at a taken address is a promise too."""
    assert contested_id("u1", "p") == "xc29e8a04af787d751a924ef6"


def test_given_ids_live_in_their_producers_name_space() -> None:
    """Two producers may both call an article `1`."""
    ids = {article_id(producer=p, given_id="1", url=None, content="") for p in ("a", "b")}

    assert len(ids) == 2


def test_content_hash_keeps_title_and_text_apart() -> None:
    """Moving a word from the title to the text is another content."""
    assert content_hash("a b", "c") != content_hash("a", "b c")
    assert content_hash("ab", "c") != content_hash("a", "bc")
