"""RAM's things as they stand, and how the wire shows them. Nothing here decides."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

type Wire = dict[str, Any]
type Kind = Literal["PRINCIPAL", "RESOURCE"]

# Simulated seconds. AWS publishes none of them but the invitation's life (facts 17); the others are short
# enough to be usual and long enough that nothing may count on an answer being at once.
ASSOCIATION = 2.0  # ASSOCIATING -> ASSOCIATED, DISASSOCIATING -> DISASSOCIATED
INVITATION = 2.0  # association -> the receiver sees the invitation
JOINING = 3.0  # acceptance -> ASSOCIATED
CONSUMER_LAG = 5.0  # acceptance (or ASSOCIATED within an organisation) -> the consumer can list and use it
INVITATION_LIFE = 12 * 3600.0
KEPT = 2 * 3600.0  # how long what was deleted or disassociated is still listed


@dataclass(frozen=True)
class Quotas:
    """Facts 17; `resources_per_call` is from the API's text on ResourceShareLimitExceeded."""

    shares: int = 25_000
    resources: int = 5_000
    principals: int = 5_000
    pending_invitations: int = 250
    resources_per_call: int = 100
    tags: int = 50
    permissions: int = 10
    permission_versions: int = 5


_BEGINNING = datetime(2023, 3, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Permission:
    """One version of a permission: what consumers of a resource type may do with it.

    `owner` made it, or is '' for AWS's own; then `arn_of_own` is its ARN. `template` is what its maker wrote.
    """

    name: str
    resource_type: str
    actions: tuple[str, ...]
    version: int = 1
    owner: str = ""
    arn_of_own: str = ""
    template: str = ""
    created: datetime = _BEGINNING

    @property
    def arn(self) -> str:
        return self.arn_of_own or f"arn:aws:ram::aws:permission/{self.name}"

    @property
    def kind(self) -> str:
        """The word in the ARNs of its resources."""
        return self.resource_type.partition(":")[2].lower()

    def summary(self, *, default: bool = True, status: str = "ATTACHABLE") -> Wire:
        return {
            "arn": self.arn,
            "version": str(self.version),
            "defaultVersion": default,
            "name": self.name,
            "resourceType": self.resource_type,
            "status": status,
            "isResourceTypeDefault": not self.owner,
            "permissionType": "CUSTOMER_MANAGED" if self.owner else "AWS_MANAGED",
            "featureSet": "STANDARD",
            "creationTime": self.created,
            "lastUpdatedTime": self.created,
        }

    def detail(self, *, default: bool = True, status: str = "ATTACHABLE") -> Wire:
        text = self.template or json.dumps({"Effect": "Allow", "Action": list(self.actions)})
        return self.summary(default=default, status=status) | {"permission": text}


@dataclass
class Permissions:
    """All versions of one permission; `default` is the one that shares take from now on."""

    serial: int
    versions: dict[int, Permission]
    default: int
    status: str = "ATTACHABLE"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def current(self) -> Permission:
        return self.versions[self.default]

    def summary(self, version: int = 0) -> Wire:
        number = version or self.default
        return self.versions[number].summary(default=number == self.default, status=self.status)

    def detail(self, version: int = 0) -> Wire:
        number = version or self.default
        told = self.versions[number].detail(default=number == self.default, status=self.status)
        if self.tags:
            told["tags"] = [{"key": key, "value": value} for key, value in self.tags.items()]
        return told


@dataclass
class Replacement:
    """The work of giving shares another permission, which takes a while."""

    serial: int
    id: str
    account: str
    region: str
    before: str
    before_version: int
    after: Permission
    at: float
    updated: float
    status: str = "IN_PROGRESS"

    def wire(self) -> Wire:
        return {
            "id": self.id,
            "fromPermissionArn": self.before,
            "fromPermissionVersion": str(self.before_version),
            "toPermissionArn": self.after.arn,
            "toPermissionVersion": str(self.after.version),
            "status": self.status,
            "creationTime": moment(self.at),
            "lastUpdatedTime": moment(self.updated),
        }


_NETWORK = "AWSRAMPermissionVpcLatticeServiceNetworkReadWrite"
_NETWORK_1 = (
    "vpc-lattice:CreateServiceNetworkServiceAssociation",
    "vpc-lattice:CreateServiceNetworkVpcAssociation",
    "vpc-lattice:GetServiceNetwork",
)

# Facts 17; the exact actions are not established (facts 28), those of the network and service are seen or
# believed. Which ARN is of which type: the second word of the ARN's tail. The network's second version came with
# resources: shares that are older keep the first, by which nobody brings in a resource (facts-2 R9).
MANAGED: dict[str, tuple[Permission, ...]] = {
    "servicenetwork": (
        Permission(_NETWORK, "vpc-lattice:ServiceNetwork", _NETWORK_1),
        Permission(
            _NETWORK,
            "vpc-lattice:ServiceNetwork",
            ("vpc-lattice:CreateServiceNetworkResourceAssociation", *_NETWORK_1),
            version=2,
        ),
    ),
    "service": (
        Permission(
            "AWSRAMPermissionVpcLatticeServiceReadWrite",
            "vpc-lattice:Service",
            ("vpc-lattice:CreateServiceNetworkServiceAssociation", "vpc-lattice:GetService"),
        ),
    ),
    "resourceconfiguration": (
        Permission(
            "AWSRAMPermissionVpcLatticeResourceConfiguration",
            "vpc-lattice:ResourceConfiguration",
            (
                "vpc-lattice:CreateServiceNetworkResourceAssociation",
                "vpc-lattice:GetResourceConfiguration",
            ),
        ),
    ),
}
PERMISSIONS = {kind: versions[-1] for kind, versions in MANAGED.items()}
"""The default permission of each type, in the version that new shares get."""

BY_TYPE = {permission.resource_type.lower(): permission for permission in PERMISSIONS.values()}


def managed() -> dict[str, Permissions]:
    """AWS's own permissions by ARN."""
    return {
        versions[-1].arn: Permissions(
            serial=number, versions={one.version: one for one in versions}, default=versions[-1].version
        )
        for number, versions in enumerate(MANAGED.values(), start=1)
    }


@dataclass
class Association:
    """A principal or resource in a share.

    `settling` while RAM itself is at work on it, which a principal who has not answered yet is not, though
    its status is ASSOCIATING too. `visible` once consumers see its effect. `invited` says that the principal
    is let in by an acceptance, not by being of the organisation.
    """

    serial: int
    share: "Share"
    kind: Kind
    entity: str
    created: float
    updated: float
    status: str = "ASSOCIATING"
    message: str = ""
    external: bool = False
    invited: bool = False
    settling: bool = True
    visible: bool = False

    @property
    def alive(self) -> bool:
        return self.status in ("ASSOCIATING", "ASSOCIATED")

    def wire(self) -> Wire:
        more = {"statusMessage": self.message} if self.message else {}
        external = {"external": self.external} if self.kind == "PRINCIPAL" else {}
        return {
            "resourceShareArn": self.share.arn,
            "resourceShareName": self.share.name,
            "associatedEntity": self.entity,
            "associationType": self.kind,
            "status": self.status,
            "creationTime": moment(self.created),
            "lastUpdatedTime": moment(self.updated),
            **external,
            **more,
        }


@dataclass
class Share:
    """A resource share; `retain` keeps access of accounts that leave the organisation, by inviting them."""

    serial: int
    arn: str
    name: str
    owner: str
    region: str
    external: bool
    retain: bool
    created: float
    updated: float
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "ACTIVE"
    permissions: dict[str, Permission] = field(default_factory=dict)
    associations: dict[tuple[Kind, str], Association] = field(default_factory=dict)
    sources: dict[str, float] = field(default_factory=dict)
    """Accounts of whom alone service principals may act for, and since when."""
    by_kind: dict[Kind, dict[str, Association]] = field(default_factory=lambda: {"PRINCIPAL": {}, "RESOURCE": {}})
    """The same, apart: one network is shared with many accounts, and none of them may feel the others."""

    def of(self, kind: Kind) -> list[Association]:
        return list(self.by_kind[kind].values())

    def wire(self, status: str = "", *, own: bool = True) -> Wire:
        """As its owner sees it, or (`own` false) a consumer, to whom `status` tells what it is to them."""
        tags = {"tags": [{"key": k, "value": v} for k, v in self.tags.items()]} if own else {}
        return {
            "resourceShareArn": self.arn,
            "name": self.name,
            "owningAccountId": self.owner,
            "allowExternalPrincipals": self.external,
            "status": status or self.status,
            "creationTime": moment(self.created),
            "lastUpdatedTime": moment(self.updated),
            "featureSet": "STANDARD",
            "resourceShareConfiguration": {"retainSharingOnAccountLeaveOrganization": self.retain},
            **tags,
        }


@dataclass
class Invitation:
    """An invitation to one account; `association` is the one that waits for its answer."""

    serial: int
    arn: str
    association: Association
    receiver: str
    at: float
    status: str = "PENDING"

    @property
    def share(self) -> Share:
        return self.association.share

    def wire(self) -> Wire:
        return {
            "resourceShareInvitationArn": self.arn,
            "resourceShareName": self.share.name,
            "resourceShareArn": self.share.arn,
            "senderAccountId": self.share.owner,
            "receiverAccountId": self.receiver,
            "invitationTimestamp": moment(self.at),
            "status": self.status,
        }


def moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def permission_for(resource_arn: str) -> Permission | None:
    """The default permission of a resource's type, None when RAM does not share that type here."""
    parts = resource_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "vpc-lattice" or parts[5].count("/") != 1:
        return None
    return PERMISSIONS.get(parts[5].split("/")[0])
