"""Clients' VPCs are put into private hosted zones that hold records of services, and taken out of them again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core.tags import RELEASE

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.moto import next_id
from localcloud.services.route53 import private_zones
from replay.stage import deploy
from tests.stories.said import BALANCER, CALLERS, TEAM, VPC, Said, connected
from tests.stories.staged import STORY
from tests.stories.test_a_domain_of_ones_own import API, later
from tests.stories.test_records_by_tag import ALLOWED, ZONE, change, records

ON = {**ALLOWED, "AssociateZones": "on"}
WRITES = (
    "CreateVPCAssociationAuthorization",
    "AssociateVPCWithHostedZone",
    "DeleteVPCAssociationAuthorization",
    "DisassociateVPCFromHostedZone",
)


def home(said: Said, owner: str) -> dict[str, str]:
    """A VPC of the account's that nobody has tagged."""
    ec2 = said.cloud.client("ec2", owner)
    there = [
        one["VpcId"]
        for one in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
        if one["VpcId"] != VPC
    ]
    vpc = there[0] if there else ec2.create_vpc(CidrBlock="10.9.0.0/20")["Vpc"]["VpcId"]
    return {"VPCRegion": said.cloud.region, "VPCId": vpc}


def made(said: Said, owner: str, identifier: str = ZONE, **vpc: str) -> None:
    next_id("hosted-zone", identifier)
    said.cloud.client("route53", owner).create_hosted_zone(
        Name="shop.example.jp",
        CallerReference=identifier,
        VPC=vpc or home(said, owner),
        HostedZoneConfig={"PrivateZone": True, "Comment": ""},
    )


@contextmanager
def private(owner: str = TEAM, **parameters: str) -> Iterator[Said]:
    """The team, or another owner, has a private hosted zone in which infra lets records and clients be."""
    with connected(**{**ON, **parameters}) as said:
        made(said, owner)
        yield said


def vpcs(said: Said, owner: str = TEAM) -> set[str]:
    return {one["VPCId"] for one in said.cloud.client("route53", owner).get_hosted_zone(Id=ZONE)["VPCs"]}


def authorized(said: Said, owner: str = TEAM) -> list[Any]:
    found: list[Any] = said.cloud.client("route53", owner).list_vpc_association_authorizations(HostedZoneId=ZONE)[
        "VPCs"
    ]
    return found


def minutes(said: Said, many: int = 20) -> None:
    """The watch looks over all accounts every five minutes; nobody sweeps."""
    said.cloud.clock.advance(60 * many)
    said.cloud.settle()


def allow(said: Said, **parameters: str) -> None:
    """The stacks anew, with these parameters."""
    network = STORY.world.network
    assert network is not None
    deploy(said.cloud, replace(network, parameters={**network.parameters, **parameters}), STORY.world.members)
    said.cloud.settle()


@pytest.mark.parametrize("owner", [TEAM, CALLERS])
def test_a_client_finds_a_domain_of_a_private_zone_until_either_leaves(owner: str) -> None:
    with private(owner) as said:
        before = vpcs(said, owner)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        assert (said.asks(domain=API), vpcs(said, owner)) == (200, before | {VPC})
        assert authorized(said, owner) == []
        calls = {name: said.called(name) for name in WRITES}
        assert calls == dict(zip(WRITES, (1, 1, 1, 0) if owner == TEAM else (0, 1, 0, 0), strict=True))
        later(said)
        assert {name: said.called(name) for name in WRITES} == calls
        assert said.told(VPC)["status"] == "connected"

        said.untag(VPC, "network", "allow-from")
        minutes(said)
        assert (vpcs(said, owner), said.told(VPC)) == (before, {})
        said.tag(VPC, network="adways-vpc-lattice-network")
        assert (said.asks(domain=API), vpcs(said, owner)) == (200, before | {VPC})

        said.untag(BALANCER, "zone")
        minutes(said)
        assert (vpcs(said, owner), said.asks(domain=API)) == (before, "dns")
        assert said.told(VPC)["status"] == "connected"


def test_unless_infra_says_so_no_vpc_is_put_anywhere_and_nobody_asks() -> None:
    with private(AssociateZones="off") as said:
        before = vpcs(said)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        later(said)
        assert (vpcs(said), said.asks(domain=API)) == (before, "dns")
        assert {name: said.called(name) for name in (*WRITES, "ListHostedZonesByVPC")} == dict.fromkeys(
            (*WRITES, "ListHostedZonesByVPC"), 0
        )


def test_what_people_have_associated_stays_when_the_client_leaves() -> None:
    with private() as said:
        own, place = said.cloud.client("route53", TEAM), {"VPCRegion": said.cloud.region, "VPCId": VPC}
        own.create_vpc_association_authorization(HostedZoneId=ZONE, VPC=place)
        said.cloud.client("route53", CALLERS).associate_vpc_with_hosted_zone(HostedZoneId=ZONE, VPC=place)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        assert said.asks(domain=API) == 200
        said.untag(VPC, "network", "allow-from")
        minutes(said)
        assert (VPC in vpcs(said), {name: said.called(name) for name in WRITES}) == (True, dict.fromkeys(WRITES, 0))


