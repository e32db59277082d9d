"""Read one account: what is there first, what people want second.

In that order, so that what appears meanwhile cannot look orphaned. A list that cannot be read raises NotYet:
unknown is not absent. What carries our tag is found by one call of the tagging API, which lags, so whatever it
lists is confirmed by a read of the thing itself, and whatever we know we made is asked for by its ARN.
"""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.account import Account
from onramp.aws.errors import denied, missing, translated
from onramp.core import tags
from onramp.core.desired import Desired, desired, wishes
from onramp.core.errors import NotYet
from onramp.core.model import (
    Access,
    AlbListener,
    Association,
    Forward,
    Ingress,
    Listener,
    LoadBalancer,
    Network,
    Observation,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    Vpc,
    VpcAssociation,
)
from onramp.core.steps import Run

TAGS_PER_CALL = 20  # ELBv2 DescribeTags (facts 19)

type Owned = dict[str, str]
"""ARN -> the name on its NAME tag, of what carries our ownership tag."""


def observe(network: Network, own: Account, member: Account, run: Run) -> Observation:
    """The account as it is. `own` is the network account by the function's role, `member` the account's reader.

    Raises NotYet when something could not be read, Refused when it must not be.
    """
    with translated():
        owned = _owned(network, member, run)
        services = _services(network, member, owned, run)
        groups = _target_groups(member, owned)
        associations = [
            found for arn in _of(owned, "servicenetworkvpcassociation/") if (found := _vpc_association(member, arn))
        ]
        balancers = _load_balancers(network, member)
        vpcs = _vpcs(network, member)

        seen = Observation(
            account=member.account,
            load_balancers=balancers,
            vpcs=vpcs,
            services=tuple(services),
            target_groups=tuple(groups),
            vpc_associations=tuple(associations),
        )
        want = desired(network, seen)
        asked = any(wishes(network, thing) for thing in balancers) or any(wishes(network, thing) for thing in vpcs)
        services += _strangers_services(member, want, services, network)
        if asked:
            ports = {wanted.name: {port for _, port in wanted.listens} for wanted in want.services}
            services = [
                _with_listeners(network, member, service, owned, run, ports.get(service.name, set()))
                for service in services
            ]
        groups += _strangers_target_groups(member, want, groups, network)
        associations += _strangers_vpc_associations(member, want, associations, network)
        security_groups = _security_groups(network, member, owned, needed=bool(want.clients or associations))
        return Observation(
            account=member.account,
            target_groups=tuple(groups),
            services=tuple(services),
            vpc_associations=tuple(associations),
            security_groups=security_groups,
            unknown_groups=_unknown_groups(member, want, associations),
            access=_access(network, own, member, want, services, associations),
            load_balancers=balancers,
            vpcs=vpcs,
        )


def _pages(client: Any, operation: str, key: str, **given: Any) -> list[dict[str, Any]]:
    """Every item of every page."""
    return [item for page in client.get_paginator(operation).paginate(**given) for item in page[key]]


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


# --- what is ours


def _owned(network: Network, member: Account, run: Run) -> Owned:
    found = {
        item["ResourceARN"]: _tag_dict(item["Tags"]).get(tags.NAME, "")
        for item in _pages(
            member.client("resourcegroupstaggingapi"),
            "get_resources",
            "ResourceTagMappingList",
            TagFilters=[{"Key": tags.OWNER, "Values": [network.name]}],
        )
    }
    # The index lags behind; this run's own creations carried our tag in the very call that made them.
    for arn, remembered in run.memory.arns.items():
        if arn not in found and arn not in run.made:
            name = _remembered_name(network, member, arn, remembered)
            if name is not None:
                found[arn] = name
    return {**run.made, **found}


def _remembered_name(network: Network, member: Account, arn: str, remembered: str) -> str | None:
    """The name of what the last report knew as ours. Tags that may not be read leave it ours: unknown is not
    absent, and whether it is still there its own read tells.
    """
    try:
        return _our_name(network, member, arn)
    except ClientError as error:
        if denied(error):
            return remembered
        raise


