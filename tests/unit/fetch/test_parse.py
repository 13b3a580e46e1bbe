"""Bytes to feed entries: real feeds, broken feeds, and what is no feed at all."""

import json
import signal

import pytest

from services.fetch.feeds import take_in
from services.fetch.parse import (
    MAX_ENTRIES,
    FeedEntry,
    ParsedFeed,
    ParserProcess,
    html_to_text,
    parse_feed,
)
from shared.errors import Reason, SourceUnavailable
from shared.text import Limits
from tests.support.build import NOW
from tests.support.services import ROOT
from tests.support.wait import until

URL = "https://example.org/feed"
FEEDS = ROOT.parent / "shared" / "web"
INDEX = FEEDS / "feeds_index.jsonl"


def rss(*items: str, title: str = "Paper", language: str = "de-DE") -> bytes:
    """Return an RSS feed with the given items."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<language>{language}</language>{''.join(items)}</channel></rss>"
    ).encode()


def test_an_rss_item_becomes_an_entry_with_plain_text() -> None:
    """Title, text, address, guid and date are read; HTML is taken out, blocks stay apart."""
    data = rss(
        '<item><title>Talks</title><link>https://example.org/1</link><guid isPermaLink="false">g1</guid>'
        "<pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate>"
        "<description><![CDATA[<p>One &amp; two.</p><script>x()</script><p>Three.</p>]]>"
        "</description></item>"
    )

    feed = parse_feed(data, URL)

    entry = FeedEntry("g1", "https://example.org/1", "Talks", "One & two.\n\nThree.", "Fri, 20 Nov 2026 10:00:00 GMT")  # fmt: skip
    assert feed == ParsedFeed("Paper", "de-DE", (entry,))


def test_an_atom_entry_gives_its_longest_text() -> None:
    """The content wins over a shorter summary."""
    data = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title><entry><id>tag:1</id>'
        b"<title>Talks</title><link href='https://example.org/1'/><summary>Short.</summary>"
        b"<content type='html'>&lt;p&gt;The whole text.&lt;/p&gt;</content>"
        b"<updated>2026-11-20T10:00:00Z</updated></entry></feed>"
    )

    entry = parse_feed(data, URL).entries[0]

    assert (entry.text, entry.published) == ("The whole text.", "2026-11-20T10:00:00Z")


def test_an_item_without_text_is_its_title() -> None:
    """A headline alone is still news."""
    assert parse_feed(rss("<item><title>Talks fail</title></item>"), URL).entries[0].text == "Talks fail"  # fmt: skip


def test_an_empty_feed_has_no_entries() -> None:
    """A feed that has no news today is no failure."""
    assert parse_feed(rss(), URL).entries == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "empty body", id="empty body"),
        pytest.param(b" \r\n\t", "empty body", id="white space"),
        pytest.param(b"<!DOCTYPE html><html><p>News</p></html>", "HTML page", id="HTML page"),
        pytest.param(b"\n<html lang=de><p>News</p></html>", "HTML page", id="HTML, no doctype"),
        pytest.param(b'{"version": "https://jsonfeed.org/version/1"}', "neither", id="JSON feed"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "neither", id="picture"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither", id="other XML"),
        pytest.param(b"just words", "neither", id="prose"),
    ],
)
def test_what_is_no_feed_is_told_apart(data: bytes, message: str) -> None:
    """The message says what came instead of a feed, and from where."""
    with pytest.raises(SourceUnavailable, match=message) as caught:
        parse_feed(data, URL)

    assert str(caught.value).startswith(URL)


def test_at_most_500_entries_of_a_feed_are_read() -> None:
    """A feed without end costs no more than 500 entries."""
    items = (f"<item><title>{n}</title><link>https://example.org/{n}</link></item>" for n in range(600))  # fmt: skip

    entries = parse_feed(rss(*items), URL).entries

    assert [entries[0].title, entries[-1].title] == ["0", str(MAX_ENTRIES - 1)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("a&#0;b", "ab", id="NUL"),
        pytest.param("a&#27;[2Jb", "a[2Jb", id="escape sequence"),
        pytest.param("a&#13;&#10;b", "a b", id="line break"),
        pytest.param("&lt;script&gt;alert(1)&lt;/script&gt;b", "b", id="script"),
        pytest.param("&lt;b&gt;a&lt;/b&gt; &amp;amp; b", "a & b", id="markup"),
        pytest.param("a&#xD800;b", "a\ufffdb", id="lone surrogate"),
        pytest.param("<![CDATA[<img src=x onerror=alert(1)>]]>b", "b", id="picture with a script"),
    ],
)
def test_a_nasty_title_leaves_the_door_clean(title: str, expected: str) -> None:
    """Whatever a title holds, the article's title is one line of plain text."""
    data = rss(f"<item><title>{title}</title><description>Text.</description></item>")

    taken = take_in(parse_feed(data, URL), URL, now=NOW, limits=Limits())

    assert [article.title for article in taken.articles] == [expected]


