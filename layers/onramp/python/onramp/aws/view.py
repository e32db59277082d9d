"""Read what decides about one request, over several accounts, with read-only calls and the rights that there are.

What somebody else's rights would be needed for is kept as unread, with the reason: unknown is not absent.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import msgspec

from onramp.aws import reading
from onramp.aws.account import Account
from onramp.aws.callers import Source
from onramp.aws.errors import translated
from onramp.aws.eyes import Eyes
from onramp.aws.reading import got, listed, pages
from onramp.core import view as seen
from onramp.core.auth import Sent, ruling
from onramp.core.errors import NotYet, Refused
from onramp.core.trace import Asked, Ruling, region_of
from onramp.core.view import (
    ENDPOINTS,
    NAMES,
    NETWORK_ACL,
    PREFIX_LIST,
    Unread,
    View,
    acls_of,
    associations_of,
    groups_of,
    targets_of,
)
from onramp.core.zones import answers, in_its_place

type _Pairs = tuple[tuple[str, str], ...]


class Sight(NamedTuple):
    """A view, and what its auth levels are evaluated with.

    `policies`: ARN -> the policy document, None where there is none; a level that is not in it was not read.
    `tags`: those of the service, None when they were not read.
    """

    view: View
    policies: dict[str, str | None]
    tags: dict[str, str] | None


def authority(sight: Sight, sent: Sent) -> Callable[[Asked], Ruling]:
    """What the walk asks at each level that has auth on. `sent.tags` are the sight's own, whatever it holds."""
    whole = replace(sent, tags=sight.tags)

    def authorise(asked: Asked) -> Ruling:
        if asked.arn not in sight.policies:
            why = next((it.why for it in sight.view.unread if it.thing == policy_of(asked.arn)), "it was not asked for")
            return Ruling(allowed=False, because=f"its auth policy could not be read: {why}", unknown=True)
        return ruling(asked, sight.policies[asked.arn], whole)

    return authorise


def policy_of(arn: str) -> str:
    return f"policy of {arn}"


# --- what decides -------------------------------------------------------------------------------------------


def look(eyes: Eyes, region: str, caller: Source, name: str) -> Sight:
    """Read what decides about requests of `caller` to `name`: a service's name, its Lattice name or custom domain.

    Several services may bear a plain name; all of them that can be seen are in the view then.
    """
    return _Look(eyes, region, caller).at(name.lower().rstrip("."))


SERVICE_ASSOCIATIONS = "list_service_network_service_associations"
VPC_ASSOCIATIONS = "list_service_network_vpc_associations"


