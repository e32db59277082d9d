"""What is put on a bus, by a client or by AWS itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.json_text import read_json
from localcloud.ground.service import Operations
from localcloud.services.events.delivery import put
from localcloud.services.events.estate import Estate, bus_arn_of
from localcloud.services.events.rules import check_pattern

MAX_REQUEST = 1024 * 1024  # bytes of all entries of one PutEvents (facts 21)


def _size(entry: Mapping[str, Any]) -> int:
    """Bytes that count for the limit of PutEvents, as the user guide counts them."""
    size = 14 if entry.get("Time") else 0
    texts = [entry.get(key) or "" for key in ("Source", "DetailType", "Detail")] + list(entry.get("Resources") or [])
    return size + sum(len(text.encode()) for text in texts)


def try_pattern(_: Estate, params: dict[str, Any], __: Caller) -> dict[str, Any]:
    return {"Result": _test_pattern(params)}


def _test_pattern(params: Mapping[str, Any]) -> bool:
    try:
        event = read_json(params["Event"], twice=True)
    except ValueError as error:
        raise AwsError("ValidationException", f"Event is not valid. Reason: {error}") from error
    if not isinstance(event, dict):
        raise AwsError("ValidationException", "Event is not valid. Reason: it is not an object")
    needed = ("id", "account", "source", "time", "region", "resources", "detail-type")
    missing = [key for key in needed if key not in event]
    if missing:
        raise AwsError("ValidationException", f"Event is not valid. Reason: {missing[0]} is missing")
    return check_pattern(params["EventPattern"]).matches(event)


def emit(
    estate: Estate,
    account: str,
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    resources: Sequence[str] = (),
    region: str | None = None,
) -> None:
    """An AWS service puts an event on the account's default bus; by `delivery.drop` it may be lost."""
    if estate.delivery.drop and estate.cloud.random.random() < estate.delivery.drop:
        return
    region = region or estate.cloud.region
    event = estate.document(account, region, source, detail_type, detail, resources, estate.cloud.clock.now)
    put(estate, f"arn:aws:events:{region}:{account}:event-bus/default", event)


def put_events(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    entries = params["Entries"]
    if sum(map(_size, entries)) > MAX_REQUEST:
        raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
    answers = [put_entry(estate, entry, caller) for entry in entries]
    return {
        "Entries": answers,
        "FailedEntryCount": sum("ErrorCode" in answer for answer in answers),
    }


def put_entry(estate: Estate, entry: dict[str, Any], caller: Caller) -> dict[str, Any]:
    for field in ("Source", "DetailType", "Detail"):
        if not entry.get(field):
            text = f"Parameter {field} is not valid. Reason: {field} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": text}
    if entry["Source"].startswith("aws."):
        text = "Not authorized for the source."
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": text}
    try:
        detail = read_json(entry["Detail"], twice=True)
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    bus_arn = bus_arn_of(entry.get("EventBusName") or "default", caller)
    is_foreign = bus_arn.split(":")[4] != caller.account
    if is_foreign and estate.bus(bus_arn) is not None and not estate.admits(bus_arn, caller):
        text = f"User: {caller.arn} is not authorized to perform: events:PutEvents on resource: {bus_arn}"
        raise AwsError("AccessDeniedException", text)
    at = entry["Time"].timestamp() if entry.get("Time") else estate.cloud.clock.now
    event = estate.document(
        caller.account,
        caller.region,
        entry["Source"],
        entry["DetailType"],
        detail,
        entry.get("Resources", []),
        at,
    )
    put(estate, bus_arn, event)
    return {"EventId": event["id"]}


OPERATIONS: Operations[Estate] = {
    "PutEvents": put_events,
    "TestEventPattern": try_pattern,
}
