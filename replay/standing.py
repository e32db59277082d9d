"""What stands in the accounts, read as their owners would: for comparing worlds, and for the picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from onramp.core.tags import STATUS_KEYS

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What was read is not changed."""


class ServiceSeen(Value, frozen=True):
    """`listens` as HTTP:80; `network` and `association` are '' while it is in none; `targets` are names."""

    account: str
    name: str
    domain: str
    status: str
    listens: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    network: str = ""
    association: str = ""


class ClientSeen(Value, frozen=True):
    """A VPC that is joined to a network; `admits` as `10.1.33.54/32 to 80`."""

    account: str
    vpc: str
    name: str
    cidr: str
    network: str
    status: str
    admits: tuple[str, ...] = ()


class NetworkSeen(Value, frozen=True):
    """`shared_with` are the principals of its shares, with the state of the sharing."""

    account: str
    name: str
    id: str
    auth: str
    shared_with: tuple[tuple[str, str], ...] = ()


class Standing(Value, frozen=True):
    """`things` describes by a sentence-like name what each thing is: equal mappings are equal worlds."""

    things: dict[str, str]
    networks: tuple[NetworkSeen, ...]
    services: tuple[ServiceSeen, ...]
    clients: tuple[ClientSeen, ...]


def stand(cloud: LocalCloud, accounts: Iterable[str]) -> Standing:
    """Read what a run may make or change in `accounts`: Lattice objects, sharing, security groups, tags."""
    with cloud.gate.quiet():
        return _Reading(cloud, list(accounts)).all()


def added(before: Standing, now: Standing) -> list[str]:
    """What is there now and was not, or was otherwise, in a fixed order."""
    return sorted(
        f"{name}: {what}" if what else name for name, what in now.things.items() if before.things.get(name) != what
    )


def left_over(before: Standing, now: Standing) -> list[str]:
    """`added`, but for the tags that people gave: they are theirs to remove."""
    return [
        thing
        for thing in added(before, now)
        if " tag " not in thing or any(f" tag {key} of " in thing for key in STATUS_KEYS)
    ]


def missing(before: Standing, now: Standing) -> list[str]:
    """What was there and is no more."""
    return sorted(name for name in before.things if name not in now.things)


