"""Clients' VPCs in private hosted zones: put into those that hold services' records, and taken out of ours alone."""

from typing import Any

import pytest
from model_world import NETWORK_ARN, TEAM, World, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core import offers
from onramp.core.errors import Refused
from onramp.core.model import VPCS, Access, Dns, Observation, VpcAssociation, Zone
from onramp.core.offers import Offer, PrivateZone
from onramp.core.plan import plan
from onramp.core.plan.ground import Before
from onramp.core.plan.zones import unread_as
from onramp.core.rounds import blind, zones
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import AssociateZone, DisassociateZone
from onramp.core.watch import Entry
from onramp.core.zones import above

OWNER = "333333333333"
SHOP = PrivateZone("ZSHOP", OWNER, "shop.example.jp")
HOME = PrivateZone("ZHOME", "", "home.example.jp")
TOLD = Offer(1, 0, frozenset({SHOP})).spelled()
IN_SHOP = Zone(id="ZSHOP", name="shop.example.jp", private=True, owner=OWNER)
INSIDE = VpcAssociation(
    arn="arn:a/1",
    vpc="vpc-1",
    network=NETWORK_ARN,
    status="ACTIVE",
    owned=True,
    security_groups=frozenset({"sg-0123abcd"}),
)


def seen(*there: Zone, association: VpcAssociation | None = INSIDE, asks: bool = True, **more: Any) -> Observation:
    tags = {"lattice:network": "net", "lattice:security-groups": "sg-0123abcd"} if asks else {}
    return Observation(
        account=TEAM,
        access=Access(visible=True),
        vpc_associations=(association,) if association else (),
        vpcs=(replace(vpc(), tags=tags),),
        zones={"vpc-1": there},
        **more,
    )


def planned(observed: Observation, *ours: str, offer: str = TOLD, **more: Any) -> Plan:
    given = {key: value for key, value in more.items() if key in {"failures", "made"}}
    settings = {key: value for key, value in more.items() if key not in given}
    before = Before(zones={"vpc-1": ours} if ours else {})
    return plan(network(**settings), observed, holding=offer, before=before, **given)


def joins(found: Plan) -> list[tuple[str, str, str]]:
    return [
        (one.kind.removesuffix("Zone"), one.zone, one.owner)
        for one in steps(found)
        if isinstance(one, AssociateZone | DisassociateZone)
    ]


def said(found: Plan) -> str:
    [client] = found.clients
    return client.message


# --- what is told from account to account


def test_an_account_tells_which_of_its_zones_are_private_and_whose_they_are() -> None:
    private = {"ZSHOP": "shop.example.jp", "network/ZHOME": "home.example.jp", "ZOPEN": ""}
    found = offers.of(OWNER, [], private)
    assert found == Offer(0, 0, frozenset({SHOP, HOME}))
    assert offers.read(found.spelled()) == found
    assert offers.told(found.spelled(), "vpc-1") == offers.told("0 0", "vpc-1")


@pytest.mark.parametrize("text", ["1 0 ZSHOP=a.jp", "1 0 1/ZSHOP=a.jp", "1 0 network/shop=a.jp", "1 0 network/ZSHOP="])
def test_what_is_no_zone_is_no_offer(text: str) -> None:
    assert offers.read(text) == Offer()


def test_all_are_told_of_all_zones_and_ring_for_others_alone() -> None:
    entries = [
        Entry(account=account, heard_at=1.0, looked_at=1.0, offers=text, offered=told)
        for account, text, told in (("1", TOLD, "1 0"), ("2", f"2 0 {TOLD[4:]} network/ZHOME=home.example.jp", ""))
    ]
    whole = Offer(3, 0, frozenset({SHOP, HOME})).spelled()
    assert offers.news(tuple(entries), 1.0) == {"1": whole, "2": whole}
    assert offers.rings(entries[0], whole)
    assert not offers.rings(entries[0], "3 0")


# --- what is done


