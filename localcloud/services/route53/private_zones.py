"""Which VPCs private hosted zones answer in: associated by their owner, by the word of the zone's where it is another.

moto knows neither authorisations nor zones of other accounts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from moto.backends import get_backend
from moto.route53.models import FakeZone

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.pages import page
from localcloud.ground.questions import Ground

VPCS_PER_ZONE = 300
AUTHORIZATIONS_PER_ZONE = 1000
"""Quotas of Route 53; the first can be raised (facts R23.5)."""

_PAGE = 100


class _Place(NamedTuple):
    id: str
    region: str


class PrivateZones:
    """The six operations of associations with VPCs; the rest of Route 53 is moto's."""

    operations: ClassVar[frozenset[str]] = frozenset(
        {
            "AssociateVPCWithHostedZone",
            "CreateVPCAssociationAuthorization",
            "DeleteVPCAssociationAuthorization",
            "DisassociateVPCFromHostedZone",
            "ListHostedZonesByVPC",
            "ListVPCAssociationAuthorizations",
        }
    )

    def __init__(self, cloud: Ground) -> None:
        self.cloud = cloud
        self.authorized: dict[str, list[_Place]] = {}

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        if operation == "ListHostedZonesByVPC":
            return self._by_vpc(params, caller)
        if operation == "ListVPCAssociationAuthorizations":
            return self._authorizations(params, caller)
        identifier = params["HostedZoneId"].rpartition("/")[2]
        place = _Place(params["VPC"].get("VPCId", ""), params["VPC"].get("VPCRegion", caller.region))
        owner, zone = _zone(identifier)
        vpcs = _vpcs_of(zone)
        if operation.endswith("Authorization"):
            if owner != caller.account:
                raise _no_zone(identifier)
            return self._authorize(identifier, place, zone, made=operation.startswith("Create"))
        if operation == "AssociateVPCWithHostedZone":
            self._associate(identifier, place, zone, owner, caller)
            return self._done()
        if owner != caller.account and _owner_of(place) != caller.account:
            raise _no_zone(identifier)
        if place not in vpcs:
            text = f"The VPC: {place.id} and Hosted Zone: {identifier} are not currently associated."
            raise AwsError("VPCAssociationNotFound", text, 404)
        if len(vpcs) == 1:
            text = "Cannot remove last VPC association for the private zone"
            raise AwsError("LastVPCAssociation", text)
        zone.delete_vpc(place.id)
        return self._done()

    def _done(self) -> dict[str, Any]:
        number = "".join(self.cloud.random_ids.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=20))
        at = datetime.fromtimestamp(self.cloud.clock.now, UTC)
        return {"ChangeInfo": {"Id": f"/change/C{number}", "Status": "PENDING", "SubmittedAt": at}}

    def _authorize(self, identifier: str, place: _Place, zone: FakeZone, *, made: bool) -> dict[str, Any]:
        there = self.authorized.setdefault(identifier, [])
        if not _owner_of(place):
            raise _no_vpc(place)
        if not made:
            if place not in there:
                text = f"The VPC: {place.id} is not authorized to be associated with the Hosted Zone: {identifier}"
                raise AwsError("VPCAssociationAuthorizationNotFound", text, 404)
            there.remove(place)
            return {}
        if not _is_private(zone):
            raise AwsError("InvalidInput", "A public hosted zone has no associations with VPCs")
        if place not in there:
            if len(there) >= AUTHORIZATIONS_PER_ZONE:
                text = f"Hosted Zone {identifier} has the {AUTHORIZATIONS_PER_ZONE} authorizations that it may have"
                raise AwsError("TooManyVPCAssociationAuthorizations", text)
            there.append(place)
        return {"HostedZoneId": identifier, "VPC": {"VPCId": place.id, "VPCRegion": place.region}}

    def _associate(self, identifier: str, place: _Place, zone: FakeZone, owner: str, caller: Caller) -> None:
        if _owner_of(place) != caller.account:
            raise _no_vpc(place)
        if owner != caller.account and place not in self.authorized.get(identifier, ()):
            text = "The VPC that you're trying to associate is not authorized for this hosted zone"
            raise AwsError("NotAuthorizedException", text, 401)
        if not _is_private(zone):
            text = "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support that"
            raise AwsError("PublicZoneVPCAssociation", text)
        if any(one.name.lower() == zone.name.lower() and place in _vpcs_of(one) for _, one in _zones()):
            text = f"The VPC {place.id} in region {place.region} has already been associated with a zone of that name"
            raise AwsError("ConflictingDomainExists", text)
        if len(zone.vpcs) >= VPCS_PER_ZONE:
            raise AwsError("LimitsExceeded", f"Hosted Zone {identifier} has the {VPCS_PER_ZONE} VPCs that it may have")
        zone.add_vpc(place.id, place.region)

    def _by_vpc(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        place = _Place(params["VPCId"], params["VPCRegion"])
        if _owner_of(place) != caller.account:
            raise AwsError("InvalidInput", f"The VPC {place.id} in region {place.region} is none of this account")
        found = [
            {"HostedZoneId": _id(zone), "Name": zone.name.lower(), "Owner": {"OwningAccount": owner}}
            for owner, zone in _zones()
            if place in _vpcs_of(zone)
        ]
        size = _at_most(str(params.get("MaxItems", _PAGE)))
        listed, more = _page(found, params.get("NextToken"), size)
        return {"HostedZoneSummaries": listed, "MaxItems": str(size), **more}

    def _authorizations(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        identifier = params["HostedZoneId"].rpartition("/")[2]
        if _zone(identifier)[0] != caller.account:
            raise _no_zone(identifier)
        there = [{"VPCId": one.id, "VPCRegion": one.region} for one in self.authorized.get(identifier, ())]
        size = _at_most(str(params.get("MaxResults", _PAGE)))
        listed, more = _page(there, params.get("NextToken"), size)
        return {"HostedZoneId": identifier, "VPCs": listed, **more}


def _zones() -> list[tuple[str, FakeZone]]:
    """Every account's, with whose it is."""
    return [
        (account, zone)
        for account, partitions in get_backend("route53").items()
        for backend in partitions.values()
        for zone in backend.zones.values()
    ]


def _zone(identifier: str) -> tuple[str, FakeZone]:
    for owner, zone in _zones():
        if _id(zone) == identifier:
            return owner, zone
    raise _no_zone(identifier)


def _id(zone: FakeZone) -> str:
    return str(zone.id).rpartition("/")[2]


def _is_private(zone: FakeZone) -> bool:
    """moto calls one private that says so, AWS one that was made for a VPC."""
    return bool(zone.private_zone or zone.vpcs)


def _vpcs_of(zone: FakeZone) -> list[_Place]:
    return [_Place(one["vpc_id"], one["vpc_region"]) for one in zone.vpcs]


def _owner_of(place: _Place) -> str:
    """Whose VPC it is; '' where there is none."""
    for account, regions in get_backend("ec2").items():
        if place.region in regions and place.id in regions[place.region].vpcs:
            return str(account)
    return ""


def _page(found: list[dict[str, Any]], token: str | None, size: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    listed, following = page(
        found, token, size, AwsError("InvalidPaginationToken", "The value of NextToken is not valid")
    )
    return listed, {"NextToken": following} if following else {}


def _at_most(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise AwsError("InvalidInput", f"The number of items {text} is not valid")
    return int(text)


def _no_zone(identifier: str) -> AwsError:
    return AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {identifier}", 404)


def _no_vpc(place: _Place) -> AwsError:
    return AwsError("InvalidVPCId", f"The VPC: {place.id} in region {place.region} is not one that you may access")
