"""What IAM must allow for Route 53: the hosted zone, and of a change the names, types and actions in it."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, plain

_CHANGE = "route53:ChangeResourceRecordSets"


def needs(call: Call) -> list[Requirement]:
    zone = call.get("HostedZoneId", "Id").rpartition("/")[2]
    if not zone or call.operation.startswith("ListHostedZones"):
        return plain(call)
    arn = f"arn:aws:route53:::hostedzone/{zone}"
    if call.action != _CHANGE:
        return [(call.action, arn, {})]
    changes = call.params["ChangeBatch"]["Changes"]
    sets = [change["ResourceRecordSet"] for change in changes]
    keys = {
        f"{_CHANGE}NormalizedRecordNames": sorted({one["Name"].lower().removesuffix(".") for one in sets}),
        f"{_CHANGE}RecordTypes": sorted({one["Type"] for one in sets}),
        f"{_CHANGE}Actions": sorted({change["Action"] for change in changes}),
    }
    return [(call.action, arn, dict(keys))]
