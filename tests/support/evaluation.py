"""An evaluation as small as one can be, for what shows, draws or keeps it."""

from services.classifier.training.figures import (
    Bin,
    Calibration,
    Cases,
    Evaluation,
    Figure,
    LanguageFigures,
    Mistake,
    Pair,
    Scores,
    TopicFigures,
)
from shared.messages import Decision

NONE = Figure(None, None, None)


def scores(positives: int = 30) -> Scores:
    """Return figures of a hundred articles."""
    figure = Figure(0.75, 0.6, 0.9)
    return Scores(
        articles=100, positives=positives, said=33, precision=figure, recall=figure, f1=figure,
        said_share=figure, unsure=figure, decided=figure, decided_positives=NONE,
    )  # fmt: skip


def language(name: str, positives: int) -> LanguageFigures:
    """Return one language's figures."""
    cases = Cases(all=scores(positives), clear=scores(positives))
    return LanguageFigures(language=name, unweighted=cases, weighted=None)


def evaluation() -> Evaluation:
    """Return an evaluation of one topic, two languages, one mistake, and some empty bins."""
    bins = tuple(
        Bin(
            low=number / 10,
            high=(number + 1) / 10,
            articles=10 * (number % 2),
            share=0.2 * (number % 2),
            promised=number / 10 + 0.05 if number % 2 else None,
            observed=Figure(number / 10, number / 20, number / 10 + 0.1) if number % 2 else NONE,
        )
        for number in range(10)
    )
    mistake = Mistake(
        id="article-1", title="Title\x1b[2J", language="de", labelled=False, decision=Decision.YES,
        probability=0.97, threshold=0.6, borderline=True, words=("tank", "deal"),
    )  # fmt: skip
    return Evaluation(
        model="test 1",
        profile="accurate",
        articles=100,
        topics=(
            TopicFigures(
                topic="arms_trade",
                unweighted=Cases(all=scores(), clear=scores(25)),
                weighted=Cases(all=scores(), clear=scores(25)),
                calibration=Calibration(error=Figure(0.05, 0.03, 0.1), bins=bins),
                languages=(language("de", 20), language("en", 19)),
                worst=(mistake,),
            ),
        ),
        pairs=(
            Pair(labelled=(), said=("arms_trade",), articles=8, clear=7),
            Pair(labelled=("arms_trade",), said=("arms_trade",), articles=92, clear=92),
        ),
    )
