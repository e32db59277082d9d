"""Amazon VPC Lattice on this machine: its API, its time, its conflicts, its view from each account."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations, answer
from localcloud.services.lattice import (
    configurations,
    domains,
    endpoints,
    gateways,
    holds,
    listeners,
    logs,
    networks,
    policies,
    resource_associations,
    rules,
    service_associations,
    services,
    tags,
    target_groups,
    targets,
    vpc_associations,
)
from localcloud.services.lattice.estate import Around, Estate, Failure, id_of
from localcloud.services.lattice.model import (
    QUOTA_CODES,
    Association,
    AuthPolicy,
    Listener,
    LogSubscription,
    Quotas,
    ResourceAssociation,
    ResourceConfiguration,
    ResourceGateway,
    Rule,
    Service,
    ServiceAssociation,
    ServiceNetwork,
    Target,
    TargetGroup,
    Thing,
    Timing,
    VpcAssociation,
    Wire,
)
from localcloud.services.lattice.needs import authorisation
from localcloud.services.lattice.refusals import conflict

__all__ = [
    "Association",
    "AuthPolicy",
    "Lattice",
    "Listener",
    "LogSubscription",
    "Quotas",
    "Rule",
    "Service",
    "ServiceAssociation",
    "ServiceNetwork",
    "Target",
    "TargetGroup",
    "Timing",
    "VpcAssociation",
]

OPERATIONS: Operations[Estate] = {
    **networks.OPERATIONS,
    **services.OPERATIONS,
    **listeners.OPERATIONS,
    **rules.OPERATIONS,
    **target_groups.OPERATIONS,
    **targets.OPERATIONS,
    **service_associations.OPERATIONS,
    **vpc_associations.OPERATIONS,
    **policies.OPERATIONS,
    **logs.OPERATIONS,
    **gateways.OPERATIONS,
    **configurations.OPERATIONS,
    **resource_associations.OPERATIONS,
    **endpoints.OPERATIONS,
    **domains.OPERATIONS,
    **tags.OPERATIONS,
}
"""By operation: all that there are."""

Phase = Literal["create", "update", "delete"]
Kind = Literal[
    "service",
    "target-group",
    "service-association",
    "vpc-association",
    "resource-gateway",
    "resource-configuration",
    "resource-association",
]

KINDS: dict[Kind, str] = {
    "service": Service.kind,
    "target-group": TargetGroup.kind,
    "service-association": ServiceAssociation.kind,
    "vpc-association": VpcAssociation.kind,
    "resource-gateway": ResourceGateway.kind,
    "resource-configuration": ResourceConfiguration.kind,
    "resource-association": ResourceAssociation.kind,
}


@dataclass(frozen=True)
class _Told:
    """A request that carried a client token, and its answer."""

    params: Wire
    answer: Wire


class Lattice:
    """The service `vpc-lattice` of all accounts.

    `timing` and `quotas` may be replaced or changed at any time; `page_size` is a page's length where the
    caller names none. `estate` holds what exists, on shelves that the data plane and tests read.
    """

    name: ClassVar[str] = "vpc-lattice"

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        cloud.gate.guard(holds.guard(self.estate))
        cloud.gate.observe(lambda done: endpoints.hear(self.estate, done), also_quiet=True)
        self._told: dict[tuple[str, ...], _Told] = {}

    # -- the API

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; AwsError when Lattice would refuse it, NotEmulated when it is left out here."""
        if operation in OPERATIONS and operation.startswith(("Create", "Start")):
            return self._create(operation, params, caller)
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)

    def authorisation(
        self, operation: str, params: dict[str, Any], caller: Caller
    ) -> list[tuple[str, str, dict[str, str | list[str]]]]:
        """What IAM must allow for the call: (action, resource ARN, condition context) of each."""
        if operation not in OPERATIONS:
            return [(f"vpc-lattice:{operation}", "*", {})]
        return authorisation(self.estate, operation, params, caller)

    def _create(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Once a client token: the same request again answers the same and does nothing (facts 5).

        How long a token lives is not established; here, as long as what it made. Other parameters with a used
        token fail; whether by Conflict or Validation is not established either.
        """
        tags.demand_tags(params.get("tags") or {}, params.get("tags") or {})
        rest = {name: value for name, value in params.items() if name != "clientToken"}
        token = params.get("clientToken")
        key = (caller.account, caller.region, operation, token or "")
        told = self._told.get(key) if token else None
        if told is not None and told.answer["id"] in self.estate.things:
            if told.params != rest:
                made = self.estate.things[told.answer["id"]]
                raise conflict(f"clientToken {token} was used with other parameters", made.id, made.resource_type)
            return copy.deepcopy(told.answer)
        made_now = answer(self.name, OPERATIONS, self.estate, operation, rest, caller)
        if token:
            self._told[key] = _Told(copy.deepcopy(rest), copy.deepcopy(made_now))
        return made_now

    # -- what other parts of the cloud ask

    def exists(self, arn: str) -> bool:
        """Whether there is a Lattice object with this ARN (either side's, for an association)."""
        thing = self.thing(arn)
        return thing is not None and arn in self._arns(thing)

    def shareable(self, arn: str) -> bool:
        """Whether RAM may share it: a service, a resource, or a network whose `sharingConfig` says so."""
        thing = self.thing(arn)
        if not self.exists(arn):
            return False
        if isinstance(thing, ServiceNetwork | ResourceConfiguration):
            return thing.shareable
        return isinstance(thing, Service)

    def behind_endpoints(self, account: str, region: str) -> list[dict[str, Any]]:
        """One for each service and resource behind each of the account's VPC endpoints, as EC2 tells it."""
        return endpoints.behind(self.estate, account, region)

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags that the account in the ARN sees; empty for what is not there."""
        thing = self.thing(arn)
        if thing is None or arn not in self._arns(thing):
            return {}
        return dict(thing.tags_for(arn.split(":")[4]) or {})

    def owned_tags(self, account: str, region: str | None = None) -> dict[str, dict[str, str]]:
        """Tags by ARN of every object that the account may tag, untagged ones included."""
        home = ("home", account, region or self.estate.cloud.region)
        estate = self.estate
        found: list[Thing] = [*estate.networks.where(*home)]
        for service in estate.services.where(*home):
            found.append(service)
            for listener in service.listeners.values():
                found += [listener, *listener.rules.values()]
        found += estate.target_groups.where(*home)
        found += estate.service_associations.where(*home)
        found += estate.vpc_associations.where(*home)
        found += estate.subscriptions.where(*home)
        found += estate.gateways.where(*home)
        found += estate.configurations.where(*home)
        found += estate.resource_associations.where(*home)
        found += estate.verifications.where(*home)
        return {thing.arn_for(account): dict(thing.tags_for(account) or {}) for thing in found}

    @staticmethod
    def _arns(thing: Thing) -> set[str]:
        holders = thing.sides if isinstance(thing, Association) else {thing.account}
        return {thing.arn_for(account) for account in holders}

    # -- what tests and stories turn

    def fail_next(self, kind: Kind, code: str, message: str, phase: Phase = "create") -> None:
        """Let the next `phase` of an object of `kind` end in its …_FAILED status; several calls queue up."""
        self.estate.fail_next(KINDS[kind], phase.upper(), Failure(code, message))

    @property
    def failures(self) -> list[tuple[Kind, str, Failure]]:
        """What `fail_next` was asked for and has not come yet: kind, phase and failure."""
        return [
            (kind, phase.lower(), failure)
            for (of, phase), waiting in self.estate.failures.items()
            for kind, name in KINDS.items()
            if name == of
            for failure in waiting
        ]

    def forget_failures(self) -> None:
        self.estate.failures.clear()

    @property
    def timing(self) -> Timing:
        return self.estate.timing

    @timing.setter
    def timing(self, timing: Timing) -> None:
        self.estate.timing = timing

    @property
    def quotas(self) -> Quotas:
        return self.estate.quotas

    @property
    def quota_codes(self) -> dict[str, str]:
        """Quota, as it is called here -> its code in Service Quotas."""
        return QUOTA_CODES

    @property
    def page_size(self) -> int:
        return self.estate.page_size

    @page_size.setter
    def page_size(self, size: int) -> None:
        self.estate.page_size = size

    def thing(self, identifier: str) -> Thing | None:
        """Any object, listeners and rules included, by id or ARN."""
        return self.estate.things.get(id_of(identifier))
