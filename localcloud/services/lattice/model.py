"""What exists in Lattice: plain values that the handlers change and the data plane walks."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

type Wire = dict[str, Any]
"""A value as the API spells it (`httpMatch`, `forward`, …)."""


@dataclass(kw_only=True)
class Thing:
    """One object. `account` owns it; `created` and `updated` are epoch seconds; `serial` orders all objects."""

    kind: ClassVar[str]
    resource_type: ClassVar[str]
    prefix: ClassVar[str]

    id: str
    account: str
    region: str
    serial: int
    created: float
    updated: float
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The tail of the ARN, after the account."""
        return f"{self.kind}/{self.id}"

    @property
    def arn(self) -> str:
        return self.arn_for(self.account)

    def arn_for(self, account: str) -> str:
        """The ARN as `account` sees it: the owner's, whoever looks."""
        del account
        return f"arn:aws:vpc-lattice:{self.region}:{self.account}:{self.path}"

    def tags_for(self, account: str) -> dict[str, str] | None:
        """The tags `account` may read and change (the live mapping), or None: they belong to another."""
        return self.tags if account == self.account else None


@dataclass(kw_only=True)
class Settling(Thing):
    """An object whose changes take time. `failure_code` and `failure_message` tell why a phase failed."""

    status: str = "CREATE_IN_PROGRESS"
    failure_code: str | None = None
    failure_message: str | None = None


@dataclass(kw_only=True)
class AuthPolicy:
    """`document` is the JSON text as it was put."""

    document: str
    created: float
    updated: float


@dataclass(kw_only=True)
class ServiceNetwork(Thing):
    """`shareable` is `sharingConfig.enabled`, fixed at creation."""

    kind = "servicenetwork"
    resource_type = "SERVICE_NETWORK"
    prefix = "sn"

    name: str
    auth_type: str = "NONE"
    shareable: bool = True
    policy: AuthPolicy | None = None
    resource_policy: str | None = None


@dataclass(kw_only=True)
class Rule(Thing):
    """`match` is None for the default rule, and so is `priority`; both fields are spelled as the API spells them."""

    kind = "rule"
    resource_type = "RULE"
    prefix = "rule"

    service_id: str
    listener_id: str
    name: str
    action: Wire
    priority: int | None = None
    match: Wire | None = None

    @property
    def path(self) -> str:
        return f"service/{self.service_id}/listener/{self.listener_id}/rule/{self.id}"

    @property
    def is_default(self) -> bool:
        return self.match is None

    @property
    def target_groups(self) -> dict[str, int]:
        """Weight by target group id of what it forwards to; empty for a fixed response."""
        return forwards_to(self.action)


@dataclass(kw_only=True)
class Listener(Thing):
    """`rules` holds the default rule, too."""

    kind = "listener"
    resource_type = "LISTENER"
    prefix = "listener"

    service_id: str
    name: str
    protocol: str
    port: int
    rules: dict[str, Rule] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"service/{self.service_id}/listener/{self.id}"

    @property
    def default(self) -> Rule:
        return next(rule for rule in self.rules.values() if rule.is_default)

    @property
    def by_priority(self) -> list[Rule]:
        """The rules in the order in which a request meets them, the default rule last."""
        return sorted(self.rules.values(), key=lambda rule: (rule.priority is None, rule.priority or 0))


@dataclass(kw_only=True)
class Service(Settling):
    """`domain` is Lattice's own name of it, with the hosted zone `zone`."""

    kind = "service"
    resource_type = "SERVICE"
    prefix = "svc"

    name: str
    domain: str
    zone: str
    auth_type: str = "NONE"
    custom_domain: str | None = None
    certificate: str | None = None
    idle_timeout: int = 60
    policy: AuthPolicy | None = None
    resource_policy: str | None = None
    listeners: dict[str, Listener] = field(default_factory=dict)


@dataclass(kw_only=True)
class Target:
    """`id` is an ALB or function ARN, an instance id or an address. `healthy` is what its checks would find.

    `listed`: its registration is over as far as anybody can see; until then it gets no requests either (facts 11.8).
    """

    id: str
    port: int | None
    serial: int
    registered: float
    settled: bool = False
    draining: bool = False
    healthy: bool = True
    listed: bool = True


