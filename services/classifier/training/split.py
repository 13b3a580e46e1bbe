"""The part of our corpus that is held out for measuring; the same articles however it grows."""

import hashlib
from collections.abc import Iterable

from services.classifier.training.corpus import Example

HELD_OUT_SHARE = 0.2


def is_held_out(article_id: str) -> bool:
    """Return whether an article is kept from training when it is to be measured on.

    Decided by the id's own SHA-256: adding, moving or changing other articles moves none across.
    """
    digest = hashlib.sha256(article_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") < HELD_OUT_SHARE * 2**64


def split(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """Return the examples to learn from and those held out, each in the order given."""
    learn, held_out = list[Example](), list[Example]()
    for example in examples:
        (held_out if is_held_out(example.id) else learn).append(example)
    return learn, held_out
