"""All Lattice objects of the local cloud, how they are found, and how they change with time."""

from __future__ import annotations

import hashlib
import itertools
import string
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from localcloud.door.gate import Gated
from localcloud.ground.caller import Caller
from localcloud.ground.questions import AsksEvents, AsksIam, AsksShares, AsksTrails, Ground
from localcloud.services.lattice.model import (
    QUOTA_CODES,
    Association,
    DomainVerification,
    EndpointAssociation,
    LogSubscription,
    Quotas,
    ResourceAssociation,
    ResourceConfiguration,
    ResourceGateway,
    Service,
    ServiceAssociation,
    ServiceNetwork,
    Settling,
    TargetGroup,
    Thing,
    Timing,
    VpcAssociation,
)
from localcloud.services.lattice.refusals import denied, not_found, over_quota

ALPHABET = string.digits + string.ascii_lowercase

HEXADECIMAL = "0123456789abcdef"
IN_HEX = ("snra", "rea", "dv")
"""Whose ids have the digits of hexadecimal numbers only (R2)."""

NEVER_DENIED = ("DeleteTargetGroup",)
"""Operations whose model has no AccessDeniedException (facts 5)."""


type Shared = ServiceNetwork | Service | ResourceConfiguration
"""What RAM shares with other accounts."""


class Shelf[T: Thing]:
    """Objects of one kind by id, and by the keys that `keys` gives (which never change for one object).

    No look-up ever walks over other accounts' objects: a cloud of a hundred accounts is as quick as one of two.
    """

    def __init__(self, keys: Callable[[T], Iterable[Hashable]]) -> None:
        self._keys = keys
        self._all: dict[str, T] = {}
        self._where: dict[Hashable, dict[str, T]] = {}

    def add(self, thing: T) -> None:
        self._all[thing.id] = thing
        for key in self._keys(thing):
            self._where.setdefault(key, {})[thing.id] = thing

    def remove(self, thing: T) -> None:
        del self._all[thing.id]
        for key in self._keys(thing):
            shelf = self._where[key]
            del shelf[thing.id]
            if not shelf:
                del self._where[key]

    def get(self, identifier: str) -> T | None:
        """By id or ARN."""
        return self._all.get(id_of(identifier))

    def where(self, *key: Hashable) -> Collection[T]:
        """In order of creation."""
        return self._where.get(key, {}).values()

    def __iter__(self) -> Iterator[T]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)


@dataclass(frozen=True)
class Failure:
    code: str
    message: str


class Around(Ground, AsksIam, AsksShares, AsksEvents, AsksTrails, Gated, Protocol):
    """What Lattice asks of its surroundings."""


