"""Lambda reads a table's stream, batch by batch and in order, as time passes.

What fails is tried again, whole or in halves, until it is done, given up or a day old: Lambda developer guide, "Using
Lambda with DynamoDB". A stream has one shard here, and a mapping reads it one batch at a time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from localcloud.door.call import Done
from localcloud.ground.bell import Bell
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.ids import uuid4
from localcloud.ground.questions import Invoked
from localcloud.services.lambda_.estate import Estate
from localcloud.services.lambda_.running import run_function
from localcloud.services.lambda_.sources.mappings import (
    Senseless,
    as_role,
    changed,
    conflict,
    invalid,
    is_wanted,
    lacking,
    mappings_of,
    named_failures,
    reads_from,
    twin,
)

POLL = 0.25  # seconds: Lambda asks a shard four times a second
KEPT = 24 * 3600.0  # seconds for which a stream keeps a record
LONGEST_WAIT = 60.0  # seconds between two tries of a batch; the real back-off is not published
NEEDED = tuple(f"dynamodb:{name}" for name in ("GetRecords", "GetShardIterator", "DescribeStream"))


@dataclass
class Reader:
    """One mapping at work: `at` is the place of its next record in the shard, `tries` those of the batch there."""

    mapping: Any  # moto's EventSourceMapping
    shard: Any
    at: int
    tries: int = 0
    most: int = 0
    """So many records at most, where a batch was halved; 0: as many as the mapping says."""
    working: bool = False
    due: Callable[[], None] | None = None


class Readers:
    """All mappings that read streams."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.cloud = estate.cloud
        self._readers: dict[str, Reader] = {}

    def refuse(self, params: Mapping[str, Any], caller: Caller) -> None:
        """Refuse the mappings that Lambda refuses."""
        arn = str(params.get("EventSourceArn", ""))
        if not reads_from(arn, "dynamodb"):
            return
        function = self.estate.function(caller.account, params["FunctionName"])
        if params.get("StartingPosition") not in ("LATEST", "TRIM_HORIZON"):
            given = params.get("StartingPosition")
            text = f"Invalid value for StartingPosition for a DynamoDB stream: {given}"
            text = text if given else "StartingPosition is required for a DynamoDB stream"
            raise invalid(f"{text}. Use LATEST or TRIM_HORIZON.")
        if _shard(arn) is None:
            raise invalid(f"Stream not found: {arn}")
        if lacking(self.estate, function, NEEDED, arn):
            raise invalid(
                f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator,"
                " DescribeStream, and ListStreams Actions on your stream in IAM."
            )
        if uuid := twin(arn, function, caller):
            text = f'The event source arn (" {arn} ") and function (" {function.function_name} ") provided mapping'
            raise conflict(text, uuid)

    def hear(self, done: Done) -> None:
        """Bring the readers in line with the account's mappings."""
        if not changed(done):
            return
        account = done.caller.account
        known = mappings_of(account, self.cloud.region)
        for uuid, reader in list(self._readers.items()):
            if reader.mapping.account_id == account and uuid not in known:
                _stop(reader)
                del self._readers[uuid]
        for uuid, mapping in known.items():
            if not reads_from(mapping.event_source_arn, "dynamodb"):
                continue
            if uuid not in self._readers:
                shard = _shard(mapping.event_source_arn)
                if shard is None:
                    continue
                at = len(shard.items) if mapping.starting_position == "LATEST" else 0
                self._readers[uuid] = Reader(mapping, shard, at)
                shard.table.lambda_event_source_mappings = Bell(functools.partial(self._arrived, shard.table))
            self._look(self._readers[uuid])

    # --- a batch ---------------------------------------------------------------------------------------------

    def _arrived(self, table: Any) -> None:
        for reader in self._readers.values():
            if reader.shard.table is table:
                self._look(reader)

    def _look(self, reader: Reader, wait: float = 0.0) -> None:
        """Plan the next batch: when it is full or its window is over, or after a `wait` that no one waits for."""
        mapping = reader.mapping
        if not mapping.enabled or reader.working:
            _stop(reader)
            return
        waiting = reader.shard.items[reader.at :]
        if not waiting or (reader.due is not None and not wait):
            return
        full = len(waiting) >= mapping.batch_size or reader.tries
        seconds = wait or POLL + (0.0 if full else float(mapping.max_batch_window or 0))
        what = f"batch of {mapping.event_source_arn.split('/')[1]}'s stream"
        reader.due = self.cloud.clock.after(seconds, lambda: self._read(reader), what, background=bool(wait))

    def _read(self, reader: Reader) -> None:
        reader.due = None
        mapping = reader.mapping
        try:
            function = self.estate.function(mapping.account_id, mapping.function_arn)
        except AwsError:
            return  # deleted
        if lacking(self.estate, function, NEEDED, mapping.event_source_arn):
            self._look(reader, LONGEST_WAIT)
            return
        batch = reader.shard.items[reader.at :][: reader.most or mapping.batch_size]
        if not batch:
            return
        wanted = [one for one in (_record(it, mapping) for it in batch) if is_wanted(mapping, one)]
        if not wanted:
            self._go_on(reader, len(batch))
            return
        try:
            done = run_function(self.estate, mapping.account_id, mapping.function_arn, {"Records": wanted})
        except AwsError as refused:
            if refused.code == "RequestTooLargeException" and len(batch) > 1:
                reader.most = len(batch) // 2
                self._look(reader)
            else:
                self._look(reader, 1.0)  # throttled
            return
        reader.working = True

        def over() -> None:
            reader.working = False
            self._judge(reader, function, batch, done)

        if done.seconds:
            self.cloud.clock.after(done.seconds, over, "batch of a stream")
        else:
            over()

    def _judge(self, reader: Reader, function: Any, batch: Sequence[Any], done: Invoked) -> None:
        """Go on behind what is done, and try again or give up what is not."""
        mapping = reader.mapping
        undone = _first_undone(mapping, batch, done)
        if undone is None:
            self._go_on(reader, len(batch))
            return
        reader.tries += 1
        if undone:
            self._go_on(reader, undone)
            return
        age = self.cloud.clock.now - _epoch(batch[0])
        allowed = KEPT if mapping.max_record_age in (None, -1) else float(mapping.max_record_age)
        retries = mapping.max_retry_attempts
        exhausted = retries not in (None, -1) and reader.tries > int(retries)
        if mapping.bisect_on_error and len(batch) > 1:
            reader.most = len(batch) // 2
            reader.tries -= 1  # to halve a batch costs no try
            self._look(reader)
        elif exhausted or age >= min(allowed, KEPT):
            condition = "RetryAttemptsExhausted" if exhausted else "RecordAgeExceeded"
            self._lay_aside(reader, function, batch, condition)
            self._go_on(reader, len(batch))
        else:
            self._look(reader, min(LONGEST_WAIT, 2.0 ** min(reader.tries - 1, 6)))

    def _go_on(self, reader: Reader, count: int) -> None:
        reader.at += count
        reader.tries = reader.most = 0
        self._look(reader)

    def _lay_aside(self, reader: Reader, function: Any, batch: Sequence[Any], condition: str) -> None:
        """Tell the mapping's destination which records were given up, not what was in them."""
        mapping = reader.mapping
        where = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination", "")
        if not where:
            return
        told = {
            "requestContext": {
                "requestId": uuid4(self.cloud.random_ids),
                "functionArn": mapping.function_arn,
                "condition": condition,
                "approximateInvokeCount": reader.tries,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": _stamp(self.cloud.clock.now),
            "DDBStreamBatchInfo": {
                "shardId": reader.shard.id,
                "startSequenceNumber": _sequence(batch[0]),
                "endSequenceNumber": _sequence(batch[-1]),
                "approximateArrivalOfFirstRecord": _stamp(_epoch(batch[0])),
                "approximateArrivalOfLastRecord": _stamp(_epoch(batch[-1])),
                "batchSize": len(batch),
                "streamArn": mapping.event_source_arn,
            },
        }
        try:
            self.cloud.events.hand_over(where, told, as_role(function))
        except AwsError:
            return  # what the role may not send is lost, as on AWS


def _stop(reader: Reader) -> None:
    if reader.due is not None:
        reader.due()
        reader.due = None


def _shard(stream: str) -> Any | None:
    """moto's shard of a stream, as long as the table has it."""
    parts = stream.split(":", 5)
    table, _, label = parts[5].removeprefix("table/").partition("/stream/")
    found = get_backend("dynamodb")[parts[4]][parts[3]].tables.get(table)
    return found.stream_shard if found is not None and found.latest_stream_label == label else None


def _record(item: Any, mapping: Any) -> dict[str, Any]:
    """One element of `Records`, as Lambda's guide shows it."""
    told = item.to_json()
    changed = {**told["dynamodb"], "ApproximateCreationDateTime": _epoch(item)}
    return {**told, "dynamodb": changed, "eventSourceARN": mapping.event_source_arn}


def _first_undone(mapping: Any, batch: Sequence[Any], done: Invoked) -> int | None:
    """The place in the batch of the first record that is to be tried again; None where all are done."""
    if done.error:
        return 0
    try:
        named = named_failures(mapping, done)
    except Senseless:
        return 0
    if not named:
        return None
    numbers = [_sequence(one) for one in batch]
    if not set(named) <= set(numbers):
        return 0  # an answer that makes no sense fails the whole batch
    return min(numbers.index(one) for one in named)


def _sequence(item: Any) -> str:
    return str(item.to_json()["dynamodb"]["SequenceNumber"])


def _epoch(item: Any) -> float:
    at: datetime = item.to_json()["dynamodb"]["ApproximateCreationDateTime"]
    return at.replace(tzinfo=UTC).timestamp()


def _stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