def test_a_client_that_is_in_another_zone_of_the_name_is_told_and_calls_all_the_same() -> None:
    with private() as said:
        place = {"VPCRegion": said.cloud.region, "VPCId": VPC}
        other = "Z0OTHER"
        made(said, CALLERS, other, **place)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        assert (said.told(VPC)["status"], said.told(VPC)["message"], said.asks()) == (
            "connected",
            f"zone-conflict: take this VPC out of hosted zone {other} so that it finds services below shop.example.jp:"
            f" their records are in {ZONE} of account {TEAM}",
            200,
        )
        assert said.called("CreateVPCAssociationAuthorization") == 0
        own = said.cloud.client("route53", CALLERS)
        own.associate_vpc_with_hosted_zone(HostedZoneId=other, VPC=home(said, CALLERS))
        own.disassociate_vpc_from_hosted_zone(HostedZoneId=other, VPC=place)
        later(said)
        assert (said.asks(domain=API), "message" in said.told(VPC)) == (200, False)


def test_what_a_hand_takes_out_is_put_back_by_the_next_look() -> None:
    with private() as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        place = {"VPCRegion": said.cloud.region, "VPCId": VPC}
        said.cloud.client("route53", TEAM).disassociate_vpc_from_hosted_zone(HostedZoneId=ZONE, VPC=place)
        later(said)
        assert (said.asks(domain=API), said.called("AssociateVPCWithHostedZone")) == (200, 2)


def test_a_client_stays_in_the_zone_as_long_as_the_domain_leads_to_the_service_there_with_or_without_our_mark() -> None:
    with private() as said:
        before = vpcs(said)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        change(said, "DELETE", records(said)[f"_lattice-onramp.{API}", "TXT"])
        led = records(said)
        later(said)
        assert (said.asks(domain=API), records(said), vpcs(said)) == (200, led, before | {VPC})
        assert said.told()["message"] == f"clients may use {API} too"
        said.untag(VPC, "network", "allow-from")
        minutes(said)
        said.tag(VPC, network="adways-vpc-lattice-network")
        minutes(said)
        assert said.asks(domain=API) == 200
        said.untag(BALANCER, "zone")
        minutes(said)
        assert (vpcs(said), records(said)) == (before, led)


def test_a_public_zone_needs_no_vpc() -> None:
    with connected(**ON) as said:
        next_id("hosted-zone", ZONE)
        said.cloud.client("route53", TEAM).create_hosted_zone(Name="shop.example.jp", CallerReference="1")
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        later(said)
        assert said.asks(domain=API) == 200
        assert (said.called("ListHostedZonesByVPC"), said.called("AssociateVPCWithHostedZone")) == (0, 0)


def test_a_zone_that_has_no_room_is_told_by_its_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_zones, "VPCS_PER_ZONE", 1)
    with private() as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        told = said.told(VPC)
        assert (told["status"], said.asks(), authorized(said)) == ("connected", 200, [])
        assert told["message"].startswith("quota: raise quota VPCs of a private hosted zone or free something:")


def test_a_word_that_could_not_be_taken_back_goes_with_the_association() -> None:
    with private() as said:
        tries: list[str] = []

        def deny(_: str, operation: str, __: dict[str, Any], caller: Caller) -> None:
            if operation == "DeleteVPCAssociationAuthorization" and caller.role and not tries:
                tries.append(operation)
                raise AwsError("AccessDenied", "not now", 403)

        said.cloud.gate.guard(deny)
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        assert (tries != [], len(authorized(said)), said.asks(domain=API)) == (True, 1, 200)
        said.untag(VPC, "network", "allow-from")
        minutes(said)
        assert (VPC in vpcs(said), authorized(said)) == (False, [])


def test_where_infra_takes_its_word_back_what_was_made_stays_and_is_told_until_it_may_go() -> None:
    with private() as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        allow(said, **ALLOWED)
        said.untag(VPC, "network", "allow-from")
        later(said)
        assert VPC in vpcs(said)
        allow(said, **ON)
        later(said)
        assert VPC not in vpcs(said)


def test_a_vpc_whose_association_its_owner_takes_back_stays_in_its_zone() -> None:
    with private() as said:
        said.tag(domain=API, listen="HTTP:80", zone=ZONE)
        minutes(said)
        lattice = said.cloud.client("vpc-lattice", CALLERS)
        [joined] = lattice.list_service_network_vpc_associations(vpcIdentifier=VPC)["items"]
        lattice.tag_resource(resourceArn=joined["arn"], tags={RELEASE: "yes"})
        said.cloud.settle()
        said.untag(VPC, "network", "allow-from")
        for _ in range(3):
            later(said)
        assert (said.asks(domain=API), VPC in vpcs(said)) == (200, True)
