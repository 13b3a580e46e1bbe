"""What is decided about dead letters without a broker."""

import pytest

from services.dead.letters import Field, Filters, article_of, unpacked
from services.dead.showing import preview
from services.dead.verbs import Choice, checked_ids, full_id
from shared.errors import UsageError
from shared.messages import DEAD_SCHEMA, DeadLetter, encode
from shared.streams import StreamMap
from tests.support.build import NOW, labelled, raw


def letter(*, stage: str = "classify", article_id: str | None = None) -> DeadLetter:
    """Return a letter as delivery writes it."""
    return DeadLetter(
        schema=DEAD_SCHEMA, stage=stage, reason="no_text", error="an error", blame="producer",
        stream=StreamMap().raw, entry_id="1-1", attempts=1, entered_at=NOW, died_at=NOW,
        consumer="me", article_id=article_id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "accepted"),
    [
        pytest.param(Filters(), True, id="anything"),
        pytest.param(
            Filters(stage="classify", reason="no_text", article="a"), True, id="all three"
        ),
        pytest.param(Filters(stage="store"), False, id="another stage"),
        pytest.param(Filters(reason="empty"), False, id="another reason"),
        pytest.param(Filters(article="b"), False, id="another article"),
    ],
)
def test_conditions_are_joined_by_and(filters: Filters, *, accepted: bool) -> None:
    """One that does not fit is enough to refuse."""
    assert filters.accept(letter(), "a") is accepted


def test_an_unreadable_letter_fits_only_where_nothing_is_asked_of_it() -> None:
    """Nobody knows its stage or reason; of its time the stream tells."""
    assert Filters(since=NOW).accept(None, None)
    assert not Filters(stage="classify").accept(None, None)


@pytest.mark.parametrize(
    ("stage", "fields", "expected"),
    [
        pytest.param("classify", {b"text": b"A text."}, raw().article_id, id="flat fields"),
        pytest.param("classify", {b"data": encode(raw())}, raw().article_id, id="our message"),
        pytest.param("store", {b"data": encode(labelled(raw()))}, raw().article_id, id="labelled"),
        pytest.param("store", {b"data": b"{"}, None, id="broken"),
        pytest.param("classify", {b"text": b"\xff"}, None, id="not UTF-8"),
        pytest.param("classify", {}, None, id="nothing left"),
    ],
)
def test_the_article_is_read_from_what_died(
    stage: str, fields: dict[bytes, bytes], expected: str | None
) -> None:
    """As far as its fields can be understood."""
    assert article_of(letter(stage=stage), fields) == expected


def test_the_letter_s_own_word_about_the_article_goes_first() -> None:
    """Delivery knew it when the entry died."""
    assert article_of(letter(article_id="known"), {b"text": b"A text."}) == "known"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param([], [], id="nothing left"),
        pytest.param([(b"a", b"1"), (b"a", b"2")], [(b"a", b"1"), (b"a", b"2")], id="given twice"),
        pytest.param([(b"topicwire.packed", b"1:a2:\xff\n")], [(b"a", b"\xff\n")], id="packed"),
        pytest.param(
            [(b"topicwire.packed", b"mine")], [(b"topicwire.packed", b"mine")], id="not ours"
        ),
    ],
)
def test_the_fields_that_died_come_back_in_order(
    own: list[tuple[bytes, bytes]], expected: list[tuple[bytes, bytes]]
) -> None:
    """Also where a mapping would lose one."""
    assert unpacked([(b"topicwire.dead", b"{}"), *own]) == expected


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        pytest.param(Field(name="a", size_bytes=5, text="a\x1bb\n"), r"a\x1bb\n", id="controls"),
        pytest.param(Field(name="a", size_bytes=0, text=""), "", id="empty"),
        pytest.param(Field(name="a", size_bytes=2, base64="/0E="), r"\xffA", id="no text"),
    ],
)
def test_a_value_is_shown_as_one_safe_line(field: Field, shown: str) -> None:
    """Nothing a terminal might obey."""
    assert preview(field) == shown


def test_a_long_value_is_cut_and_says_how_to_see_it() -> None:
    """The command is named."""
    assert preview(Field(name="body", size_bytes=999, text="x" * 999)).endswith(
        "… (cut; --raw body writes it whole)"
    )


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param(Choice(), id="nothing"),
        pytest.param(Choice(["1-1"], all=True), id="ids and all"),
        pytest.param(Choice(["1-1"], Filters(stage="store")), id="ids and filters"),
        pytest.param(Choice(filters=Filters(stage="store"), all=True), id="filters and all"),
        pytest.param(Choice(["-"]), id="no id"),
    ],
)
def test_letters_are_chosen_in_exactly_one_way(choice: Choice) -> None:
    """What could mean two things is refused, with an example."""
    with pytest.raises(UsageError, match="topicwire dead"):
        choice.check("replay")


def test_an_id_may_be_given_by_its_first_number() -> None:
    """As the broker's own commands take it."""
    checked_ids(["5", "5-1"])

    assert (full_id("5"), full_id("5-1")) == ("5-0", "5-1")