class _Reading:
    def __init__(self, cloud: LocalCloud, accounts: list[str]) -> None:
        self.cloud = cloud
        self.accounts = accounts
        self.things: dict[str, str] = {}
        self.networks: dict[str, NetworkSeen] = {}
        self.services: dict[str, ServiceSeen] = {}
        self.clients: dict[str, ClientSeen] = {}
        self.vpcs: dict[str, tuple[str, str, str]] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.shared: dict[str, list[tuple[str, str]]] = {}
        self.behind: dict[str, set[str]] = {}

    def all(self) -> Standing:
        for account in self.accounts:
            self._ec2(account)
            self._balancers(account)
            self._sharing(account)
        for account in self.accounts:
            self._own_networks(account)
            self._own_target_groups(account)
            self._own_services(account)
        for account in self.accounts:
            self._associations(account)
        return Standing(
            things=self.things,
            networks=tuple(self.networks.values()),
            services=tuple(sorted(self.services.values(), key=lambda it: (it.account, it.name))),
            clients=tuple(sorted(self.clients.values(), key=lambda it: (it.account, it.vpc))),
        )

    def _pages(self, service: str, account: str, operation: str, key: str, **given: Any) -> Iterator[Any]:
        client = self.cloud.client(service, account)
        for page in client.get_paginator(operation).paginate(**given):
            yield from page[key]

    def _ec2(self, account: str) -> None:
        for vpc in self._pages("ec2", account, "describe_vpcs", "Vpcs"):
            tags = {tag["Key"]: tag["Value"] for tag in vpc.get("Tags", ())}
            name = tags.get("Name") or ("default" if vpc["IsDefault"] else vpc["VpcId"])
            self.vpcs[vpc["VpcId"]] = (account, name, vpc["CidrBlock"])
            self._tags(account, vpc["VpcId"], tags)
        lists = {
            found["PrefixListId"]: found["PrefixListName"].rpartition(".")[2]
            for found in self._pages("ec2", account, "describe_managed_prefix_lists", "PrefixLists")
        }
        for group in self._pages("ec2", account, "describe_security_groups", "SecurityGroups"):
            admits = tuple(sorted(line for permission in group["IpPermissions"] for line in _admits(permission, lists)))
            self.groups[group["GroupId"]] = admits
            vpc_name = self.vpcs[group["VpcId"]][1]
            self.things[f"{account} security group {group['GroupName']} of {vpc_name}"] = ", ".join(admits)

    def _balancers(self, account: str) -> None:
        found = [
            balancer["LoadBalancerArn"]
            for balancer in self._pages("elbv2", account, "describe_load_balancers", "LoadBalancers")
        ]
        elb = self.cloud.client("elbv2", account)
        for start in range(0, len(found), 20):  # DescribeTags takes 20 ARNs (facts 19)
            for described in elb.describe_tags(ResourceArns=found[start : start + 20])["TagDescriptions"]:
                tags = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
                self._tags(account, described["ResourceArn"].partition(":loadbalancer/")[2], tags)

    def _tags(self, account: str, resource: str, tags: dict[str, str]) -> None:
        for key, value in tags.items():
            self.things[f"{account} tag {key} of {resource}"] = value

    def _sharing(self, account: str) -> None:
        ram = self.cloud.client("ram", account)
        own = {"resourceOwner": "SELF"}
        shares: dict[str, str] = {}
        for share in self._pages("ram", account, "get_resource_shares", "resourceShares", **own):
            if share["status"] not in ("DELETING", "DELETED"):
                shares[share["resourceShareArn"]] = share["name"]
                self.things[f"{account} resource share {share['name']}"] = share["status"]
        resources: dict[str, list[str]] = {}
        principals: dict[str, list[tuple[str, str]]] = {}
        for kind in ("RESOURCE", "PRINCIPAL"):
            for found in self._pages(
                "ram",
                account,
                "get_resource_share_associations",
                "resourceShareAssociations",
                associationType=kind,
            ):
                if found["resourceShareArn"] not in shares or found["status"] == "DISASSOCIATED":
                    continue
                entity = found["associatedEntity"]
                share = shares[found["resourceShareArn"]]
                self.things[f"{account} resource share {share} with {entity}"] = found["status"]
                if kind == "RESOURCE":
                    resources.setdefault(found["resourceShareArn"], []).append(entity)
                else:
                    principals.setdefault(found["resourceShareArn"], []).append((entity, found["status"]))
        for share, entities in resources.items():
            for entity in entities:
                self.shared.setdefault(entity, []).extend(principals.get(share, ()))
        pages = ram.get_paginator("get_resource_share_invitations").paginate()
        for page in pages:
            for invitation in page["resourceShareInvitations"]:
                # One that was answered or has expired is history, and nothing that anybody could remove.
                if invitation["status"] == "PENDING":
                    name = f"{account} invitation to share {invitation['resourceShareName']}"
                    self.things[name] = "PENDING"

    def _own_networks(self, account: str) -> None:
        lattice = self.cloud.client("vpc-lattice", account)
        for found in self._pages("vpc-lattice", account, "list_service_networks", "items"):
            if f":{account}:" not in found["arn"]:
                continue
            network = lattice.get_service_network(serviceNetworkIdentifier=found["id"])
            self.networks[found["id"]] = NetworkSeen(
                account=account,
                name=found["name"],
                id=found["id"],
                auth=network.get("authType", "NONE"),
                shared_with=tuple(sorted(self.shared.get(found["arn"], ()))),
            )
            self.things[f"{account} service network {found['name']}"] = network.get("authType", "NONE")
            self._logs(account, "network", found["name"], found["id"])

    def _logs(self, account: str, kind: str, name: str, identifier: str) -> None:
        for found in self._pages(
            "vpc-lattice", account, "list_access_log_subscriptions", "items", resourceIdentifier=identifier
        ):
            self.things[f"{account} access log of {kind} {name} to {found['destinationArn']}"] = ""

    def _own_target_groups(self, account: str) -> None:
        for found in self._pages("vpc-lattice", account, "list_target_groups", "items"):
            self.things[f"{account} target group {found['name']}"] = found["status"]
            for target in self._pages(
                "vpc-lattice", account, "list_targets", "items", targetGroupIdentifier=found["id"]
            ):
                name = f"{account} target {_short(target['id'])}:{target.get('port', '')}"
                self.things[f"{name} of target group {found['name']}"] = ""
                for service in found.get("serviceArns", ()):
                    self.behind.setdefault(service, set()).add(_short(target["id"]))

    def _own_services(self, account: str) -> None:
        lattice = self.cloud.client("vpc-lattice", account)
        for found in self._pages("vpc-lattice", account, "list_services", "items"):
            if f":{account}:" not in found["arn"]:
                continue
            name = found["name"]
            self.things[f"{account} service {name}"] = found["status"]
            listens = []
            for listener in self._pages(
                "vpc-lattice", account, "list_listeners", "items", serviceIdentifier=found["id"]
            ):
                spoken = f"{listener['protocol']}:{listener['port']}"
                listens.append(spoken)
                self.things[f"{account} listener {listener['name']} of service {name}"] = spoken
                for rule in self._pages(
                    "vpc-lattice",
                    account,
                    "list_rules",
                    "items",
                    serviceIdentifier=found["id"],
                    listenerIdentifier=listener["id"],
                ):
                    if not rule.get("isDefault"):
                        where = f"listener {listener['name']} of service {name}"
                        self.things[f"{account} rule {rule['name']} of {where}"] = ""
            self._logs(account, "service", name, found["id"])
            detail = lattice.get_service(serviceIdentifier=found["id"])
            self.services[found["id"]] = ServiceSeen(
                account=account,
                name=name,
                domain=detail.get("customDomainName") or detail.get("dnsEntry", {}).get("domainName", ""),
                status=detail["status"],
                listens=tuple(sorted(listens)),
                targets=tuple(sorted(self.behind.get(found["arn"], ()))),
            )

    def _associations(self, account: str) -> None:
        for network_id, network in self.networks.items():
            if network.account != account:
                continue
            for found in self._pages(
                "vpc-lattice",
                account,
                "list_service_network_service_associations",
                "items",
                serviceNetworkIdentifier=network_id,
            ):
                self._service_association(found, network)
            for found in self._pages(
                "vpc-lattice",
                account,
                "list_service_network_vpc_associations",
                "items",
                serviceNetworkIdentifier=network_id,
            ):
                self._vpc_association(found, network)

    def _service_association(self, found: dict[str, Any], network: NetworkSeen) -> None:
        name = f"{network.account} association of service {found['serviceName']} with network {network.name}"
        self.things[name] = found["status"]
        service = self.services.get(found["serviceId"])
        if service is not None:
            self.services[found["serviceId"]] = msgspec.structs.replace(
                service, network=network.name, association=found["status"]
            )

    def _vpc_association(self, found: dict[str, Any], network: NetworkSeen) -> None:
        name = f"{network.account} association of {found['vpcId']} with network {network.name}"
        self.things[name] = found["status"]
        account, vpc, cidr = self.vpcs.get(found["vpcId"], (found["createdBy"], "", ""))
        # Only its creator reads an association's security groups, and the list leaves them out (facts 5).
        detail = self.cloud.client("vpc-lattice", account).get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=found["id"]
        )
        groups = detail.get("securityGroupIds", ())
        self.clients[found["id"]] = ClientSeen(
            account=account,
            vpc=found["vpcId"],
            name=vpc,
            cidr=cidr,
            network=network.name,
            status=found["status"],
            admits=tuple(line for group in groups for line in self.groups.get(group, ())),
        )


def _admits(permission: dict[str, Any], lists: dict[str, str]) -> Iterator[str]:
    first, last = permission.get("FromPort"), permission.get("ToPort")
    ports = "all ports" if first is None else str(first) if first == last else f"{first}-{last}"
    sources = [it["CidrIp"] for it in permission.get("IpRanges", ())]
    sources += [it["CidrIpv6"] for it in permission.get("Ipv6Ranges", ())]
    sources += [lists.get(it["PrefixListId"], it["PrefixListId"]) for it in permission.get("PrefixListIds", ())]
    sources += [it["GroupId"] for it in permission.get("UserIdGroupPairs", ())]
    for source in sources:
        yield f"{source} to {ports}"


def _short(target: str) -> str:
    """A load balancer's name from its ARN; anything else as it is."""
    return target.split("/")[-2] if ":loadbalancer/" in target else target