def test_a_client_is_put_into_the_zone_once_it_is_joined() -> None:
    assert joins(planned(seen())) == [("Associate", "ZSHOP", OWNER)]
    assert joins(planned(seen(), offer="1 0 network/ZHOME=home.example.jp")) == [
        ("Associate", "ZHOME", network().account)
    ]
    arriving = replace(INSIDE, status="CREATE_IN_PROGRESS")
    assert joins(planned(seen(association=arriving))) == joins(planned(seen(association=None))) == []


def test_one_that_is_in_it_already_is_left_as_it_is_and_is_not_ours() -> None:
    found = planned(seen(IN_SHOP))
    assert (joins(found), found.zones, said(found)) == ([], {}, "")


def test_one_that_this_run_has_put_there_is_waited_for_until_it_is_listed() -> None:
    found = planned(seen(), made=frozenset({"vpc-1/ZSHOP"}))
    assert (joins(found), found.pending) == ([], ("hosted zone ZSHOP is on its way to vpc-1",))


def test_one_in_another_zone_of_the_name_is_told() -> None:
    found = planned(seen(replace(IN_SHOP, id="ZTWIN")))
    assert (joins(found), found.zones) == ([], {})
    assert said(found) == (
        "zone-conflict: take this VPC out of hosted zone ZTWIN so that it finds services below shop.example.jp: their"
        f" records are in ZSHOP of account {OWNER}"
    )


@pytest.mark.parametrize(
    ("why", "says"),
    [("no room", "step-failed: no room"), ("raise quota VPCs: full", "quota: raise quota VPCs: full")],
)
def test_what_aws_refuses_is_told_and_holds_up_nothing_else(why: str, says: str) -> None:
    found = planned(seen(), failures={f"AssociateZone {TEAM} vpc-1/ZSHOP": why})
    assert (joins(found), said(found), [one.status for one in found.clients]) == ([], says, ["connected"])


def test_what_cannot_be_read_stays_and_is_told() -> None:
    hidden = replace(seen(), zones={}, unread={unread_as("vpc-1"): "ListHostedZonesByVPC AccessDenied"})
    found = planned(hidden, "ZSHOP")
    assert (joins(found), found.zones) == ([], {"vpc-1": ("ZSHOP",)})
    assert said(found) == "unread: the hosted zones of vpc-1 cannot be read: ListHostedZonesByVPC AccessDenied"
    assert said(planned(hidden, "ZSHOP", offer="1 0")) == ""


def test_ours_goes_with_the_last_of_its_records_or_with_the_client() -> None:
    gone = [("Disassociate", "ZSHOP", OWNER)]
    assert joins(planned(seen(IN_SHOP), "ZSHOP", offer="1 0")) == gone
    assert joins(planned(seen(IN_SHOP, association=None, asks=False), "ZSHOP")) == gone
    going = replace(INSIDE, status="DELETE_IN_PROGRESS")
    assert joins(planned(seen(IN_SHOP, association=going, asks=False), "ZSHOP")) == gone


def test_ours_stays_as_long_as_the_client_calls_and_nothing_is_unknown() -> None:
    out = seen(IN_SHOP, association=None, asks=False)
    for found in (
        planned(seen(IN_SHOP), "ZSHOP"),
        planned(seen(IN_SHOP), "ZSHOP", offer=""),
        planned(seen(IN_SHOP, association=None), "ZSHOP"),
        planned(seen(IN_SHOP, asks=False), "ZSHOP"),
        planned(out, "ZSHOP", vanish="nothing"),
        planned(replace(out, unread={VPCS: "denied"}), "ZSHOP"),
        planned(replace(out, released=("arn:x:servicenetworkvpcassociation/snva-1",)), "ZSHOP"),
    ):
        assert (joins(found), found.zones) == ([], {"vpc-1": ("ZSHOP",)})


def test_what_others_have_made_is_never_ended() -> None:
    for offer in (TOLD, "1 0"):
        found = planned(seen(IN_SHOP, association=None, asks=False), "ZOTHER", offer=offer)
        assert (joins(found), found.zones) == ([], {})


