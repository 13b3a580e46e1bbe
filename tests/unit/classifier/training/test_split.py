from services.classifier.training.corpus import Example, default_folder, read_folder
from services.classifier.training.split import is_held_out, split

# Held out once, held out for good: a model compared with an older one never saw them, either.
KNOWN = {"de-001": False, "en-001": False, "uk-001": True, "de-002": False, "en-007": False}


def example(number: int) -> Example:
    """Return an article that is nothing but its id."""
    return Example(id=f"xx-{number:05d}", text="Text.", labels=())


def test_about_a_fifth_is_held_out() -> None:
    """Of ten thousand ids, within four standard deviations (40)."""
    learn, held_out = split(example(number) for number in range(10_000))

    assert len(learn) + len(held_out) == 10_000
    assert abs(len(held_out) - 2_000) < 160


def test_the_parts_are_disjoint_and_keep_their_order() -> None:
    """Nothing is measured that was learnt."""
    given = [example(number) for number in range(100)]

    learn, held_out = split(given)

    assert not {e.id for e in learn} & {e.id for e in held_out}
    assert sorted(learn, key=given.index) == learn
    assert sorted(held_out, key=given.index) == held_out


def test_a_growing_corpus_moves_no_article_across() -> None:
    """What was held out stays held out, whatever is added before, between or after."""
    few, many = ({e.id for e in split(map(example, range(0, 999, step)))[1]} for step in (3, 1))

    assert few == {article_id for article_id in many if int(article_id[3:]) % 3 == 0}


def test_the_split_is_the_same_in_every_release() -> None:
    """Python's own hash differs from process to process; this one must never."""
    assert {article_id: is_held_out(article_id) for article_id in KNOWN} == KNOWN


def test_our_corpus_is_held_out_in_every_language_and_topic() -> None:
    """By chance alone a language could be missing; it is not."""
    examples = read_folder(default_folder())

    _, held_out = split(examples)

    assert {e.tongue for e in held_out} == {e.tongue for e in examples}
    assert {n for e in held_out for n in e.labels} == {n for e in examples for n in e.labels}
