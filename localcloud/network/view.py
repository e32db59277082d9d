"""Reads the part of the cloud that decides about what a client of a network asks for."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any, Protocol

from moto.backends import get_backend
from msgspec import structs
from onramp.core import view as seen
from onramp.core.trace import region_of
from onramp.core.view import View
from onramp.core.zones import Holding, above, answers, in_its_place

from localcloud.ground.questions import Allows, Clients, Principals
from localcloud.ground.serves import serves_of
from localcloud.network import entrances
from localcloud.network.known import Knowing, kept
from localcloud.services.lattice import Lattice
from localcloud.services.lattice.model import Listener, Rule, Service, TargetGroup, Wire


class _Iam(Allows, Principals, Protocol):
    """Who signed, and may they?"""


class Around(Knowing, Clients, Protocol):
    """What a request through the network asks of its surroundings."""

    @property
    def iam(self) -> _Iam: ...

    @property
    def lattice(self) -> Lattice: ...


class Reader:
    """Reads the part of the cloud that a request from one VPC to one name can touch."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.estate = cloud.lattice.estate

    def view(self, account: str, vpc: str, host: str, callers_groups: tuple[str, ...] = (), subnet: str = "") -> View:
        """`callers_groups` and `subnet`: of the instance that calls, if it is one."""
        aliases, hidden = self.records(host, vpc)
        if private := entrances.by_private_name(self.estate, self.cloud.region, vpc, host):
            aliases, hidden = [(host, private)], ()  # that zone is named by the host, so that no other is nearer
        name = dict(aliases).get(host, host)
        served = self._through(name, vpc)
        service = served.service if served is not None else self._service(name, host)
        groups = self._target_groups(service) if service is not None else []
        balancers = self._balancers(service.account, groups) if service is not None else []
        vpc_associations = list(self.estate.vpc_associations.where("vpc", self.cloud.region, vpc))
        networks = {it.network_id for it in vpc_associations} | ({served.network} if served is not None else set())
        endpoints = (self._endpoint_view(served, name),) if served is not None else ()
        wanted_groups = {
            account: {*callers_groups, *(group for it in vpc_associations for group in it.security_groups)}
        }
        if service is not None:
            wanted_groups.setdefault(service.account, set()).update(
                group for balancer in balancers for group in balancer.security_groups
            )
        for it in endpoints:
            wanted_groups[account].update(it.security_groups)
        return View(
            vpcs=(seen.Vpc(id=vpc, account=account, dns=self.resolves(account, vpc)),),
            networks=tuple(
                seen.Network(id=it.id, arn=it.arn, name=it.name, auth_type=it.auth_type)
                for it in (self.estate.networks.get(network) for network in networks)
                if it is not None
            ),
            vpc_associations=tuple(
                seen.VpcAssociation(
                    vpc=it.vpc_id, network=it.network_id, status=it.status, security_groups=it.security_groups
                )
                for it in vpc_associations
            ),
            services=(self._service_view(service),) if service is not None else (),
            target_groups=tuple(_target_group_view(group) for group in groups),
            balancers=tuple(balancers),
            instances=self._instances(service.account) if service is not None else (),
            security_groups=tuple(
                group for owner, ids in wanted_groups.items() for group in self.security_groups(owner, frozenset(ids))
            ),
            aliases=tuple(aliases),
            hidden=hidden,
            endpoints=endpoints,
            certificates=tuple(self._certificates(service, balancers)) if service is not None else (),
            lattice_cidrs=self._lattice_cidrs(account),
            network_acl=self.network_acl(account, subnet) if subnet else None,
        )

    @kept
    def resolves(self, account: str, vpc: str) -> bool:
        """Are both DNS attributes of the VPC on?"""
        ec2 = self.cloud.client("ec2", account)
        support = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]
        names = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
        return bool(support["Value"] and names["Value"])

    def network_acl(self, account: str, subnet: str) -> seen.NetworkAcl:
        [found] = self._network_acls(account, (subnet,))
        return found

    @kept
    def _network_acls(self, account: str, subnets: tuple[str, ...]) -> tuple[seen.NetworkAcl, ...]:
        filters = [{"Name": "association.subnet-id", "Values": list(subnets)}]
        found = self.cloud.client("ec2", account).describe_network_acls(Filters=filters)["NetworkAcls"]
        return tuple(
            seen.NetworkAcl(id=it["NetworkAclId"], entries=tuple(map(_acl_entry, it["Entries"]))) for it in found
        )

    def _through(self, name: str, vpc: str) -> entrances.Served | None:
        """What has this name through a VPC endpoint, of those that have addresses in the VPC."""
        found = entrances.served(self.estate, self.cloud.region, name)
        return found if found is not None and found.endpoint.vpc_id == vpc else None

    def _endpoint_view(self, served: entrances.Served, name: str) -> seen.Endpoint:
        it = served.endpoint
        found = self.endpoint(it.endpoint_owner, it.endpoint)
        subnets = list(found.subnet_ids or ()) if found is not None else []
        return seen.Endpoint(
            id=it.endpoint,
            vpc=it.vpc_id,
            state=str(found.state) if found is not None else "not there",
            network=served.network,
            names=((name, served.service.id),),
            security_groups=tuple(found.security_group_ids) if found is not None else (),
            subnets=tuple(
                seen.EndpointSubnet(id=one, cidr=cidr, acl=self.network_acl(it.endpoint_owner, one))
                for one in subnets
                for cidr in self.subnet_cidrs(it.endpoint_owner, [one])
            ),
        )

    def _certificates(self, service: Service, balancers: Iterable[seen.Balancer]) -> Iterator[seen.Certificate]:
        """Those that ACM has, of all that clients may be shown."""
        acm = self.cloud.client("acm", service.account)
        shown = [arn for it in balancers for one in it.listeners for arn in one.certificates or ()]
        for arn in dict.fromkeys([*filter(None, [service.certificate]), *shown]):
            try:
                item = acm.describe_certificate(CertificateArn=arn)["Certificate"]
            except acm.exceptions.ResourceNotFoundException:
                continue
            ended = item.get("NotAfter")
            over = ended is not None and ended.timestamp() <= self.cloud.clock.now
            yield seen.Certificate(
                arn=arn,
                names=tuple(item["SubjectAlternativeNames"]),
                status=item["Status"],
                ended=ended.astimezone(UTC).date().isoformat() if over else "",
            )

    def _service(self, name: str, host: str) -> Service | None:
        # Lattice's own names end in what follows `svc-` in the id (facts 14), so no list is walked.
        tail = name.split(".")[0].rpartition("-")[2]
        service: Service | None = self.estate.services.get(f"svc-{tail}")
        if service is not None and service.domain == name and service.region == self.cloud.region:
            return service
        return next((it for it in self.estate.services if it.custom_domain == host), None)

    def _service_view(self, service: Service) -> seen.Service:
        return seen.Service(
            id=service.id,
            arn=service.arn,
            account=service.account,
            name=service.name,
            domain=service.domain,
            custom_domain=service.custom_domain or "",
            certificate=service.certificate or "",
            status=service.status,
            auth_type=service.auth_type,
            listeners=tuple(_listener_view(listener) for listener in service.listeners.values()),
            associations=tuple(
                seen.ServiceAssociation(network=it.network_id, status=it.status)
                for it in self.estate.service_associations.where("service", service.id)
            ),
        )

    def _target_groups(self, service: Service) -> list[TargetGroup]:
        named = {
            identifier
            for listener in service.listeners.values()
            for rule in listener.rules.values()
            for identifier in rule.target_groups
        }
        found = (self.estate.target_groups.get(identifier) for identifier in sorted(named))
        return [group for group in found if group is not None]

    def aliases(self, host: str, vpc: str) -> list[tuple[str, str]]:
        """Route 53's records for `host` (facts 14: the record of a custom domain is people's to make)."""
        return self.records(host, vpc)[0]

    def records(self, host: str, vpc: str) -> tuple[list[tuple[str, str]], tuple[seen.Hidden, ...]]:
        """The same, and those that a VPC does not find; without a VPC, those that anybody finds."""
        there = list(self._holding(host, vpc))
        leads, hidden = answers(there)
        asked = [host, *(to for zone in there for to in zone.asked_on if to in leads)]
        for name in filter(region_of, asked):
            hidden = (*hidden, *in_its_place(there if name == host else self._holding(name, vpc)))
        return [(host, to) for to in leads], hidden

    def _holding(self, host: str, vpc: str) -> Iterator[Holding]:
        for partitions in get_backend("route53").values():
            for backend in partitions.values():
                for zone in backend.zones.values():
                    own = zone.name.rstrip(".").lower()
                    if not f".{host}".endswith(f".{own}"):
                        continue
                    # moto calls one private that says so, AWS one that was made for a VPC.
                    is_private = zone.private_zone or zone.vpcs
                    there = [(one.name.rstrip(".").lower(), one) for one in zone.rrsets]
                    servers = {name for name, one in there if one.type == "NS"}
                    named = [one for name, one in there if name == host and one.type in ("A", "CNAME")]
                    led = [(one.alias_target or {}).get("DNSName") or next(iter(one.records), "") for one in named]
                    yield Holding(
                        id=str(zone.id).rpartition("/")[2],
                        name=own,
                        inside=vpc in {one.get("vpc_id") for one in zone.vpcs} if is_private else None,
                        leads=tuple(target.rstrip(".") for target in led),
                        asked_on=tuple(
                            to.rstrip(".") for one, to in zip(named, led, strict=True) if one.type == "CNAME"
                        ),
                        handed_on=next((one for one in above(host, own) if one in servers), ""),
                    )

    def _balancers(self, account: str, groups: Iterable[TargetGroup]) -> list[seen.Balancer]:
        elb = self.cloud.client("elbv2", account)
        arns = {target.id for group in groups if group.type == "ALB" for target in group.targets.values()}
        # Asked for all and picked here: a balancer that is gone would fail a question by ARN.
        pages = elb.get_paginator("describe_load_balancers").paginate() if arns else ()
        return [
            seen.Balancer(
                arn=found["LoadBalancerArn"],
                name=found["LoadBalancerName"],
                scheme=found["Scheme"],
                state=found["State"]["Code"],
                security_groups=tuple(found.get("SecurityGroups", ())),
                listeners=self._balancer_listeners(account, found["LoadBalancerArn"]),
                dualstack=found.get("IpAddressType", "ipv4") != "ipv4",
                acls=self._network_acls(account, tuple(zone["SubnetId"] for zone in found["AvailabilityZones"])),
            )
            for page in pages
            for found in page["LoadBalancers"]
            if found["LoadBalancerArn"] in arns
        ]

    @kept
    def _balancer_listeners(self, account: str, arn: str) -> tuple[seen.BalancerListener, ...]:
        return tuple(_balancer_listeners(self.cloud.client("elbv2", account), arn))

    @kept
    def _instances(self, account: str) -> tuple[seen.Instance, ...]:
        return tuple(self._each_instance(account))

    def _each_instance(self, account: str) -> Iterator[seen.Instance]:
        ec2 = self.cloud.client("ec2", account)
        for page in ec2.get_paginator("describe_instances").paginate():
            for reservation in page["Reservations"]:
                for found in reservation["Instances"]:
                    answer = ec2.describe_instance_attribute(InstanceId=found["InstanceId"], Attribute="userData")
                    data = base64.b64decode(answer.get("UserData", {}).get("Value", "")).decode(errors="replace")
                    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}
                    yield seen.Instance(
                        id=found["InstanceId"],
                        name=tags.get("Name", found["InstanceId"]),
                        vpc=found.get("VpcId", ""),
                        ip=found.get("PrivateIpAddress", ""),
                        running=found["State"]["Name"] == "running",
                        serves=tuple(
                            seen.Serves(port=it.port, status=it.status, server=it.server, body=it.body)
                            for it in serves_of(data)
                        ),
                    )

    @kept
    def security_groups(self, account: str, ids: frozenset[str]) -> tuple[seen.SecurityGroup, ...]:
        if not ids:
            return ()
        ec2 = self.cloud.client("ec2", account)
        # By filter: a group that is gone is then missing from the answer, and admits nobody.
        answer = ec2.describe_security_groups(Filters=[{"Name": "group-id", "Values": sorted(ids)}])
        return tuple(
            seen.SecurityGroup(
                id=found["GroupId"],
                ingress=tuple(self._ingress(account, permission) for permission in found["IpPermissions"]),
                egress=tuple(self._egress(account, permission) for permission in found["IpPermissionsEgress"]),
            )
            for found in answer["SecurityGroups"]
        )

    def _ingress(self, account: str, permission: dict[str, Any]) -> seen.Ingress:
        cidrs = [it["CidrIp"] for it in permission.get("IpRanges", ())]
        cidrs += [it["CidrIpv6"] for it in permission.get("Ipv6Ranges", ())]
        for listed in permission.get("PrefixListIds", ()):
            cidrs += self._prefix_list(account, listed["PrefixListId"])
        return seen.Ingress(
            protocol=permission["IpProtocol"],
            from_port=permission.get("FromPort", 0),
            to_port=permission.get("ToPort", 65535),
            cidrs=tuple(cidrs),
            groups=tuple(it["GroupId"] for it in permission.get("UserIdGroupPairs", ())),
        )

    def _egress(self, account: str, permission: dict[str, Any]) -> seen.Egress:
        told = self._ingress(account, permission)
        return seen.Egress(**structs.asdict(told))

    @kept
    def _lattice_cidrs(self, account: str) -> tuple[str, ...]:
        names = [f"com.amazonaws.{self.cloud.region}.{kind}" for kind in ("vpc-lattice", "ipv6.vpc-lattice")]
        lists = self.cloud.client("ec2", account).describe_managed_prefix_lists(
            Filters=[{"Name": "prefix-list-name", "Values": names}]
        )["PrefixLists"]
        return tuple(cidr for it in lists for cidr in self._prefix_list(account, it["PrefixListId"]))

    def _prefix_list(self, account: str, prefix_list: str) -> list[str]:
        entries = self.cloud.client("ec2", account).get_managed_prefix_list_entries(PrefixListId=prefix_list)
        return [entry["Cidr"] for entry in entries["Entries"]]

    def default_group(self, account: str, vpc: str) -> str:
        wanted = {"vpc-id": vpc, "group-name": "default"}
        filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
        [found] = self.cloud.client("ec2", account).describe_security_groups(Filters=filters)["SecurityGroups"]
        return str(found["GroupId"])

    def subnet_cidrs(self, account: str, subnets: Iterable[str]) -> tuple[str, ...]:
        found = self.cloud.client("ec2", account).describe_subnets(SubnetIds=list(subnets))["Subnets"]
        return tuple(one["CidrBlock"] for one in found)

    def zones(self, account: str, subnets: Iterable[str]) -> set[str]:
        """The availability zones of subnets."""
        wanted = list(subnets)
        found = self.cloud.client("ec2", account).describe_subnets(SubnetIds=wanted)["Subnets"] if wanted else []
        return {str(one["AvailabilityZoneId"]) for one in found}

    def vpc_of(self, account: str, subnets: Iterable[str], groups: Iterable[str]) -> tuple[str, tuple[str, ...]]:
        """The VPC of subnets, else of security groups, and their CIDRs, else all of its own; nothing where none is."""
        backend = get_backend("ec2")[account][self.cloud.region]
        wanted = list(subnets)
        if wanted:
            found = self.cloud.client("ec2", account).describe_subnets(SubnetIds=wanted)["Subnets"]
            return str(found[0]["VpcId"]), tuple(one["CidrBlock"] for one in found)
        group = next(filter(None, map(backend.get_security_group_from_id, groups)), None)
        vpc = backend.vpcs.get(str(group.vpc_id)) if group is not None else None
        return (str(vpc.id), tuple(cidrs_of(vpc))) if vpc is not None else ("", ())

    def peered(self, account: str, vpc: str, other: str) -> bool:
        """Whether an active peering joins two VPCs; whose routes use it is nobody's to say here."""
        found = get_backend("ec2")[account][self.cloud.region].vpc_pcxs.values()
        return any({one.vpc.id, one.peer_vpc.id} == {vpc, other} and one._status.code == "active" for one in found)

    def endpoint(self, account: str, endpoint: str) -> Any | None:
        """moto's own, of a VPC endpoint."""
        return get_backend("ec2")[account][self.cloud.region].vpc_end_points.get(endpoint)

    def machine(
        self, account: str, vpc: str, address: str
    ) -> tuple[tuple[str, ...], bool, tuple[int, ...], str] | None:
        """Groups, does it run, on which ports something listens, and the subnet, of what is at an address; or None."""
        instance = instance_at(self.cloud, account, vpc, address)
        if instance is None:
            return None
        found = next(one for one in self._instances(account) if one.id == instance.id)
        groups = tuple(group.id for group in instance.security_groups)
        return groups, found.running, tuple(one.port for one in found.serves or ()), str(instance.subnet_id)