def _our_name(network: Network, member: Account, arn: str) -> str | None:
    """The NAME tag of a Lattice object that is ours; None when it is not, or is not there."""
    if arn.split(":")[4] != member.account:
        return None  # tags of a foreign object are not ours to read (facts 10)
    try:
        found = member.client("vpc-lattice").list_tags_for_resource(resourceArn=arn)["tags"]
    except ClientError as error:
        if missing(error):
            return None
        raise
    return found.get(tags.NAME, "") if found.get(tags.OWNER) == network.name else None


def _tag_dict(pairs: Iterable[dict[str, str]]) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in pairs}


def _of(owned: Owned, kind: str) -> list[str]:
    """ARNs of one kind: `service/` has listeners below it, which are not services."""
    return sorted(arn for arn in owned if _tail(arn).startswith(kind) and _tail(arn).count("/") == kind.count("/"))


def _tail(arn: str) -> str:
    return arn.split(":", 5)[5] if arn.startswith("arn:") else ""


# --- services


def _services(network: Network, member: Account, owned: Owned, run: Run) -> list[Service]:
    found = []
    associated = {owned[arn] for arn in _of(owned, "servicenetworkserviceassociation/")}
    for arn in _of(owned, "service/"):
        # A service of this very run has no association but one that this run made.
        fresh = arn in run.made and owned[arn] not in associated
        service = _service(network, member, arn, owned, fresh=fresh)
        if service is not None:
            found.append(service)
    return found


def _service(network: Network, member: Account, arn: str, owned: Owned, *, fresh: bool) -> Service | None:
    lattice = member.client("vpc-lattice")
    items = (
        [] if fresh else _pages(lattice, "list_service_network_service_associations", "items", serviceIdentifier=arn)
    )
    associations = tuple(
        Association(
            arn=item["arn"],
            network=item["serviceNetworkArn"],
            status=item["status"],
            owned=item["arn"] in owned,
        )
        for item in items
    )
    for item, association in zip(items, associations, strict=True):
        if association.status == "ACTIVE":
            # What is associated is active: the association tells all that is needed of the service.
            return Service(
                arn=arn,
                name=item["serviceName"],
                status="ACTIVE",
                owned=True,
                domain=item.get("dnsEntry", {}).get("domainName", ""),
                associations=_told(member, network, associations),
            )
    try:
        item = lattice.get_service(serviceIdentifier=arn)
    except ClientError as error:
        if missing(error):
            return None
        raise
    return Service(
        arn=arn,
        name=item["name"],
        status=item["status"],
        owned=arn in owned,
        domain=item.get("dnsEntry", {}).get("domainName", ""),
        failure=item.get("failureMessage", ""),
        associations=_told(member, network, associations),
    )


def _told(member: Account, network: Network, associations: tuple[Association, ...]) -> tuple[Association, ...]:
    """With Lattice's words on the failed ones: only Get answers them (facts 5). And ownership, where the index
    has not caught up, by asking.
    """
    asked = []
    for association in associations:
        failure, owned = "", association.owned
        if association.status.endswith("_FAILED"):
            answer = member.client("vpc-lattice").get_service_network_service_association(
                serviceNetworkServiceAssociationIdentifier=association.arn
            )
            failure = f"{answer.get('failureCode', '')} {answer.get('failureMessage', '')}".strip()
        if not owned:
            owned = _our_name(network, member, association.arn) is not None
        asked.append(replace(association, owned=owned, failure=failure))
    return tuple(asked)


