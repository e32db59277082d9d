"""Tells the other account of a shared entity what its partner did (facts 2.5).

The records have no request: they name the object by the ARN that the receiver sees. CloudTrail brings them, so
an account without a trail hears nothing.
"""

import hashlib
import uuid

from localcloud.ground.caller import Caller
from localcloud.services.lattice.answers import moment
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import (
    Association,
    ResourceAssociation,
    Service,
    ServiceAssociation,
    ServiceNetwork,
)

NAMES = {
    "servicenetwork": "ServiceNetwork",
    "service": "Service",
    "servicenetworkserviceassociation": "ServiceNetworkServiceAssociation",
    "servicenetworkvpcassociation": "ServiceNetworkVpcAssociation",
    "servicenetworkresourceassociation": "ServiceNetworkResourceAssociation",
}


def announce_read(estate: Estate, entity: Service | ServiceNetwork, caller: Caller) -> None:
    """GetServiceBySharee, GetServiceNetworkBySharee: to the owner."""
    if entity.account != caller.account:
        name = f"Get{NAMES[entity.kind]}BySharee"
        _emit(estate, name, entity.account, caller, entity.kind, entity.arn, read_only=True)


def announce(estate: Estate, verb: str, association: Association, caller: Caller) -> None:
    """`verb` is Create, Get or Delete. The caller's own partner hears of it, nobody else.

    Who made the association is a sharee of what the other side owns: that owner hears …BySharee. When the owner
    ends it, its maker hears …ByOwner.
    """
    owner = owner_of_the_shared_end(association)
    if caller.account not in association.sides:
        # A mere consumer of the network: what is shared with him is that.
        owner = association.network_account
    name = f"{verb}{NAMES[association.kind]}"
    read_only = verb == "Get"
    if caller.account != owner:
        arn = association.arn_for(owner)
        _emit(estate, f"{name}BySharee", owner, caller, association.kind, arn, read_only=read_only)
    elif verb == "Delete" and association.account != caller.account:
        arn = association.arn_for(association.account)
        _emit(estate, f"{name}ByOwner", association.account, caller, association.kind, arn)


def owner_of_the_shared_end(association: Association) -> str:
    """The account whose entity the maker of the association uses (the maker's own when both ends are his)."""
    if isinstance(association, ServiceAssociation | ResourceAssociation):
        return association.other_account
    return association.network_account


def _emit(
    estate: Estate, name: str, receiver: str, caller: Caller, kind: str, arn: str, *, read_only: bool = False
) -> None:
    cloud = estate.cloud
    if receiver not in cloud.trails:
        return
    seed = f"{name} {receiver} {arn} {estate.serial()}".encode()
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "Unknown"},
        "eventTime": moment(estate.now).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "vpc-lattice.amazonaws.com",
        "eventName": name,
        "awsRegion": caller.region,
        "sourceIPAddress": "vpc-lattice.amazonaws.com",
        "userAgent": "vpc-lattice.amazonaws.com",
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"callerAccountId": caller.account},
        "eventID": str(uuid.UUID(hashlib.md5(seed, usedforsecurity=False).hexdigest())),
        "readOnly": read_only,
        "resources": [{"accountId": receiver, "type": f"AWS::VpcLattice::{NAMES[kind]}", "ARN": arn}],
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": receiver,
        "eventCategory": "Management",
    }
    cloud.events.emit(
        account=receiver,
        source="aws.vpc-lattice",
        detail_type="AWS Service Event via CloudTrail",
        detail=detail,
        resources=(),
        region=caller.region,
    )
