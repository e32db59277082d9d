"""What of Lattice is there: services with their associations, target groups, VPC associations."""

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.at_once import each
from onramp.aws.errors import denied
from onramp.aws.observe.listeners import Listeners
from onramp.aws.observe.reader import Reader, id_of, tail
from onramp.aws.observe.settings import auth_policy
from onramp.core import names, tags
from onramp.core.again import given_up
from onramp.core.desired import Backend
from onramp.core.looks import AUTH_BY_HAND, BY_LISTS, RULE_BY_HAND, acted_on
from onramp.core.model import SERVICES, TARGET_GROUPS, UNREAD, Association, Service, Target, TargetGroup, VpcAssociation
from onramp.core.plan.ground import answers, registered


class Lattice:
    """The account's Lattice objects. `unproven`: ARN -> name of what bears our mark and was not shown to be ours.

    `for_hands`: with auth types and the rules that others made, which no step of ours changes. `by_lists`: in a large
    account what one list tells of all services is not asked of each, and listeners are taken to be as they were seen
    last, as long as their service uses the same target groups. Services that the run's last steps were about, or steps
    that were given up, are asked.
    """

    def __init__(self, reader: Reader, marked: frozenset[str], *, for_hands: bool, by_lists: bool = False) -> None:
        self._reader = reader
        self._marked = marked
        self._for_hands = for_hands
        told = reader.run.plan.refusals if reader.run.plan else reader.run.memory.refusals
        self._auth_by_hand = {one.resource for one in told if one.code == AUTH_BY_HAND}
        self._touched = acted_on(reader.run) | given_up(reader.run)
        untouched = [arn for arn in self._of("service/") if reader.known.get(arn) not in self._touched]
        self._by_lists = by_lists and len(untouched) > BY_LISTS
        self._joined: dict[str, list[dict[str, Any]]] = {}
        self._configs: dict[str, dict[str, Any]] = {}
        ruled = frozenset(one.resource for one in told if one.code == RULE_BY_HAND)
        self.listeners = Listeners(reader, marked, self._touched, for_hands=for_hands, by_hand=ruled)
        self.unproven: dict[str, str] = {}

    @property
    def marks_security_groups(self) -> bool:
        return any(":security-group/" in arn for arn in self._marked)

    def _of(self, kind: str) -> list[str]:
        """ARNs of one kind: `service/` has listeners below it, which are not services."""
        return sorted(
            arn
            for arn in self._marked
            if arn.startswith("arn:")
            and arn.split(":")[2] == "vpc-lattice"
            and tail(arn).startswith(kind)
            and tail(arn).count("/") == kind.count("/")
        )

    # --- services

    def services(self) -> list[Service]:
        if self._by_lists:
            self._list()
        return [found for found in each(self.service, self._of("service/")) if found is not None]

    def _list(self) -> None:
        """Which services are on the network, and which target groups they use. Denied, each is asked by itself."""
        network, operation = self._reader.network.arn, "list_service_network_service_associations"
        try:
            joined = self._reader.pages("vpc-lattice", operation, "items", serviceNetworkIdentifier=network)
            groups = self._reader.pages("vpc-lattice", "list_target_groups", "items")
        except ClientError as error:
            if not denied(error):
                raise
            return
        for item in joined:
            if item["serviceName"] not in self._touched:
                self._joined.setdefault(item["serviceArn"], []).append(item)
        for item in groups:
            for service in item.get("serviceArns", ()):
                self.listeners.uses.setdefault(service, set()).add(id_of(item["arn"]))

    def alone(self, service: Service) -> Service | None:
        """The service with its associations with other networks, too, where our network's list told of it."""
        return self.service(service.arn) if self._joined.pop(service.arn, None) else service

    def service(self, arn: str) -> Service | None:
        found = self._reader.one(arn, lambda: self._service(arn))
        if found is None and arn in self._reader.unread:
            unknown = Association(arn="", network=self._reader.network.arn, status=UNREAD, owned=True)
            return self._unread_service(arn, (unknown,))
        return found

    @cached_property
    def _joined_now(self) -> frozenset[str]:
        """Names of the services that this run associated."""
        made = self._reader.run.made
        return frozenset(made[arn] for arn in self._of("servicenetworkserviceassociation/") if arn in made)

    def _unread_service(self, arn: str, associations: tuple[Association, ...]) -> Service:
        return Service(
            arn=arn,
            name=self._reader.known.get(arn, ""),
            status=UNREAD,
            owned=True,
            mark=self._reader.network.name,
            associations=associations,
        )

    def _service(self, arn: str) -> Service | None:
        made = self._reader.run.made
        # A service of this very run has no association but one that this run made.
        fresh = arn in made and made[arn] not in self._joined_now
        items = [] if fresh else self.joined(arn)
        associations = tuple(self._association(item) for item in items)
        for item, association in zip(items, associations, strict=True):
            if association.status == "ACTIVE":
                # What is associated is active: the association tells all that is needed of the service.
                by_hand = self._for_hands or arn in self._auth_by_hand
                asked = self._reader.lattice.get_service(serviceIdentifier=arn) if by_hand else {}
                return Service(
                    arn=arn,
                    name=item["serviceName"],
                    status="ACTIVE",
                    owned=True,
                    mark=self._reader.network.name,
                    domain=item.get("dnsEntry", {}).get("domainName", ""),
                    zone=item.get("dnsEntry", {}).get("hostedZoneId", ""),
                    custom_domain=item.get("customDomainName", ""),
                    associations=associations,
                    auth=asked.get("authType", ""),
                    policy=self._policy(arn, item["serviceName"]) if asked.get("authType") == "AWS_IAM" else None,
                )
        found = self._reader.one(arn, lambda: self._reader.lattice.get_service(serviceIdentifier=arn))
        if found is None:
            return self._unread_service(arn, associations) if arn in self._reader.unread else None
        return Service(
            arn=arn,
            name=found["name"],
            status=found["status"],
            owned=True,
            mark=self._reader.network.name,
            domain=found.get("dnsEntry", {}).get("domainName", ""),
            zone=found.get("dnsEntry", {}).get("hostedZoneId", ""),
            custom_domain=found.get("customDomainName", ""),
            failure=_failure(found),
            associations=associations,
            auth=found.get("authType", ""),
        )

    def _policy(self, arn: str, name: str) -> str | None:
        """What counts where somebody set the auth type by hand: by a tag it is read with the other settings. None where
        it may not be read.
        """
        states = self._reader.run.memory.services
        if any(tags.AUTH in state.settings for state in states if state.name == name):
            return None
        try:
            return auth_policy(self._reader, arn)
        except ClientError as error:
            if not denied(error):
                raise
            return None

    def joined(self, arn: str) -> list[dict[str, Any]]:
        """The service's associations as Lattice lists them: of all networks, where no list told of an active one."""
        listed = self._joined.get(arn, [])
        if any(item["status"] == "ACTIVE" for item in listed):
            return listed
        return self._reader.pages(
            "vpc-lattice", "list_service_network_service_associations", "items", serviceIdentifier=arn
        )

    def _association(self, item: dict[str, Any]) -> Association:
        """With Lattice's words on a failed one: only Get answers them (facts 5). And whose it is, where the index has
        not caught up, by asking.
        """
        reader = self._reader
        failure = ""
        if item["status"].endswith("_FAILED"):
            answer = reader.lattice.get_service_network_service_association(
                serviceNetworkServiceAssociationIdentifier=item["arn"]
            )
            failure = _failure(answer)
        ours = item["arn"] in self._marked or reader.mark(item["arn"]) == reader.network.name
        return Association(
            arn=item["arn"],
            network=item["serviceNetworkArn"],
            status=item["status"],
            owned=ours,
            failure=failure,
            handed=not ours and reader.handed(item["arn"]),
        )

    def others_services(self, missing: set[str]) -> list[Service]:
        """Services of a wanted name that are not known as ours: somebody else's, or ours and not in the index yet."""
        found = []
        for item in self._reader.listed(SERVICES, "vpc-lattice", "list_services", "items") if missing else []:
            if item["name"] not in missing or item["arn"].split(":")[4] != self._reader.member.account:
                continue  # a name is unique within an account; services shared with it may bear the same (facts 6)
            mark = self._reader.mark(item["arn"])
            service = self.service(item["arn"]) if mark == self._reader.network.name else None
            service = service and replace(service, name=item["name"])
            found.append(
                service or Service(arn=item["arn"], name=item["name"], status=item["status"], owned=False, mark=mark)
            )
        return found

    def others_service_now(self, before: Service) -> Service | None:
        """Somebody else's that stood in the way, as it is now; None when it is gone."""
        arn = before.arn
        item = self._reader.one(arn, lambda: self._reader.lattice.get_service(serviceIdentifier=arn))
        if item is None:
            return before if arn in self._reader.unread else None
        return replace(before, status=item["status"])

    def proves_service(self, service: Service, groups: Iterable[TargetGroup]) -> bool:
        """Does it send to a target group whose name we would have given, for this very service?"""
        if service.status == UNREAD:
            return True
        seen = self.listeners.added_to(service, set())
        ids = {to.target_group for found in seen.listeners for to in found.sends}
        return any(id_of(group.arn) in ids and self._bears_our_name(group, {service.name}) for group in groups)

    # --- target groups

    def target_groups(self) -> list[TargetGroup]:
        return [found for found in each(self.target_group, self._of("targetgroup/")) if found is not None]

    def target_group(self, arn: str) -> TargetGroup | None:
        found = self._reader.one(arn, lambda: self._group(arn))
        if found is None and arn in self._reader.unread:
            return TargetGroup(
                arn=arn,
                name=self._reader.known.get(arn, ""),
                status=UNREAD,
                owned=True,
                mark=self._reader.network.name,
            )
        return found

    def _group(self, arn: str) -> TargetGroup:
        targets = self.targets(arn)
        name = self._reader.known.get(arn, "")
        if targets and name:
            # Only an active target group takes targets; its name was given by us and cannot be changed.
            return TargetGroup(
                arn=arn, name=name, status="ACTIVE", owned=True, mark=self._reader.network.name, targets=targets
            )
        item = self._reader.lattice.get_target_group(targetGroupIdentifier=arn)
        self._configs[arn] = item.get("config", {})
        return TargetGroup(
            arn=arn,
            name=name or item["name"],  # what was taken over goes by the name that we would have given
            status=item["status"],
            owned=True,
            mark=self._reader.network.name,
            targets=targets,
            failure=_failure(item),
            used_by=_users(item),
        )

    def targets(self, arn: str) -> tuple[Target, ...]:
        """The targets of a group, by its ARN."""
        return tuple(
            Target(id=item["id"], port=item.get("port", 0), status=item["status"])
            for item in self._reader.pages("vpc-lattice", "list_targets", "items", targetGroupIdentifier=arn)
        )

    def proves_group(self, group: TargetGroup, asked: frozenset[str], services: Iterable[str]) -> bool:
        """Is it ours? `asked`: names that we would give today; `services`: those there, for names given before."""
        known = group.arn in self._reader.known or group.status == UNREAD
        return known or group.name in asked or self._bears_our_name(group, services)

    def _bears_our_name(self, group: TargetGroup, services: Iterable[str]) -> bool:
        config = self._configs.get(group.arn, {})
        network, vpc = self._reader.network.name, config.get("vpcIdentifier", "")
        return any(
            group.name == names.target_group(network, service, target.id, protocol, target.port, vpc)
            for service in services
            for target in group.targets
            for protocol in [config.get("protocol", "")]
        )

    def others_target_groups(
        self, wanted: set[str], balancers: dict[str, str], known: list[TargetGroup]
    ) -> list[TargetGroup]:
        """Target groups of a wanted name that are not known as ours, and those that a load balancer is in already.

        `balancers`: load balancer -> its VPC. Listed only where one of the `wanted` groups is not there, or empty: then
        a load balancer is to be registered, which can be in two groups at most (facts 11).
        """
        missing = wanted - {group.name for group in known}
        if not missing and not any(group.name in wanted and _is_empty(group) for group in known):
            return []
        seen = {group.arn for group in known if group.name}
        found = []
        for item in self._reader.listed(TARGET_GROUPS, "vpc-lattice", "list_target_groups", "items"):
            if item["arn"] in seen:
                continue
            if item["name"] in missing:
                mark = self._reader.mark(item["arn"])
                group = self.target_group(item["arn"]) if mark == self._reader.network.name else None
                group = group and replace(group, name=item["name"])
                found.append(
                    group
                    or TargetGroup(arn=item["arn"], name=item["name"], status=item["status"], owned=False, mark=mark)
                )
            elif item.get("type") == "ALB" and item.get("vpcIdentifier") in balancers.values():
                targets = self._reader.one(item["arn"], partial(self.targets, item["arn"])) or ()
                if any(target.id in balancers for target in targets):
                    mark = self._reader.mark(item["arn"]) if self._reader.network.siblings else ""
                    group = TargetGroup(arn=item["arn"], name=item["name"], status=item["status"], owned=False)
                    found.append(replace(group, targets=targets, mark=mark))
        return found

    def others_target_group_now(self, before: TargetGroup) -> TargetGroup | None:
        """The same of a target group."""
        found = self.target_group(before.arn)
        if found is None or found.status == UNREAD:
            return before if found else None
        return replace(found, owned=False, mark=before.mark)

    def others_sent_to(
        self, services: Iterable[Service], known: Iterable[TargetGroup], by_tool: Mapping[str, Iterable[Backend]]
    ) -> list[TargetGroup]:
        """Target groups that are not ours and that requests go to by a service of ours, with their targets: their owner
        took them back, or a hand led requests there, by a rule of its own, too. `by_tool`: service -> those of which a
        tool sets the shares; what it brought beside them costs no call as long as they have a share.
        """
        there = {id_of(one.arn): one for one in known}
        ours = {found for found, one in there.items() if one.owned}
        joined = [one for one in services if one.owned and answers(self._reader.network, one)]
        sent = [
            (service, to)
            for service in joined
            for listener in service.listeners
            for match, forwards in listener.actions
            if not any(one.takes(match) for one in by_tool.get(service.name, ()))
            or not any(to.weight and to.target_group in ours for to in forwards)
            for to in forwards
        ]
        sent += [(one, to) for one in joined for listener in one.listeners for to in listener.by_others]
        asked = {
            f"{service.arn.rpartition(':')[0]}:targetgroup/{to.target_group}": there.get(to.target_group)
            for service, to in sent
        }
        found = []
        for arn, before in asked.items():
            if before is None or not (before.owned or before.targets):
                group = self.target_group(arn)
                name = before.name if before else ""
                found += [replace(group, owned=False, mark="", name=name or group.name)] if group else []
        return found

    def with_users(
        self, services: Iterable[Service], groups: Iterable[TargetGroup], wanted: set[str]
    ) -> list[TargetGroup]:
        """The groups; those of ours that are about to be let go with the services that use them, by Lattice's word: a
        rule that a hand made, and that no look has read, may send to one. `wanted`: names of those that stay.
        """
        listeners = [listener for service in services for listener in service.listeners]
        sent = {to.target_group for one in listeners for to in (*one.sends, *one.by_others)}
        return [
            self._with_users(one)
            if one.owned and one.targets and one.name not in wanted and id_of(one.arn) not in sent
            else one
            for one in groups
        ]

    def _with_users(self, group: TargetGroup) -> TargetGroup:
        read = partial(self._reader.lattice.get_target_group, targetGroupIdentifier=group.arn)
        item = self._reader.one(group.arn, read)
        if item is None:
            return replace(group, status=UNREAD) if group.arn in self._reader.unread else group
        return replace(group, used_by=_users(item))

    # --- VPC associations

    def vpc_associations(self) -> list[VpcAssociation]:
        arns = self._of("servicenetworkvpcassociation/")
        return [found for found in each(self.vpc_association, arns) if found is not None]

    def vpc_association(self, arn: str) -> VpcAssociation | None:
        reader = self._reader
        found = reader.one(arn, partial(self._vpc_association, arn, mark=reader.network.name))
        if found is None and arn in reader.unread:
            return VpcAssociation(
                arn=arn,
                vpc=reader.known.get(arn, ""),
                network=reader.network.arn,
                status=UNREAD,
                owned=True,
                mark=reader.network.name,
            )
        return found

    def _vpc_association(self, arn: str, *, mark: str) -> VpcAssociation:
        network = self._reader.network
        item = self._reader.lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=arn)
        return VpcAssociation(
            arn=arn,
            vpc=item["vpcId"],
            network=item["serviceNetworkArn"],
            status=item["status"],
            # Nothing that we make is on another network, whatever mark it bears.
            owned=mark == network.name and network.is_named(item["serviceNetworkArn"]),
            mark=mark,
            security_groups=frozenset(item.get("securityGroupIds", ())),
            failure=_failure(item),
        )

    def others_vpc_association_now(self, before: VpcAssociation) -> VpcAssociation | None:
        """Somebody else's that stood in the way, as it is now; None when it is gone."""
        found = self._reader.one(before.arn, partial(self._vpc_association, before.arn, mark=before.mark))
        return before if found is None and before.arn in self._reader.unread else found

    def others_vpc_associations(self, vpcs: set[str]) -> list[VpcAssociation]:
        """A VPC can be in one network (facts 12): whose association stands in the way of a wanted one?"""
        found = []
        for vpc in sorted(vpcs):
            items = self._reader.listed(
                vpc, "vpc-lattice", "list_service_network_vpc_associations", "items", vpcIdentifier=vpc
            )
            for item in items:
                mark = self._reader.mark(item["arn"])
                association = self._reader.one(item["arn"], partial(self._vpc_association, item["arn"], mark=mark))
                if association is None and item["arn"] in self._reader.unread:
                    association = VpcAssociation(
                        arn=item["arn"],
                        vpc=vpc,
                        network=item["serviceNetworkArn"],
                        status=UNREAD,
                        owned=mark == self._reader.network.name,
                        mark=mark,
                    )
                found += [association] if association else []
        return found


def _users(item: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(service.rpartition("/")[2] for service in item.get("serviceArns", ())))


def _is_empty(group: TargetGroup) -> bool:
    return group.status == "ACTIVE" and not registered(group)


def _failure(item: dict[str, Any]) -> str:
    """Lattice's code and words on a failed thing; it may have neither."""
    return f"{item.get('failureCode', '')} {item.get('failureMessage', '')}".strip()
