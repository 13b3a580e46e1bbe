"""What the furniture cleaner takes out, what it misses, what it costs, and whether it matters.

    python benchmarks/cleaner.py [MODEL_FOLDER]

Prints ratios. Real articles and pages are read where they lie (../shared beside the checkout) and
left out with a message where they don't. With the folder of a trained model (`topicwire train
--out FOLDER`) it also counts the decisions that furniture lines flip.
"""

import gzip
import importlib
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from services.classifier.clean import clean  # noqa: E402 - the tests' lines lie beside the packages
from services.classifier.model import Model  # noqa: E402
from services.classifier.training.corpus import Example, default_folder, read_folder  # noqa: E402
from shared.clock import SystemClock  # noqa: E402
from tests.support.build import BENCH_FILE, raw  # noqa: E402
from tests.support.furniture import (  # noqa: E402
    CLOSING_MARKS,
    LINES,
    OPENING_MARKS,
    SECOND_LINES,
    all_lines,
    insert,
)

WEB = ROOT.parent / "shared" / "web"
PLACES = ("top", "middle", "end")
T = TypeVar("T")
ROUNDS, FLIP_ARTICLES, BATCH, SHORTEST_CHARS = 7, 3, 64, 500


def main() -> None:
    """Print every measurement that can be made here."""
    corpus = read_folder(default_folder())
    real = list(_json_lines(BENCH_FILE)) if BENCH_FILE.exists() else []
    real_articles(real)
    own_furniture(corpus)
    web_segments()
    speed([article["text"] for article in real] or [example.text for example in corpus])
    if len(sys.argv) > 1:
        model = Model.open(Path(sys.argv[1]), SystemClock())
        flips(model, "own articles", [(e.tongue, e.title, e.text) for e in corpus])
        flips(model, "real articles", [(a["lang"], a["title"], a["text"]) for a in real])
    else:
        print("\nflipped decisions: left out, no model folder was given")


def real_articles(articles: Sequence[dict[str, Any]]) -> None:
    """Print the share of characters removed from real articles: an upper bound of what is wrong.

    They were extracted by others and still hold furniture, so most of what goes is rightly gone.
    """
    if not articles:
        print(f"real articles: left out, {BENCH_FILE} is not there")
        return
    reasons, chars, removed = Counter[str](), Counter[str](), Counter[str]()
    for article in articles:
        chars[article["lang"]] += len(article["text"])
        for span in clean(article["text"]).removed:
            reasons[span.reason] += span.end - span.start
            removed[article["lang"]] += span.end - span.start
    total = chars.total()
    print(f"{len(articles):,} real articles, {total:,} characters; removed, as an upper bound")
    print(f"{'all':16} {removed.total() / total:8.3%}")
    for reason, count in reasons.most_common():
        print(f"  {reason:14} {count / total:8.3%}")
    print("by language: " + " ".join(f"{lang} {removed[lang] / chars[lang]:.2%}" for lang in chars))


def own_furniture(corpus: Sequence[Example]) -> None:
    """Print how many of our own furniture lines go, and whether any of the story goes with them."""
    articles = _by_language((example.tongue, example.text) for example in corpus)
    rows = defaultdict[str, list[bool]](list)
    for name, rounds in (("first round", LINES), ("second round", SECOND_LINES)):
        for language, lines in rounds.items():
            bases = cycle(clean(text).text for text in articles[language])
            for line, base in zip(lines, bases, strict=False):
                for place in PLACES:
                    gone = clean(insert(base, line, place)).text.rstrip("\n") == base.rstrip("\n")
                    rows[f"{name}, {place}"].append(gone)
    base = clean(articles["en"][0]).text
    for name, marked in (
        ("marks before", [mark + base for mark in OPENING_MARKS]),
        ("marks behind", [base.rstrip() + mark for mark in CLOSING_MARKS]),
    ):
        rows[name] = [clean(text).text.strip(" .") == base.strip(" .") for text in marked]
    print("\nour own furniture in our own articles: share that goes, nothing else with it")
    for name, gone in rows.items():
        print(f"{name:21} {statistics.mean(gone):7.1%} of {len(gone)}")