class _Look:
    """One look's own memory: what was read of whom, and what was not."""

    def __init__(self, eyes: Eyes, region: str, caller: Source) -> None:
        self.eyes = eyes
        self.region = region
        self.caller = caller
        self.unread: dict[str, str] = {}
        self.policies: dict[str, str | None] = {}
        self.heard: set[str] = set()  # names of all services that lists told of
        self.networks: dict[str, seen.Network] = {}
        self.seers: dict[str, str] = {}  # network id -> an account of ours that sees it
        self.groups: dict[str, seen.SecurityGroup] = {}
        self.prefix_lists: dict[tuple[str, str], list[str]] = {}
        self.joined: list[dict[str, Any]] = []  # services of the networks that VPC endpoints lead into

    def at(self, name: str) -> Sight:
        vpcs = self.vpc()
        associations = self.vpc_associations()
        self.read_networks({it.network for it in associations})
        services = tuple(self.service(item) for item in self.named(name).values())
        aliases, hidden = self.aliases(name, services)
        if "." not in name and services:
            aliases, hidden = self.by_lattices_name(services[0].domain)
        endpoints = tuple(it for one in (name, *(to for _, to in aliases)) if (it := self.endpoint(one)) is not None)
        if not services:  # a record may lead to one that has not this name, which is another stop than none
            led = {identifier: item for _, to in aliases for identifier, item in self.named(to).items()}
            behind_them = {to for it in endpoints for _, to in it.names}
            led |= {it["serviceId"]: it for it in self.joined if it["serviceId"] in behind_them}
            services = tuple(self.service(item) for item in led.values())
        behind = [(service.account, group) for service in services for group in self.target_groups(service)]
        balancers = [it for owner, group in behind if group.type == "ALB" for it in self.balancers(owner, group)]
        instances = [it for owner, group in behind for it in self.instances(owner, group, balancers)]
        own = {*self.caller.security_groups, *(group for it in associations for group in it.security_groups)}
        self.security_groups(self.caller.account, own)
        certificates = tuple(self.certificates(services, balancers))
        view = View(
            vpcs=vpcs,
            networks=tuple(self.networks.values()),
            vpc_associations=associations,
            services=services,
            target_groups=tuple(group for _, group in behind),
            balancers=tuple(balancers),
            instances=tuple(instances),
            aliases=aliases,
            hidden=hidden,
            endpoints=endpoints,
            certificates=certificates,
            others=() if services else tuple(sorted(self.heard)),
            lattice_cidrs=self.lattice_cidrs() if balancers or self.caller.security_groups else (),
            network_acl=self.network_acl(),
            security_groups=tuple(self.groups.values()),
            region=self.region,
            unread=tuple(Unread(thing=thing, why=why) for thing, why in self.unread.items()),
        )
        return Sight(view, self.policies, self.tags(services[0]) if len(services) == 1 else None)

    def tried[T](self, things: str | Iterable[str], account: str, read: Callable[[Account], T]) -> T | None:
        """What `read` answers in that account, else None with the reason kept for each of `things`."""
        try:
            with translated():
                return read(self.eyes.of(account))
        except (NotYet, Refused) as no:
            why = no.message if isinstance(no, Refused) else no.detail
            self.unread |= dict.fromkeys([things] if isinstance(things, str) else things, why)
        return None

    def lists(self, thing: str, account: str, operation: str, **given: Any) -> list[dict[str, Any]]:
        return self.tried(thing, account, lambda whose: listed(operation, whose, **given)) or []

    def gets(self, thing: str, account: str, operation: str, **given: Any) -> dict[str, Any]:
        return self.tried(thing, account, lambda whose: got(operation, whose, **given)) or {}

    # --- the caller's side

    def vpc(self) -> tuple[seen.Vpc, ...]:
        vpc, account = self.caller.vpc, self.caller.account

        def read(owner: Account) -> bool:
            ec2 = owner.client("ec2")
            support = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]
            names = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
            return bool(support["Value"] and names["Value"])

        return (seen.Vpc(id=vpc, account=account, dns=self.tried(vpc, account, read) is not False),)

    def vpc_associations(self) -> tuple[seen.VpcAssociation, ...]:
        """By the VPC's owner, who sees all; others see that it is in a network, but not that it is in none."""
        vpc, seer = self.caller.vpc, self.caller.account
        items = self.lists(associations_of(vpc), seer, VPC_ASSOCIATIONS, vpcIdentifier=vpc)
        if associations_of(vpc) in self.unread:
            seer = self.eyes.home.account
            items = self.lists(associations_of(vpc), seer, VPC_ASSOCIATIONS, vpcIdentifier=vpc)
        return tuple(
            seen.VpcAssociation(
                vpc=item["vpcId"],
                network=item["serviceNetworkArn"].rpartition("/")[2],
                status=item["status"],
                security_groups=tuple(self.whole(vpc, seer, item).get("securityGroupIds", ())),
            )
            for item in items
        )

    def whole(self, vpc: str, seer: str, item: dict[str, Any]) -> dict[str, Any]:
        """An association with what lists leave out (facts 5)."""
        operation = "get_service_network_vpc_association"
        return self.gets(groups_of(vpc), seer, operation, serviceNetworkVpcAssociationIdentifier=item["arn"])

    def security_groups(self, account: str, ids: set[str]) -> None:
        """By filter: one that is gone is missing from the answer, and admits nobody."""

        def read(owner: Account) -> list[dict[str, Any]]:
            filters = [{"Name": "group-id", "Values": sorted(ids)}]
            return pages(owner.client("ec2"), "describe_security_groups", "SecurityGroups", Filters=filters)

        for item in (self.tried(ids, account, read) or []) if ids else ():
            ingress = tuple(self.ingress(account, item["GroupId"], rule) for rule in item["IpPermissions"])
            egress = (
                tuple(self.egress(account, item["GroupId"], rule) for rule in item["IpPermissionsEgress"])
                if item["GroupId"] in self.caller.security_groups
                else seen.EVERYWHERE
            )
            self.groups[item["GroupId"]] = seen.SecurityGroup(id=item["GroupId"], ingress=ingress, egress=egress)

    def egress(self, account: str, group: str, rule: dict[str, Any]) -> seen.Egress:
        """Told as what comes in is."""
        return seen.Egress(**msgspec.structs.asdict(self.ingress(account, group, rule)))

    def network_acl(self) -> seen.NetworkAcl | None:
        """That of the caller's subnet."""
        if not self.caller.subnet:
            return None
        read = partial(reading.network_acls, [self.caller.subnet])
        return next(iter(self.tried(NETWORK_ACL, self.caller.account, read) or ()), None)

    def ingress(self, account: str, group: str, rule: dict[str, Any]) -> seen.Ingress:
        cidrs = [it["CidrIp"] for it in rule.get("IpRanges", ())] + [
            it["CidrIpv6"] for it in rule.get("Ipv6Ranges", ())
        ]
        for item in rule.get("PrefixListIds", ()):
            cidrs += self.prefix_list(group, account, item["PrefixListId"])
        return seen.Ingress(
            protocol=rule["IpProtocol"],
            from_port=rule.get("FromPort", 0),
            to_port=rule.get("ToPort", 65535),
            cidrs=tuple(cidrs),
            groups=tuple(it["GroupId"] for it in rule.get("UserIdGroupPairs", ())),
        )

    def prefix_list(self, thing: str, account: str, identifier: str) -> list[str]:
        def read(owner: Account) -> list[str]:
            operation = "get_managed_prefix_list_entries"
            return [it["Cidr"] for it in pages(owner.client("ec2"), operation, "Entries", PrefixListId=identifier)]

        if (account, identifier) not in self.prefix_lists:
            found = self.tried(thing, account, read)
            if found is None:  # asked again for each that names it: of each it is told that not all of it was read
                return []
            self.prefix_lists[account, identifier] = found
        return self.prefix_lists[account, identifier]

    def lattice_cidrs(self) -> tuple[str, ...]:
        """AWS's own list: every account sees the same one."""
        home = self.eyes.home.account

        def read(owner: Account) -> list[str]:
            names = [f"com.amazonaws.{self.region}{family}.vpc-lattice" for family in ("", ".ipv6")]
            filters = [{"Name": "prefix-list-name", "Values": names}]
            found = pages(owner.client("ec2"), "describe_managed_prefix_lists", "PrefixLists", Filters=filters)
            return [it["PrefixListId"] for it in found]

        lists = self.tried(PREFIX_LIST, home, read) or []
        return tuple(cidr for it in lists for cidr in self.prefix_list(PREFIX_LIST, home, it))

    # --- networks

    def read_networks(self, inside: set[str]) -> None:
        """Those that the VPC is in, whole; of the others that can be seen only the name."""
        for account in self.eyes.own:
            for item in self.lists("networks", account, "list_service_networks"):
                if item["id"] not in self.networks:
                    self.seers[item["id"]] = account
                    self.networks[item["id"]] = seen.Network(id=item["id"], arn=item["arn"], name=item["name"])
        for identifier in sorted(inside):
            self.read_whole(identifier)

    def read_whole(self, identifier: str, known: str = "") -> None:
        """`known`: its ARN, where another thing told it."""
        listed = self.networks.pop(identifier, None)
        arn = listed.arn if listed is not None else known or identifier
        owner = arn.split(":")[4] if ":" in arn else self.caller.account
        read = self.network(identifier, arn, owner)
        # First of all: what its VPC's network says of a name counts more than what another says.
        first = {identifier: read} if read is not None else {identifier: listed} if listed is not None else {}
        self.networks = {**first, **self.networks}

    # --- VPC endpoints

    def endpoint(self, name: str) -> seen.Endpoint | None:
        """The VPC endpoint that a name leads through, of those that can be looked at."""
        ids = reading.through_endpoint(name)
        if ids is None or not region_of(name):
            return None
        accounts = tuple(dict.fromkeys([self.caller.account, *self.eyes.own]))
        for owner in accounts:
            item = self.tried(ENDPOINTS, owner, partial(reading.endpoint, ids[0]))
            if item is not None:
                self.unread.pop(ENDPOINTS, None)
                return self.whole_endpoint(owner, item, name, ids[1])
        why = f"{ids[0]} is no VPC endpoint of {', '.join(accounts)}: name a profile of its account as well"
        self.unread.setdefault(ENDPOINTS, why)
        return None

    def whole_endpoint(self, owner: str, item: dict[str, Any], name: str, joined: str) -> seen.Endpoint:
        identifier, arn = item["VpcEndpointId"], item.get("ServiceNetworkArn", "")
        network, groups = arn.rpartition("/")[2], tuple(it["GroupId"] for it in item.get("Groups", ()))
        self.read_whole(network, arn)
        self.security_groups(owner, set(groups))
        subnets = self.tried(acls_of(identifier), owner, partial(reading.endpoint_subnets, item.get("SubnetIds", ())))
        seer = self.seers.get(network, owner)
        there = self.lists(NAMES, seer, SERVICE_ASSOCIATIONS, serviceNetworkIdentifier=arn)
        mine = [
            {**it, "id": it["serviceId"], "arn": it["serviceArn"], "name": it["serviceName"]}
            for it in there
            if it["id"] == joined
        ]
        self.joined += mine
        return seen.Endpoint(
            id=identifier,
            vpc=item["VpcId"],
            state=item["State"],
            network=network,
            names=tuple((name, it["serviceId"]) for it in mine),
            security_groups=groups,
            subnets=subnets or (),
        )

    def network(self, identifier: str, arn: str, owner: str) -> seen.Network | None:
        """By its owner, else by whoever it is shared with; None when nobody can tell."""
        for account in dict.fromkeys((owner, self.caller.account, self.seers.get(identifier, owner))):
            item = self.gets(identifier, account, "get_service_network", serviceNetworkIdentifier=arn)
            if item:
                self.unread.pop(identifier, None)
                self.seers.setdefault(identifier, account)
                auth = item.get("authType", "NONE")
                if auth != "NONE":
                    self.policy(item["arn"])
                return seen.Network(id=item["id"], arn=item["arn"], name=item["name"], auth_type=auth)
        return None

    def policy(self, arn: str) -> None:
        """That there is none is told by nothing, or by 404 (facts R24)."""
        thing = policy_of(arn)
        item = self.gets(thing, arn.split(":")[4], "get_auth_policy", resourceIdentifier=arn)
        if thing not in self.unread:
            self.policies[arn] = item.get("policy") or None

    # --- services

    def named(self, name: str) -> dict[str, dict[str, Any]]:
        """id -> what lists tell of each service that bears `name`; those in a network that can be seen come first."""
        found: dict[str, dict[str, Any]] = {}
        for identifier, network in self.networks.items():
            for item in self.lists(
                NAMES, self.seers[identifier], SERVICE_ASSOCIATIONS, serviceNetworkIdentifier=network.arn
            ):
                self.heard.add(item["serviceName"])
                if name in _names(item, item["serviceName"]):
                    known = {**item, "id": item["serviceId"], "arn": item["serviceArn"], "name": item["serviceName"]}
                    found.setdefault(item["serviceId"], known)
        if found:
            self.unread.pop(NAMES, None)
            return found
        for account in self.accounts():
            for item in self.lists(NAMES, account, "list_services"):
                self.heard.add(item["name"])
                if name in _names(item, item["name"]):
                    found.setdefault(item["id"], item)
        if found:
            self.unread.pop(NAMES, None)
        return found

    def accounts(self) -> list[str]:
        """Where a service could be that is in no network here: sessions' accounts, then all that joined something."""
        found = dict.fromkeys(self.eyes.own)
        for identifier, network in self.networks.items():
            for operation in (SERVICE_ASSOCIATIONS, VPC_ASSOCIATIONS):
                seer = self.seers[identifier]
                for item in self.lists(NAMES, seer, operation, serviceNetworkIdentifier=network.arn):
                    found.setdefault(item.get("createdBy") or seer)
        return list(found)

    def service(self, item: dict[str, Any]) -> seen.Service:
        arn, identifier, owner = item["arn"], item["id"], item["arn"].split(":")[4]
        got = self.gets(identifier, owner, "get_service", serviceIdentifier=arn)
        if got.get("authType", "NONE") != "NONE":
            self.policy(arn)
        listeners = self.tried(identifier, owner, partial(reading.listeners, arn)) if got else ()
        known = {**item, **got}
        return seen.Service(
            id=identifier,
            arn=arn,
            account=owner,
            name=known["name"],
            domain=known.get("dnsEntry", {}).get("domainName", ""),
            custom_domain=known.get("customDomainName", "").lower(),
            certificate=known.get("certificateArn", ""),
            status=got.get("status", "ACTIVE"),  # what is associated is active, where its owner cannot be asked
            auth_type=got.get("authType", "NONE"),
            listeners=listeners or (),
            associations=self.service_associations(arn, owner),
        )

    def service_associations(self, arn: str, owner: str) -> tuple[seen.ServiceAssociation, ...]:
        """By its owner, else as the networks that can be seen list it."""
        identifier = arn.rpartition("/")[2]
        thing = associations_of(identifier)
        items = self.lists(thing, owner, SERVICE_ASSOCIATIONS, serviceIdentifier=arn)
        if thing in self.unread:
            for network in self.networks.values():
                seer = self.seers[network.id]
                listed = self.lists(thing, seer, SERVICE_ASSOCIATIONS, serviceNetworkIdentifier=network.arn)
                items += [it for it in listed if it["serviceId"] == identifier]
        return tuple(
            seen.ServiceAssociation(network=it["serviceNetworkArn"].rpartition("/")[2], status=it["status"])
            for it in items
        )

    def tags(self, service: seen.Service) -> dict[str, str] | None:
        def read(owner: Account) -> dict[str, str]:
            found: dict[str, str] = owner.client("vpc-lattice").list_tags_for_resource(resourceArn=service.arn)["tags"]
            return found

        return self.tried("tags", service.account, read)

    def aliases(self, name: str, services: tuple[seen.Service, ...]) -> tuple[_Pairs, tuple[seen.Hidden, ...]]:
        """Route 53's records for `name`, which people make (facts 14), and those that the caller's VPC does not find:
        of a Lattice name, AWS's own, where a private zone of somebody's answers in its place.
        """
        if "." not in name:
            return (), ()
        if region_of(name):
            return self.by_lattices_name(name)
        private = self.tried(ENDPOINTS, self.caller.account, partial(reading.private_names, self.caller.vpc)) or {}
        if name in private:  # Lattice's own zone is named by it, so that no other is nearer
            return ((name, private[name]),), ()
        accounts = dict.fromkeys([self.caller.account, *(service.account for service in services), *self.eyes.own])
        zones = [
            zone
            for account in accounts
            for zone in self.tried(name, account, partial(reading.records, name, self.caller.vpc)) or ()
        ]
        if zones:
            self.unread.pop(name, None)
        else:
            why = f"no hosted zone of {', '.join(accounts)} holds {name}: ask its DNS whether it leads to the service"
            self.unread.setdefault(name, why)
        leads, hidden = answers(zones)
        for to in leads:
            if region_of(to) and any(to in zone.asked_on for zone in zones):
                hidden = (*hidden, *self.by_lattices_name(to)[1])
        return tuple((name, to) for to in leads), hidden

    def by_lattices_name(self, name: str) -> tuple[_Pairs, tuple[seen.Hidden, ...]]:
        """AWS answers for it everywhere, but in a VPC in a private zone of whoever's that holds it."""
        read = partial(reading.zones_inside, name, self.caller.vpc, self.region)
        inside = self.tried(name, self.caller.account, read) or ()
        return tuple((name, to) for to in answers(inside)[0]), in_its_place(inside)

    def certificates(
        self, services: tuple[seen.Service, ...], balancers: list[seen.Balancer]
    ) -> Iterator[seen.Certificate]:
        """What clients are shown: a service's own, and where TLS passes through, a load balancer's (facts R20)."""
        for service in services:
            spoken = {listener.protocol for listener in service.listeners}
            wanted = [service.certificate] if service.certificate and "HTTPS" in spoken else []
            if "TLS_PASSTHROUGH" in spoken:
                wanted += [arn for it in balancers for one in it.listeners for arn in one.certificates or ()]
            for arn in dict.fromkeys(wanted):
                found = self.tried(arn, service.account, partial(reading.certificate, arn))
                if found is not None:
                    yield found

    # --- what is behind

    def target_groups(self, service: seen.Service) -> Iterator[seen.TargetGroup]:
        actions = [listener.default for listener in service.listeners]
        actions += [rule.action for listener in service.listeners for rule in listener.rules]
        for identifier in sorted({one for action in actions for one, _ in action.forward}):
            group = self.tried(identifier, service.account, partial(reading.target_group, identifier))
            if group is not None:
                yield group

    def balancers(self, owner: str, group: seen.TargetGroup) -> Iterator[seen.Balancer]:
        for arn in {target.id: None for target in group.targets}:
            found = self.tried(arn, owner, partial(reading.balancer, arn))
            if found is not None:
                self.security_groups(owner, set(found.security_groups))
                listeners = (
                    self.tried(targets_of(arn), owner, partial(reading.balancer_listeners, arn)) or found.listeners
                )
                acls = self.tried(acls_of(arn), owner, partial(reading.network_acls, found.subnets)) or ()
                yield msgspec.structs.replace(found, listeners=listeners, acls=tuple(acls))

    def instances(self, owner: str, group: seen.TargetGroup, balancers: list[seen.Balancer]) -> Iterator[seen.Instance]:
        registered = {target.id for target in group.targets}
        ids = {
            target
            for balancer in balancers
            if balancer.arn in registered
            for listener in balancer.listeners
            for target, _ in listener.targets
        } | {it for it in registered if not it.startswith("arn:")}
        machines = sorted(it for it in ids if it.startswith("i-"))
        addresses = sorted(it for it in ids if not it.startswith(("i-", "arn:")))
        within = [{"Name": "vpc-id", "Values": [group.vpc]}] if group.vpc else []
        for filters in (
            [{"Name": "instance-id", "Values": machines}],
            [*within, {"Name": "private-ip-address", "Values": addresses}],
        ):
            if asked := filters[-1]["Values"]:
                yield from self.tried(asked, owner, partial(reading.instances, filters)) or ()


def _names(item: dict[str, Any], name: str) -> set[str]:
    return {name, item.get("dnsEntry", {}).get("domainName", ""), item.get("customDomainName", "").lower()}