class Estate:
    """What the handlers share. Every handler takes it first."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.timing = Timing()
        self.quotas = Quotas()
        self.page_size = 100
        self.networks = Shelf[ServiceNetwork](_home_and_name)
        self.services = Shelf[Service](_home_and_name)
        self.target_groups = Shelf[TargetGroup](_home_and_name)
        self.service_associations = Shelf[ServiceAssociation](
            lambda it: (*_ends(it), ("service", it.service_id), ("pair", it.network_id, it.service_id))
        )
        self.vpc_associations = Shelf[VpcAssociation](lambda it: (*_ends(it), ("vpc", it.region, it.vpc_id)))
        self.gateways = Shelf[ResourceGateway](lambda it: (*_home_and_name(it), ("vpc", it.region, it.vpc_id)))
        self.configurations = Shelf[ResourceConfiguration](
            lambda it: (*_home_and_name(it), ("gateway", it.gateway_id), ("parent", it.parent))
        )
        self.resource_associations = Shelf[ResourceAssociation](
            lambda it: (*_ends(it), ("configuration", it.configuration_id), ("parent", it.parent))
        )
        self.endpoints = Shelf[EndpointAssociation](
            lambda it: (("home", it.account, it.region), ("target", it.target), ("endpoint", it.endpoint))
        )
        self.verifications = Shelf[DomainVerification](
            lambda it: (("home", it.account, it.region), ("domain", it.account, it.region, it.domain))
        )
        self.subscriptions = Shelf[LogSubscription](
            lambda it: (("home", it.account, it.region), ("resource", it.resource_id))
        )
        self.things: dict[str, Thing] = {}
        """Every object by id, listeners and rules included."""
        self.groups_of_balancer: dict[str, set[str]] = {}
        """Target group ids by the ARN of the ALB that is their target."""
        self.accounts_with_role: set[str] = set()
        """Accounts in which Lattice has made its service-linked role."""
        self._serials = itertools.count(1)
        self.failures: dict[tuple[str, str], list[Failure]] = {}
        """By kind and phase: how the next ones will end."""

    # -- new objects

    @property
    def now(self) -> float:
        return self.cloud.clock.now

    def serial(self) -> int:
        return next(self._serials)

    def birth(self, prefix: str, caller: Caller, tags: dict[str, str] | None = None) -> dict[str, Any]:
        """What every new object has: id, owner, order, times, tags."""
        tail = "".join(self.cloud.random.choices(HEXADECIMAL if prefix in IN_HEX else ALPHABET, k=17))
        return {
            "id": f"{prefix}-{tail}",
            "account": caller.account,
            "region": caller.region,
            "serial": self.serial(),
            "created": self.now,
            "updated": self.now,
            "tags": dict(tags or {}),
        }

    def add[T: Thing](self, thing: T, shelf: Shelf[T] | None = None) -> T:
        """Let it exist (listeners and rules stand in their parents, on no shelf)."""
        self.things[thing.id] = thing
        if shelf is not None:
            shelf.add(thing)
        return thing

    def remove[T: Thing](self, thing: T, shelf: Shelf[T] | None = None) -> None:
        del self.things[thing.id]
        if shelf is not None:
            shelf.remove(thing)

    def domain_of(self, name: str, service_id: str, region: str) -> tuple[str, str]:
        """DNS name and hosted zone id of a service (facts 14). The partition id is one a region."""
        seed = hashlib.sha256(f"vpc-lattice {region}".encode()).hexdigest()
        tail = service_id.removeprefix("svc-")
        return f"{name}-{tail}.{seed[:7]}.vpc-lattice-svcs.{region}.on.aws", f"Z0{seed[7:26].upper()}"

    def resource_domain_of(self, association_id: str, configuration_id: str, region: str) -> tuple[str, str]:
        """DNS name and hosted zone id of a resource in a network (R5)."""
        seed = hashlib.sha256(f"vpc-lattice-rsc {region}".encode()).hexdigest()
        name = f"{association_id}.{configuration_id}.{seed[:7]}.vpc-lattice-rsc.{region}.on.aws"
        return name, f"Z0{seed[7:26].upper()}"

    def demand_room(self, quota: str, count: int, resource_type: str, resource_id: str = "") -> None:
        """ServiceQuotaExceededException (402) when `count` objects are as many as there may be."""
        limit: int = getattr(self.quotas, quota)
        if count >= limit:
            raise over_quota(quota, limit, QUOTA_CODES[quota], resource_type, resource_id)

    # -- time

    def fail_next(self, kind: str, phase: str, failure: Failure) -> None:
        self.failures.setdefault((kind, phase), []).append(failure)

    def begin(self, thing: Settling, phase: str, seconds: float, done: Callable[[], None]) -> None:
        """Start CREATE, UPDATE or DELETE; after `seconds` it is `done`, or failed if that was asked for."""
        thing.status = f"{phase}_IN_PROGRESS"
        thing.failure_code = thing.failure_message = None
        waiting = self.failures.get((thing.kind, phase))
        failure = waiting.pop(0) if waiting else None

        def end() -> None:
            thing.updated = self.now
            if failure is None:
                done()
            else:
                thing.status = f"{phase}_FAILED"
                thing.failure_code, thing.failure_message = failure.code, failure.message

        self.cloud.clock.after(seconds, end, f"vpc-lattice {thing.id} {thing.status}")

    def begin_creation(self, thing: Settling, seconds: float) -> None:
        def done() -> None:
            thing.status = "ACTIVE"

        self.begin(thing, "CREATE", seconds, done)

    # -- who sees what (facts 10)

    def shared(self, thing: Shared, account: str) -> bool:
        """Whether another account may use it, because a share that it accepted says so."""
        if isinstance(thing, ServiceNetwork) and not thing.shareable:
            return False
        if isinstance(thing, ResourceConfiguration) and thing.parent is not None:
            # A child comes along with its group, and is never shared alone (R9).
            parent = self.configurations.get(thing.parent)
            return parent is not None and self.shared(parent, account)
        shared: bool = self.cloud.ram.may_use(account, thing.arn)
        return shared

    def visible(self, thing: Shared, account: str) -> bool:
        return thing.account == account or self.shared(thing, account)

    def usable[T: (ServiceNetwork, Service, ResourceConfiguration)](
        self, shelf: Shelf[T], identifier: str, caller: Caller, operation: str
    ) -> T:
        """The caller's own, or one shared with it by a permission that holds the operation's action."""
        thing = self.found(shelf, identifier, caller)
        if thing is None:
            raise not_found(_type_of(identifier), identifier)
        if thing.account == caller.account:
            return thing
        if self.shared(thing, caller.account):
            granted = self.cloud.ram.permission_actions(thing.arn, caller.account)
            if f"vpc-lattice:{operation}".lower() in {action.lower() for action in granted}:
                return thing
            raise denied(caller, operation, thing.arn)
        raise self._hidden(thing, identifier, caller, operation)

    def owned[T: Thing](self, shelf: Shelf[T], identifier: str, caller: Caller, operation: str) -> T:
        """The caller's own; 404 for what is not there, 403 for what is another's and known to be."""
        thing = self.found(shelf, identifier, caller)
        if thing is None:
            raise not_found(_type_of(identifier), identifier)
        if thing.account == caller.account:
            return thing
        if isinstance(thing, ServiceNetwork | Service | ResourceConfiguration) and self.shared(thing, caller.account):
            raise denied(caller, operation, thing.arn)
        raise self._hidden(thing, identifier, caller, operation)

    def sees(self, association: Association, account: str) -> bool:
        """Both sides see it, and so does every consumer of the network."""
        if account in association.sides:
            return True
        network = self.networks.get(association.network_id)
        return network is not None and self.visible(network, account)

    def seen[T: Association](self, associations: Iterable[T], caller: Caller) -> Iterator[T]:
        """Those that the caller sees, looked at one by one: a page asks for no more than it holds.

        What may be seen of a network is the same for all that it is associated with.
        """
        of_network: dict[str, bool] = {}
        for it in associations:
            if it.region != caller.region:
                continue
            if caller.account not in it.sides and it.network_id not in of_network:
                of_network[it.network_id] = self.sees(it, caller.account)
            if caller.account in it.sides or of_network[it.network_id]:
                yield it

    def association[T: Association](self, shelf: Shelf[T], identifier: str, caller: Caller, operation: str) -> T:
        """One that the caller sees, by id or by its own ARN of it."""
        thing = shelf.get(identifier)
        if thing is None or thing.region != caller.region:
            raise not_found(_type_of(identifier), identifier)
        if not self.sees(thing, caller.account):
            raise self._hidden(thing, identifier, caller, operation)
        if identifier.startswith("arn:") and identifier != thing.arn_for(caller.account):
            raise denied(caller, operation, identifier)
        return thing

    @staticmethod
    def found[T: Thing](shelf: Shelf[T], identifier: str, caller: Caller) -> T | None:
        """What an id, or its owner's ARN of it, names in the caller's region, whoever owns it."""
        thing = shelf.get(identifier)
        if thing is None or thing.region != caller.region:
            return None
        return None if identifier.startswith("arn:") and identifier != thing.arn else thing

    @staticmethod
    def _hidden(thing: Thing, identifier: str, caller: Caller, operation: str) -> Exception:
        """An ARN names the other account, so it is told no; a bare id is looked for in the caller's own."""
        if identifier.startswith("arn:") and operation not in NEVER_DENIED:
            return denied(caller, operation, identifier)
        return not_found(thing.resource_type, identifier)


def id_of(identifier: str) -> str:
    """The id in an id or ARN."""
    return identifier.rsplit("/", 1)[-1]


_TYPES = {
    kind.prefix: kind.resource_type
    for kind in (
        ServiceNetwork,
        Service,
        TargetGroup,
        ServiceAssociation,
        VpcAssociation,
        LogSubscription,
        ResourceGateway,
        ResourceConfiguration,
        ResourceAssociation,
        EndpointAssociation,
        DomainVerification,
    )
}


def _type_of(identifier: str) -> str:
    return _TYPES.get(id_of(identifier).split("-", 1)[0], "RESOURCE")


def _home_and_name(
    thing: ServiceNetwork | Service | TargetGroup | ResourceGateway | ResourceConfiguration,
) -> Iterable[Hashable]:
    return ("home", thing.account, thing.region), ("name", thing.account, thing.region, thing.name)


def _ends(association: Association) -> tuple[Hashable, ...]:
    sides = (("home", account, association.region) for account in sorted(association.sides))
    return (("network", association.network_id), *sides)
