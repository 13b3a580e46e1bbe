"""At least once, one effect: how a stage takes entries from its stream and finishes them.

    XREADGROUP ─▶ Processor.process ─▶ settle (one script: XACK, and only who acknowledged
        ▲                │              first publishes onwards or writes the dead letter)
        │                └ raises ─▶ one by one; what still fails stays pending
    reclaim ◀─ pending entries of dead consumers; at the delivery limit: dead letter
    trim    ◀─ what every group has finished;  lag ◀─ age of the oldest unfinished article
    breaker ◀─ how each entry went; too many failures of ours pause the stage until `topicwire resume`

`consumer.StageConsumer` wires it; `entries` is the vocabulary; `reclaim` and `trim` decide purely
and then do; `breaker` decides, `pause` does; `settle` holds the scripts; `reading` is the seam to
FastStream; `patience` waits out what passes. Design and the runs behind it: docs/architecture.md.
"""

from shared.delivery.consumer import StageConsumer
from shared.delivery.entries import Done, Entry, Forward, Outcome, Processor, Reject

__all__ = ["Done", "Entry", "Forward", "Outcome", "Processor", "Reject", "StageConsumer"]