def _with_listeners(
    network: Network, member: Account, service: Service, owned: Owned, run: Run, wanted: set[int]
) -> Service:
    """With its listeners. Known ones are read by ARN. Where one of the `wanted` ports is not among them they are
    listed, since somebody else's may be there, unless the service is this run's.
    """
    if service.status != "ACTIVE":
        return service
    lattice = member.client("vpc-lattice")
    known = [arn for arn in owned if _tail(arn).startswith(f"service/{_id(service.arn)}/listener/")]
    known = [arn for arn in known if _tail(arn).count("/") == 3]  # rules are below listeners
    items = [item for arn in sorted(known) if (item := _listener(lattice, service.arn, arn))]
    if service.arn not in run.made and (not items or wanted - {item["port"] for item in items}):
        listed = [item["arn"] for item in _pages(lattice, "list_listeners", "items", serviceIdentifier=service.arn)]
        items += [item for arn in sorted({*listed} - {*known}) if (item := _listener(lattice, service.arn, arn))]
    listeners = []
    for item in items:
        arn = item["arn"]
        forward = item.get("defaultAction", {}).get("forward", {}).get("targetGroups", [])
        listeners.append(
            Listener(
                arn=arn,
                name=item["name"],
                protocol=item["protocol"],
                port=item["port"],
                owned=arn in owned or _our_name(network, member, arn) is not None,
                forwards=tuple(
                    Forward(target_group=_id(one["targetGroupIdentifier"]), weight=one.get("weight", 100))
                    for one in forward
                ),
            )
        )
    return replace(service, listeners=tuple(listeners))


def _listener(lattice: Any, service: str, arn: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = lattice.get_listener(serviceIdentifier=service, listenerIdentifier=arn)
    except ClientError as error:
        if missing(error):
            return None
        raise
    return found


def _strangers_services(member: Account, want: Desired, known: list[Service], network: Network) -> list[Service]:
    """Services of a wanted name that are not known as ours: somebody else's, or ours and not in the index yet."""
    names = {wanted.name for wanted in want.services} - {service.name for service in known}
    if not names:
        return []
    found = []
    for item in _pages(member.client("vpc-lattice"), "list_services", "items"):
        if item["name"] not in names or item["arn"].split(":")[4] != member.account:
            continue  # a name is unique within an account; services shared with it may bear the same (facts 6)
        if _our_name(network, member, item["arn"]) is None:
            found.append(Service(arn=item["arn"], name=item["name"], status=item["status"], owned=False))
        else:
            service = _service(network, member, item["arn"], {item["arn"]: item["name"]}, fresh=False)
            found += [service] if service else []
    return found


# --- target groups


def _target_groups(member: Account, owned: Owned) -> list[TargetGroup]:
    return [
        group for arn in _of(owned, "targetgroup/") if (group := _target_group(member, arn, owned[arn])) is not None
    ]


def _target_group(member: Account, arn: str, name: str) -> TargetGroup | None:
    lattice = member.client("vpc-lattice")
    try:
        targets = tuple(
            Target(id=item["id"], port=item["port"], status=item["status"])
            for item in _pages(lattice, "list_targets", "items", targetGroupIdentifier=arn)
        )
        if targets and name:
            # Only an active target group takes targets, and the rest of it is fixed by its name.
            return TargetGroup(arn=arn, name=name, status="ACTIVE", owned=True, targets=targets)
        item = lattice.get_target_group(targetGroupIdentifier=arn)
    except ClientError as error:
        if missing(error):
            return None
        raise
    return TargetGroup(
        arn=arn,
        name=item["name"],
        status=item["status"],
        owned=True,
        targets=targets,
        failure=item.get("failureMessage", ""),
    )


def _strangers_target_groups(
    member: Account, want: Desired, known: list[TargetGroup], network: Network
) -> list[TargetGroup]:
    names = {backend.target_group for wanted in want.services for backend in wanted.backends}
    names -= {group.name for group in known}
    if not names:
        return []
    found = []
    for item in _pages(member.client("vpc-lattice"), "list_target_groups", "items"):
        if item["name"] not in names:
            continue
        if _our_name(network, member, item["arn"]) is None:
            found.append(TargetGroup(arn=item["arn"], name=item["name"], status=item["status"], owned=False))
        else:
            group = _target_group(member, item["arn"], item["name"])
            found += [group] if group else []
    return found


# --- clients


def _vpc_association(member: Account, arn: str, *, owned: bool = True) -> VpcAssociation | None:
    try:
        item = member.client("vpc-lattice").get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=arn
        )
    except ClientError as error:
        if missing(error):
            return None
        raise
    return VpcAssociation(
        arn=arn,
        vpc=item["vpcId"],
        network=item["serviceNetworkArn"],
        status=item["status"],
        owned=owned,
        security_groups=frozenset(item.get("securityGroupIds", ())),
        failure=f"{item.get('failureCode', '')} {item.get('failureMessage', '')}".strip(),
    )


