"""Figures that were accepted once, and whether new ones fall behind them. Kept in docs/figures.json.

When is a fall more than noise? When the upper end of the new 95 % interval lies below the accepted
value. Both figures are of the same articles, so chance (which articles happened to be collected)
shifts both the same way: if they correlate by 0.5 or more, their difference spreads no wider than
either, and a model that is as good as the accepted one is called worse at most once in forty
figures. Outcomes article by article, which a paired test needs, are not kept: the real articles
belong to their publishers. So that small falls can't add up, every run is compared with what was
last accepted, never with the last run.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from services.classifier.training.figures import Evaluation, Figure
from shared.errors import UsageError


class AcceptedTopic(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched of one topic: both on clear cases."""

    f1_clear: Figure
    precision_clear: Figure


class AcceptedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation, as far as it is watched: model, number of articles, figures by topic."""

    model: str
    articles: int
    topics: dict[str, AcceptedTopic]


# By data set, then by profile.
Accepted = dict[str, dict[str, AcceptedRun]]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One watched figure then and now."""

    data: str
    profile: str
    topic: str
    figure: str
    accepted: Figure
    now: Figure

    @property
    def fell(self) -> bool:
        """Whether the new figure lies below the accepted one by more than noise, or is gone."""
        if self.accepted.value is None:
            return False
        return self.now.high is None or self.now.high < self.accepted.value


def watched(evaluation: Evaluation) -> AcceptedRun:
    """Return what is kept of an evaluation: no text, no title, no id."""
    return AcceptedRun(
        model=evaluation.model,
        articles=evaluation.articles,
        topics={
            topic.topic: AcceptedTopic(
                f1_clear=topic.unweighted.clear.f1,
                precision_clear=topic.unweighted.clear.precision,
            )
            for topic in evaluation.topics
        },
    )


def changes(accepted: Accepted, measured: Accepted) -> Iterator[Change]:
    """Yield every accepted figure of the data sets and profiles that were measured.

    What was measured for the first time has nothing to fall from; a topic that is gone has fallen.
    """
    for data, profiles in measured.items():
        for profile, run in profiles.items():
            if before := accepted.get(data, {}).get(profile):
                for topic, figures in before.topics.items():
                    yield from _changes(data, profile, topic, figures, run.topics)


def merged(accepted: Accepted, measured: Accepted) -> Accepted:
    """Return the accepted figures with the measured ones in their place; others stay."""
    return {
        data: {**accepted.get(data, {}), **measured.get(data, {})}
        for data in sorted({*accepted, *measured})
    }


def read(path: Path) -> Accepted:
    """Return the accepted figures, none if there is no such file; raises UsageError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Accepted)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise UsageError(
            f"{path} can't be read ({error}); restore it, or write it anew with "
            "`make evaluate ACCEPT=1`"
        ) from error


def write(path: Path, accepted: Accepted) -> None:
    """Write the figures; a reader sees the old file or the new one."""
    encoded = msgspec.json.format(msgspec.json.encode(accepted, order="sorted"), indent=1)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(encoded + b"\n")
    temporary.replace(path)


def _changes(
    data: str,
    profile: str,
    topic: str,
    before: AcceptedTopic,
    now: Mapping[str, AcceptedTopic],
) -> Iterator[Change]:
    gone = AcceptedTopic(
        f1_clear=Figure(None, None, None), precision_clear=Figure(None, None, None)
    )
    after = now.get(topic, gone)
    for figure, old, new in (
        ("F1", before.f1_clear, after.f1_clear),
        ("precision of yes", before.precision_clear, after.precision_clear),
    ):
        yield Change(data=data, profile=profile, topic=topic, figure=figure, accepted=old, now=new)