def cidrs_of(vpc: Any) -> list[str]:
    """All of a VPC's IPv4 CIDRs, those that were associated with it later as well."""
    return [str(one["cidr_block"]) for one in vpc.get_cidr_block_association_set()]


def instance_at(cloud: Around, account: str, vpc: str, ip: str) -> Any | None:
    """moto's own, of whatever has the address."""
    backend = get_backend("ec2")[account][cloud.region]
    return next((it for it in backend.all_instances() if it.vpc_id == vpc and it.private_ip == ip), None)


def _acl_entry(entry: dict[str, Any]) -> seen.AclEntry:
    ports = entry.get("PortRange", {})
    return seen.AclEntry(
        egress=entry["Egress"],
        number=entry["RuleNumber"],
        allow=entry["RuleAction"] == "allow",
        cidr=entry.get("CidrBlock") or entry["Ipv6CidrBlock"],
        protocol=str(entry["Protocol"]),
        from_port=ports.get("From", 0),
        to_port=ports.get("To", 65535),
    )


def _balancer_listeners(elb: Any, arn: str) -> Iterable[seen.BalancerListener]:
    for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
        rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        default = _balancer_action(elb, listener["DefaultActions"])
        yield seen.BalancerListener(
            protocol=listener["Protocol"],
            port=listener["Port"],
            certificates=tuple(
                one["CertificateArn"]
                for one in elb.describe_listener_certificates(ListenerArn=listener["ListenerArn"])["Certificates"]
            ),
            rules=tuple(_balancer_rule(elb, rule) for rule in rules if not rule["IsDefault"]),
            **structs.asdict(default),
        )