def test_a_link_to_a_script_is_set_aside() -> None:
    """An address that is none leaves a note, and the guid identifies the article."""
    data = rss("<item><title>a</title><link>javascript:alert(1)</link></item>")

    article = take_in(parse_feed(data, URL), URL, now=NOW, limits=Limits()).articles[0]

    assert article.url is None
    assert "url set aside" in article.notes[0]


def test_an_entry_with_nothing_in_it_is_refused_alone() -> None:
    """An item without words is refused with the reason; its neighbours come in."""
    data = rss("<item><title></title></item>", "<item><title>News</title></item>")

    taken = take_in(parse_feed(data, URL), URL, now=NOW, limits=Limits())

    assert [refusal.reason for refusal in taken.refused] == [Reason.NO_TEXT]
    assert [article.text for article in taken.articles] == ["News"]


def test_a_feed_title_of_any_length_is_cut_to_a_name() -> None:
    """A source's name that grows while it is cleaned costs no article."""
    grows = "\ufb2c" * 600  # one letter that normal form C writes as three

    feed = ParsedFeed(grows, None, (FeedEntry(None, None, "a", "b", None),))
    taken = take_in(feed, URL, now=NOW, limits=Limits())

    assert [len(article.source or "") for article in taken.articles] == [500]


def test_entries_without_address_keep_apart_by_the_whole_guid() -> None:
    """Two guids that differ only far behind are two articles."""
    entries = tuple(FeedEntry("x" * 600 + end, None, end, "Text.", None) for end in "ab")

    taken = take_in(ParsedFeed("", None, entries), URL, now=NOW, limits=Limits())

    assert len({article.article_id for article in taken.articles}) == 2


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("a<br>b", "a\n\nb", id="line break"),
        pytest.param("<!-- no -->a", "a", id="comment"),
        pytest.param("<style>p{}</style><p>a</p>\n<p>b</p>", "a\n\nb", id="style"),
        pytest.param("a &lt;b&gt; c", "a <b> c", id="entities"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_html_becomes_text_with_its_blocks(html: str, text: str) -> None:
    """Markup goes, block ends become blank lines, entities become characters."""
    assert html_to_text(html) == text


@pytest.mark.skipif(not INDEX.exists(), reason="the real feeds beside the repo are not there")
def test_real_feeds_are_read_or_refused_with_a_reason() -> None:
    """Every real feed gives as many entries as it has, or says that it is none."""
    different = []
    for line in INDEX.read_text(encoding="utf-8").splitlines():
        known = json.loads(line)
        data = (FEEDS / known["file"]).read_bytes()
        try:
            found = len(parse_feed(data, URL).entries)
        except SourceUnavailable:
            found = 0
        if found != min(known["items"], MAX_ENTRIES):
            different.append((known["file"], known["format"], known["items"], found))

    assert different == []


def test_the_child_parses_as_the_function_does() -> None:
    """The limits around the parser change nothing for a good feed."""
    parser = ParserProcess()
    data = rss("<item><title>News</title></item>")
    try:
        assert parser.parse(data, URL, "application/rss+xml") == parse_feed(data, URL)
    finally:
        parser.close()


def test_a_feed_that_takes_too_long_fails_alone() -> None:
    """Quadratic input is cut off by the CPU limit; the next feed is parsed by a new child."""
    parser = ParserProcess()
    slow = b"<rss " + b" ".join(b'a%d="b"' % n for n in range(60_000)) + b"><channel></channel></rss>"  # fmt: skip
    try:
        with pytest.raises(SourceUnavailable, match="more than 5 s"):
            parser.parse(slow, URL, "")
        assert parser.parse(rss(), URL, "").entries == ()
    finally:
        parser.close()


def test_a_child_killed_in_between_is_replaced() -> None:
    """A parser child that was killed while idle costs one failure at most."""
    parser = ParserProcess()
    try:
        parser.parse(rss(), URL, "")
        child = next(iter(parser._pool._processes.values()))
        child.kill()
        child.join(10)

        def parsed() -> bool:
            try:
                return parser.parse(rss(), URL, "").entries == ()
            except SourceUnavailable:
                return False

        until(parsed, "the next feed is parsed")
        assert child.exitcode == -signal.SIGKILL
    finally:
        parser.close()
