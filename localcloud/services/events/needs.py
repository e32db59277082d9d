"""What IAM must allow for EventBridge: the bus of each entry, the rule, its targets."""

from __future__ import annotations

from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, need, plain


def _bus(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"event-bus/{name or 'default'}")


def needs(call: Call) -> list[Requirement]:
    params = call.params
    if call.operation == "PutEvents":
        return [
            (
                "events:PutEvents",
                _bus(call, entry.get("EventBusName", "")),
                {"events:source": [entry.get("Source", "")], "events:detail-type": [entry.get("DetailType", "")]},
            )
            for entry in params.get("Entries", [])
        ]
    rule = call.get("Rule") or (call.get("Name") if call.operation.endswith("Rule") else "")
    if rule:
        bus = _bus(call, call.get("EventBusName")).split("/", 1)[1]
        arn = call.arn(f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}")
        more: dict[str, Values] = {"events:creatorAccount": call.caller.account}
        if call.operation == "PutTargets":
            more["events:TargetArn"] = [target.get("Arn", "") for target in params.get("Targets", [])]
        return need(call, arn, more)
    if call.operation.endswith("EventBus"):  # PutPermission and RemovePermission know no resource, by AWS's reference
        return need(call, _bus(call, call.get("Name", "EventBusName")))
    return plain(call)