def _balancer_rule(elb: Any, rule: dict[str, Any]) -> seen.BalancerRule:
    return seen.BalancerRule(
        priority=int(rule["Priority"]),
        conditions=tuple(_condition(one) for one in rule["Conditions"]),
        **structs.asdict(_balancer_action(elb, rule["Actions"])),
    )


def _condition(condition: dict[str, Any]) -> seen.BalancerCondition:
    """The values stand in a part of their own, or at the top, as they did when there were two kinds only."""
    part = next((value for key, value in condition.items() if key.endswith("Config")), condition)
    values = tuple(value for value in part.get("Values", ()) if isinstance(value, str))
    return seen.BalancerCondition(field=condition["Field"], values=values, name=part.get("HttpHeaderName", ""))


def _balancer_action(elb: Any, actions: list[dict[str, Any]]) -> seen.BalancerAction:
    """What the last action does; those before it let requests through, or send people to sign in."""
    action = max(actions, key=lambda one: one.get("Order", 0))
    groups = _forwarded(action)
    redirect = action.get("RedirectConfig", {})
    status = action.get("FixedResponseConfig", redirect).get("StatusCode", "0")
    return seen.BalancerAction(
        targets=tuple(target for group in groups for target in _sent_to(elb, group)),
        weightless=action["Type"] == "forward" and not groups,
        fixed_status=int(status.removeprefix("HTTP_")),
        leads=":".join(
            part
            for part in (redirect.get("Protocol"), redirect.get("Host"), redirect.get("Port"))
            if part and "#{" not in part
        ),
    )