@dataclass(kw_only=True)
class TargetGroup(Settling):
    """`config` is spelled as the API spells it, defaults filled in. `used_by`: service id by id of the rule."""

    kind = "targetgroup"
    resource_type = "TARGET_GROUP"
    prefix = "tg"

    name: str
    type: str
    config: Wire
    targets: dict[tuple[str, int | None], Target] = field(default_factory=dict)
    used_by: dict[str, str] = field(default_factory=dict)

    @property
    def vpc_id(self) -> str | None:
        return self.config.get("vpcIdentifier")

    @property
    def protocol(self) -> str | None:
        return self.config.get("protocol")

    @property
    def port(self) -> int | None:
        return self.config.get("port")

    def health(self, target: Target) -> tuple[str, str | None]:
        """Status and reason code of a target, as ListTargets answers them (facts 7)."""
        if not self.used_by:
            return "UNUSED", "TargetGroupNotInUse"
        if target.draining:
            return "DRAINING", None
        # An ALB watches its own targets, a function has no port to probe: neither is ever HEALTHY.
        if self.type in ("ALB", "LAMBDA"):
            return "UNAVAILABLE", "HealthCheckNotSupported"
        if not self.config.get("healthCheck", {}).get("enabled", True):
            return "UNAVAILABLE", "HealthCheckDisabled"
        if not target.settled:
            return "INITIAL", None
        return ("HEALTHY", None) if target.healthy else ("UNHEALTHY", "HealthCheckFailed")


@dataclass(kw_only=True)
class Association(Settling):
    """Joins a network to something. `account` created it; it appears in `other_account`, too (facts 10).

    `network_account` owns the network. Each side has an ARN, and tags, of its own.
    """

    network_id: str
    network_account: str
    other_account: str
    other_tags: dict[str, str] = field(default_factory=dict)

    @property
    def sides(self) -> frozenset[str]:
        """The accounts in which it appears as their own."""
        return frozenset((self.account, self.other_account))

    def arn_for(self, account: str) -> str:
        """Each side sees its own account in the ARN; a mere consumer of the network sees the owner's."""
        holder = account if account in self.sides else self.network_account
        return f"arn:aws:vpc-lattice:{self.region}:{holder}:{self.path}"

    def tags_for(self, account: str) -> dict[str, str] | None:
        if account == self.account:
            return self.tags
        return self.other_tags if account == self.other_account else None


@dataclass(kw_only=True)
class ServiceAssociation(Association):
    kind = "servicenetworkserviceassociation"
    resource_type = "SERVICE_NETWORK_SERVICE_ASSOCIATION"
    prefix = "snsa"

    service_id: str


@dataclass(kw_only=True)
class VpcAssociation(Association):
    """`account` owns the VPC as well: nobody else may create it."""

    kind = "servicenetworkvpcassociation"
    resource_type = "SERVICE_NETWORK_VPC_ASSOCIATION"
    prefix = "snva"

    vpc_id: str
    security_groups: tuple[str, ...] = ()
    private_dns: bool = False
    dns_options: Wire | None = None


@dataclass(kw_only=True)
class ResourceGateway(Settling):
    """Lattice's door into a VPC, through which what stands behind it is reached (facts-2 R3)."""

    kind = "resourcegateway"
    resource_type = "RESOURCE_GATEWAY"
    prefix = "rgw"

    name: str
    vpc_id: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()
    address_type: str = "IPV4"
    addresses: int | None = None
    resolution: str = "PUBLIC"


@dataclass(kw_only=True)
class ResourceConfiguration(Settling):
    """What can be reached through a gateway (R4). `parent` is the group of a child, or what AWS made it for.

    `definition`, `ports`, `protocol` are spelled as the API spells them. `managed`: AWS made it, nobody may touch it.
    """

    kind = "resourceconfiguration"
    resource_type = "RESOURCE_CONFIGURATION"
    prefix = "rcfg"

    name: str
    type: str
    gateway_id: str
    definition: Wire | None = None
    ports: tuple[str, ...] = ()
    protocol: str | None = None
    parent: str | None = None
    shareable_networks: bool = False
    custom_domain: str | None = None
    group_domain: str | None = None
    verification: str | None = None
    managed: bool = False
    resource_policy: str | None = None

    @property
    def shareable(self) -> bool:
        """A child is shared with its group, never alone (R9)."""
        return self.parent is None and self.type != "CIDR"