def web_segments() -> None:
    """Print the share of segments that should not be in a page's text and leave it."""
    index = WEB / "html_index.jsonl"
    if not index.exists():
        print(f"\nreal pages: left out, {index} is not there")
        return
    pages = [page for page in _json_lines(index) if page.get("expected_without")]
    print(f"\nsegments that should not be in the text, {len(pages)} real pages")
    extractors: dict[str, Callable[[bytes], str]] = {"all text of the page": page_text}
    if find_spec("trafilatura"):
        extract = importlib.import_module("trafilatura").extract
        extractors["trafilatura"] = lambda page: extract(page) or ""
    for name, extract_text in extractors.items():
        texts = [extract_text(gzip.decompress((WEB / p["file"]).read_bytes())) for p in pages]
        cleaned = [clean(text).text for text in texts]
        counts = {
            (key, stage): sum(
                segment.strip() in text
                for page, text in zip(pages, found, strict=True)
                for segment in page.get(key, ())
            )
            for key in ("expected_without", "expected_with")
            for stage, found in (("before", texts), ("after", cleaned))
        }
        unwanted = sum(len(page["expected_without"]) for page in pages)
        before, after = counts["expected_without", "before"], counts["expected_without", "after"]
        kept = counts["expected_with", "after"] / counts["expected_with", "before"]
        print(
            f"{name:22} of {unwanted} in the text: before {before}, after {after}; "
            f"{1 - after / before:.0%} leave; of those that should be there {kept:.1%} stay"
        )


def speed(texts: Sequence[str]) -> None:
    """Print the time per article, the best of several rounds: the machine may be shared."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for text in texts:
            clean(text)
        taken.append(time.perf_counter() - begun)
    chars = sum(map(len, texts))
    print(
        f"\nspeed: {min(taken) / len(texts) * 1e6:.0f} µs an article of {chars / len(texts):,.0f} "
        f"characters, {min(taken) / chars * 3_500 * 1e6:.0f} µs for 3,500"
    )


def flips(model: Model, name: str, articles: Sequence[tuple[str, str, str]]) -> None:
    """Print how often a furniture line changes any decision on an article of its language."""
    chosen = _by_language(
        (lang, (title, text)) for lang, title, text in articles if len(text) > SHORTEST_CHARS
    )
    cases, bases = list[tuple[str, str]](), list[tuple[str, str]]()
    for number, (language, line) in enumerate(all_lines()):
        found = chosen.get(language, [])
        first = 7 * number % max(1, len(found))
        for title, text in (found[first:] + found)[:FLIP_ARTICLES]:
            bases += [(title, text)] * len(PLACES)
            cases += [(title, insert(text, line, place)) for place in PLACES]
    if not cases:
        print(f"flipped decisions, {name}: left out, none there")
        return
    pairs = zip(decisions(model, bases), decisions(model, cases), strict=True)
    flipped = [before != after for before, after in pairs]
    print(
        f"flipped decisions, {name}: {statistics.mean(flipped):.2%} of {len(flipped):,} cases "
        f"(any topic; {len(set(bases)):,} articles)"
    )


def decisions(model: Model, texts: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return each article's decisions, one a topic."""
    found = list[tuple[str, ...]]()
    for start in range(0, len(texts), BATCH):
        batch = [raw(text, title=title) for title, text in texts[start : start + BATCH]]
        found += [tuple(t.decision.value for t in a.topics) for a in model.classify(batch)]
    return found


def page_text(page: bytes) -> str:
    """Return all text of a page, a line per block: the poorest extraction, all the furniture."""
    parser = _Blocks()
    parser.feed(page.decode("utf-8", "replace"))
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(filter(None, lines))


class _Blocks(HTMLParser):
    """Collects text; line feeds where a block begins or ends."""

    inline = frozenset(
        {"a", "abbr", "b", "cite", "em", "font", "i", "mark", "small", "span", "strong"}
    )
    silent = frozenset({"script", "style", "noscript", "template", "svg", "head"})

    def __init__(self) -> None:
        super().__init__()
        self.parts = list[str]()
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's own
        self._silent += tag in self.silent
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self.silent))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag not in self.inline:
            self.parts.append("\n")


def _by_language(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found = defaultdict[str, list[T]](list)
    for language, item in pairs:
        found[language].append(item)
    return found


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    yield from map(json.loads, data.splitlines())


if __name__ == "__main__":
    main()
