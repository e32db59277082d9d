"""What EC2 refuses of security groups, their rules and a VPC's attributes (API reference)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.backends import backend_in
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.ec2 import filters, instances, named, tag_specifications

LONGEST = 255
PORT = 65_535
_TEXT = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*")


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterValue", text, 400)


def _group(params: Mapping[str, Any], _: Caller) -> None:
    for name, shown in (("GroupName", "GroupName"), ("Description", "GroupDescription")):
        value = params.get(name, "")
        if not value.isascii():
            told = "Character sets beyond ASCII are not supported."
            raise _invalid(f"Value ({value}) for parameter {shown} is invalid. {told}")
        if not _TEXT.fullmatch(value) or len(value) > LONGEST:
            told = f"At most {LONGEST} of a-z A-Z 0-9 space ._-:/()#,@[]+=&;{{}}!$* may stand there."
            raise _invalid(f"Value ({value}) for parameter {shown} is invalid. {told}")
    if params.get("GroupName", "").startswith("sg-"):
        raise _invalid(f"Value ({params['GroupName']}) for parameter GroupName is invalid. It cannot begin with sg-.")


def _rules(params: Mapping[str, Any], _: Caller) -> None:
    for permission in params.get("IpPermissions") or ():
        sources = [
            source
            for key in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
            for source in permission.get(key) or ()
        ]
        if not sources:
            raise AwsError("MissingParameter", "A rule must name CIDRs, prefix lists or security groups.", 400)
        for source in sources:
            cidr = source.get("CidrIp", source.get("CidrIpv6", "0.0.0.0/0"))
            if not _is_network(cidr, 6 if "CidrIpv6" in source else 4):
                raise _invalid(f"CIDR block {cidr} is malformed")
            description = source.get("Description", "")
            if not _TEXT.fullmatch(description) or len(description) > LONGEST:
                told = "Invalid rule description. Valid descriptions are strings less than 256 characters from the"
                raise _invalid(f"{told} following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*")
        if str(permission.get("IpProtocol")).lower() in ("tcp", "udp", "6", "17"):
            _ports(permission.get("FromPort"), permission.get("ToPort"))


def _is_network(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_network(text, strict=False).version == version and "/" in text
    except ValueError:
        return False


def _ports(first: int | None, last: int | None) -> None:
    if first is None or last is None:
        return  # moto says so
    if not 0 <= first <= last <= PORT:
        raise _invalid(f"Invalid value '{first}-{last}' for port range: from 0 to {PORT}, the lower one first.")


def _vpc_attribute(params: Mapping[str, Any], caller: Caller) -> None:
    given = [name for name in params if name.startswith("Enable")]
    if len(given) > 1:
        raise AwsError(
            "InvalidParameterCombination", f"Fields for multiple attribute types specified: {', '.join(given)}", 400
        )
    vpc = get_backend("ec2")[caller.account][caller.region].vpcs.get(params["VpcId"])
    names = (params.get("EnableDnsHostnames") or {}).get("Value")
    if vpc is not None and names and str(vpc.enable_dns_support).lower() != "true":
        text = "DNS hostnames can be enabled only where DNS support is."
        raise AwsError("InvalidParameterCombination", text, 400)


def _endpoint(params: Mapping[str, Any], caller: Caller) -> None:
    if params.get("VpcEndpointType") not in ("Resource", "ServiceNetwork"):
        return
    other = {"Resource": "ServiceNetworkArn", "ServiceNetwork": "ResourceConfigurationArn"}[params["VpcEndpointType"]]
    for member in ("ServiceName", other):
        if params.get(member):
            text = f"{member} cannot be given for an endpoint of type {params['VpcEndpointType']}"
            raise AwsError("InvalidParameterCombination", text, 400)
    backend = get_backend("ec2")[caller.account][caller.region]
    for subnet in params.get("SubnetIds") or ():
        there = next((found[subnet] for found in backend.subnets.values() if subnet in found), None)
        if there is None:
            raise AwsError("InvalidSubnetId.NotFound", f"The subnet ID '{subnet}' does not exist", 400)
        if there.vpc_id != params["VpcId"]:
            text = f"The subnet {subnet} is not in the VPC {params['VpcId']}"
            raise AwsError("InvalidParameter", text, 400)


# One of these must be there, which the model cannot say; moto falls over none, or speaks of one named None.
_EITHER = {
    **dict.fromkeys(
        (
            "AuthorizeSecurityGroupIngress",
            "DeleteSecurityGroup",
            "RevokeSecurityGroupIngress",
            "UpdateSecurityGroupRuleDescriptionsEgress",
            "UpdateSecurityGroupRuleDescriptionsIngress",
        ),
        ("GroupId", "GroupName"),
    ),
    **dict.fromkeys(("DeleteLaunchTemplate", "ModifyLaunchTemplate"), ("LaunchTemplateId", "LaunchTemplateName")),
    "CreateNatGateway": ("SubnetId", "VpcId"),
    "CreateVpcPeeringConnection": ("PeerVpcId",),
    "CreateVolume": ("AvailabilityZone", "AvailabilityZoneId"),
    "CreateVpc": ("CidrBlock",),  # or a pool of IPAM's, which is not there
    **dict.fromkeys(("EnableVpcClassicLinkDnsSupport", "DisableVpcClassicLinkDnsSupport"), ("VpcId",)),
    "DeleteKeyPair": ("KeyName", "KeyPairId"),
}


def _every(operation: str, params: Mapping[str, Any], caller: Caller) -> None:
    needed = _EITHER.get(operation)
    if needed is not None and not any(params.get(name) for name in needed):
        words = " or ".join(f"{name[0].lower()}{name[1:]}" for name in needed)
        raise AwsError("MissingParameter", f"The request must contain the parameter {words}", 400)
    filters.refuse(operation, params)
    tag_specifications.refuse(operation, params)
    named.refuse(operation, params, caller)
    if params.get("DryRun"):
        # After all that can be said against it; moto does what it was only asked about.
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


EVERY = _every


def _key(params: Mapping[str, Any], caller: Caller) -> None:
    keys = get_backend("ec2")[caller.account][caller.region].key_pairs
    for name in (*(params.get("KeyNames") or ()), *filter(None, (params.get("KeyName"),))):
        if name not in keys:
            raise AwsError("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist", 400)


def _image(params: Mapping[str, Any], caller: Caller) -> None:
    if params["ImageId"] not in get_backend("ec2")[caller.account][caller.region].amis:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{params['ImageId']}]' does not exist", 400)


def _run(params: Mapping[str, Any], caller: Caller) -> None:
    _key(params, caller)
    instances.demand_place(params, caller)


def _subnet(params: Mapping[str, Any], caller: Caller) -> None:
    zone = params.get("AvailabilityZone")
    if zone and not (zone.startswith(caller.region) and len(zone) == len(caller.region) + 1):
        text = f"Value ({zone}) for parameter availabilityZone is invalid."
        raise _invalid(f"{text} Subnets can only be created in the Availability Zones of {caller.region}.")


def _volume(params: Mapping[str, Any], caller: Caller) -> None:
    zone = params.get("AvailabilityZone")
    known = {one.name for one in get_backend("ec2")[caller.account][caller.region].describe_availability_zones()}
    if zone and zone not in known:
        raise AwsError("InvalidZone.NotFound", f"The zone '{zone}' does not exist.", 400)


def _copied(params: Mapping[str, Any], caller: Caller) -> None:
    """Of the Region that is named, what is copied; moto looks into a Region that there is not."""
    region = params["SourceRegion"]
    backend = backend_in("ec2", caller.account, region)
    if backend is None:
        text = f"Value ({region}) for parameter sourceRegion is invalid. Invalid region: {region}"
        raise _invalid(text)
    image, snapshot = params.get("SourceImageId"), params.get("SourceSnapshotId")
    if image and image not in backend.amis:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist", 400)
    if snapshot and snapshot not in backend.snapshots:
        raise AwsError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot}' does not exist.", 400)


def _default_key(params: Mapping[str, Any], caller: Caller) -> None:
    kms = backend_in("kms", caller.account, caller.region)
    named = params["KmsKeyId"]
    known = kms is not None and (kms.get_key_id(named) in kms.keys or kms.get_key_id_from_alias(named))
    if not known:
        raise AwsError("InvalidKmsKeyId.NotFound", f"The KMS key {named} does not exist", 400)


LIMITS = {
    "CopyImage": _copied,
    "CopySnapshot": _copied,
    "ModifyEbsDefaultKmsKeyId": _default_key,
    "DescribeImageAttribute": _image,
    "DescribeKeyPairs": _key,
    "RunInstances": _run,
    **instances.LIMITS,
    "CreateSubnet": _subnet,
    "CreateSecurityGroup": _group,
    "AuthorizeSecurityGroupIngress": _rules,
    "AuthorizeSecurityGroupEgress": _rules,
    "UpdateSecurityGroupRuleDescriptionsIngress": _rules,
    "UpdateSecurityGroupRuleDescriptionsEgress": _rules,
    "ModifyVpcAttribute": _vpc_attribute,
    "CreateVolume": _volume,
    "CreateVpcEndpoint": _endpoint,
}
AGAIN = {"RunInstances": instances.demand_alive}
