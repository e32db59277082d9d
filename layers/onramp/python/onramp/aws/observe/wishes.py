"""What people have tagged: load balancers and VPCs, and the security groups that say who may enter."""

import ipaddress
from collections.abc import Iterable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.at_once import each
from onramp.aws.errors import code, denied
from onramp.aws.observe.reader import Reader, tag_dict
from onramp.core import names, sources, tags
from onramp.core.desired import Desired, wishes
from onramp.core.model import (
    LOAD_BALANCERS,
    SECURITY_GROUPS,
    VPCS,
    AlbListener,
    Ingress,
    LoadBalancer,
    SecurityGroup,
    Vpc,
    VpcAssociation,
)

TAGS_PER_CALL = 20  # ELBv2 DescribeTags (facts 19)
PAGE = 400  # the most that DescribeLoadBalancers gives at once: pages follow each other, and a large account has many


def load_balancers(reader: Reader, registered: Iterable[str]) -> tuple[LoadBalancer, ...]:
    """Those that carry a tag, and those that are `registered` in a target group of ours: by ARN."""
    behind = frozenset(registered)
    items = reader.listed(LOAD_BALANCERS, "elbv2", "describe_load_balancers", "LoadBalancers", PageSize=PAGE)
    reader.described.update({item["LoadBalancerArn"]: item for item in items})
    tagged: dict[str, dict[str, str]] = {}
    arns = [item["LoadBalancerArn"] for item in items]

    def tags_of(some: list[str]) -> None:
        why = "DescribeTags does not answer for it"
        try:
            for found in reader.client("elbv2").describe_tags(ResourceArns=some)["TagDescriptions"]:
                tagged[found["ResourceArn"]] = tag_dict(found["Tags"])
        except ClientError as error:
            if not denied(error):
                raise  # one of them may just have gone: the next try knows it no more
            why = f"DescribeTags {code(error)}"
        reader.unread.update({arn: f"{why}: what it asks for is not known" for arn in some if arn not in tagged})

    each(tags_of, [arns[start : start + TAGS_PER_CALL] for start in range(0, len(arns), TAGS_PER_CALL)])
    asking = [item for item in items if tagged.get(item["LoadBalancerArn"]) or item["LoadBalancerArn"] in behind]
    return tuple(each(lambda item: _load_balancer(reader, item, tagged.get(item["LoadBalancerArn"], {})), asking))


def _load_balancer(reader: Reader, item: dict[str, Any], given: dict[str, str]) -> LoadBalancer:
    plain = LoadBalancer(
        arn=item["LoadBalancerArn"],
        name=item["LoadBalancerName"],
        type=item["Type"],
        scheme=item.get("Scheme", ""),
        state=item.get("State", {}).get("Code", ""),
        vpc=item.get("VpcId", ""),
        tags=given,
    )
    if not wishes(reader.network, plain) or plain.type != "application" or plain.scheme != "internal":
        return plain
    listeners = reader.one(
        plain.arn, lambda: reader.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=plain.arn)
    )
    if listeners is None:
        return plain
    reader.listeners[plain.arn] = listeners
    return replace(plain, listeners=tuple(_listener(found) for found in listeners))


def _listener(item: dict[str, Any]) -> AlbListener:
    # What comes before the last action, signing in, lets through or answers by itself.
    actions = sorted(item.get("DefaultActions", ()), key=lambda action: action.get("Order", 0))
    return AlbListener(
        protocol=item["Protocol"],
        port=item["Port"],
        does=actions[-1]["Type"] if actions else "forward",
        certificate=next((one["CertificateArn"] for one in item.get("Certificates", ())), ""),
    )


def vpcs(reader: Reader) -> tuple[Vpc, ...]:
    """Those that ask, by whatever key begins with the prefix, and those that still carry an answer of ours."""
    # The first key by itself, too, so that nothing but a typing error depends on how a wildcard is read.
    keys = [reader.network.prefix + tags.NETWORK, f"{reader.network.prefix}*", tags.STATUS, tags.SERVICES]
    return tuple(
        Vpc(
            id=item["VpcId"],
            cidrs=(
                *(_cidrs(item, "CidrBlock", "") or (item["CidrBlock"],)),
                *_cidrs(item, "Ipv6CidrBlock", "Ipv6"),
            ),
            tags=tag_dict(item.get("Tags", ())),
        )
        for item in reader.listed(VPCS, "ec2", "describe_vpcs", "Vpcs", Filters=[{"Name": "tag-key", "Values": keys}])
    )


def _cidrs(vpc: dict[str, Any], key: str, family: str) -> tuple[str, ...]:
    """Those that are in use: `Ipv6CidrBlock` of `Ipv6CidrBlockAssociationSet`, and the same without Ipv6."""
    return tuple(
        found[key]
        for found in vpc.get(f"{family}CidrBlockAssociationSet", ())
        if found.get(f"{key}State", {}).get("State") == "associated"
    )


# --- who may enter


