"""A described world is built in the cloud, by each owner's ordinary calls."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Protocol

from localcloud.ground.organization import RESOURCE, SERVICE
from localcloud.ground.questions import AsksOrganization, AsksTrails, Clients, Ground
from localcloud.ground.serves import user_data
from localcloud.world.described import (
    Account,
    BalancerListener,
    BalancerRule,
    Forward,
    HostedZone,
    Ingress,
    Instance,
    LoadBalancer,
    NetworkAcl,
    Organization,
    SecurityGroup,
    Subnet,
    Unbuildable,
    Vpc,
    World,
)

_REDIRECT = re.compile(r"(HTTP|HTTPS):[0-9]+")


class Around(Ground, Clients, AsksOrganization, AsksTrails, Protocol):
    """Where a world is built."""

    @property
    def balancer_seconds(self) -> float: ...

    def settle(self) -> None: ...

    def let_registration_take(self, seconds: float) -> None: ...


def build(cloud: Around, world: World) -> None:
    """Make `world` in `cloud`, by each owner's ordinary calls, and let it settle.

    Unbuildable when the description names what it does not hold; an AwsError's own botocore ClientError
    when AWS would not take it.
    """
    if world.registration_seconds is not None:
        cloud.let_registration_take(world.registration_seconds)
    if world.organization is not None:
        _organize(cloud, world.organization, [account.id for account in world.accounts])
    for account in world.accounts:
        if account.trail:
            cloud.trails.add(account.id)
        _Builder(cloud, account).build()
    # It begins when the load balancers have long been active.
    cloud.clock.advance(cloud.balancer_seconds)
    cloud.settle()
    if world.organization is not None:
        kinds = {SERVICE: world.organization.policies, RESOURCE: world.organization.resource_policies}
        for kind, policies in kinds.items():
            for target, documents in policies.items():
                for document in documents:
                    cloud.organization.restrict(target, document, kind)


def _organize(cloud: Around, organization: Organization, everyone: list[str]) -> None:
    members = list(organization.accounts if organization.accounts is not None else everyone)
    if not members:
        raise Unbuildable(f"organisation {organization.id} has no account")
    cloud.organization.create(members[0], organization.id, organization.root, ram_sharing=organization.sharing)
    for member in members[1:]:
        cloud.organization.add(member)
    for unit, accounts in organization.units.items():
        cloud.organization.add_unit(unit)
        for account in accounts:
            cloud.organization.add(account, unit)


class _Builder:
    """Builds one account; remembers what it made by the names that the description uses."""

    def __init__(self, cloud: Around, account: Account) -> None:
        self.cloud = cloud
        self.account = account
        self.region = cloud.region
        self.ec2 = cloud.client("ec2", account.id)
        self.elb = cloud.client("elbv2", account.id)
        self.vpcs: dict[str, str] = {}
        self.subnets: dict[str, list[tuple[ipaddress.IPv4Network, str]]] = {}
        self.zones: dict[str, str] = {}
        """Of each subnet, by its id."""
        self.groups: dict[tuple[str, str], str] = {}
        self.instances: dict[str, tuple[str, Instance]] = {}
        self.certificates: dict[str, str] = {}
        self.named: set[str] = set()

    def build(self) -> None:
        for vpc in self.account.vpcs:
            self._vpc(vpc)
        for instance in self.account.instances:
            self._instance(instance)
        for balancer in self.account.load_balancers:
            self._balancer(balancer)
        for zone in self.account.hosted_zones:
            self._hosted_zone(zone)

    def _hosted_zone(self, zone: HostedZone) -> None:
        for name in zone.vpcs:
            self._subnets_of(name)  # says it where there is none
        route53 = self.cloud.client("route53", self.account.id)
        places = [{"VPCRegion": self.region, "VPCId": self.vpcs[name]} for name in zone.vpcs]
        private = {"VPC": places[0], "HostedZoneConfig": {"PrivateZone": True}} if places else {}
        _next_id("hosted-zone", zone.id or "")
        made = route53.create_hosted_zone(Name=zone.name, CallerReference=zone.id or zone.name, **private)
        for place in places[1:]:
            route53.associate_vpc_with_hosted_zone(HostedZoneId=made["HostedZone"]["Id"], VPC=place)

    def _vpc(self, vpc: Vpc) -> None:
        # Asked first: the first call of all makes the region's default VPC, which would take the id.
        zones = [zone["ZoneName"] for zone in self.ec2.describe_availability_zones()["AvailabilityZones"]]
        _next_id("vpc", vpc.id)
        made = self.ec2.create_vpc(
            CidrBlock=vpc.cidr, TagSpecifications=_tagging("vpc", {"Name": vpc.name, **vpc.tags})
        )["Vpc"]["VpcId"]
        self.vpcs[vpc.name] = made
        self.ec2.modify_vpc_attribute(VpcId=made, EnableDnsSupport={"Value": vpc.dns})
        self.ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": vpc.dns})
        for cidr in vpc.more_cidrs:
            self.ec2.associate_vpc_cidr_block(VpcId=made, CidrBlock=cidr)
        self.subnets[vpc.name] = []
        for number, subnet in enumerate(vpc.subnets):
            wanted = subnet if isinstance(subnet, Subnet) else Subnet(cidr=subnet)
            zone = f"{self.region}{wanted.zone}" if wanted.zone else zones[number % len(zones)]
            _next_id("subnet", wanted.id)
            answer = self.ec2.create_subnet(VpcId=made, CidrBlock=wanted.cidr, AvailabilityZone=zone)
            self.subnets[vpc.name].append((ipaddress.IPv4Network(wanted.cidr), answer["Subnet"]["SubnetId"]))
            self.zones[answer["Subnet"]["SubnetId"]] = zone
        for acl in vpc.acls:
            self._acl(vpc.name, acl)
        for group in vpc.security_groups:
            self._group(vpc.name, group)

    def _acl(self, vpc: str, acl: NetworkAcl) -> None:
        made = self.ec2.create_network_acl(VpcId=self.vpcs[vpc])["NetworkAcl"]["NetworkAclId"]
        for entry in acl.entries:
            first, _, last = entry.ports.partition("-")
            self.ec2.create_network_acl_entry(
                NetworkAclId=made,
                RuleNumber=entry.number,
                RuleAction="allow" if entry.allow else "deny",
                Egress=entry.egress,
                CidrBlock=entry.cidr,
                Protocol=entry.protocol,
                **({"PortRange": {"From": int(first), "To": int(last)}} if first else {}),
                **({"IcmpTypeCode": {"Type": -1, "Code": -1}} if entry.protocol == "1" else {}),
            )
        of = {str(cidr): subnet for cidr, subnet in self.subnets[vpc]}
        for cidr in acl.subnets:
            if cidr not in of:
                raise Unbuildable(f"a network ACL of {vpc} names {cidr}, which is no subnet of it")
            filters = [{"Name": "association.subnet-id", "Values": [of[cidr]]}]
            [old] = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
            [joint] = [one for one in old["Associations"] if one["SubnetId"] == of[cidr]]
            self.ec2.replace_network_acl_association(AssociationId=joint["NetworkAclAssociationId"], NetworkAclId=made)

    def _group(self, vpc: str, group: SecurityGroup) -> str:
        if re.fullmatch(r"sg-([0-9a-f]{8}|[0-9a-f]{17})", group.name):
            # So is a captured group called: it keeps its id, which tags name.
            _next_id("sg", group.name)
        made: str = self.ec2.create_security_group(
            GroupName=_group_name(group.name), Description=group.name, VpcId=self.vpcs[vpc]
        )["GroupId"]
        self.groups[vpc, group.name] = made
        for ingress in group.ingress:
            permission = self._permission(ingress.port, ingress.sources)
            self.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        if group.egress is not None:
            given = self.ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]["IpPermissionsEgress"]
            self.ec2.revoke_security_group_egress(GroupId=made, IpPermissions=given)
        for egress in group.egress or ():
            permission = self._permission(egress.port, egress.destinations)
            self.ec2.authorize_security_group_egress(GroupId=made, IpPermissions=[permission])
        return made

    def _permission(self, port: str | int, ends: tuple[str, ...]) -> dict[str, Any]:
        first, _, last = str(port).partition("-")
        permission: dict[str, Any] = {
            "IpRanges": [{"CidrIp": one} for one in ends if "/" in one],
            "PrefixListIds": [{"PrefixListId": self._prefix_list(one)} for one in ends if "/" not in one],
        }
        ports = {"IpProtocol": "tcp", "FromPort": int(first), "ToPort": int(last or first)}
        return ports | {key: value for key, value in permission.items() if value}

    def _prefix_list(self, name: str) -> str:
        full = name if name.startswith("com.amazonaws.") else f"com.amazonaws.{self.region}.{name}"
        found = self.ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [full]}])[
            "PrefixLists"
        ]
        if not found:
            raise Unbuildable(f"no managed prefix list is called {full}")
        return str(found[0]["PrefixListId"])

    def _instance(self, instance: Instance) -> None:
        ip = ipaddress.IPv4Address(instance.ip)
        subnet = next((made for cidr, made in self._subnets_of(instance.vpc) if ip in cidr), None)
        if subnet is None:
            raise Unbuildable(f"{instance.ip} of instance {instance.name} lies in no subnet of {instance.vpc}")
        # As AWS does, and moto does not: without a word about it the VPC's default group.
        groups = [self._known_group(instance.vpc, name) for name in instance.security_groups or ("default",)]
        if re.fullmatch(r"i-([0-9a-f]{8}|[0-9a-f]{17})", instance.name):
            _next_id("i", instance.name)
        image = self.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        answer = self.ec2.run_instances(
            ImageId=image,
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            SecurityGroupIds=groups,
            PrivateIpAddress=instance.ip,
            UserData=user_data(instance.serves),
            TagSpecifications=_tagging("instance", {"Name": instance.name, **instance.tags}),
        )
        self.instances[instance.name] = (answer["Instances"][0]["InstanceId"], instance)

    def _balancer(self, balancer: LoadBalancer) -> None:
        if balancer.security_groups is None:
            ports = tuple(Ingress(port=listener.port, sources=("vpc-lattice",)) for listener in balancer.listeners)
            groups = [self._group(balancer.vpc, SecurityGroup(name=f"{balancer.name}-sg", ingress=ports))]
        else:
            groups = [self._known_group(balancer.vpc, name) for name in balancer.security_groups]
        request: dict[str, Any] = {
            "Name": balancer.name,
            "Scheme": balancer.scheme,
            "Type": balancer.type,
            "Subnets": self._one_of_each_zone(balancer),
            "SecurityGroups": groups if balancer.type == "application" else [],
            "Tags": [{"Key": key, "Value": value} for key, value in balancer.tags.items()],
        }
        _next_id("load-balancer", balancer.id)
        made = self.elb.create_load_balancer(**{key: value for key, value in request.items() if value})
        arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        for listener in balancer.listeners:
            self._listener(arn, balancer, listener)

    def _one_of_each_zone(self, balancer: LoadBalancer) -> list[str]:
        """Subnets as ELB takes them: at most one of a zone, of two zones at least for an application load balancer."""
        found: dict[str, str] = {}
        for _, subnet in self._subnets_of(balancer.vpc):
            found.setdefault(self.zones[subnet], subnet)
        if balancer.type == "application" and len(found) < 2:
            raise Unbuildable(
                f"load balancer {balancer.name} needs subnets in two zones, and {balancer.vpc} has them in {len(found)}"
            )
        return list(found.values())

    def _listener(self, arn: str, balancer: LoadBalancer, listener: BalancerListener) -> None:
        certificate = self._certificate(balancer, listener)
        forward = listener.forward or (
            Forward(port=listener.target_port or self._served_port(listener), targets=listener.targets),
        )
        made = self.elb.create_listener(
            LoadBalancerArn=arn,
            Protocol=listener.protocol,
            Port=listener.port,
            DefaultActions=[self._action(arn, balancer, f"{listener.port}", listener, forward)],
            **({"Certificates": [{"CertificateArn": certificate}]} if certificate else {}),
        )["Listeners"][0]["ListenerArn"]
        for rule in listener.rules:
            label = f"{listener.port}r{rule.priority}"
            self.elb.create_rule(
                ListenerArn=made,
                Priority=rule.priority,
                Conditions=list(rule.conditions),
                Actions=[self._action(arn, balancer, label, rule, rule.forward)],
            )

    def _action(
        self,
        arn: str,
        balancer: LoadBalancer,
        label: str,
        does: BalancerListener | BalancerRule,
        forward: tuple[Forward, ...],
    ) -> dict[str, Any]:
        if does.redirect:
            return {"Type": "redirect", "RedirectConfig": redirect_config(does.redirect)}
        if does.answers is not None:
            return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": str(does.answers)}}
        if not forward:
            raise Unbuildable(f"rule {label} of load balancer {balancer.name} does nothing")
        if len(forward) == 1:
            return {"Type": "forward", "TargetGroupArn": self._target_group(arn, balancer, label, forward[0])}
        groups = [
            {"TargetGroupArn": self._target_group(arn, balancer, f"{label}-{number}", one), "Weight": one.weight}
            for number, one in enumerate(forward)
        ]
        return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}

    def _target_group(self, arn: str, balancer: LoadBalancer, label: str, forward: Forward) -> str:
        for name in forward.targets:
            if name not in self.instances:
                raise Unbuildable(f"load balancer {balancer.name} sends to {name}, which is no instance here")
        group = self.elb.create_target_group(
            Name=self._unused(balancer.name, arn, label),
            Protocol="HTTP" if balancer.type == "application" else "TCP",
            Port=forward.port,
            VpcId=self.vpcs[balancer.vpc],
            TargetType="instance",
        )["TargetGroups"][0]["TargetGroupArn"]
        if forward.targets:
            self.elb.register_targets(
                TargetGroupArn=group,
                Targets=[{"Id": self.instances[name][0], "Port": forward.port} for name in forward.targets],
            )
        return str(group)

    def _unused(self, name: str, arn: str, label: str) -> str:
        """A target group's: of 32 characters, and a thousand load balancers' names may begin alike."""
        short = f"{name[: min(20, 26 - len(label))].rstrip('-')}-{arn[-4:]}-{label}"
        long = f"{name[: min(13, 18 - len(label))].rstrip('-')}-{arn[-12:]}-{label}"
        found = long if short in self.named else short
        self.named.add(found)
        return found

    def _certificate(self, balancer: LoadBalancer, listener: BalancerListener) -> str:
        if listener.certificate.startswith("arn:") or listener.protocol != "HTTPS":
            return listener.certificate
        name = listener.certificate or f"{balancer.name}.internal.example"
        if name not in self.certificates:
            # Imported here: who only reads a description need not wait for moto.
            from localcloud.services.acm.moto import issue

            acm = self.cloud.client("acm", self.account.id)
            self.certificates[name] = arn = acm.request_certificate(DomainName=name)["CertificateArn"]
            issue(self.account.id, self.elb.meta.region_name, arn)
        return self.certificates[name]

    def _served_port(self, listener: BalancerListener) -> int:
        known = (self.instances[name][1] for name in listener.targets if name in self.instances)
        served = {serves.port for instance in known for serves in instance.serves}
        return served.pop() if len(served) == 1 else listener.port

    def _subnets_of(self, vpc: str) -> list[tuple[ipaddress.IPv4Network, str]]:
        if vpc not in self.subnets:
            raise Unbuildable(f"account {self.account.id} has no VPC called {vpc}")
        return self.subnets[vpc]

    def _known_group(self, vpc: str, name: str) -> str:
        if name == "default" and (vpc, name) not in self.groups:
            wanted = {"vpc-id": self.vpcs[vpc], "group-name": name}
            filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
            [found] = self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
            return str(found["GroupId"])
        if (vpc, name) not in self.groups:
            raise Unbuildable(f"VPC {vpc} of account {self.account.id} has no security group called {name}")
        return self.groups[vpc, name]


def redirect_config(redirect: str | dict[str, str]) -> dict[str, str]:
    """ELB's RedirectConfig of a Redirect. Unbuildable for a text that is none."""
    if isinstance(redirect, dict):
        return redirect
    if not _REDIRECT.fullmatch(redirect):
        raise Unbuildable(f"a listener redirects to {redirect!r}: write it as HTTPS:443")
    protocol, _, port = redirect.partition(":")
    return {"Protocol": protocol, "Port": port, "StatusCode": "HTTP_301"}


def _tagging(kind: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def _group_name(name: str) -> str:
    """EC2 takes no name that begins as an id does; in a copy of an estate groups are called by their ids."""
    return f"copy-of-{name}" if name.startswith("sg-") else name


def _next_id(kind: str, wanted: str) -> None:
    """Let the next thing of that kind have this id; there is no request field for it."""
    if wanted:
        # Imported here: who only reads a description need not wait for moto.
        from localcloud.ground.moto import next_id

        next_id(kind, wanted)
