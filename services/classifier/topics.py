"""A topic: its name, and what is assumed and asked of it. Which there are stands in topics.toml.

The file lies beside the articles (corpus/topics.toml); the trained model carries it along, so the
services know topics only from their model.
"""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from shared.errors import UsageError

TOPICS_FILE = "topics.toml"


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One topic of a model.

    `name` stands in messages and tables, `title` in what people read. `prior`: its share in an
    ordinary stream of news, 0..1; a corpus has far more, so probabilities are corrected from the
    one to the other. `precision_target`: a *yes* is said from this probability upwards, so that
    each single *yes* is at least as likely right as promised. `no_below`: a *no* is said below it.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    title: Annotated[str, msgspec.Meta(min_length=1)]
    prior: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    precision_target: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.9
    no_below: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.1

    def __post_init__(self) -> None:
        """Refuse bounds that would make one probability both *yes* and *no*."""
        if self.no_below > self.precision_target:
            raise ValueError(f"no_below of {self.name} lies above its precision_target")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    topic: tuple[Topic, ...]


def read_topics(folder: Path) -> tuple[Topic, ...]:
    """Return the topics named in `folder`, in order; raises UsageError with the cure."""
    path = folder / TOPICS_FILE
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).topic
    except OSError as error:
        raise UsageError(
            f"{path} can't be read ({error.strerror}); a corpus names its topics there: "
            "docs/topics.md shows how"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: {error}; docs/topics.md shows what belongs there") from error
    names = [topic.name for topic in found]
    if not names or len(set(names)) < len(names):
        raise UsageError(f"{path} must name at least one topic, and none twice: {names}")
    return found
