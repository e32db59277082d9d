"""A private zone answers in the VPCs that it is associated with; in another account's by its word (facts R23.5)."""

from __future__ import annotations

from typing import Any

import pytest
from lattice_world import MEMBER, OTHER, REGION, World, refused

from localcloud.services.route53 import private_zones


class Private:
    """A private zone of the member's, with a first VPC."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.own, self.others = world.aws("route53", MEMBER), world.aws("route53", OTHER)
        self.first = self.place(world.vpc())
        self.id = self.made("shop.example.jp", self.first)

    def made(self, name: str, vpc: dict[str, str] | None = None, account: str = MEMBER) -> str:
        given: dict[str, Any] = {"VPC": vpc, "HostedZoneConfig": {"PrivateZone": True}} if vpc else {}
        zone = self.world.aws("route53", account).create_hosted_zone(Name=name, CallerReference=name, **given)
        return str(zone["HostedZone"]["Id"].rpartition("/")[2])

    def place(self, vpc: str) -> dict[str, str]:
        return {"VPCId": vpc, "VPCRegion": REGION}

    def of(self, vpc: dict[str, str], account: str = MEMBER) -> list[tuple[str, str, str]]:
        found = self.world.aws("route53", account).list_hosted_zones_by_vpc(**vpc)["HostedZoneSummaries"]
        return [(one["HostedZoneId"], one["Name"], one["Owner"]["OwningAccount"]) for one in found]

    def vpcs(self) -> list[dict[str, str]]:
        return list(self.own.get_hosted_zone(Id=self.id)["VPCs"])


@pytest.fixture
def private(world: World) -> Private:
    return Private(world)


def test_a_vpc_of_the_same_account_needs_no_word(private: Private) -> None:
    second = private.place(private.world.vpc())
    told = private.own.associate_vpc_with_hosted_zone(HostedZoneId=private.id, VPC=second)["ChangeInfo"]
    assert (told["Id"].startswith("/change/C"), told["Status"]) == (True, "PENDING")
    assert private.vpcs() == [private.first, second]
    assert private.of(second) == [(private.id, "shop.example.jp.", MEMBER)]
    private.own.disassociate_vpc_from_hosted_zone(HostedZoneId=private.id, VPC=second)
    assert private.of(second) == []


def test_a_vpc_of_another_account_needs_the_word_of_the_zone_s_owner_and_no_longer_than_it_takes(
    private: Private,
) -> None:
    theirs = private.place(private.world.vpc(OTHER))
    both: dict[str, Any] = {"HostedZoneId": private.id, "VPC": theirs}
    with refused("NotAuthorizedException", status=401):
        private.others.associate_vpc_with_hosted_zone(**both)
    for _ in range(2):
        told = private.own.create_vpc_association_authorization(**both)
        assert (told["HostedZoneId"], told["VPC"]) == (private.id, theirs)
    assert private.own.list_vpc_association_authorizations(HostedZoneId=private.id)["VPCs"] == [theirs]
    private.others.associate_vpc_with_hosted_zone(**both)
    private.own.delete_vpc_association_authorization(**both)
    assert private.own.list_vpc_association_authorizations(HostedZoneId=private.id)["VPCs"] == []
    assert private.of(theirs, OTHER) == [(private.id, "shop.example.jp.", MEMBER)]
    with refused("VPCAssociationAuthorizationNotFound", status=404):
        private.own.delete_vpc_association_authorization(**both)


@pytest.mark.parametrize("who", [MEMBER, OTHER])
def test_the_owner_of_either_ends_an_association(private: Private, who: str) -> None:
    theirs = private.place(private.world.vpc(OTHER))
    both: dict[str, Any] = {"HostedZoneId": private.id, "VPC": theirs}
    private.own.create_vpc_association_authorization(**both)
    private.others.associate_vpc_with_hosted_zone(**both)
    private.world.aws("route53", who).disassociate_vpc_from_hosted_zone(**both)
    assert private.vpcs() == [private.first]
    with refused("VPCAssociationNotFound", status=404):
        private.others.disassociate_vpc_from_hosted_zone(**both)


def test_what_is_another_s_to_say_is_refused(private: Private) -> None:
    theirs = private.place(private.world.vpc(OTHER))
    both: dict[str, Any] = {"HostedZoneId": private.id, "VPC": theirs}
    with refused("NoSuchHostedZone", status=404):
        private.others.create_vpc_association_authorization(**both)
    with refused("NoSuchHostedZone", status=404):
        private.others.list_vpc_association_authorizations(HostedZoneId=private.id)
    with refused("InvalidVPCId"):
        private.own.associate_vpc_with_hosted_zone(**both)
    with refused("NoSuchHostedZone", status=404):
        private.others.disassociate_vpc_from_hosted_zone(HostedZoneId=private.id, VPC=private.first)
    with refused("InvalidInput"):
        private.own.list_hosted_zones_by_vpc(**theirs)
    for call in (private.own.create_vpc_association_authorization, private.own.associate_vpc_with_hosted_zone):
        with refused("InvalidVPCId"):
            call(HostedZoneId=private.id, VPC=private.place("vpc-0123456789abcdef0"))
        with refused("NoSuchHostedZone", status=404):
            call(HostedZoneId="Z0000000000000", VPC=private.first)


def test_the_last_vpc_stays(private: Private) -> None:
    with refused("LastVPCAssociation"):
        private.own.disassociate_vpc_from_hosted_zone(HostedZoneId=private.id, VPC=private.first)


def test_a_vpc_is_in_one_zone_of_a_name(private: Private) -> None:
    other = private.place(private.world.vpc())
    twin = private.made("Shop.example.jp", other)
    for zone, vpc in ((private.id, private.first), (private.id, other), (twin, private.first)):
        with refused("ConflictingDomainExists"):
            private.own.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc)
    private.made("api.shop.example.jp", private.first)
    assert len(private.of(private.first)) == 2


def test_a_public_zone_has_no_vpcs(private: Private) -> None:
    public = private.made("example.jp")
    theirs = private.place(private.world.vpc(OTHER))
    with refused("PublicZoneVPCAssociation"):
        private.own.associate_vpc_with_hosted_zone(HostedZoneId=public, VPC=private.first)
    with refused("InvalidInput"):
        private.own.create_vpc_association_authorization(HostedZoneId=public, VPC=theirs)


def test_vpcs_and_authorisations_end_somewhere(private: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_zones, "VPCS_PER_ZONE", 1)
    monkeypatch.setattr(private_zones, "AUTHORIZATIONS_PER_ZONE", 1)
    with refused("LimitsExceeded"):
        private.own.associate_vpc_with_hosted_zone(HostedZoneId=private.id, VPC=private.place(private.world.vpc()))
    theirs = [private.place(private.world.vpc(OTHER)) for _ in range(2)]
    private.own.create_vpc_association_authorization(HostedZoneId=private.id, VPC=theirs[0])
    with refused("TooManyVPCAssociationAuthorizations"):
        private.own.create_vpc_association_authorization(HostedZoneId=private.id, VPC=theirs[1])


def test_lists_come_in_pages(private: Private) -> None:
    more = private.made("a.shop.example.jp", private.first)
    page = private.own.list_hosted_zones_by_vpc(**private.first, MaxItems="1")
    assert (len(page["HostedZoneSummaries"]), page["MaxItems"]) == (1, "1")
    rest = private.own.list_hosted_zones_by_vpc(**private.first, NextToken=page["NextToken"])
    assert [one["HostedZoneId"] for one in rest["HostedZoneSummaries"]] == [more]
    with refused("InvalidPaginationToken"):
        private.own.list_hosted_zones_by_vpc(**private.first, NextToken="x")