def _sent_to(elb: Any, group: str) -> list[tuple[str, int]]:
    """The targets that get requests: the healthy ones, or all of them where none is."""
    told = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    healthy = [one for one in told if one["TargetHealth"]["State"] in ("healthy", "unavailable")]
    return [(one["Target"]["Id"], int(one["Target"]["Port"])) for one in healthy or told]


def _forwarded(action: dict[str, Any]) -> list[str]:
    """The ARNs of the target groups that get a share of what a load balancer's action forwards."""
    groups = action.get("ForwardConfig", {}).get("TargetGroups", ())
    if groups:
        return [it["TargetGroupArn"] for it in groups if it.get("Weight", 1)]
    return [action["TargetGroupArn"]] if "TargetGroupArn" in action else []


def _listener_view(listener: Listener) -> seen.Listener:
    return seen.Listener(
        name=listener.name,
        protocol=listener.protocol,
        port=listener.port,
        default=_action_view(listener.default),
        rules=tuple(
            seen.Rule(
                name=rule.name,
                priority=rule.priority or 0,
                match=_match_view(rule.match or {}),
                action=_action_view(rule),
            )
            for rule in listener.rules.values()
            if not rule.is_default
        ),
    )


def _action_view(rule: Rule) -> seen.Action:
    fixed = rule.action.get("fixedResponse", {}).get("statusCode", 0)
    return seen.Action(forward=tuple(rule.target_groups.items()), fixed_status=fixed)


def _match_view(match: Wire) -> seen.Match:
    http: Wire = match.get("httpMatch", {})
    path: Wire = http.get("pathMatch", {})
    how, wanted = next(iter(path.get("match", {}).items()), ("prefix", ""))
    return seen.Match(
        method=http.get("method", ""),
        path=wanted,
        path_how=how,
        case_sensitive=path.get("caseSensitive", True),
        headers=tuple(
            seen.HeaderMatch(
                name=header["name"], how=how, value=value, case_sensitive=header.get("caseSensitive", False)
            )
            for header in http.get("headerMatches", ())
            for how, value in header["match"].items()
        ),
    )


def _target_group_view(group: TargetGroup) -> seen.TargetGroup:
    return seen.TargetGroup(
        id=group.id,
        name=group.name,
        type=group.type,
        status=group.status,
        protocol=group.protocol or "HTTP",
        vpc=group.vpc_id or "",
        targets=tuple(
            seen.Target(id=target.id, port=target.port or 0, status=group.health(target)[0])
            for target in group.targets.values()
            if target.listed
        ),
    )
