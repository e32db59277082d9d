"""A quota of the network that is met: the first is told, the next is refused before anything is made for it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.playing import Member
from tests.place import TEAM, Place

type Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def member(place: Place, function: Callable[[str], Handler], monkeypatch: pytest.MonkeyPatch) -> Member:
    monkeypatch.setenv("ONRAMP_INVITES", "on")
    return Member(place, function)


def test_the_second_vpc_beyond_the_networks_quota_leaves_nothing_half_made(member: Member) -> None:
    cloud = member.place.cloud
    ec2 = cloud.client("ec2", TEAM)
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=other, EnableDnsHostnames={"Value": True})

    def said(vpc: str) -> dict[str, str]:
        given = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0].get("Tags", [])
        return {one["Key"].removeprefix("lattice-onramp:"): one["Value"] for one in given}

    cloud.lattice.quotas.vpc_associations_per_network = 0
    member.tag(member.vpc, network="net")
    assert [one.code for one in member.run().news] == ["step-failed"]
    assert said(member.vpc)["status"] == "failed"
    assert said(member.vpc)["message"].startswith("quota: raise quota L-EF6E2D62 VPCs in a network or free something: ")
    groups = member.changes().count("CreateSecurityGroup")
    ec2.create_tags(Resources=[other], Tags=[{"Key": "lattice:network", "Value": "net"}])
    assert [one.code for one in member.run().news] == ["quota"]
    assert said(other)["status"] == "refused"
    assert member.vpc in said(other)["message"]
    assert member.changes().count("CreateSecurityGroup") == groups
    assert member.run().news == ()
    cloud.lattice.quotas.vpc_associations_per_network = 500
    member.run()
    assert (said(member.vpc)["status"], said(other)["status"]) == ("connected", "connected")
    assert member.wrong == []