def security_groups(reader: Reader) -> tuple[SecurityGroup, ...]:
    """Those that bear our mark. Ours is what bears the name that we give for its VPC, too, or was taken over."""
    marked = [{"Name": f"tag:{tags.OWNER}", "Values": [reader.network.name]}]
    return tuple(_security_group(reader, item) for item in described(reader, marked))


def described(reader: Reader, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Security groups as EC2 tells them."""
    return reader.listed(SECURITY_GROUPS, "ec2", "describe_security_groups", "SecurityGroups", Filters=filters)


def _security_group(reader: Reader, item: dict[str, Any]) -> SecurityGroup:
    name = names.security_group(reader.network.name, item["VpcId"])
    given = tag_dict(item.get("Tags", ()))
    if (given.get(tags.OWNER), given.get(tags.RELEASE)) == (reader.network.name, tags.YES):
        reader.let_go.add(item["GroupId"])
    ours = item["GroupName"] == name or item["GroupId"] in reader.known
    return security_group(item, name=name if ours else item["GroupName"], owned=ours)


def security_group(item: dict[str, Any], *, name: str, owned: bool) -> SecurityGroup:
    """The value of what EC2 tells, under this name."""
    return SecurityGroup(
        id=item["GroupId"],
        name=name,
        vpc=item["VpcId"],
        owned=owned,
        admits=frozenset(_ingress(item["IpPermissions"])),
    )


def unmarked_groups(
    reader: Reader, associations: Iterable[VpcAssociation], marked: tuple[SecurityGroup, ...], there: Iterable[Vpc]
) -> tuple[SecurityGroup, ...]:
    """Groups of our associations that bear our name, and our mark no more: somebody took it off. Asked only where an
    association has a group that does not bear it, and that no tag names as the team's own.
    """
    key = reader.network.prefix + tags.SECURITY_GROUPS
    own = {group for vpc in there for group in sources.words(vpc.tags.get(key, ""))}
    used = {group for found in associations if found.owned for group in found.security_groups}
    asked = used - own - {group.id for group in marked}
    if not asked:
        return ()
    items = described(reader, [{"Name": "group-id", "Values": sorted(asked)}])
    found = tuple(group for item in items if (group := _security_group(reader, item)).owned)
    reader.unmarked |= {group.id: group.name for group in found}
    return found


def unknown_groups(
    reader: Reader, want: Desired, associations: list[VpcAssociation], groups: tuple[SecurityGroup, ...]
) -> frozenset[tuple[str, str]]:
    """Asked only of groups that are not in use yet: what an association has, or a rule of ours refers to, exists."""
    used = {(found.vpc, group) for found in associations for group in found.security_groups}
    used |= {(group.vpc, rule.source) for group in groups if group.owned for rule in group.admits}
    callers = {(client.vpc, one) for client in want.clients for one in client.callers if one.startswith("sg-")}
    named = ({(client.vpc, group) for client in want.clients for group in client.security_groups} | callers) - used
    if not named:
        return frozenset()
    filters = [{"Name": "group-id", "Values": sorted({group for _, group in named})}]
    there = described(reader, filters)
    if SECURITY_GROUPS in reader.unread:
        return frozenset()
    return frozenset(named - {(item["VpcId"], item["GroupId"]) for item in there})


def prefix_lists(reader: Reader, want: Desired, groups: tuple[SecurityGroup, ...]) -> dict[str, int]:
    """Those that tags name or rules of ours have, and how many entries each may come to hold; asked only if there are
    any. Where they cannot be read each of them is unread.
    """
    named = {one for client in want.clients for one in client.callers}
    named |= {rule.source for group in groups if group.owned for rule in group.admits}
    lists = sorted(one for one in named if one.startswith("pl-"))
    found: dict[str, int] = {}
    for one in lists:
        # One by one: what cannot be read of one, or is AWS's own, says nothing of another.
        filters = [{"Name": "prefix-list-id", "Values": [one]}]
        items = reader.one(one, partial(_prefix_lists, reader, filters))
        # AWS's own lists answer no number, and hold addresses of its services, none of which calls from a VPC.
        found |= {item["PrefixListId"]: item["MaxEntries"] for item in items or () if "MaxEntries" in item}
    return found


def _prefix_lists(reader: Reader, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return reader.pages("ec2", "describe_managed_prefix_lists", "PrefixLists", Filters=filters)


def _ingress(permissions: list[dict[str, Any]]) -> list[Ingress]:
    sources = (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("UserIdGroupPairs", "GroupId"),
        ("PrefixListIds", "PrefixListId"),
    )
    return [
        Ingress(
            source=str(ipaddress.ip_network(entry[field])) if field == "CidrIpv6" else entry[field],
            from_port=permission.get("FromPort", -1),
            to_port=permission.get("ToPort", -1),
            protocol=permission["IpProtocol"],
        )
        for permission in permissions
        for key, field in sources
        for entry in permission.get(key, ())
    ]
