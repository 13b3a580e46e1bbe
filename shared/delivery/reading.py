"""The seam to FastStream: a subscriber that reads batches of raw fields, as far as it goes with them.

tests/contract/test_faststream.py pins what this rests on.
"""

from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage

from shared.delivery.entries import Entry
from shared.settings import CommonSettings
from shared.streams import Stage


async def made_already(**_options: object) -> bool:
    """Stand in for XGROUP CREATE: `start` and housekeeping make sure of the group."""
    return True


def subscribe(broker: RedisBroker, stage: Stage, name: str, settings: CommonSettings) -> Any:
    """Return a subscriber of the stage's group: bounded batches, nothing acknowledged by itself."""
    return broker.subscriber(
        stream=StreamSub(
            stage.input,
            group=stage.group,
            consumer=name,
            batch=True,
            max_records=settings.batch_entries,
            polling_interval=settings.poll_ms,
        ),
        ack_policy=AckPolicy.MANUAL,
        parser=_parse,
        decoder=_decode,
    )


async def _parse(message: Any) -> RedisBatchStreamMessage:
    """Hand raw fields on: FastStream's own parser strands a batch over one odd entry."""
    return RedisBatchStreamMessage(raw_message=message, body=b"", consumer=None, group=None)  # type: ignore[arg-type]


async def _decode(message: Any) -> list[Entry]:
    raw = message.raw_message
    return [
        Entry(entry_id.decode(), fields)
        for entry_id, fields in zip(raw["message_ids"], raw["data"], strict=True)
    ]


def rows_of(reply: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Return the entries of an XREADGROUP reply on one stream, in either protocol's shape."""
    if not reply:
        return []
    streams = reply.values() if isinstance(reply, dict) else [rows for _, rows in reply]
    return [row for rows in streams for row in rows]
