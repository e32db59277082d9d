"""What IAM must allow for Route 53: the hosted zone, of a change the names, types and actions in it, and the VPCs that
are named, which have to be seen, too.
"""

from __future__ import annotations

from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, plain

_CHANGE = "route53:ChangeResourceRecordSets"


_LOOKS: Requirement = ("ec2:DescribeVpcs", "*", {})


def _vpcs(given: dict[str, str]) -> dict[str, Values]:
    """The condition key of the VPCs that are named."""
    return {"route53:VPCs": [f"VPCId={given.get('VPCId', '')},VPCRegion={given.get('VPCRegion', '')}"]}


def needs(call: Call) -> list[Requirement]:
    zone = call.get("HostedZoneId", "Id").rpartition("/")[2]
    if call.operation == "ListHostedZonesByVPC":
        return [(call.action, "*", _vpcs(call.params)), _LOOKS]
    if not zone or call.operation.startswith("ListHostedZones"):
        return plain(call)
    arn = f"arn:aws:route53:::hostedzone/{zone}"
    if call.operation in {"AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone"}:
        return [(call.action, arn, _vpcs(call.params["VPC"])), _LOOKS]
    if call.operation in {"CreateVPCAssociationAuthorization", "DeleteVPCAssociationAuthorization"}:
        return [(call.action, arn, _vpcs(call.params["VPC"]))]
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