def _strangers_vpc_associations(
    member: Account, want: Desired, known: list[VpcAssociation], network: Network
) -> list[VpcAssociation]:
    """A VPC can be in one network (facts 12): whose association stands in the way of a wanted one?"""
    found = []
    for vpc in {client.vpc for client in want.clients} - {association.vpc for association in known}:
        for item in _pages(
            member.client("vpc-lattice"), "list_service_network_vpc_associations", "items", vpcIdentifier=vpc
        ):
            ours = _our_name(network, member, item["arn"]) is not None
            association = _vpc_association(member, item["arn"], owned=ours)
            found += [association] if association else []
    return found


def _security_groups(network: Network, member: Account, owned: Owned, *, needed: bool) -> tuple[SecurityGroup, ...]:
    if not needed and not any(":security-group/" in arn for arn in owned):
        return ()
    filters = [{"Name": f"tag:{tags.OWNER}", "Values": [network.name]}]
    return tuple(
        SecurityGroup(
            id=item["GroupId"],
            name=item["GroupName"],
            vpc=item["VpcId"],
            owned=True,
            admits=frozenset(_ingress(item["IpPermissions"])),
        )
        for item in _pages(member.client("ec2"), "describe_security_groups", "SecurityGroups", Filters=filters)
    )


def _unknown_groups(member: Account, want: Desired, associations: list[VpcAssociation]) -> frozenset[tuple[str, str]]:
    """Asked only of groups that are not in use yet: what an association has exists."""
    used = {(found.vpc, group) for found in associations for group in found.security_groups}
    named = {(client.vpc, group) for client in want.clients for group in client.security_groups} - used
    if not named:
        return frozenset()
    filters = [{"Name": "group-id", "Values": sorted({group for _, group in named})}]
    there = _pages(member.client("ec2"), "describe_security_groups", "SecurityGroups", Filters=filters)
    return frozenset(named - {(item["VpcId"], item["GroupId"]) for item in there})


def _ingress(permissions: list[dict[str, Any]]) -> list[Ingress]:
    sources = (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("UserIdGroupPairs", "GroupId"),
        ("PrefixListIds", "PrefixListId"),
    )
    return [
        Ingress(
            source=entry[field],
            from_port=permission.get("FromPort", -1),
            to_port=permission.get("ToPort", -1),
            protocol=permission["IpProtocol"],
        )
        for permission in permissions
        for key, field in sources
        for entry in permission.get(key, ())
    ]


# --- what people want


def _load_balancers(network: Network, member: Account) -> tuple[LoadBalancer, ...]:
    elb = member.client("elbv2")
    items = _pages(elb, "describe_load_balancers", "LoadBalancers")
    tagged: dict[str, dict[str, str]] = {}
    arns = [item["LoadBalancerArn"] for item in items]
    for start in range(0, len(arns), TAGS_PER_CALL):
        for found in elb.describe_tags(ResourceArns=arns[start : start + TAGS_PER_CALL])["TagDescriptions"]:
            tagged[found["ResourceArn"]] = _tag_dict(found["Tags"])
    unread = [arn for arn in arns if arn not in tagged]
    if unread:
        raise NotYet(f"DescribeTags does not answer for {unread[0]}: what it asks for is not known")
    return tuple(
        _load_balancer(network, elb, item, tagged[item["LoadBalancerArn"]])
        for item in items
        if tagged[item["LoadBalancerArn"]]
    )