@dataclass(kw_only=True)
class ResourceAssociation(Association):
    """`parent` is the association of the group, or of the database, to whose child this one belongs."""

    kind = "servicenetworkresourceassociation"
    resource_type = "SERVICE_NETWORK_RESOURCE_ASSOCIATION"
    prefix = "snra"

    configuration_id: str
    private_dns: bool
    domain: str
    zone: str
    parent: str | None = None


@dataclass(kw_only=True)
class EndpointAssociation(Thing):
    """A VPC endpoint of type Resource at a configuration, or of type ServiceNetwork at a network (R6).

    `account` owns what it leads to, `endpoint_owner` the endpoint; `target` is the configuration or network. Its DNS
    options are as EC2 has them, and stay as they were made.
    """

    kind = "resourceendpointassociation"
    resource_type = "RESOURCE_ENDPOINT_ASSOCIATION"
    prefix = "rea"

    target: str
    endpoint: str
    endpoint_owner: str
    vpc_id: str
    private_dns: bool = False
    dns_options: Wire | None = None


@dataclass(kw_only=True)
class DomainVerification(Thing):
    """`text` is what its TXT record must say under `label`; `verified` is when that was last seen, or None."""

    kind = "domainverification"
    resource_type = "DOMAIN_VERIFICATION"
    prefix = "dv"

    domain: str
    label: str
    text: str
    verified: float | None = None


@dataclass(kw_only=True)
class LogSubscription(Thing):
    """`log_type` is SERVICE or RESOURCE for a network, None for a service or a resource configuration."""

    kind = "accesslogsubscription"
    resource_type = "ACCESS_LOG_SUBSCRIPTION"
    prefix = "als"

    resource_id: str
    resource_arn: str
    destination: str
    log_type: str | None = None


ONLY_WEIGHT = 100
"""What a rule's only target group weighs when nobody says so (model); among several each says its own."""


def forwards_to(action: Wire) -> dict[str, int]:
    """Weight by target group id (or ARN, when it is not yet resolved) of a rule's action."""
    groups: list[Wire] = action.get("forward", {}).get("targetGroups", [])
    return {group["targetGroupIdentifier"]: group.get("weight", ONLY_WEIGHT) for group in groups}


@dataclass(frozen=True)
class Timing:
    """Simulated seconds that each phase takes (facts 9: services are active after 30 to 60 s)."""

    service_create: float = 30
    service_delete: float = 20
    target_group_create: float = 10
    target_group_delete: float = 10
    target_registration: float = 5
    target_listing: float = 0
    draining: float = 60
    service_association_create: float = 20
    service_association_delete: float = 15
    vpc_association_create: float = 20
    vpc_association_update: float = 10
    vpc_association_delete: float = 15
    resource_gateway_create: float = 20
    resource_gateway_update: float = 10
    resource_gateway_delete: float = 15
    resource_configuration_create: float = 5
    resource_configuration_update: float = 5
    resource_configuration_delete: float = 10
    resource_association_create: float = 20
    resource_association_delete: float = 15
    domain_verification: float = 72 * 3600


@dataclass
class Quotas:
    """How many there may be (facts 16); set a field to adjust one."""

    networks: int = 50
    services: int = 2000
    service_associations_per_network: int = 500
    vpc_associations_per_network: int = 500
    listeners_per_service: int = 2
    rules_per_listener: int = 10
    target_groups: int = 500
    target_groups_per_service: int = 10
    targets_per_group: int = 1000
    resource_configurations: int = 2000
    children_per_group: int = 60
    resource_gateways_per_vpc: int = 100
    resource_associations_per_network: int = 500
    domain_verifications: int = 5


QUOTA_CODES = {
    "networks": "L-9CAD07FB",
    "services": "L-620C821E",
    "service_associations_per_network": "L-75D4A19E",
    "vpc_associations_per_network": "L-EF6E2D62",
    "listeners_per_service": "L-D64E952E",
    "rules_per_listener": "L-CF78395E",
    "target_groups": "L-BB11C6B9",
    "target_groups_per_service": "L-3DEC3B9F",
    "targets_per_group": "L-D71303F3",
    "resource_configurations": "L-5FF8F9B9",
    "children_per_group": "L-9BC96FEF",
    "resource_gateways_per_vpc": "L-0DCA4434",
    "resource_associations_per_network": "L-6095700C",
    "domain_verifications": "L-73D0F278",
}
