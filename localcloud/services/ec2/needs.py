"""What IAM must allow for EC2: each thing that is named, and the tags that come with what is made."""

from __future__ import annotations

import re
from collections.abc import Callable

from moto.backends import get_backend
from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, request_tags, resource_tags

_EC2_TYPES = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}

_EC2_ID = re.compile(r"([a-z]+)-[0-9a-f]{8,17}")


def needs(call: Call) -> list[Requirement]:
    operation, params = call.operation, call.params
    if re.match(r"(Describe|Get|Search|List)", operation):
        return [(call.action, "*", {})]
    if operation in ("CreateTags", "DeleteTags"):
        tags = params.get("Tags", [])
        asked = request_tags(tags if operation == "CreateTags" else [], [tag.get("Key", "") for tag in tags])
        if "aws:TagKeys" in asked:
            asked["aws:TagKeys"] = list(dict.fromkeys(asked["aws:TagKeys"]))
        return [(call.action, arn, asked | _of_ec2(call, arn)) for arn in map(_ec2_arn(call), params["Resources"])]
    specified = params.get("TagSpecifications") or []
    tagged = [
        (
            "ec2:CreateTags",
            call.arn(f"{spec.get('ResourceType', '*')}/*"),
            request_tags(spec.get("Tags")) | {"ec2:CreateAction": operation},
        )
        for spec in specified
        if spec.get("Tags")
    ]
    asked = request_tags([tag for spec in specified for tag in spec.get("Tags", [])])
    if operation == "CreateSecurityGroup":
        vpc = call.arn(f"vpc/{params['VpcId']}") if params.get("VpcId") else call.arn("vpc/*")
        group = (call.action, call.arn("security-group/*"), asked | {"ec2:Vpc": vpc})
        return [group, (call.action, vpc, _of_ec2(call, vpc)), *tagged]
    if params.get("ServiceNetworkArn"):
        tagged.append(("vpc-lattice:CreateServiceNetworkVpcEndpointAssociation", "*", {}))
    ids = [value for value in params.values() if isinstance(value, str) and _EC2_ID.fullmatch(value)]
    named = [(call.action, arn, asked | _of_ec2(call, arn)) for arn in map(_ec2_arn(call), ids)]
    return [*(named or [(call.action, "*", asked)]), *tagged]


def _ec2_arn(call: Call) -> Callable[[str], str]:
    def arn(id: str) -> str:
        return call.arn(f"{_EC2_TYPES.get(id.rsplit('-', 1)[0], '*')}/{id}")

    return arn


def _of_ec2(call: Call, arn: str) -> dict[str, Values]:
    """A resource's tags, its id and its VPC as EC2's condition keys."""
    kind, _, id = arn.split(":", 5)[5].partition("/")
    context = resource_tags(arn, call.tags)
    context |= {f"ec2:{key[4:]}": value for key, value in context.items() if key.startswith("aws:ResourceTag/")}
    backend = get_backend("ec2")[call.caller.account][call.caller.region]
    if kind == "security-group":
        context["ec2:SecurityGroupID"] = id
        group = backend.get_security_group_from_id(id)
        if group is not None and group.vpc_id:
            context["ec2:Vpc"] = call.arn(f"vpc/{group.vpc_id}")
    elif kind == "vpc":
        context["ec2:VpcID"] = id
    return context