def test_with_an_association_that_its_owner_takes_back_the_zone_is_the_owner_s() -> None:
    found = planned(seen(IN_SHOP, association=replace(INSIDE, owned=False)), "ZSHOP", offer="1 0")
    assert (joins(found), found.zones) == ([], {})
    elsewhere = replace(INSIDE, owned=False, network="sn-other")
    assert planned(seen(IN_SHOP, association=elsewhere), "ZSHOP").zones == {"vpc-1": ("ZSHOP",)}


def test_one_that_cannot_leave_is_told_to_infra_and_remembered() -> None:
    found = planned(
        seen(IN_SHOP), "ZSHOP", offer="1 0", failures={f"DisassociateZone {TEAM} vpc-1/ZSHOP": "it is the last"}
    )
    assert (joins(found), found.zones) == ([], {"vpc-1": ("ZSHOP",)})
    assert [(one.code, one.resource, one.message) for one in found.refusals] == [
        ("step-failed", "vpc-1", "it is the last")
    ]


# --- what is remembered


def test_ours_is_what_a_run_was_answered_to_have_made() -> None:
    carried = Run(
        account=TEAM, trigger={}, memory=Memory(zones={"vpc-1": ("Z1",)}), made={"vpc-1/Z2": "Z2", "arn:a": "a"}
    )
    assert zones(carried) == {"vpc-1": ("Z1", "Z2")}
    unseen = blind(carried, Refused("member-role-missing", "no"), 1.0)
    assert unseen.plan is not None
    assert unseen.plan.zones == {"vpc-1": ("Z1", "Z2")}


def test_a_zone_s_kind_is_remembered_as_long_as_it_may_hold_records() -> None:
    world = World(network(associates_zones=True)).tag(
        tagged("orders", listen="HTTP:80", domain="api.shop.example.jp", zone="ZSHOP"), vpc()
    )
    run(world)
    observed = world.observe()
    before = Before(records=world.memory.records, private={"ZSHOP": "shop.example.jp", "ZGONE": "gone.example.jp"})
    assert plan(world.network, observed, before=before).private == {"ZSHOP": "shop.example.jp"}
    told = replace(observed, private={"ZSHOP": ""})
    assert plan(world.network, told, before=before).private == {"ZSHOP": ""}
    assert plan(network(), observed, before=before).private == {}
    bare = replace(observed, dns={"api.shop.example.jp": Dns()})
    assert plan(world.network, bare, before=Before(records=world.memory.records)).private == {}


def test_a_client_comes_and_goes_with_its_zones_and_its_run_ends_each_time() -> None:
    world = World(network()).tag(vpc())
    world.offered = Offer(1, 0, frozenset({SHOP, HOME})).spelled()
    run(world)
    assert {one.id for one in world.within["vpc-1"]} == {"ZSHOP", "ZHOME"}
    assert world.memory.zones == {"vpc-1": ("ZHOME", "ZSHOP")}
    before = len(world.done)
    run(world)
    assert len(world.done) == before
    world.offered = TOLD
    run(world)
    assert {one.id for one in world.within["vpc-1"]} == {"ZSHOP"}
    world.vpcs["vpc-1"] = replace(world.vpcs["vpc-1"], tags={})
    run(world)
    assert (world.within["vpc-1"], world.memory.zones, world.vpc_associations) == ([], {}, {})
    kinds_done = [one.kind for one in world.done]
    assert kinds_done.index("DisassociateVpc") < len(kinds_done) - 1 - kinds_done[::-1].index("DisassociateZone")


def test_a_network_s_vpcs_are_of_its_region() -> None:
    assert network().region == NETWORK_ARN.split(":")[3] != ""


@pytest.mark.parametrize(
    ("name", "zone", "names"),
    [
        ("a.b.c.example.com", "example.com", ["b.c.example.com", "c.example.com"]),
        ("a.example.com", "example.com", []),
        ("example.com", "example.com", []),
        ("a.b.badexample.com", "example.com", []),
    ],
)
def test_the_names_between_a_name_and_its_zone(name: str, zone: str, names: list[str]) -> None:
    assert list(above(name, zone)) == names