def _load_balancer(network: Network, elb: Any, item: dict[str, Any], given: dict[str, str]) -> LoadBalancer:
    plain = LoadBalancer(
        arn=item["LoadBalancerArn"],
        name=item["LoadBalancerName"],
        type=item["Type"],
        scheme=item.get("Scheme", ""),
        state=item.get("State", {}).get("Code", ""),
        vpc=item.get("VpcId", ""),
        tags=given,
    )
    if not wishes(network, plain) or plain.type != "application" or plain.scheme != "internal":
        return plain
    listeners = tuple(
        AlbListener(protocol=found["Protocol"], port=found["Port"])
        for found in _pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=plain.arn)
    )
    return replace(plain, listeners=listeners)


def _vpcs(network: Network, member: Account) -> tuple[Vpc, ...]:
    """Those that ask, and those that still carry an answer of ours."""
    filters = [{"Name": "tag-key", "Values": [network.prefix + tags.NETWORK, tags.STATUS]}]
    return tuple(
        Vpc(
            id=item["VpcId"],
            cidrs=tuple(
                found["CidrBlock"]
                for found in item.get("CidrBlockAssociationSet", ())
                if found.get("CidrBlockState", {}).get("State") == "associated"
            )
            or (item["CidrBlock"],),
            tags=_tag_dict(item.get("Tags", ())),
        )
        for item in _pages(member.client("ec2"), "describe_vpcs", "Vpcs", Filters=filters)
    )


# --- the network within reach


def _access(
    network: Network,
    own: Account,
    member: Account,
    want: Desired,
    services: list[Service],
    associations: list[VpcAssociation],
) -> Access:
    """Asked for only where something depends on it: a share is a means, not an end."""
    if member.account == network.account:
        return Access(known=True, visible=True)
    joined = {service.name for service in services for found in service.associations if network.is_named(found.network)}
    inside = {association.vpc for association in associations}
    if all(wanted.name in joined for wanted in want.services) and all(client.vpc in inside for client in want.clients):
        if want.services or want.clients or services or associations:
            return Access()
        return Access(known=True, principal=_principal(network, own, member.account)[0])
    try:
        member.client("vpc-lattice").get_service_network(serviceNetworkIdentifier=network.arn)
        return Access(known=True, visible=True)
    except ClientError as error:
        if not (missing(error) or denied(error)):
            raise
    principal, associated_at = _principal(network, own, member.account)
    last = _last_invitation(network, member)
    status = last["status"] if last else ""
    return Access(
        known=True,
        principal=principal,
        associated_at=associated_at,
        invitation=last["resourceShareInvitationArn"] if last and status == "PENDING" else "",
        answered=status if status != "PENDING" else "",
        invited_at=_sent(last) if last else 0.0,
    )


def _principal(network: Network, own: Account, account: str) -> tuple[str, float]:
    """The account's status on the network's share, and since when it is there; ended ones stay listed for a while,
    a live one counts more.
    """
    found = {
        item["status"]: item["creationTime"].timestamp() if "creationTime" in item else 0.0
        for item in _pages(
            own.client("ram"),
            "get_resource_share_associations",
            "resourceShareAssociations",
            associationType="PRINCIPAL",
            resourceShareArns=[network.share],
            principal=account,
        )
    }
    order = ("ASSOCIATED", "ASSOCIATING", "DISASSOCIATING", *found)
    return next(((status, found[status]) for status in order if status in found), ("", 0.0))


def _last_invitation(network: Network, member: Account) -> dict[str, Any] | None:
    """The network account's invitation that waits for an answer, else its last one."""
    sent = [
        item
        for item in _pages(
            member.client("ram"),
            "get_resource_share_invitations",
            "resourceShareInvitations",
            resourceShareArns=[network.share],
        )
        if item["senderAccountId"] == network.account
    ]
    return max(sent, key=lambda item: (item["status"] == "PENDING", _sent(item)), default=None)


def _sent(invitation: dict[str, Any]) -> float:
    return float(invitation["invitationTimestamp"].timestamp()) if "invitationTimestamp" in invitation else 0.0
