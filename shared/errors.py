"""The one tree of errors.

    TopicwireError
    ├── TryAgain               the same call may go well later
    │   ├── BrokerUnavailable      the broker does not answer, or answers that it can't now
    │   ├── StoreUnavailable       the database does not answer, is locked, or is full
    │   └── SourceUnavailable      a feed or page could not be fetched
    └── GiveUp                 the same call will fail again
        ├── InvalidArticle         what a producer handed in is not an article (has a `reason`)
        ├── SettingsError          a setting is unknown, missing or wrong
        ├── ModelRefused           the model file is missing, damaged, foreign or of another version
        ├── StoreRefused           the store's schema is not ours, too old or too new
        ├── BrokerRefused          the broker is set up to lose data, and must not be (strict)
        ├── AddressTaken           a port or folder we need is in use or not ours to use
        └── UsageError             the command line was used wrongly (exit code 2)

Every message says what happened, where, and what to do.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something handed in is not an article. A closed set: it labels metrics."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_VERSION = "unknown_version"
    NO_TEXT = "no_text"
    BAD_FIELD = "bad_field"
    TOO_LARGE = "too_large"
    EMPTY = "empty"


class TopicwireError(Exception):
    """Base of every error raised on purpose; `str()` is fit to be shown to an operator."""


class TryAgain(TopicwireError):
    """The same call may succeed later; nothing was lost."""


class GiveUp(TopicwireError):
    """The same call will fail again until somebody changes something."""


class BrokerUnavailable(TryAgain):
    """The broker can't be reached or refuses work for now."""


class StoreUnavailable(TryAgain):
    """The store can't be reached, is locked, or has no room."""


class SourceUnavailable(TryAgain):
    """A feed could not be fetched or read."""


class InvalidArticle(GiveUp):
    """What a producer handed in can't be understood as an article.

    `reason` is from the closed set `Reason`; `detail` names the field and the cure.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


class SettingsError(GiveUp):
    """A setting is unknown, missing or wrong; the message names the variable."""


class ModelRefused(GiveUp):
    """A model artefact was not loaded; the message says why and how to get a good one."""


class StoreRefused(GiveUp):
    """The store exists but this release can't work with its schema."""


class BrokerRefused(GiveUp):
    """The broker may lose what it confirmed; the message says which setting of it to change."""


class AddressTaken(GiveUp):
    """A port or a folder that is needed is in use by somebody else, or not ours to use."""


class UsageError(GiveUp):
    """The command was used wrongly."""


def exit_code(error: TopicwireError) -> int:
    """Return 2 for what the caller did wrong (usage, settings), 1 for what failed."""
    return 2 if isinstance(error, UsageError | SettingsError) else 1
